"""What is found beyond the usual: rounded outputs, other shapes and windows, and slips of those who write their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lrn_cli import compare
from lrn_cli.analysis.identification.identify import identify
from lrn_cli.analysis.identification.report import Identification
from tests.analysis.identification.pairs_made import activations, normalized
from tests.golden import Case, offered

pytestmark = pytest.mark.slow

Array = NDArray[Any]


def to_steps(values: Array, step: float) -> Array:
    kept: Array = (np.rint(values / step) * step).astype("f4")
    return kept


def to_bfloat16(values: Array) -> Array:
    kept: Array = ((values.view("u4") + 0x8000) & 0xFFFF0000).view("f4")
    return kept


ROUNDED = {
    "half": lambda y: y.astype("f2").astype("f4"),
    "bfloat16": to_bfloat16,
    "int8": lambda y: to_steps(y, float(np.abs(y).max()) / 127),
    "16 bits": lambda y: to_steps(y, float(np.abs(y).max()) / 32_767),
}


def check_lines(x: Array, y: Array, answer: Identification) -> None:
    """Every line gives the output when it is typed behind -c."""
    assert answer.taken
    for bound in answer.bounds:
        word, *flags = answer.line(bound).split()
        given: dict[str, Any] = {flag[2:]: value for flag, value in zip(flags[::2], flags[1::2], strict=True)}
        given |= {"axis": int(given["axis"])} if "axis" in given else {}
        if bound.convention.name in answer.taken:
            assert compare(x, y, conventions=word, **given)["equal"], word


@pytest.mark.parametrize("made", ROUNDED.values(), ids=ROUNDED)
def test_a_rounded_output_is_held_to_what_it_was_rounded_to(made: Any) -> None:
    x = activations((2, 12, 9, 8), 6)
    y = made(normalized(x, {1: (2, 2)}, 1, 0.02, 0.75))
    answer = identify(x, y)
    assert (answer.found, answer.window, answer.scale, answer.beta) == (True, {"C": (2, 2)}, 0.02, 0.75)
    assert "its numbers are" in answer.held_to
    check_lines(x, y, answer)


@pytest.mark.parametrize("made", ROUNDED.values(), ids=ROUNDED)
@pytest.mark.parametrize(
    "wrong",
    [np.tanh, lambda x: normalized(x, {1: (2, 2)}, 1, 0.02, 0.75) + np.float32(0.15) * np.sign(x)],
    ids=["tanh", "an offset"],
)
def test_what_no_normalization_made_is_none_for_being_rounded(made: Any, wrong: Any) -> None:
    x = activations((2, 8, 6, 6), 3)
    assert not identify(x, made(wrong(x))).found


def test_an_image_is_held_to_half_a_step_of_its_numbers() -> None:
    x = np.random.default_rng(0).random((20, 16, 3), "f4")
    answer = identify(x, to_steps(normalized(x, {2: (2, 2)}, 1, 1, 0.5), 1 / 255))
    assert (answer.found, answer.scale, answer.bias, answer.beta) == (True, 1.0, 1.0, 0.5)
    assert answer.held_to.startswith("half a step of 1/255")


def test_noise_is_allowed_for_where_that_is_asked_for_and_the_tolerance_is_told_where_not() -> None:
    x = activations((1, 16, 6, 6), 8)
    y = normalized(x, {1: (2, 2)}, 1, 0.02, 0.75)
    noisy = (y * (1 + 2e-4 * np.random.default_rng(0).uniform(-1, 1, y.shape))).astype("f4")
    usual, asked, strict = (identify(x, noisy, rtol=rtol) for rtol in (None, 1e-3, 1e-5))
    assert (usual.found, asked.found, strict.found) == (False, True, False)
    assert any("with --rtol 0.0002" in note for note in usual.notes)
    assert asked.scale == 0.02
    assert not identify(x, np.tanh(x), rtol=1e-2).found


@pytest.mark.parametrize(
    ("shape", "order"),
    [((8, 5, 6), (0, 1, 2)), ((240,), (0, 1, 2, 3)), ((1, 240), (0, 1, 2, 3)), ((5, 6, 8), (1, 2, 0))],
)
def test_axes_of_one_position_may_be_left_out_and_elements_be_in_a_row(
    shape: tuple[int, ...], order: tuple[int, ...]
) -> None:
    x = activations((1, 8, 5, 6), 5)
    y = normalized(x, {1: (1, 1)}, 2, 0.1, 0.75)
    y = y[0].transpose(order).reshape(shape) if len(order) == 3 else y.reshape(shape)
    answer = identify(x, y)
    assert (answer.found, answer.axis, answer.scale, answer.bias) == (True, 1, 0.1, 2.0)
    assert "taken as 1x" in answer.notes[0]
    if order == tuple(range(len(order))):
        check_lines(x, y, answer)


def test_of_an_input_in_a_row_no_line_is_offered_for_its_own_shape() -> None:
    x = activations((2, 8, 5, 6), 5)
    answer = identify(x.ravel(), normalized(x, {1: (1, 1)}, 2, 0.1, 0.75))
    assert (answer.found, answer.scale, answer.bounds) == (True, 0.1, ())
    assert answer.notes[0] == "the input is 480, taken as 2x8x5x6"


WINDOWS = {
    "HWCN": ((6, 7, 3, 2), {0: (1, 1), 1: (1, 1)}, None),
    "HWN": ((6, 7, 3), {0: (1, 1), 1: (1, 1)}, None),
    "between": ((6, 3, 7, 2), {0: (1, 1), 2: (1, 1)}, None),
    "cube": ((2, 3, 5, 6, 4), {2: (1, 1), 3: (1, 1), 4: (1, 1)}, None),
    "rectangle": ((2, 3, 9, 8), {2: (1, 1), 3: (2, 2)}, None),
    "a line": ((3, 4, 20), {2: (2, 2)}, "NCL"),
    "a line over H": ((3, 4, 9, 8), {2: (2, 2)}, "NCHW"),
}


@pytest.mark.parametrize(("shape", "window", "layout"), WINDOWS.values(), ids=WINDOWS)
def test_windows_over_any_axes_are_found(
    shape: tuple[int, ...], window: dict[int, tuple[int, int]], layout: str | None
) -> None:
    x = activations(shape, 4, dtype="f8")
    y = normalized(x, window, 1, 0.05, 0.75)
    answer = identify(x, y, layout=layout)
    assert answer.found
    assert {answer.layout.index(axis): span for axis, span in answer.window.items()} == window
    check_lines(x, y, answer)


@pytest.mark.parametrize("kept", ["f2", "f4"])
def test_results_that_half_precision_lost_are_told_from_wrong_ones(kept: str) -> None:
    x = activations((2, 12, 5, 5), 6)
    x[0, 4, 2, 2], x[1, 0, 1, 1] = 300, -280
    y = normalized(x, {1: (2, 2)}, 1, 2e-3, 0.75).astype("f2")
    y[0, 2:7, 2, 2] = 0
    y[1, 0:3, 1, 1] = 0
    answer = identify(x, y.astype(kept))
    assert not answer.found
    assert "8 results" in answer.notes[0]
    assert "exactly where the window holds a number beyond 255" in answer.notes[0]
    assert "elsewhere it is caffe:local_size=5,alpha=0.01" in answer.notes[0]
    y[0, 9, 0, 0] = 0
    assert not any("half precision" in note for note in identify(x, y.astype(kept)).notes)


def sums_where(x: Array, window: Any) -> Array:
    """For each channel the sum over those that `window` gives of it."""
    squares, channels = np.square(x.astype("f8")), x.shape[1]
    return np.stack([squares[:, window(channel)].sum(axis=1) for channel in range(channels)], axis=1)


SLIPS = {
    "a slice that leaves out its end": lambda c: slice(max(0, c - 2), min(11, c + 2)),
    "one channel too far": lambda c: slice(max(0, c - 1), c + 4),
    "one channel too early": lambda c: slice(max(0, c - 3), max(0, c + 2)),
}


@pytest.mark.parametrize(("title", "window"), SLIPS.items(), ids=SLIPS)
def test_a_window_that_is_off_by_one_is_named(title: str, window: Any) -> None:
    x = activations((3, 12, 5, 5), 5)
    answer = identify(x, (x / (1 + 0.02 * sums_where(x, window)) ** 0.75).astype("f4"))
    assert not answer.found
    assert title in answer.notes[0]
    assert "window 5, bias 1, alpha 0.02, beta 0.75" in answer.notes[0]


@pytest.mark.parametrize("axes", [(1,), (2, 3)], ids=["channels", "pixels"])
def test_a_divisor_that_counts_what_is_in_range_is_named(axes: tuple[int, ...]) -> None:
    x = activations((2, 9, 8, 7), 5)
    window = dict.fromkeys(axes, (1, 1))
    counts = 1 / normalized(np.ones(x.shape), window, 0, 1, 1)
    sums = x.astype("f8") / normalized(x.astype("f8"), window, 0, 1, 1)
    answer = identify(x, (x / (1 + 0.3 * sums / counts) ** 0.75).astype("f4"))
    assert not answer.found
    assert "an average over what is in range" in answer.notes[0]
    assert "window 3, bias 1, alpha 0.3, beta 0.75" in answer.notes[0]


def test_no_slip_is_named_where_single_results_are_wrong() -> None:
    x = activations((2, 12, 6, 6), 5)
    y = normalized(x, {1: (2, 2)}, 1, 0.02, 0.75)
    y[1, 0, 3, 3] *= 1.5
    y[0, 11] *= 1.02
    assert not any("this is what" in note for note in identify(x, y).notes)


def test_k_in_within_channel_is_what_caffe_with_cudnn_makes_of_it() -> None:
    x = activations((2, 3, 7, 8), 5)
    y = normalized(x, {2: (1, 1), 3: (1, 1)}, 2, 0.05 / 9, 0.75)
    answer = identify(x, y)
    assert (answer.found, answer.bias) == (True, 2.0)
    assert any("Caffe built with cuDNN honours k in WITHIN_CHANNEL" in note for note in answer.notes)
    check_lines(x, y, answer)
    plain = identify(x, normalized(x, {2: (1, 1), 3: (1, 1)}, 1, 0.05 / 9, 0.75))
    assert plain.notes == ()


@pytest.mark.parametrize("wrong", [np.nan, 0.0])
def test_steps_of_a_type_are_not_told_where_they_say_nothing(wrong: float) -> None:
    x = activations((2, 8, 6, 6), 5)
    y = normalized(x, {1: (2, 2)}, 1, 0.02, 0.75)
    y[0, 3] = wrong
    (residual,) = (value for name, value in identify(x, y).rows() if name == "residual")
    assert "ulp" not in residual


# Some fifteen elements: they do not tell an approximate power from noise, nor a window from others.
TOO_FEW = {"matconvnet-rand2"}
FAR_OFF = [case for case in offered() if case.name.startswith("matconvnet") and case.name not in TOO_FEW]


@pytest.mark.parametrize("golden", FAR_OFF, ids=lambda golden: golden.name)
def test_engines_that_are_far_from_the_formula_are_held_to_what_they_were_seen_to_be(golden: Case) -> None:
    answer = identify(golden.x, golden.y)
    assert answer.found
    assert golden.convention in answer.taken


def test_an_engine_that_computes_float64_as_float32_is_found_where_that_is_allowed() -> None:
    (golden,) = (case for case in offered() if case.name == "lasagne-n7_f64")
    assert not identify(golden.x, golden.y).found  # two normalizations in a row come as near to one
    assert golden.convention in identify(golden.x, golden.y, rtol=1e-6).taken
