"""Gains at points whose values are known, and which of them share a curve."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from lrn_cli.analysis.explanation.gain import curves, gain, top
from lrn_cli.conventions.binding import bound

# (convention, sum of squares, the gain worked out by hand)
GAINS = [
    ("tf", 0, 1.0),
    ("tf", 3, 1 / 2),
    ("tf", 99, 1 / 10),
    ("wolfram", 15, 1 / 2),
    ("wolfram", 495, 1 / 10),
    ("caffe", 75, 1 / 8),
    ("caffe", 400, 1 / 27),
    ("alexnet:k=1,alpha=0.015", 1000, 1 / 8),
    ("alexnet", 0, 1 / sqrt(2 * sqrt(2))),
    ("caffe:norm_region=WITHIN_CHANNEL", 375, 1 / 8),
    ("tf:bias=0", 100, 1 / 10),
]


@pytest.mark.parametrize(("word", "total", "expected"), GAINS)
def test_a_gain_is_the_power_of_bias_and_scaled_sum(word: str, total: float, expected: float) -> None:
    assert float(gain(bound(word).norm, total)) == pytest.approx(expected, rel=1e-14)


def test_a_base_that_is_negative_has_no_gain_and_one_of_zero_an_infinite_one() -> None:
    gains = gain(bound("tf:bias=-100").norm, [0.0, 100.0, 101.0])
    assert np.isnan(gains[0])
    assert gains[1:].tolist() == [np.inf, 1.0]


def test_conventions_with_the_same_gain_share_a_curve() -> None:
    words = ["alexnet", "tf", "neupy", "neupy-theano", "caffe:alpha=5", "caffe:alpha=5,beta=0.5", "tf"]
    assert [curve.names for curve in curves([bound(word) for word in words])] == [
        ("alexnet", "neupy", "neupy-theano"),
        ("tf", "caffe"),
        ("caffe",),
    ]


# (convention, a round number above its gains)
TOPS = [("tf", 1.0), ("tf:bias=0.25", 2.0), ("alexnet", 0.6), ("tf:bias=4,beta=1", 0.25), ("tf:beta=-0.5", 12.0)]


@pytest.mark.parametrize(("word", "expected"), TOPS)
def test_the_axis_ends_at_a_round_number_above_the_gains(word: str, expected: float) -> None:
    assert top(curves([bound(word)])) == pytest.approx(expected)


def test_a_gain_that_shoots_up_near_zero_does_not_flatten_the_rest() -> None:
    assert top(curves([bound("tf:bias=0,beta=2")])) <= 1
