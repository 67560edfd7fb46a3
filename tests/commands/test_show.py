"""`lrn show` as a command."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from lrn_cli import normalize
from tests.conftest import Run


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """x.npy, and y.npy made from it."""
    x = np.random.default_rng(3).normal(size=(2, 4, 6, 8)).astype("f4") * 9
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", normalize(x, "caffe", alpha=0.5, layout="NCHW"))
    return tmp_path


def test_a_tensor_is_drawn_in_characters(call: Run, pair: Path) -> None:
    ended = call("show", "x.npy", "--layout", "NCHW")
    lines = ended.out.decode().splitlines()
    assert (ended.code, ended.err) == (0, "")
    assert lines[1].startswith("x.npy: 2x4x6x8 (NCHW) float32; ")
    assert "all 4 channels, H by W, the first of 2 N" in lines
    assert "Histogram of the elements" in lines
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(("suffix", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_two_are_drawn_beside_each_other_to_a_file(call: Run, pair: Path, suffix: str, magic: bytes) -> None:
    ended = call("show", "x.npy", "y.npy", "--layout", "NCHW", "-o", f"both.{suffix}")
    assert (ended.code, ended.out, ended.err) == (0, b"", f"lrn: x.npy and y.npy drawn in both.{suffix}\n")
    assert (pair / f"both.{suffix}").read_bytes().startswith(magic)


def test_a_picture_has_as_many_dots_per_inch_as_are_wanted(call: Run, pair: Path) -> None:
    sizes = {}
    for dpi in (96, 192, 288):
        assert call("show", "x.npy", "-q", "--layout", "NCHW", "-o", f"{dpi}.png", "--dpi", dpi).code == 0
        with Image.open(pair / f"{dpi}.png") as image:
            sizes[dpi] = image.size
    assert sizes[192] == pytest.approx([2 * side for side in sizes[96]], abs=1)
    assert sizes[288] == pytest.approx([3 * side for side in sizes[96]], abs=2)


def test_the_picture_says_what_is_before_and_after_and_that_one_scale_is_for_both(call: Run, pair: Path) -> None:
    call("show", "x.npy", "y.npy", "--layout", "NCHW", "-o", "both.svg")
    words = " ".join(ElementTree.parse(pair / "both.svg").getroot().itertext())  # noqa: S314 - our own file
    for said in ("x.npy before, y.npy after", "Before: all 4 channels", "After: all 4", "Both are drawn on one scale"):
        assert said in words


def test_without_a_layout_that_of_the_convention_is_taken_and_said(call: Run, pair: Path) -> None:
    assert call("show", "x.npy").err == "lrn: x.npy is taken as NHWC, as tf has it; --layout says otherwise\n"
    taken = call("show", "x.npy", env={"LRN_CONVENTION": "caffe"}).err
    assert taken == "lrn: x.npy is taken as NCHW, as caffe has it; --layout says otherwise\n"


def test_as_json_it_is_the_numbers(call: Run, pair: Path) -> None:
    x = np.load(pair / "x.npy").astype(np.float64)
    (data,) = json.loads(call("show", "x.npy", "--layout", "NCHW", "--json").out)
    assert (data["shape"], data["layout"], data["least"], data["most"]) == ([2, 4, 6, 8], "NCHW", x.min(), x.max())
    assert data["channel_means"] == pytest.approx(x.mean(axis=(0, 2, 3)), abs=1e-9)


def test_a_pipe_is_drawn(call: Run, pair: Path) -> None:
    ended = call("show", "-", "--layout", "NCHW", stdin=(pair / "x.npy").read_bytes())
    assert (ended.code, ended.out.decode().splitlines()[0]) == (0, "-")


# (words, what the error says)
REFUSED = [
    ("", ["no tensors are given"]),
    ("x.npy y.npy x.npy", ["3 tensors are given"]),
    ("x.npy -o x.gif", ["x.gif: a picture is one of .png, .svg, .pdf", "-o x.png"]),
    ("x.npy -o y.npy", ["y.npy: a picture is one of"]),
    ("x.npy -o there.svg", ["there.svg: is there already"]),
    ("x.npy --dpi 300", ["--dpi 300 is of a picture, and none is drawn to a file", "hint: -o FILE.png --dpi 300"]),
    ("x.npy -o x.svg --dpi 300", ["x.svg: --dpi 300 is for .png; .svg is sharp", "hint: -o x.png --dpi 300"]),
    ("x.npy -o x.png --dpi 23", ["--dpi", "23", "24", "600"]),
    ("x.npy -o x.png --dpi 601", ["--dpi", "601", "24", "600"]),
    ("x.npy -o x.png --dpi fine", ["--dpi", "fine"]),
    ("none.npy", ["none.npy"]),
    ("x.npy --layout NHW", ["has no C"]),
    ("one.npy", ["one.npy: is a single number"]),
    ("- -", ["standard input is given twice"]),
]


@pytest.mark.parametrize(("words", "fragments"), REFUSED)
def test_trouble_is_one_line_and_a_hint(words: str, fragments: list[str], call: Run, pair: Path) -> None:
    (pair / "there.svg").write_text("mine")
    np.save(pair / "one.npy", np.float32(1))
    call("show", *words.split()).assert_refused(*fragments)
    assert (pair / "there.svg").read_text() == "mine"
