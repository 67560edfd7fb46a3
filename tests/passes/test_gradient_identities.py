"""The gradient of an array: the identities that any gradient of this formula has, whatever the window and layout."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrn_cli import LrnError, gradient, normalize, parameter_gradient
from lrn_cli.arithmetic.windows import window_over
from lrn_cli.boxes import Box
from lrn_cli.conventions.binding import bound
from lrn_cli.dtypes import Array
from lrn_cli.formula import ResponseNorm, Span
from lrn_cli.passes.derive import Derivation, derive_parameters, pair
from lrn_cli.tensors.arrays import ArraySource

LAYOUTS = ["C", "NC", "CW", "CHW", "HWC", "NCHW", "NHWC", "NCDHW", "NDHWC", "DNHCW"]
BETAS = [0.0, 0.5, 0.6, 0.75, 1.0, 1.25, -0.3]


class Drawn(NamedTuple):
    """A tensor, a derivative by its results, a change of it, and a canonical form over it."""

    layout: str
    norm: ResponseNorm
    x: Array
    dy: Array
    v: Array


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    layout = draw(st.sampled_from(LAYOUTS))
    shape = tuple(draw(st.lists(st.integers(1, 6), min_size=len(layout), max_size=len(layout))))
    axes = draw(st.lists(st.sampled_from(layout), unique=True, max_size=3))
    spans = st.builds(Span, st.integers(0, 4), st.integers(0, 4))
    norm = ResponseNorm(
        {axis: draw(spans) for axis in axes},
        scale=draw(st.sampled_from([0.0, 1e-4, 0.25, 1.0, 30.0])),
        bias=draw(st.sampled_from([0.5, 1.0, 2.0])),
        beta=draw(st.sampled_from(BETAS)),
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    x, dy, v = (rng.standard_normal(shape) for _ in range(3))
    return Drawn(layout, norm, np.asfortranarray(x) if draw(st.booleans()) else x, dy, v)


def derive(case: Drawn, x: Array, dy: Array, norm: ResponseNorm | None = None, *, forward: bool = False) -> Array:
    form = norm or case.norm
    window = window_over(form.window, case.layout, x.shape)
    both = pair([ArraySource(x), ArraySource(dy)], window, form)
    result = np.empty_like(x)
    stored = result.transpose(both.common.order)

    def write(core: Box, block: Array) -> None:
        stored[core] = block

    Derivation(both, write, result.dtype, forward=forward).run(2)
    return result


def results(case: Drawn) -> tuple[Array, Array]:
    """y and s, one neighbour at a time."""
    sums = case.x * case.x
    for axis, (before, after) in case.norm.window.items():
        along = np.moveaxis(sums, case.layout.index(axis), 0)
        rows = [along[max(i - before, 0) : i + after + 1].sum(axis=0) for i in range(len(along))]
        sums = np.moveaxis(np.stack(rows), 0, case.layout.index(axis))
    bases = case.norm.bias + case.norm.scale * sums
    return case.x * bases**-case.norm.beta, bases


def close(a: Any, b: Any, size: Any) -> bool:
    return bool(np.all(np.abs(a - b) <= 1e-12 * np.abs(size) + 1e-300))


@settings(max_examples=60, deadline=None)
@given(drawn())
def test_gradient_and_change_are_adjoint(case: Drawn) -> None:
    change, slope = derive(case, case.x, case.v, forward=True), derive(case, case.x, case.dy)
    size = np.sum(np.abs(case.dy * change)) + np.sum(np.abs(slope * case.v))
    assert close(np.sum(case.dy * change), np.sum(slope * case.v), size)


@settings(max_examples=60, deadline=None)
@given(drawn())
def test_euler_on_homogeneous_functions(case: Drawn) -> None:
    y, bases = results(case)
    parts = case.dy * y * (1 - 2 * case.norm.beta * (1 - case.norm.bias / bases))
    slope = derive(case, case.x, case.dy)
    assert close(np.sum(case.x * slope), np.sum(parts), np.sum(np.abs(case.x * slope)) + np.sum(np.abs(parts)))


@settings(max_examples=40, deadline=None)
@given(drawn(), st.sampled_from([0.25, 2.0, 1024.0]))
def test_a_power_of_two_moves_from_x_to_scale_without_a_change_of_bits(case: Drawn, c: float) -> None:
    moved = ResponseNorm(case.norm.window, case.norm.scale / c**2, case.norm.bias, case.norm.beta)
    slope = derive(case, case.x, case.dy)
    assert derive(case, case.x * c, case.dy, moved).tobytes() == slope.tobytes()
    assert derive(case, -case.x, case.dy).tobytes() == slope.tobytes()


@settings(max_examples=40, deadline=None)
@given(drawn(), st.data())
def test_a_flipped_axis_changes_places_of_before_and_after(case: Drawn, data: st.DataObject) -> None:
    axis = data.draw(st.sampled_from(case.layout))
    place = case.layout.index(axis)
    window = {a: Span(s.after, s.before) if a == axis else s for a, s in case.norm.window.items()}
    turned = ResponseNorm(window, case.norm.scale, case.norm.bias, case.norm.beta)
    flipped = derive(case, np.flip(case.x, place), np.flip(case.dy, place), turned)
    slope = derive(case, case.x, case.dy)
    assert close(np.flip(flipped, place), slope, np.abs(slope).max(initial=0) + np.abs(case.dy).max(initial=0))


@settings(max_examples=40, deadline=None)
@given(drawn())
def test_it_is_linear_in_dy(case: Drawn) -> None:
    together = derive(case, case.x, 3 * case.dy + case.v)
    apart = 3 * derive(case, case.x, case.dy) + derive(case, case.x, case.v)
    assert close(together, apart, np.abs(together).max() + 1)


@settings(max_examples=40, deadline=None)
@given(drawn())
def test_without_a_power_or_a_sum_it_is_dy_or_a_part_of_it(case: Drawn) -> None:
    window, bias = case.norm.window, case.norm.bias
    np.testing.assert_array_equal(derive(case, case.x, case.dy, ResponseNorm(window, 1.0, bias, 0.0)), case.dy)
    still = derive(case, case.x, case.dy, ResponseNorm(window, 0.0, bias, 0.6))
    np.testing.assert_allclose(still, case.dy / bias**0.6, rtol=1e-14)


@settings(max_examples=40, deadline=None)
@given(drawn())
def test_the_parameters_derivatives_add_up_to_that_of_a_multiple_of_all_bases(case: Drawn) -> None:
    window = window_over(case.norm.window, case.layout, case.x.shape)
    found = derive_parameters(pair([ArraySource(case.x), ArraySource(case.dy)], window, case.norm), 2)
    y, bases = results(case)
    expected = -case.norm.beta * np.sum(case.dy * y)
    size = np.sum(np.abs(case.dy * y)) * abs(case.norm.beta) + 1e-300
    assert close(case.norm.scale * found.scale + case.norm.bias * found.bias, expected, size)
    logarithms = case.dy * y * np.log(bases)
    assert close(found.beta, -np.sum(logarithms), np.sum(np.abs(logarithms)))


# convention, its parameters, and what must be derived by hand to compare with
WORDS = ["caffe:local_size=3,alpha=2", "caffe:norm_region=WITHIN_CHANNEL,local_size=3", "pytorch:size=4,alpha=0.5,k=2"]


@pytest.mark.parametrize("word", WORDS)
def test_the_parameters_derivatives_are_those_of_finite_differences(word: str) -> None:
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((2, 5, 4, 4)), rng.standard_normal((2, 5, 4, 4))
    found = parameter_gradient(x, dy, word)
    choice = bound(word)
    name_of, values = choice.convention.name, choice.values

    def typed(name: str, value: float) -> str:
        return ",".join(f"{other}={value if other == name else kept}" for other, kept in values.items())

    for name, derivative in found.items():
        value, step = float(str(values[name])), 1e-5
        above, below = (np.sum(dy * normalize(x, f"{name_of}:{typed(name, value + h)}")) for h in (step, -step))
        assert derivative == pytest.approx((above - below) / (2 * step), rel=1e-6, abs=1e-8), name


def test_no_dy_is_the_gradient_of_the_sum() -> None:
    x = np.random.default_rng(1).standard_normal((3, 7)).astype("f4")
    np.testing.assert_array_equal(gradient(x, convention="tf"), gradient(x, np.ones((3, 7)), "tf"))
    assert gradient(x, convention="tf").dtype == np.float32
    assert gradient(x, np.ones((3, 7)), "tf", dtype="float64").dtype == np.float64


def test_threads_and_orders_of_axes_change_no_bit() -> None:
    rng = np.random.default_rng(2)
    x, dy = (rng.standard_normal((6, 40, 30, 31)).astype("f4") for _ in range(2))
    expected = gradient(x, dy, "caffe", threads=1)
    for threads in (2, 3):
        assert gradient(x, dy, "caffe", threads=threads).tobytes() == expected.tobytes()
    turned = gradient(np.asfortranarray(x), np.asfortranarray(dy), "caffe")
    np.testing.assert_array_equal(turned, expected)
    np.testing.assert_array_equal(gradient(np.asfortranarray(x), dy, "caffe"), expected)


def test_a_dy_of_another_shape_is_refused_with_both() -> None:
    with pytest.raises(LrnError, match=r"dy is 2x3 and x is 3x2; they must be of one shape"):
        gradient(np.ones((3, 2)), np.ones((2, 3)))


def test_an_empty_tensor_has_an_empty_gradient() -> None:
    assert gradient(np.empty((0, 3)), np.empty((0, 3))).shape == (0, 3)
