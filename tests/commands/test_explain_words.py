"""`lrn explain` with words that are no names: sections of a page, and parameters."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from pathlib import Path

import pytest

from lrn_cli.conventions.registry import conventions
from tests.conftest import Run


def headings(text: str) -> list[str]:
    """The lines that are underlined."""
    return [line for line, below in pairwise(text.splitlines()) if below and set(below) <= set("─═")]


CAFFE, TF = "caffe: Caffe LRN layer (lrn_param)", "tf: TensorFlow tf.nn.local_response_normalization"
EVERYWHERE = "Local response normalization, convention by convention"
TRAPS = "What people get wrong"
# (words, the headings of what is said)
SAID = [
    ("caffe traps", [CAFFE, TRAPS]),
    ("traps caffe", [CAFFE, TRAPS]),
    ("-c caffe traps", [CAFFE, TRAPS]),
    ("caffe traps window", [CAFFE, "Window", TRAPS]),
    ("caffe window window", [CAFFE, "Window"]),
    ("caffe:local_size=3 window", [CAFFE, "Window"]),
    ("caffe window --local-size 3", [CAFFE, "Window"]),
    ("tf caffe sources", [TF, "Sources", CAFFE, "Sources"]),
    ("tf caffe gain", ["Gain: tf, caffe"]),
    ("darknet sources", ["darknet: Darknet [normalization]", "Sources"]),
    ("traps", [EVERYWHERE, f"{TRAPS} everywhere"]),
    ("defaults", [EVERYWHERE, "Defaults"]),
    ("window", ["window, convention by convention"]),
    ("alpha", ["alpha, convention by convention"]),
    ("alpha k", ["alpha, convention by convention", "k, convention by convention"]),
    ("caffe alpha", ["alpha, convention by convention"]),
    ("caffe alpha traps", ["alpha, convention by convention", CAFFE, TRAPS]),
    ("alpha traps", ["alpha, convention by convention", EVERYWHERE, f"{TRAPS} everywhere"]),
]


@pytest.mark.parametrize(("words", "said"), SAID, ids=[words for words, _ in SAID])
def test_words_narrow_the_page_or_look_up_a_parameter(words: str, said: list[str], call: Run) -> None:
    ended = call("explain", *words.split())
    found = [line for line in headings(ended.out.decode()) if not line.startswith(("convention  ", "name  "))]
    assert (ended.code, ended.err, found) == (0, "", said)
    assert max(map(len, ended.out.decode().splitlines())) <= 80


def test_the_numbers_that_are_given_are_those_of_the_section(call: Run) -> None:
    assert "c−1 to c+1, 3 of them" in call("explain", "caffe", "--local-size", 3, "window").out.decode()


def test_a_parameter_is_told_of_the_conventions_that_are_named(call: Run) -> None:
    lines = call("explain", "caffe", "tf", "local_size").out.decode().splitlines()
    table = [line.split() for line in lines if line.startswith(("caffe ", "tf "))]
    assert table == [["caffe", "local_size", "an", "odd", "width", "5"], ["tf", "depth_radius", "a", "radius", "5"]]


MODEL = """layer { name: "norm1" type: "LRN" bottom: "a" top: "b" lrn_param { local_size: 5 } }\n"""


def test_a_section_of_a_model(call: Run, tmp_path: Path) -> None:
    (tmp_path / "net.prototxt").write_text(MODEL)
    assert headings(call("explain", "net.prototxt", "elsewhere").out.decode())[:2] == ["net.prototxt", "Elsewhere"]
    call("explain", "net.prototxt", "traps").assert_refused("net.prototxt has no section traps; it has elsewhere")
    call("explain", "net.prototxt", "alpha").assert_refused("alpha is no section", "hint: lrn explain alpha")


def test_a_file_that_is_called_like_a_section_is_not_looked_at(call: Run, tmp_path: Path) -> None:
    (tmp_path / "window").write_text(MODEL)
    assert headings(call("explain", "caffe", "window").out.decode()) == [CAFFE, "Window"]
    assert headings(call("explain", "./window").out.decode())[0] == "window"


# (words, what is said)
REFUSED = [
    ("caffe trapps", ["unknown convention 'trapps'", "hint: lrn explain caffe traps; lrn conventions"]),
    ("quirk", ["unknown convention 'quirk'", "hint: lrn explain caffe quirks; lrn conventions"]),
    ("alpah", ["unknown convention 'alpah'", "hint: lrn explain alpha; lrn conventions"]),
    ("locl_size", ["unknown convention 'locl_size'", "hint: lrn explain local_size; "]),
    ("cafe", ["unknown convention 'cafe'", "hint: -c caffe\n"]),
    ("-c traps", ["unknown convention 'traps'", "hint: lrn conventions"]),
    ("tf quirks", ["the page of tf has no section quirks; it has summary", "hint: lrn explain tf summary"]),
    ("formula", ["the page of all conventions has no section formula", "hint: lrn explain caffe formula"]),
    ("tf norm_region", ["norm_region is no parameter of tf", "hint: lrn explain norm_region"]),
    ("caffe traps --format tsv", ["the section traps is no table", "hint: lrn explain caffe traps --format markdown"]),
]


@pytest.mark.parametrize(("words", "fragments"), REFUSED, ids=[words for words, _ in REFUSED])
def test_a_word_that_names_nothing_is_refused_with_what_was_meant(words: str, fragments: list[str], call: Run) -> None:
    call("explain", *words.split()).assert_refused(*fragments)


def test_json_of_a_section_has_what_belongs_to_it(call: Run) -> None:
    found = json.loads(call("explain", "caffe", "window", "--json").out)
    assert set(found) == {"convention", "title", "window", "window_is"}
    assert found["window"] == {"C": [2, 2]}


def test_json_of_a_parameter_has_it_in_every_convention(call: Run) -> None:
    found = json.loads(call("explain", "alpha", "--json").out)
    assert (found["word"], found["role"]) == ("alpha", "alpha")
    assert [row["convention"] for row in found["conventions"]] == [one.name for one in conventions()]
    caffe = next(row for row in found["conventions"] if row["convention"] == "caffe")
    assert (caffe["name"], caffe["default"], caffe["alpha_is_divided"]) == ("alpha", 1.0, True)
    assert isinstance(json.loads(call("explain", "alpha", "caffe", "traps", "--json").out), list)


def test_rows_of_a_parameter_have_a_header(call: Run) -> None:
    rows = [*csv.DictReader(io.StringIO(call("explain", "local_size", "--format", "csv").out.decode()))]
    assert len(rows) == len(conventions())
    tf = rows[0]
    assert (tf["word"], tf["parameter"], tf["default"], tf["which is"]) == (
        "local_size",
        "depth_radius",
        "5",
        "a radius",
    )
    assert (
        call("explain", "caffe", "parameters", "--format", "tsv").out == call("explain", "caffe", "--format", "tsv").out
    )


def test_markdown_of_a_parameter_is_a_table(call: Run) -> None:
    text = call("explain", "beta", "--format", "markdown").out.decode()
    assert text.startswith("# beta, convention by convention\n")
    assert "| caffe | beta | the exponent | 0.75 |" in " ".join(text.split(" ")).replace("  ", " ")


def test_a_report_of_a_section_has_no_other(call: Run, tmp_path: Path) -> None:
    assert call("explain", "caffe", "traps", "-q", "--report", "traps.md").code == 0
    text = (tmp_path / "traps.md").read_text()
    assert "## What people get wrong" in text
    assert "## Gain" not in text
    assert "## Formula" not in text


def test_short_and_long_help_say_it(call: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for flag in ("-h", "--help"):
        call("explain", flag)
        text = capsys.readouterr().out
        assert "|WORD]" in text
        assert "lrn explain caffe window traps\n" in text
        assert "lrn explain alpha\n" in text
