"""`lrn explain`: what each convention means, as a reader and as a program gets it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image

from lrn_cli.analysis.explanation.explain import explain
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.registry import conventions, usual
from tests.conftest import Run

EVERY = pytest.mark.parametrize("convention", conventions(), ids=lambda convention: convention.name)
SECTIONS = [
    "Formula",
    "With the numbers filled in",
    "Parameters",
    "Window",
    "Canonical form",
    "Worked example",
    "Gain",
    "What people get wrong",
    "The same in every other convention",
    "How to call it",
    "Sources",
]


def flat(text: str) -> str:
    """The text without its breaks and columns, as a reader takes it in."""
    return " ".join(text.split())


@EVERY
def test_every_convention_declares_what_is_to_be_explained(convention: Convention) -> None:
    explanation = explain(convention.name)
    assert len(convention.traps) >= 2
    assert all(trap.text and trap.source for trap in explanation.traps)
    assert convention.sources and all(convention.sources)  # noqa: PT018 - one claim
    assert explanation.example is not None
    assert explanation.programs and all(explanation.programs.values())  # noqa: PT018 - one claim
    assert all(answer.bound or answer.refusal for answer in explanation.translations)
    assert len(explanation.translations) == len(conventions()) - 1
    assert all(parameter.meaning for parameter in convention.parameters)


@EVERY
def test_the_text_has_every_section_in_order_within_80_columns(convention: Convention, call: Run) -> None:
    ended = call("explain", "-c", convention.name)
    lines = ended.out.decode().splitlines()
    assert (ended.code, ended.err) == (0, "")
    assert max(map(len, lines)) <= 80
    headings = [line for line, below in pairwise(lines) if below and set(below) <= set("─═")]
    assert [heading for heading in headings if heading in SECTIONS] == SECTIONS
    assert lines[0] == f"{convention.name}: {convention.title}"
    for parameter in convention.parameters:
        row = next(line for line in lines if re.match(rf"{parameter.name}  ", line))
        assert parameter.type_name in row
        assert ("required" in row) == (parameter.default is None)


# (convention, what its page says, line breaks apart)
TRAPS = [
    ("caffe", "alpha is divided by local_size: the paper's alpha 1e-4 is 5e-4 here"),
    ("caffe", "WITHIN_CHANNEL divides alpha by local_size squared"),
    ("caffe", "WITHIN_CHANNEL reads k and ignores it"),
    ("caffe", "A Caffe built with cuDNN honours k"),
    ("tf", "radius"),
    ("tf", "no one else's function"),
    ("wolfram", '"number of channels to average over"'),
    ("wolfram", "Older editions of the page print the formula without the division by 2c+1"),
    ("neupy", '"number of adjacent channels to normalize over"'),
    ("neupy", "the default 5 covers 11 channels"),
    ("neupy", 'swaps two descriptions: beta is called "offset" and k "exponent"'),
    ("alexnet", 'alpha of "10e-4"'),
    ("alexnet", '"r = 5"'),
    ("alexnet", "Krizhevsky's own code divides by n, where his paper does not"),
    ("pytorch", "An even size takes its extra channel before, ONNX's after"),
    *((name, "An even window cannot be centred") for name in ("tf", "caffe", "wolfram", "onnx")),
    *((name, "With bias 0, scale 1 and beta 1/2") for name in ("tf", "neupy-theano")),
    *((name, "It is not batch normalization") for name in ("tf", "pytorch")),
]


@pytest.mark.parametrize(("name", "phrase"), TRAPS)
def test_the_page_names_what_people_get_wrong(name: str, phrase: str) -> None:
    from lrn_cli.pages.convention import page
    from lrn_cli.pages.formats import render

    assert phrase in flat(render(page(explain(name)), "text"))


@pytest.mark.parametrize("name", ["pytorch", "onnx"])
def test_what_a_framework_requires_is_shown_as_required_and_is_5_in_the_examples(name: str, call: Run) -> None:
    ended = call("explain", "-c", name)
    assert ended.code == 0
    assert f"{name} requires size and has no default for it; the examples use 5." in flat(ended.out.decode())
    given = call("explain", "-c", name, "--size", 3)
    assert "requires size" not in given.out.decode()
    assert "size=3" in given.out.decode()


def test_without_a_convention_all_stand_side_by_side(lrn: Run) -> None:
    ended = lrn("explain", env={"LRN_CONVENTION": "no such convention"})
    lines = ended.out.decode().splitlines()
    assert (ended.code, ended.err) == (0, "")
    assert max(map(len, lines)) <= 80
    for convention in usual():
        assert sum(line.startswith(f"{convention.name} ") for line in lines) >= 5
    text = flat(ended.out.decode())
    for phrase in (
        "caffe local_size an odd width local_size (ACROSS_CHANNELS), local_size² (WITHIN_CHANNEL)",
        "wolfram ChannelWindowSize a radius (2·ChannelWindowSize+1)",
        "tf bias last (NHWC)",
        "caffe k; WITHIN_CHANNEL: 1 always second (NCHW), first (CHW)",
        "tf depth_radius 5, bias 1, alpha 1, beta 0.5",
        "neupy C 5 before, 5 after 0.0001 2 0.75",
        "pytorch C 2 before, 2 after 2e-05 1 0.75",
        "alexnet, neupy, neupy-theano: 1/(2 + 0.0001 s)^0.75",
        "It is not batch normalization",
        "lrn explain -c caffe",
        "the same function with the same numbers",
        "an odd width, alpha divided: caffe, coreml, directml, mxnet, opencv-onnx",
    ):
        assert phrase in text


def test_several_conventions_come_one_after_the_other_with_one_picture(call: Run) -> None:
    text = call("explain", "-c", "tf", "-c", "caffe:alpha=5,beta=0.5", "-c", "alexnet").out.decode()
    places = [text.index(f"\n{name}: " if name != "tf" else "tf: ") for name in ("tf", "caffe", "alexnet")]
    assert places == sorted(places)
    assert text.count("gain y/x") == 1
    assert "* tf, caffe: 1/(1 + 1 s)^0.5\n" in text


# (what was typed, the same in one word)
SPELLINGS = [
    (["-c", "caffe", "--local-size", "3", "--alpha", "0.5"], "caffe:local_size=3,alpha=0.5"),
    (["-c", "CAFFE:local_size=3", "--alpha", "0.5"], "caffe:local_size=3,alpha=0.5"),
    (["-c", "mathematica", "--ChannelWindowSize", "3"], "wolfram:ChannelWindowSize=3"),
]


@pytest.mark.parametrize(("words", "same"), SPELLINGS)
def test_flags_and_one_word_mean_the_same(words: list[str], same: str, call: Run) -> None:
    assert call("explain", *words).out == call("explain", "-c", same).out


REFUSED = [
    (["-c", "cafe"], ["unknown convention 'cafe'", "-c caffe"]),
    (["-c", "caffe:local_size=4"], ["local_size is 4", "odd"]),
    (["-c", "caffe", "--depth-radius", "2"], ["no depth_radius", "local_size"]),
    (["-c", "tf:alpha=1", "--alpha", "2"], ["alpha is given twice"]),
    (["caffe", "--alpha", "1,beta=2"], ["alpha is '1,beta=2', it must be a number"]),
    (["--alpha", "2"], ["without a convention", "alpha=2"]),
    (["-c", "tf", "caffe", "--alpha", "2"], ["of 2 conventions", "-c caffe:alpha=2"]),
    (["--local-size", "3"], ["without a convention", "-c caffe:local_size=3"]),
    (["caffe", "--local-size", "3", "--local-size", "5"], ["local_size is given 2 times: 3, 5"]),
    (["--format", "html"], ["html"]),
    (["x.npy"], ["x.npy"]),
]


@pytest.mark.parametrize(("words", "fragments"), REFUSED, ids=[" ".join(words) for words, _ in REFUSED])
def test_what_cannot_be_explained_is_an_error_of_one_line_and_a_hint(
    words: list[str], fragments: list[str], call: Run
) -> None:
    call("explain", *words).assert_refused(*fragments)


def answered(ended: Any) -> Any:
    assert (ended.code, ended.err) == (0, "")

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(ended.out, parse_constant=refuse)


KEYS = {"convention", "title", "declares", "formula", "numbers", "parameters", "assumed", "window", "scale", "bias"} | {
    "beta",
    "example",
    "traps",
    "translations",
    "back_ends",
    "calls",
    "layouts",
    "sources",
}


def test_json_of_all_conventions_is_a_list_with_everything(call: Run) -> None:
    data = answered(call("explain", "--json"))
    assert [one["convention"] for one in data] == [convention.name for convention in conventions()]
    assert all(set(one) >= KEYS for one in data)
    tf, caffe = (next(one for one in data if one["convention"] == name) for name in ("tf", "caffe"))
    assert (tf["window"], tf["scale"], tf["bias"], tf["beta"]) == ({"C": [5, 5]}, 1.0, 1.0, 0.5)
    assert tf["back_ends"][0]["limits"]["depth_radius"] == ["1 or more", "7 or less"]
    assert caffe["scale"] == 0.2
    assert caffe["example"]["steps"][1]["y"] == pytest.approx(2 / 7**0.75, rel=1e-14)


@pytest.mark.parametrize("word", ["tf:bias=-1000", "tf:bias=0,alpha=0", "wolfram:ChannelWindowSize=5000"])
def test_json_of_one_convention_is_an_object_whatever_the_numbers(word: str, call: Run) -> None:
    assert answered(call("explain", "-c", word, "--format", "json"))["convention"] == word.partition(":")[0]


def test_json_of_several_is_a_list(call: Run) -> None:
    data = answered(call("explain", "-c", "caffe", "-c", "onnx", "--json"))
    assert [(one["convention"], one["assumed"]) for one in data] == [("caffe", []), ("onnx", ["size"])]


@pytest.mark.parametrize(
    ("name", "fragments"),
    [
        ("markdown", ["# caffe: Caffe LRN layer (lrn\\_param)\n", "$$\n\\mathrm{top}_{c}", "```prototxt\nlayer {"]),
        ("latex", ["\\documentclass{article}", "\\section*{caffe:", "\\begin{tabular}", "\\begin{verbatim}\nlayer {"]),
    ],
)
def test_other_formats_go_to_standard_output(name: str, fragments: list[str], lrn: Run) -> None:
    ended = lrn("explain", "-c", "caffe", "--format", name)
    assert (ended.code, ended.err) == (0, "")
    for fragment in fragments:
        assert fragment in ended.out.decode()


def shown(*words: str, env: dict[str, str]) -> str:
    """What a run shows on a terminal."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "lrn_cli", *words],
        stdout=follower,
        env={**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm", "COLUMNS": "80", **env},
    )
    os.close(follower)
    text = b""
    try:
        while piece := os.read(leader, 1 << 16):
            text += piece
    except OSError:  # the other end is closed and everything has been read
        pass
    os.close(leader)
    assert process.wait(60) == 0
    return text.decode().replace("\r\n", "\n")


