"""Windows as they are drawn: who counts in the middle, at both ends, and at the corners."""

from __future__ import annotations

import pytest

from lrn_cli.conventions.binding import bound
from lrn_cli.pages.document import Code, Paragraph
from lrn_cli.pages.window import draw_window


def said(word: str) -> str:
    return "\n".join(block.text for block in draw_window(bound(word)) if isinstance(block, (Code, Paragraph)))


# (convention, lines of its drawing)
DRAWN = [
    ("tf:depth_radius=1", ["d = 2   │· ■ ● ■ ·│   3 of 3", "d = 0  ○│● ■ · · ·│   2 of 3", "│· · · ■ ●│○  2 of 3"]),
    ("caffe", ["│· ■ ■ ● ■ ■ ·│", "○ ○│● ■ ■ · · · ·│     3 of 5", "│· · · · ■ ■ ●│○ ○  3 of 5"]),
    ("tf:depth_radius=0", ["d = 0  │● · ·│  1 of 1", "d = 2  │· · ●│  1 of 1"]),
    (
        "pytorch:size=4",
        ["│· ■ ■ ● ■ ·│", "○ ○│● ■ · · · ·│   2 of 4", "│· · · ■ ■ ●│○  3 of 4", "size 4 is 2 before and 1 after"],
    ),
    (
        "onnx:size=4",
        ["│· ■ ● ■ ■ ·│", "○│● ■ ■ · · ·│     3 of 4", "│· · · · ■ ●│○ ○  2 of 4", "size 4 is 1 before and 2 after"],
    ),
    ("alexnet:n=4", ["│· ■ ■ ● ■ ■ ·│", "An even n covers one channel more: n 4 is 5 channels."]),
    (
        "caffe:norm_region=WITHIN_CHANNEL,local_size=3",
        ["■ ● ■", "○ ● ■", "9 of 9 count", "6 of 9 count", "4 of 9 count"],
    ),
]


@pytest.mark.parametrize(("word", "lines"), DRAWN, ids=[word for word, _ in DRAWN])
def test_the_drawing_shows_which_neighbours_count(word: str, lines: list[str]) -> None:
    text = said(word)
    for line in lines:
        assert line in text


@pytest.mark.parametrize(
    ("word", "divisor"),
    [
        ("caffe", "divided by 5 everywhere, at the borders too"),
        ("caffe:norm_region=WITHIN_CHANNEL", "divided by 25 everywhere, at the borders too"),
        ("wolfram:ChannelWindowSize=3", "divided by 7 everywhere"),
        ("tf", "not divided"),
    ],
)
def test_what_alpha_is_divided_by_is_said(word: str, divisor: str) -> None:
    assert divisor in said(word)


@pytest.mark.parametrize("word", ["caffe", "neupy-theano"])
def test_a_framework_that_refuses_even_windows_says_so(word: str) -> None:
    assert "is refused" in said(word)


@pytest.mark.parametrize(("word", "side"), [("pytorch:size=5", "│· ■ ■ ● ■ ·│"), ("onnx:size=5", "│· ■ ● ■ ■ ·│")])
def test_beside_an_odd_window_an_even_one_is_drawn_with_its_side(word: str, side: str) -> None:
    assert side in said(word)


@pytest.mark.parametrize(
    ("word", "width"),
    [
        ("tf:depth_radius=1000000000", "2000000001"),
        ("caffe:norm_region=WITHIN_CHANNEL,local_size=101", "101 along H and W"),
    ],
)
def test_a_window_too_wide_to_draw_is_told_in_words(word: str, width: str) -> None:
    text = said(word)
    assert "●" not in text
    assert width in text
