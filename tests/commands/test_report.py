"""`--report`: one file to hand on, with the verdict first, its pictures in it, and nothing from elsewhere."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from markdown_it import MarkdownIt

from lrn_cli import normalize
from tests.conftest import Run

HOSTILE = "<img src=x onerror=alert(1)>&\"'|`$`.npy"


class Page(HTMLParser):
    """What a page is made of: the words that are read, the tags, and what they refer to."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words, self.tags, self.links, self.handlers = "", [], [], []  # type: str, list[str], list[str], list[str]
        self._open: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._open.append(tag)
        self.links += [
            value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "srcset", "action")
        ]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self._open):
            self.words += f"{data} "


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """x.npy, y.npy made from it, and the same under a name made to do harm."""
    x = np.random.default_rng(5).normal(size=(2, 8, 6, 6)).astype("f4") * 9
    y = normalize(x, "caffe", alpha=0.5, layout="NCHW")
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", y)
    np.save(tmp_path / HOSTILE, y)
    for folder, tensor in (("new", x), ("old", y)):
        (tmp_path / folder).mkdir()
        np.save(tmp_path / folder / HOSTILE, tensor)
        np.save(tmp_path / folder / "same.npy", x)
    np.save(tmp_path / "new" / "more.npy", x)
    return tmp_path


COMMANDS = {
    "compare": ["compare", "x.npy", HOSTILE, "--layout", "NCHW"],
    "several": ["compare", "x.npy", "-c", "tf", "-c", "caffe", "-c", "wolfram", "--layout", "NCHW"],
    "against": ["compare", "x.npy", "--against", "y.npy", "-c", "caffe:alpha=0.5"],
    "three": ["compare", "x.npy", "y.npy", HOSTILE],
    "folders": ["compare", "-r", "new", "old"],
    "shapes": ["compare", "x.npy", "flat.npy"],
    "identify": ["identify", "x.npy", HOSTILE],
    "nothing": ["identify", "x.npy", "noise.npy"],
    "explain": ["explain", "caffe:local_size=3"],
    "two": ["explain", "caffe", "tf"],
    "all": ["explain"],
}
EVERY = pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS.keys())


def report(call: Run, folder: Path, words: list[str], name: str = "r.html") -> str:
    np.save(folder / "flat.npy", np.zeros(7))
    np.save(folder / "noise.npy", np.random.default_rng(6).normal(size=(2, 8, 6, 6)))
    ended = call(*words, "--report", name)
    assert f"lrn: report written to {name}" in ended.err
    return (folder / name).read_text()


@EVERY
def test_a_page_loads_nothing_and_runs_nothing_of_a_files_name(call: Run, pair: Path, words: list[str]) -> None:
    page = Page(report(call, pair, words))
    assert [link for link in page.links if not link.startswith("data:image/png;base64,")] == []
    assert page.handlers == []
    assert {"img", "iframe", "link", "object", "embed"}.isdisjoint(page.tags)


@EVERY
def test_a_page_says_how_it_was_made(call: Run, pair: Path, words: list[str]) -> None:
    page = Page(report(call, pair, words))
    assert page.tags.count("h1") == (3 if words == ["explain", "caffe", "tf"] else 1)
    for said in ("How this was made", "--report r.html", "numpy", np.__version__):
        assert said in page.words


def test_a_comparison_says_verdict_files_rule_statistics_and_cause(call: Run, pair: Path) -> None:
    page = Page(report(call, pair, COMMANDS["compare"]))
    assert page.words.index(f"DIFFERENT: x.npy and {HOSTILE}") < page.words.index("Cause:")
    assert page.tags.count("svg") == 5
    for name in ("x.npy", HOSTILE):
        assert hashlib.sha256((pair / name).read_bytes()).hexdigest() in page.words
    for said in (
        "2x8x6x6",
        "axes of x.npy are NCHW",
        "float32",
        "|a-b| <= atol + rtol*|b|",
        "1e-05",
        "576 of 576",
        "H (height)",
    ):
        assert said in page.words


def test_folders_are_one_table_and_those_that_differ_are_told_of_one_by_one(call: Run, pair: Path) -> None:
    page = Page(report(call, pair, COMMANDS["folders"]))
    assert page.words.index("DIFFERENT: 2 of 3 pairs") < page.words.index("1 equal, 1 different, 1 missing in one")
    assert f"new/{HOSTILE} against old/{HOSTILE}: DIFFERENT" in page.words
    assert page.tags.count("svg") == 5
    for name in (f"new/{HOSTILE}", "old/same.npy", "new/more.npy"):
        assert hashlib.sha256((pair / name).read_bytes()).hexdigest() in page.words
    assert (
        "EQUAL: all 1 pairs" in Page(report(call, pair, [*COMMANDS["folders"], "--include", "same*"], "s.html")).words
    )


