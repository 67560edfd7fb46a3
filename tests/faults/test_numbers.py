"""NaN, infinity and the ends of the range, against the formula computed for each element by itself."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lrn_cli import normalize
from tests.conftest import Run

SPECIALS = (math.nan, math.inf, -math.inf, 3e38, 1e-45, -0.0)


def element(
    x: NDArray[Any], at: tuple[int, ...], axes: dict[int, tuple[int, int]], numbers: tuple[float, ...]
) -> np.longdouble:
    """One result by itself, in numbers with a wide range: no array, no block, no thread."""
    scale, bias, beta = map(np.longdouble, numbers)
    ranges = [
        range(max(place - axes[axis][0], 0), min(place + axes[axis][1], x.shape[axis] - 1) + 1)
        if axis in axes
        else range(place, place + 1)
        for axis, place in enumerate(at)
    ]
    total = np.longdouble(0)
    for place in product(*ranges):
        total += np.longdouble(x[place]) * np.longdouble(x[place])
    result: np.longdouble = np.longdouble(x[at]) / (bias + scale * total) ** beta
    return result


def expected(x: NDArray[Any], axes: dict[int, tuple[int, int]], numbers: tuple[float, ...]) -> NDArray[Any]:
    result = np.empty(x.shape, np.longdouble)
    with np.errstate(all="ignore"):
        for at in np.ndindex(x.shape):
            result[at] = element(x, at, axes, numbers)
    return result


def assert_same(result: NDArray[Any], exact: NDArray[Any]) -> None:
    """The same class of number everywhere, and where it is finite the same number to within 8 units, sign included."""
    limits = np.finfo(result.dtype)
    finite = np.isfinite(exact) & (np.abs(exact) <= float(limits.max))
    np.testing.assert_array_equal(np.isnan(result), np.isnan(exact))
    np.testing.assert_array_equal(np.isfinite(result), finite)
    np.testing.assert_array_equal(np.signbit(result[~np.isnan(exact)]), np.signbit(exact[~np.isnan(exact)]))
    distance = np.abs(result[finite].astype(np.longdouble) - exact[finite])
    unit = np.maximum(np.abs(exact[finite]) * float(limits.eps), float(limits.smallest_subnormal))
    assert (distance <= 8 * unit).all()


def tensor(special: float, shape: tuple[int, ...]) -> NDArray[Any]:
    x = np.random.default_rng(0).standard_normal(shape).astype("f4")
    x[tuple(length // 2 for length in shape)] = special
    x[tuple(0 for _ in shape)] = special
    return x


WITHIN = "caffe:norm_region=WITHIN_CHANNEL,local_size=3"
# (layout, convention, window by axis, numbers)
CASES: list[tuple[str, str, dict[int, tuple[int, int]], tuple[float, float, float]]] = [
    ("NCHW", "caffe:local_size=5", {1: (2, 2)}, (1 / 5, 1.0, 0.75)),
    ("NHWC", "tf:depth_radius=2", {3: (2, 2)}, (1.0, 1.0, 0.5)),
    ("CHW", "caffe:local_size=3,k=2,beta=1", {0: (1, 1)}, (1 / 3, 2.0, 1.0)),
    ("NC", "pytorch:size=4,alpha=1,beta=0.6", {1: (2, 1)}, (0.25, 1.0, 0.6)),
    ("C", "onnx:size=4,alpha=1", {0: (1, 2)}, (0.25, 1.0, 0.75)),
    ("NCHW", WITHIN, {2: (1, 1), 3: (1, 1)}, (1 / 9, 1.0, 0.75)),
]
SHAPES = {4: (2, 7, 5, 6), 3: (9, 5, 6), 2: (6, 11), 1: (40,)}


@pytest.mark.parametrize(("layout", "word", "axes", "numbers"), CASES)
@pytest.mark.parametrize("special", SPECIALS)
def test_what_is_not_finite_reaches_only_the_outputs_whose_window_holds_it(
    special: float, layout: str, word: str, axes: dict[int, tuple[int, int]], numbers: tuple[float, float, float]
) -> None:
    x = tensor(special, SHAPES[len(layout)])
    with np.errstate(all="ignore"):
        result = normalize(x, word, layout=layout, threads=1)
        assert_same(result, expected(x, axes, numbers))
        assert normalize(np.asfortranarray(x), word, layout=layout, threads=3).tobytes() == result.tobytes()


@pytest.mark.parametrize("special", [math.nan, math.inf])
@pytest.mark.parametrize(("memory", "jobs"), [("1K", 1), ("64K", 2), ("64M", 3)])
def test_neither_blocks_nor_threads_nor_pipes_spread_it(
    special: float, memory: str, jobs: int, call: Run, tmp_path: Any
) -> None:
    x = tensor(special, (2, 12, 9, 8))
    np.save(tmp_path / "x.npy", x)
    exact = expected(x, {1: (2, 2)}, (0.2, 1.0, 0.75))
    words = ("-c", "caffe:local_size=5", "--memory", memory, "-j", jobs, "-q")
    assert call("apply", "x.npy", "-o", "y.npy", *words).code == 0
    assert_same(np.load(tmp_path / "y.npy"), exact)
    piped = call("apply", "-", "-o", "-", *words, stdin=(tmp_path / "x.npy").read_bytes())
    assert piped.out == (tmp_path / "y.npy").read_bytes()


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("word", ["tf:depth_radius=1,bias=0", "tf:depth_radius=1", "tf:depth_radius=1,bias=0,beta=0.6"])
def test_the_ends_of_the_range_and_zeros_of_both_signs(dtype: str, word: str) -> None:
    limits = np.finfo(dtype)
    ends = [limits.max, limits.min, limits.tiny, limits.smallest_subnormal, -limits.smallest_subnormal, 0.0, -0.0, 1.0]
    x = np.array([value for value in ends for _ in range(3)], dtype)
    bias, beta = 0.0 if "bias=0" in word else 1.0, 0.6 if "beta" in word else 0.5
    with np.errstate(all="ignore"):
        result = normalize(x[None], word)[0]
    exact = expected(x, {0: (1, 1)}, (1.0, bias, beta))
    assert_same(result, exact)
