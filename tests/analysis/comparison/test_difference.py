"""The statistics of two arrays, against numbers worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from lrn_cli.analysis.comparison.difference import Difference
from lrn_cli.errors import LrnError
from tests.analysis.comparison.asked import compare

NAN, INF = float("nan"), float("inf")


def measured(a: Any, b: Any, **options: Any) -> Difference:
    """What is found of two arrays of one shape."""
    (pair,) = compare(a, b, **options).pairs
    assert pair.difference is not None
    return pair.difference


# a, b, dtype, (elements that are unequal, NaN mismatches, infinity mismatches)
SAME: list[tuple[list[float], list[float], str, tuple[int, int, int]]] = [
    ([1, 2, 3], [1, 2, 3], "f4", (0, 0, 0)),
    ([0.0, -0.0], [-0.0, 0.0], "f4", (0, 0, 0)),
    ([NAN, 1], [NAN, 1], "f4", (0, 0, 0)),
    ([NAN, 1], [1, NAN], "f4", (2, 2, 0)),
    ([INF, -INF], [INF, -INF], "f8", (0, 0, 0)),
    ([INF, -INF], [-INF, INF], "f8", (2, 0, 2)),
    ([INF, 1], [1, INF], "f2", (2, 0, 2)),
    ([INF, NAN, 0], [NAN, INF, 0], "f4", (2, 2, 0)),
    ([0, 255, 1], [255, 0, 1], "u1", (2, 0, 0)),
    ([1, 0], [1, 0], "?", (0, 0, 0)),
    ([], [], "f4", (0, 0, 0)),
]


@pytest.mark.parametrize(("a", "b", "dtype", "counts"), SAME)
def test_nans_and_infinities_are_equal_only_where_both_have_them(
    a: list[float], b: list[float], dtype: str, counts: tuple[int, int, int]
) -> None:
    found = compare(np.array(a, dtype), np.array(b, dtype))
    difference = found.pairs[0].difference
    assert difference is not None
    assert (difference.unequal, difference.nan_mismatches, difference.infinity_mismatches) == counts
    assert found.equal == (counts == (0, 0, 0))


def test_the_largest_difference_comes_with_its_place_and_both_values() -> None:
    a, b = np.zeros((2, 3, 4), "f4"), np.zeros((2, 3, 4), "f4")
    a[1, 2, 3], b[0, 1, 2] = 0.5, 0.25
    found = measured(a, b)
    assert found.largest == (0.5, (1, 2, 3), 0.5, 0.0)
    assert found.rms == pytest.approx(np.sqrt((0.5**2 + 0.25**2) / 24))
    assert found.differing == 2
    assert found.percent == pytest.approx(100 * 2 / 24)


def test_of_two_differences_as_large_the_first_is_told() -> None:
    assert measured(np.ones((3, 3)), np.zeros((3, 3))).largest == (1.0, (0, 0), 1.0, 0.0)


# (a, b, |a-b|, |a-b|/|b|, units in the last place, of which type)
DISTANCES: list[tuple[np.generic, np.generic, tuple[float, float, int | None, str | None]]] = [
    (np.float32(1.5), np.float32(1), (0.5, 0.5, 1 << 22, "float32")),
    (np.float16(1.5), np.float16(1.5 + 2**-10), (2**-10, 2**-10 / (1.5 + 2**-10), 1, "float16")),
    (np.float64(1), np.float64(1 + 2**-52), (2**-52, 2**-52, 1, "float64")),
    (np.float32(1), np.float64(1 + 2**-40), (2**-40, 2**-40, 0, "float32")),
    (np.float32(2**-149), np.float32(-(2**-149)), (2**-148, 2, 2, "float32")),
    (np.float16(65504), np.float16(-65504), (131008, 2, 2 * 0x7BFF, "float16")),
    (np.uint8(3), np.uint8(5), (2, 0.4, None, None)),
    (np.uint8(4), np.float32(8), (4, 0.5, 1 << 23, "float32")),
    (np.float32(1), np.float32(0), (1, INF, 0x3F800000, "float32")),
    (np.int64(2**62 + 1), np.int64(2**62), (1, 2**-62, None, None)),
]


@pytest.mark.parametrize(("a", "b", "expected"), DISTANCES)
def test_distances_are_taken_after_widening(
    a: np.generic, b: np.generic, expected: tuple[float, float, int | None, str | None]
) -> None:
    found = measured(a, b)
    assert found.largest is not None
    assert found.largest.distance == expected[0]
    assert found.largest_relative == pytest.approx(expected[1], rel=1e-12)
    assert (found.largest_ulp, found.ulp_dtype and found.ulp_dtype.name) == expected[2:]


# (a, b, atol, the smallest rtol that would pass)
NEEDED = [
    ([1.5, 2.0], [1.0, 2.0], 0.0, 0.5),
    ([1.5, 2.0], [1.0, 2.0], 0.25, 0.25),
    ([1.5, 2.0], [1.0, 2.0], 0.5, 0.0),
    ([1.0], [0.0], 0.5, None),
    ([NAN], [0.0], 0.5, None),
    ([], [], 0.0, 0.0),
]


@pytest.mark.parametrize(("a", "b", "atol", "needed"), NEEDED)
def test_the_smallest_rtol_that_would_pass_is_told(
    a: list[float], b: list[float], atol: float, needed: float | None
) -> None:
    assert measured(np.array(a), np.array(b), atol=atol).rtol_needed == needed


@given(
    arrays.arrays("f8", (2, 5), elements=st.floats(-1e6, 1e6)),
    arrays.arrays("f8", (2, 5), elements=st.floats(-1e6, 1e6)),
)
def test_the_rtol_that_is_needed_passes_and_one_clearly_smaller_does_not(
    a: NDArray[np.float64], b: NDArray[np.float64]
) -> None:
    needed = measured(a, b, atol=0.01).rtol_needed
    if needed is not None:
        assert compare(a, b, atol=0.01, rtol=needed).equal
        assert not needed or not compare(a, b, atol=0.01, rtol=needed * (1 - 1e-9)).equal


@pytest.mark.parametrize(
    ("a", "b", "atol"),
    [
        # 0.7 is a little less than 7 / 10, and 0.7 * 670 is a little less than 469.
        (np.array([1139.0]), np.array([670.0]), 0.0),
        # The quotient is 2 + 1e-19, which float64 does not have.
        (np.array([-(2**63)]), np.array([2**63 - 1]), 0.0),
        (np.array([-1]), np.array([2**64 - 1], "u8"), 0.0),
        (np.array([3.000000001]), np.array([2.0]), 1.0),
    ],
)
def test_the_rtol_that_is_needed_passes_where_rounding_is_against_it(a: Any, b: Any, atol: float) -> None:
    needed = measured(a, b, atol=atol, any_dtype=True).rtol_needed
    assert compare(a, b, atol=atol, rtol=needed, any_dtype=True).equal


def test_the_second_is_the_reference_of_the_rule() -> None:
    ten, eleven = np.array([10.0]), np.array([11.0])
    assert compare(ten, eleven, rtol=0.095, atol=0).equal
    assert not compare(eleven, ten, rtol=0.095, atol=0).equal


# the dtypes of a pair: rtol and atol where none is given
TOLERANCES = [
    ("f2", "f4", 2e-3, 1e-6),
    ("f4", "f8", 1e-5, 1e-8),
    ("f8", "u1", 1e-10, 1e-13),
    (">f4", "<f4", 1e-5, 1e-8),
    ("i4", "u1", 0, 0),
]


@pytest.mark.parametrize(("one", "other", "rtol", "atol"), TOLERANCES)
def test_the_tolerance_is_that_of_the_narrower_dtype(one: str, other: str, rtol: float, atol: float) -> None:
    (pair,) = compare(np.ones(3, one), np.ones(3, other), any_dtype=True).pairs
    assert pair.tolerance == (rtol, atol)
    assert pair.verdict.value == "equal"


@pytest.mark.parametrize("rtol", [-1.0, NAN, INF])
def test_a_tolerance_that_is_none_is_refused(rtol: float) -> None:
    with pytest.raises(LrnError, match="rtol is"):
        compare([1.0], [1.0], rtol=rtol)


def test_another_dtype_is_a_difference_and_the_values_are_compared_all_the_same() -> None:
    (pair,) = compare(np.ones(3, "f4"), np.ones(3, "f8")).pairs
    assert pair.verdict.value == "different"
    assert pair.cause == "the dtypes differ: float32 and float64; the values are equal within the tolerance"
    assert pair.suggestion == "--any-dtype"


def test_another_dtype_is_no_difference_where_any_will_do() -> None:
    (pair,) = compare(np.ones(3, "f4"), np.ones(3, "f8"), any_dtype=True).pairs
    assert pair.verdict.value == "equal"
    assert pair.notes == ("the dtypes differ: float32 and float64",)


def test_another_byte_order_is_the_same_dtype() -> None:
    assert compare(np.ones(3, "<f4"), np.ones(3, ">f4")).equal


# (shapes, the layouts that are named)
SHAPES: list[tuple[tuple[int, ...], tuple[int, ...], tuple[str, str] | None]] = [
    ((2, 3), (3, 2), None),
    ((4,), (4, 1), None),
    ((0, 3), (0, 4), None),
    ((2, 3, 4, 5), (2, 4, 5, 3), ("NCHW", "NHWC")),
    ((2, 4, 5, 3), (2, 3, 4, 5), ("NHWC", "NCHW")),
    ((3, 4, 5), (4, 5, 3), ("CHW", "HWC")),
]


@pytest.mark.parametrize(("one", "other", "layouts"), SHAPES)
def test_another_shape_is_a_difference_and_another_layout_is_named(
    one: tuple[int, ...], other: tuple[int, ...], layouts: tuple[str, str] | None
) -> None:
    (pair,) = compare(np.ones(one), np.ones(other)).pairs
    assert pair.verdict.value == "different"
    assert pair.layouts == layouts
    assert "the layouts differ" in pair.cause if layouts else "the shapes differ" in pair.cause


def test_of_two_layouts_it_is_told_whether_the_numbers_are_the_same_and_how_to_transpose() -> None:
    x = np.arange(2.0 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    (pair,) = compare(x, np.ascontiguousarray(x.transpose(0, 2, 3, 1))).pairs
    assert "they are equal" in pair.cause
    assert pair.suggestion == "np.transpose(b, (0, 3, 1, 2))"
    (pair,) = compare(x, x.transpose(0, 2, 3, 1) + 1).pairs
    assert "they differ too" in pair.cause


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("shape", [(3, 100, 40, 50), (500, 70), (2, 3, 600, 400)])
def test_large_arrays_in_any_order_give_what_all_at_once_gives(
    shape: tuple[int, ...], threads: int, order: Any
) -> None:
    rng = np.random.default_rng(0)
    a = rng.standard_normal(shape).astype("f4")
    b = np.array(a * rng.choice(np.array([1, 1.25], "f4"), shape), order=order)
    found = measured(a, b, threads=threads)
    apart = np.abs(a.astype("f8") - b.astype("f8"))
    assert found.largest is not None
    assert found.largest.distance == apart.max() == apart[found.largest.position]
    assert found.unequal == found.differing == np.count_nonzero(apart)
    assert found.rms == pytest.approx(np.sqrt(np.mean(apart**2)), rel=1e-12)
    assert found == measured(a, b, threads=1)
