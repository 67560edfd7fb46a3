"""Worked examples: their numbers are those of `normalize`, and agree with plain arithmetic."""

from __future__ import annotations

from math import prod

import pytest

from lrn_cli.analysis.explanation.explain import Explanation, explain, overview
from lrn_cli.pages.folding import UNBROKEN
from lrn_cli.pages.worked_example import line
from lrn_cli.passes.normalize import normalize

EVERY = pytest.mark.parametrize("explanation", overview(), ids=lambda one: one.bound.convention.name)


def lines(word: str) -> list[str]:
    explanation = explain(word)
    assert explanation.example is not None
    return [line(step, explanation.bound.norm).replace(UNBROKEN, " ") for step in explanation.example.steps]


# (convention, which line, the line as worked out by hand)
LINES = [
    ("tf:depth_radius=1", 1, "channel 1: 1² + 2² + 3² = 14; 1 + 1·14 = 15; 15^0.5 = 3.87298; 2 / 3.87298 = 0.516398"),
    ("tf:depth_radius=1,beta=1", 0, "channel 0: 1² + 2² = 5; 1 + 1·5 = 6; 6^1 = 6; 1 / 6 = 0.166667"),
    ("caffe", 1, "channel 1: 1² + 2² + 3² + 4² = 30; 1 + 0.2·30 = 7; 7^0.75 = 4.30352; 2 / 4.30352 = 0.464736"),
    ("wolfram:Alpha=5,Beta=1", 4, "channel 4: 3² + 4² + 5² = 50; 1 + 1·50 = 51; 51^1 = 51; 5 / 51 = 0.0980392"),
    ("pytorch:size=2,alpha=2,beta=2", 1, "channel 1: 1² + 2² = 5; 1 + 1·5 = 6; 6^2 = 36; 2 / 36 = 0.0555556"),
    ("onnx:size=2,alpha=2,beta=2", 1, "channel 1: 2² + 3² = 13; 1 + 1·13 = 14; 14^2 = 196; 2 / 196 = 0.0102041"),
    ("tf", 0, "channel 0: 1² + 2² + 3² + 4² + 5² + 6² = 91; 1 + 1·91 = 92; 92^0.5 = 9.59166; 1 / 9.59166 = 0.104257"),
    (
        "wolfram:ChannelWindowSize=9,Alpha=19,Beta=1",
        9,
        "channel 9: 1² + 2² + … + 19² = 2470; 1 + 1·2470 = 2471; 2471^1 = 2471; 10 / 2471 = 0.00404694",
    ),
    (
        "caffe:norm_region=WITHIN_CHANNEL,alpha=25,beta=1",
        1,
        "row 0, column 1: 1² + 2² + 3² + 4² + 5² + 6² + 7² + 8² + 9² + 10² + 11² + 12² = 650;"
        " 1 + 1·650 = 651; 651^1 = 651; 2 / 651 = 0.0030722",
    ),
    (
        "caffe:norm_region=WITHIN_CHANNEL,local_size=3,alpha=9,k=7,beta=1",
        0,
        "row 0, column 0: 1² + 2² + 4² + 5² = 46; 1 + 1·46 = 47; 47^1 = 47; 1 / 47 = 0.0212766",
    ),
]


@pytest.mark.parametrize(("word", "index", "expected"), LINES, ids=[word for word, _, _ in LINES])
def test_a_line_can_be_checked_by_hand(word: str, index: int, expected: str) -> None:
    assert lines(word)[index] == expected


# (convention, the window's reach, scale, bias and beta), from the frameworks' documentation
BY_HAND: list[tuple[str, tuple[int, int], tuple[float, float, float]]] = [
    ("tf", (5, 5), (1.0, 1.0, 0.5)),
    ("alexnet", (2, 2), (1e-4, 2.0, 0.75)),
    ("caffe", (2, 2), (1 / 5, 1.0, 0.75)),
    ("neupy", (5, 5), (1e-4, 2.0, 0.75)),
    ("neupy-theano", (2, 2), (1e-4, 2.0, 0.75)),
    ("onnx", (2, 2), (1e-4 / 5, 1.0, 0.75)),
    ("pytorch", (2, 2), (1e-4 / 5, 1.0, 0.75)),
    ("pytorch:size=4", (2, 1), (1e-4 / 4, 1.0, 0.75)),
    ("onnx:size=4", (1, 2), (1e-4 / 4, 1.0, 0.75)),
    ("wolfram", (2, 2), (1 / 5, 1.0, 0.5)),
]


@pytest.mark.parametrize(("word", "reach", "numbers"), BY_HAND, ids=[row[0] for row in BY_HAND])
def test_the_numbers_agree_with_plain_arithmetic(
    word: str, reach: tuple[int, int], numbers: tuple[float, float, float]
) -> None:
    (before, after), (scale, bias, beta) = reach, numbers
    example = explain(word).example
    assert example is not None
    x = example.x.tolist()
    for index, step in enumerate(example.steps):
        total = sum(value**2 for value in x[max(index - before, 0) : index + after + 1])
        assert step.total == total
        assert step.y == pytest.approx(x[index] / (bias + scale * total) ** beta, rel=1e-14)


@EVERY
def test_the_results_are_those_of_normalize(explanation: Explanation) -> None:
    example = explanation.example
    assert example is not None
    # Lists speak of four axes, and a window within a channel of one channel.
    layout, shape = {
        "nnef": ("NCHW", (1, *example.x.shape, 1, 1)),
        "cuda-convnet-map": ("CHW", (1, *example.x.shape)),
    }.get(explanation.bound.convention.name, ("C", example.x.shape))
    y = normalize(example.x.reshape(shape), explanation.bound.word, layout=layout)
    assert [step.y for step in example.steps] == y.ravel().tolist()
    assert len(example.steps) == prod(example.x.shape) > 0


def test_a_window_that_wants_more_channels_than_an_example_has_none() -> None:
    assert explain("wolfram:ChannelWindowSize=1000000").example is None


def test_a_result_that_is_no_number_is_none_in_json() -> None:
    example = explain("tf:bias=-1000").example
    assert example is not None
    assert {step["y"] for step in example.as_data()["steps"]} == {None}