def test_on_a_terminal_the_same_text_is_coloured(lrn: Run) -> None:
    text = shown("explain", "-c", "caffe", env={})
    assert "\x1b[" in text
    assert re.sub(r"\x1b\[[0-9;]*m", "", text) == lrn("explain", "-c", "caffe").out.decode()


def test_no_color_takes_the_colours_away(lrn: Run) -> None:
    assert shown("explain", env={"NO_COLOR": "1"}) == lrn("explain").out.decode()


def test_a_plot_is_drawn_with_axes_and_a_legend(call: Run, tmp_path: Path) -> None:
    for name in ("gain.png", "gain.svg", "gain.pdf"):
        ended = call("explain", "-c", "tf", "-c", "alexnet", "-c", "neupy", "--plot", name)
        assert (ended.code, ended.err) == (0, f"lrn: gains drawn in {name}\n")
    assert (tmp_path / "gain.pdf").read_bytes().startswith(b"%PDF")
    with Image.open(tmp_path / "gain.png") as image:
        assert image.format == "PNG"
        colours = image.convert("RGB").getcolors(maxcolors=1 << 24)
    # Blue and vermilion as Okabe and Ito have them.
    assert {(0, 114, 178), (213, 94, 0)} <= {colour for _, colour in colours or ()}, "two curves"
    drawn = ElementTree.fromstring((tmp_path / "gain.svg").read_text())  # noqa: S314 - our own file
    words = " ".join(drawn.itertext())
    for label in ("tf: 1/(1 + 1 s)^0.5", "alexnet, neupy: 1/(2 + 0.0001 s)^0.75", "sum of squares", "gain y/x", "1000"):
        assert label in words
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gain.pdf", "gain.png", "gain.svg"]