def test_tensors_that_differ_in_no_element_are_said_to_differ_in_what_they_do(call: Run, pair: Path) -> None:
    np.save(pair / "wide.npy", np.load(pair / "x.npy").astype("f8"))
    page = Page(report(call, pair, ["compare", "x.npy", "wide.npy"]))
    assert "They differ only in dtype, with rtol" in page.words
    assert "elements differ" not in page.words


def test_an_identification_says_what_to_type_in_every_convention(call: Run, pair: Path) -> None:
    page = Page(report(call, pair, COMMANDS["identify"]))
    assert f"FOUND: {HOSTILE} was made of x.npy" in page.words
    assert "-c caffe:local_size=5,alpha=0.5,beta=0.75,k=1,norm_region=ACROSS_CHANNELS" in page.words
    assert page.tags.count("svg") == 3
    for name in ("x.npy", HOSTILE):
        assert hashlib.sha256((pair / name).read_bytes()).hexdigest() in page.words
    assert "2x8x6x6" in page.words


def test_an_explanation_can_be_played_with_and_is_whole_without_scripts(call: Run, pair: Path) -> None:
    source = report(call, pair, COMMANDS["explain"])
    page = Page(source)
    assert '<section id="play" aria-label="numbers to play with" hidden>' in source
    assert page.tags.count("input") == 5
    assert page.tags.count("svg") == 3
    for said in ("What people get wrong", "Worked example", "One strong channel"):
        assert said in page.words
    (data,) = re.findall(r"const play = (\{.*\});", source)
    # Caffe divides alpha by local_size; window by window: local_size, before, after, divisor.
    assert json.loads(data)["windows"][:3] == [[1, 0, 0, 1], [3, 1, 1, 3], [5, 2, 2, 5]]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_script_of_a_page_is_sound(call: Run, pair: Path) -> None:
    source = report(call, pair, COMMANDS["explain"])
    (script,) = re.findall(r"<script>(.*?)</script>", source, re.DOTALL)
    (pair / "play.js").write_text(script)
    done = subprocess.run(["node", "--check", "play.js"], cwd=pair, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "word", ["tf:bias=0", "tf:alpha=-1", "tf:depth_radius=1000", "caffe:norm_region=WITHIN_CHANNEL"]
)
def test_numbers_that_no_slider_has_give_a_page_all_the_same(call: Run, pair: Path, word: str) -> None:
    assert ("input" in Page(report(call, pair, ["explain", word])).tags) == word.startswith("caffe")


@EVERY
def test_in_markdown_it_has_the_same_tables(call: Run, pair: Path, words: list[str]) -> None:
    html = MarkdownIt("commonmark").enable("table").render(report(call, pair, words, "r.md"))
    page = Page(report(call, pair, words))
    assert html.count("<tr>") == page.tags.count("tr")
    assert "<img" not in html


def test_a_report_replaces_a_file_only_by_force(call: Run, pair: Path) -> None:
    (pair / "r.html").write_text("mine")
    call(*COMMANDS["compare"], "--report", "r.html").assert_refused("r.html: is there already")
    assert (pair / "r.html").read_text() == "mine"
    assert call(*COMMANDS["compare"], "--report", "r.html", "--force").code == 1


@pytest.mark.parametrize("verb", ["compare", "identify", "explain"])
def test_a_report_of_another_kind_is_refused_before_anything_is_read(call: Run, pair: Path, verb: str) -> None:
    call(*COMMANDS[verb], "--report", "r.docx").assert_refused("r.docx: a report is .html or .md", "--report r.html")


def test_a_report_is_whole_where_nothing_is_said_besides(call: Run, pair: Path) -> None:
    words = ["compare", "x.npy", "--against", "y.npy", "-c", "caffe:alpha=2"]
    assert call(*words, "--report", "said.html").out
    assert call(*words, "--report", "quiet.html", "-q").out == b""
    told = [
        Page((pair / name).read_text()).words.partition("How this was made")[0] for name in ("said.html", "quiet.html")
    ]
    assert told[0] == told[1]
    assert "you asked for caffe:local_size=5,alpha=2" in told[0]


def test_a_models_page_has_the_gain_of_its_layers(call: Run, tmp_path: Path) -> None:
    layer = 'layer { name: "n" type: "LRN" bottom: "a" top: "b" lrn_param { local_size: 5 alpha: 0.5 } }'
    (tmp_path / "net.prototxt").write_text(layer)
    assert call("explain", "net.prototxt", "--report", "net.html").code == 0
    page = Page((tmp_path / "net.html").read_text("utf-8"))
    assert page.words.index("net.prototxt") < page.words.index("Gain")
    assert page.tags.count("svg") == 3
