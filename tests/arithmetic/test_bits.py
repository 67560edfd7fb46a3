"""Results are the same to the bit wherever blocks end and however a tensor is stored, and range is no obstacle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrn_cli import normalize
from lrn_cli.arithmetic.kernel import Kernel
from lrn_cli.arithmetic.precision import precision
from lrn_cli.arithmetic.windows import window_over
from lrn_cli.boxes import blocks, inside
from lrn_cli.formula import ResponseNorm, Span
from tests.arithmetic.exact import Array, formula, ulps

pytestmark = pytest.mark.usefixtures("variant")

SPANS = st.builds(Span, st.integers(0, 9), st.integers(0, 9))
NORMS = st.builds(
    ResponseNorm,
    st.one_of(
        st.fixed_dictionaries({"C": SPANS}),
        st.fixed_dictionaries({"H": SPANS, "W": SPANS}),
        st.fixed_dictionaries({"C": SPANS, "H": SPANS, "W": SPANS}),
    ),
    scale=st.sampled_from([0.0, 2e-5, 1.0]),
    bias=st.sampled_from([0.0, 1e-30, 1.0]),
    beta=st.sampled_from([0.5, 0.6, 0.75, 1.0, 2.0]),
)


def cut(x: Array, norm: ResponseNorm, edges: tuple[int, ...]) -> Array:
    """The tensor normalised block by block."""
    window = window_over(norm.window, "NCHW", x.shape)
    kernel = Kernel(norm, window, precision(x.dtype, x.dtype, norm))
    result = np.empty_like(x)
    for core, reach in blocks(x.shape, window.spans, edges):
        kernel(x[reach], result[core], inside(core, reach))
    return result


@given(
    shape=st.tuples(*[st.integers(1, 9)] * 4),
    edges=st.tuples(*[st.integers(1, 9)] * 4),
    norm=NORMS,
    magnitude=st.sampled_from([1e-25, 1e-10, 1.0, 1e19]),
    dtype=st.sampled_from(["f4", "f8", "f2"]),
)
@settings(max_examples=100, deadline=None)
def test_no_cut_changes_a_bit(
    shape: tuple[int, ...], edges: tuple[int, ...], norm: ResponseNorm, magnitude: float, dtype: str
) -> None:
    rng = np.random.default_rng(0)
    values = rng.standard_normal(shape) * magnitude
    with np.errstate(over="ignore", under="ignore"):
        x = np.where(rng.random(shape) < 0.1, values * 1e-12, values).astype(dtype)
    assert cut(x, norm, edges).tobytes() == cut(x, norm, shape).tobytes()


@pytest.mark.parametrize("size", [3, 7, 64])
@pytest.mark.parametrize("layout", ["NHWC", "CHWN", "WNCH", "HCNW"])
@pytest.mark.parametrize("region", ["ACROSS_CHANNELS", "WITHIN_CHANNEL"])
def test_neither_layout_nor_memory_order_changes_a_bit(size: int, layout: str, region: str) -> None:
    x = np.random.default_rng(1).standard_normal((3, 6, 11, 12)).astype("f4")
    word = f"caffe:norm_region={region},local_size={size | 1}"
    expected = normalize(x, word)
    order = ["NCHW".index(letter) for letter in layout]
    moved = np.ascontiguousarray(x.transpose(order))
    assert normalize(moved, word, layout=layout).transpose(np.argsort(order)).tobytes() == expected.tobytes()
    assert normalize(np.asfortranarray(x), word).tobytes() == expected.tobytes()


def test_a_last_piece_of_one_channel_is_summed_like_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(2).standard_normal((1, 65, 20, 20)).astype("f4") * 30
    expected = normalize(x, "caffe")
    norm = ResponseNorm({"C": Span(2, 2)}, scale=0.2, bias=1, beta=0.75)
    assert cut(x, norm, (1, 8, 20, 20)).tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("x", "parameters"),
    [
        ([[1e-50] * 4] * 2, {"bias": 0}),
        ([[1e100, 1.0]], {}),
        ([[1e-50]], {"alpha": 0, "bias": 1e-18, "beta": 0.75}),
        ([[1e200, 1e-200]], {"bias": 0, "beta": 2}),
    ],
)
def test_a_narrower_result_is_computed_in_the_inputs_own_type(x: Any, parameters: dict[str, Any]) -> None:
    wide = normalize(x, "tf", **parameters)
    with np.errstate(over="ignore", under="ignore"):
        expected = wide.astype("f4")
    np.testing.assert_array_equal(normalize(x, "tf", dtype="float32", **parameters), expected)


def test_squares_beyond_float32_count_where_scale_is_zero() -> None:
    x = np.array([[-2e-13, 6.9e19, -7.7e12, -3.2e20, 20.0, 3e-21, 3e-34, 1.1e35]], "f4")
    y = normalize(x, "tf", depth_radius=2, alpha=0, bias=2e-22, beta=0.75)
    exact = formula(x, {1: (2, 2)}, scale=0, bias=2e-22, beta=0.75)
    assert ulps(y, exact).max() < 8
    assert np.isinf(y[0, 7])  # 1.1e35 / 5.3e-17 is beyond float32


def broken(x: Array, norm: ResponseNorm) -> int:
    """The count that the kernel gives."""
    window = window_over(norm.window, "NC", x.shape)
    with np.errstate(over="ignore"):
        return Kernel(norm, window, precision(x.dtype, x.dtype, norm))(x, np.empty_like(x))


COUNTS: list[tuple[str, list[float], dict[str, float], int]] = [
    ("a window of zeros under bias 0", [0, 0, 0, 1, 1], {"bias": 0}, 2),
    ("NaN in the input spoils its neighbours, and is not counted", [1, np.nan, 1, 1, 1], {}, 0),
    ("infinity in the input neither", [1, np.inf, 1, 1, 1], {}, 0),
    ("a base below zero", [3, 3, 3, 3, 3], {"scale": -1}, 5),
    ("a base below zero beside infinity", [3, 3, 3, 3, np.inf], {"scale": -1}, 3),
    ("a result beyond the type", [1e38, 0, 0, 0, 0], {"scale": 0, "bias": 1e-10}, 1),
    ("a result beyond the type after squares beyond it", [1e38, 1e30, 0, 0, 0], {"scale": 0, "bias": 1e-10}, 1),
]


@pytest.mark.parametrize(("x", "numbers", "count"), [row[1:] for row in COUNTS], ids=[row[0] for row in COUNTS])
def test_results_that_are_not_finite_are_counted_unless_their_window_was_not(
    x: list[float], numbers: dict[str, float], count: int
) -> None:
    norm = ResponseNorm({"C": Span(1, 1)}, **{"scale": 1.0, "bias": 1.0, "beta": 0.5, **numbers})
    assert broken(np.array([x], "f4"), norm) == count
    many = np.tile(np.array([x], "f4"), (50, 1))
    assert broken(many, norm) == 50 * count


def test_a_layout_with_dots_names_no_axis_twice() -> None:
    x = np.random.default_rng(3).standard_normal((2, 3, 4, 5))
    assert normalize(x, "pytorch", size=3, layout="HC...").tobytes() == normalize(x, "pytorch", size=3).tobytes()