def test_a_plot_replaces_a_file_only_by_force(call: Run, tmp_path: Path) -> None:
    (tmp_path / "gain.png").write_text("mine")
    call("explain", "--plot", "gain.png").assert_refused("gain.png", "is there already", "--force")
    assert (tmp_path / "gain.png").read_text() == "mine"
    assert call("explain", "-q", "--plot", "gain.png", "--force").code == 0
    assert (tmp_path / "gain.png").read_bytes().startswith(b"\x89PNG")


def test_a_plot_of_an_unknown_kind_is_refused_before_anything_else(call: Run, tmp_path: Path) -> None:
    call("explain", "-c", "cafe", "--plot", "gain.xls").assert_refused("gain.xls", ".png, .svg, .pdf", "gain.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        (["--dpi", "300"], ["--dpi 300 is of a picture", "hint: --plot FILE.png --dpi 300"]),
        (["--dpi", "300", "--report", "tf.html"], ["--dpi 300 is of a picture"]),
        (["--dpi", "300", "--plot", "my gain.pdf"], [".pdf is sharp", "hint: --plot 'my gain.png' --dpi 300"]),
        (["--dpi", "0", "--plot", "gain.png"], ["--dpi", "24"]),
    ],
)
def test_dots_per_inch_without_dots_are_refused(words: list[str], fragments: list[str], call: Run) -> None:
    call("explain", "tf", *words).assert_refused(*fragments)


def test_a_plot_has_as_many_dots_per_inch_as_are_wanted(call: Run, tmp_path: Path) -> None:
    assert call("explain", "tf", "-q", "--plot", "gain.PNG", "--dpi", 300).code == 0
    with Image.open(tmp_path / "gain.PNG") as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_a_plot_follows_the_numbers_and_shows_one_strong_channel_among_weak_ones(call: Run, tmp_path: Path) -> None:
    assert call("explain", "caffe:alpha=1e-4", "tf", "-q", "--plot", "gain.svg").code == 0
    words = " ".join(ElementTree.parse(tmp_path / "gain.svg").getroot().itertext())  # noqa: S314 - our own file
    # 1 / (1 + 2e-5 s)^.75 is a tenth at s = 5e4 * (10^(4/3) - 1), about a million.
    for label in (
        "1e6",
        "One strong channel",
        "before",
        "after, caffe",
        "after, tf",
        "Window of caffe",
        "Window of tf",
    ):
        assert label in words
    assert "windows of different widths (5 in caffe, 11 in tf)" in words
