"""In what way two arrays differ, and how their distances are spread, against NumPy and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lrn_cli.analysis.comparison.verdict import Pair
from tests.analysis.comparison.asked import compare

X = np.random.default_rng(0).standard_normal((1, 12, 13, 13)).astype("f4")


def changed(*places: tuple[Any, Any]) -> NDArray[Any]:
    """A copy of X with other values at some places."""
    y = X.copy()
    for place, value in places:
        y[place] = value
    return y


def pair_of(a: NDArray[Any], b: NDArray[Any], **options: Any) -> Pair:
    (pair,) = compare(a, b, **options).pairs
    return pair


# (what a is, where b is X; what the cause begins with; whether identify is advised)
WAYS: list[tuple[NDArray[Any], str, bool]] = [
    (X * 0, "a is 0 in every element", False),
    (changed(((0, 3, 4, 5), np.nan)), "1 NaN in a where b has none; the first at [0, 3, 4, 5]", False),
    (
        changed(((0, 7), np.nan), ((0, 3, 4, 5), np.nan)),
        "170 NaN in a where b has none; the first at [0, 3, 4, 5]",
        False,
    ),
    (changed(((0, 7, 0, 1), np.inf)), "1 infinity in one only or with another sign, the first at [0, 7, 0, 1]", False),
    (changed(((0, 3, 4, 5), 9)), "1 element differs, at [0, 3, 4, 5]", False),
    (changed(((0, 3, 4, slice(3)), 9)), "3 elements differ, the largest at [0, 3, 4, ", False),
    (
        changed(((slice(None), [0, 11]), X[:, [0, 11]] * 1.01)),
        "only channels 0, 11 (axis 1); the largest at [0, ",
        False,
    ),
    (changed(((slice(None), slice(None), 12), 0)), "only at 12 of axis 2; the largest at [0, ", False),
    (X * 2, "a is b times 2", False),
    (-X, "a is b with the other sign", False),
    (X + np.float32(0.5), "a is b + 0.5 in every element", False),
    (X - np.float32(0.25), "a is b - 0.25 in every element", False),
    (X**3, "the numbers differ; if the one was made of the other", True),
]


@pytest.mark.parametrize(("a", "told", "advised"), WAYS, ids=[told for _, told, _ in WAYS])
def test_the_cause_is_the_kind_of_difference(a: NDArray[Any], told: str, advised: bool) -> None:
    pair = pair_of(a, X)
    assert pair.cause.startswith(told)
    assert bool(pair.suggestion) == advised


def test_with_a_layout_the_channels_come_first_and_have_no_doubt() -> None:
    y = changed(((slice(None), [0, 1, 10, 11], slice(0, 2)), 5))
    cause = pair_of(y, X, layout="NCHW").cause
    assert cause.startswith("only channels 0, 1, 10, 11; only at height 0, 1; the largest at [0, ")
    many = np.zeros((1, 40, 3, 3))
    many[:, 5:15] = np.arange(90).reshape(1, 10, 3, 3) + 1
    assert (
        "only channels 5, 6, 7, 8, 9, 10, 11, 12, ... (10);" in pair_of(many, np.zeros_like(many), layout="NCHW").cause
    )


def test_two_conventions_that_part_at_the_border_say_on_which_channels() -> None:
    x = np.ones((1, 4, 4, 12), "f4")
    words = ["pytorch:size=4,alpha=1", "onnx:size=4,alpha=1"]
    (pair,) = compare(x, conventions=words, layout="NHWC").pairs
    assert pair.notes[0].startswith("only channels ")


@pytest.mark.parametrize("shape", [(7,), (30, 40), (2, 3, 5, 7)])
@pytest.mark.parametrize("threads", [1, 3])
def test_mean_median_and_percentile_are_numpys(shape: tuple[int, ...], threads: int) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal(shape), rng.standard_normal(shape)
    found = pair_of(a, b, threads=threads).difference
    assert found is not None
    apart = np.abs(a - b)
    expected = (apart.mean(), np.median(apart), np.percentile(apart, 99), (a - b).mean())
    np.testing.assert_allclose((found.mean, found.median, found.p99, found.mean_signed), expected, rtol=1e-12)


def test_of_many_elements_the_quantiles_are_near() -> None:
    rng = np.random.default_rng(2)
    b = np.zeros((1200, 1000), "f4")
    a = rng.exponential(size=b.shape).astype("f4") * (np.arange(1000) % 4 > 0)
    found = pair_of(a, b).difference
    assert found is not None
    assert found.median == pytest.approx(np.median(a), rel=0.02)
    assert found.p99 == pytest.approx(np.percentile(a, 99), rel=0.02)
    assert found.mean == pytest.approx(a.mean(dtype="f8"), rel=1e-6)


def test_no_distance_is_claimed_where_only_a_nan_differs() -> None:
    data = pair_of(changed(((0, 3, 4, 5), np.nan)), X).as_data()
    names = ("largest", "largest_relative", "largest_ulp", "rms", "mean", "median", "p99", "mean_signed", "rtol_needed")
    assert {data[name] for name in names} == {None}
    assert (data["nan_in_a"], data["nan_in_b"], data["first_nan"]) == (1, 0, [0, 3, 4, 5])
    assert data["only_at"] == [None, [3], [4], [5]]


@pytest.mark.parametrize(
    ("a", "what"), [(X.astype("f8"), "dtype"), (X.transpose(0, 2, 3, 1).copy(), "layout"), (X * 2, "")]
)
def test_what_no_element_differs_in_is_said(a: NDArray[Any], what: str) -> None:
    assert pair_of(a, X).only_in == what
