"""Normalizations that the tests make are found again, and what none made is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lrn_cli.analysis.identification.identify import identify
from lrn_cli.conventions.binding import bound
from lrn_cli.errors import LrnError
from tests.analysis.identification.pairs_made import activations, normalized, with_a_running_sum

pytestmark = pytest.mark.slow

Array = NDArray[Any]
ALL = ("window", "axis", "region", "scale", "bias", "beta")

MADE = [
    pytest.param((2, 24, 6, 7), {1: (2, 2)}, (1.0, 0.2, 0.75), "f4", {"C": (2, 2)}, id="odd, NCHW"),
    pytest.param((2, 6, 7, 24), {3: (5, 5)}, (2.0, 0.1, 0.5), "f4", {"C": (5, 5)}, id="odd, NHWC"),
    pytest.param((3, 24, 6, 7), {1: (2, 1)}, (1.0, 0.125, 0.75), "f4", {"C": (2, 1)}, id="even, one more before"),
    pytest.param((3, 24, 6, 7), {1: (2, 3)}, (1.5, 0.05, 0.6), "f4", {"C": (2, 3)}, id="even, one more after"),
    pytest.param((2, 5, 11, 9), {2: (2, 2), 3: (2, 2)}, (1.0, 0.04, 0.75), "f4", {"H": (2, 2), "W": (2, 2)}, id="CHW"),
    pytest.param((2, 11, 9, 5), {1: (1, 1), 2: (1, 1)}, (1.0, 0.5, 0.33), "f4", {"H": (1, 1), "W": (1, 1)}, id="HWC"),
    pytest.param((300, 4, 4), {0: (60, 59)}, (2.0, 0.01, 0.75), "f4", {"C": (60, 59)}, id="wide"),
    pytest.param((40, 1000), {1: (150, 150)}, (1.0, 0.003, 0.9), "f8", {"C": (150, 150)}, id="very wide"),
    pytest.param((2, 16, 5, 5), {1: (1, 2)}, (0.887, 5e-5, 0.33), "f8", {"C": (1, 2)}, id="small, float64"),
    pytest.param((64,), {0: (3, 3)}, (1.0, 1.0, 0.5), "f8", {"C": (3, 3)}, id="a vector"),
    pytest.param((2, 6, 3, 4, 5), {1: (1, 1)}, (2.0, 0.3, 1.0), "f4", {"C": (1, 1)}, id="volumes"),
]


@pytest.mark.parametrize(("shape", "window", "numbers", "dtype", "named"), MADE)
def test_what_the_formula_made_is_found_again(
    shape: tuple[int, ...], window: Any, numbers: tuple[float, float, float], dtype: str, named: Any
) -> None:
    x = activations(shape, 8, dtype=dtype)
    answer = identify(x, normalized(x, window, *numbers))
    assert answer.found
    assert answer.window == named
    assert (answer.bias, answer.scale, answer.beta) == pytest.approx(numbers, rel=1e-4)
    assert answer.determined == ALL
    assert answer.max_ulp <= (0.51 if dtype == "f4" else 8)


@pytest.mark.parametrize(
    ("shape", "order", "axis", "letters"),
    [
        ((2, 24, 6, 7), (0, 2, 3, 1), 1, "NHWC"),
        ((2, 6, 7, 24), (0, 3, 1, 2), 3, "NCHW"),
        ((24, 6, 7), (1, 2, 0), 0, "HWC"),
        ((2, 7, 7, 7), (0, 2, 3, 1), 1, "NHWC"),
    ],
)
def test_a_ported_output_in_another_layout_is_found(
    shape: tuple[int, ...], order: tuple[int, ...], axis: int, letters: str
) -> None:
    x = activations(shape, 8, relu=True)
    answer = identify(x, normalized(x, {axis: (1, 1)}, 1, 0.1, 0.75).transpose(order))
    assert answer.found
    assert (answer.axis, answer.window, answer.scale) == (axis, {"C": (1, 1)}, 0.1)
    assert "".join(answer.layout[at] for at in answer.order) == letters


def test_float16_comes_back_to_what_its_digits_tell() -> None:
    x = activations((4, 32, 9, 9), 6, dtype="f2", relu=True)
    answer = identify(x, normalized(x, {1: (2, 2)}, 2, 0.02, 0.75))
    assert (answer.window, answer.bias, answer.scale, answer.beta) == ({"C": (2, 2)}, 2.0, 0.02, 0.75)
    assert {"window", "axis", "region"} <= set(answer.determined)
    assert answer.max_ulp <= 0.51


@pytest.mark.parametrize(
    ("bias", "scale", "open_"),
    [(1.0, 1e-6, {"scale", "beta"}), (1.5, 1e7, {"bias"})],
    ids=["all sums small", "all sums large"],
)
def test_numbers_that_the_sums_do_not_tell_are_said_to_be_open(bias: float, scale: float, open_: set[str]) -> None:
    x = activations((2, 16, 6, 6), 5)
    answer = identify(x, normalized(x, {1: (2, 2)}, bias, scale, 0.75))
    assert answer.found
    assert not open_ & set(answer.determined)
    assert {"window", "axis", "region"} <= set(answer.determined)
    assert any("all sums are" in note for note in answer.notes)


def test_of_numbers_that_fit_as_well_the_round_ones_are_taken() -> None:
    x = activations((1, 32, 9, 9), 5)
    answer = identify(x, normalized(x, {1: (2, 2)}, 2, 2e-6, 0.75))
    assert "beta" not in answer.determined
    assert (answer.bias, answer.scale, answer.beta) == (2.0, 2e-6, 0.75)


def test_a_beta_of_two_digits_is_found_where_only_a_power_of_the_bias_is_known() -> None:
    x = activations((2, 64, 7, 7), 0.2)
    answer = identify(x, normalized(x, {1: (11, 11)}, 2, 1.7e-5, 0.31))
    assert (answer.bias, answer.beta) == (2.0, 0.31)
    assert not {"bias", "beta", "scale"} & set(answer.determined)


def test_sums_that_a_running_sum_loses_do_not_refuse_the_rest() -> None:
    x = activations((1, 96, 13, 13), 30, relu=True) * np.exp(activations((1, 96, 1, 1), 1, seed=1))
    y = with_a_running_sum(x, 5, 1, 1, 1)
    lost = np.abs(y - (exact := normalized(x, {1: (2, 2)}, 1, 1, 1))) > 1e-4 * np.abs(exact)
    answer = identify(x, y)
    assert 0 < np.count_nonzero(lost) < x.size / 20
    assert (answer.found, answer.window) == (True, {"C": (2, 2)})
    assert (answer.scale, answer.bias, answer.beta) == (1.0, 1.0, 1.0)
    assert any(f"{np.count_nonzero(lost)} of {x.size} elements are further than" in note for note in answer.notes)


@pytest.mark.parametrize("seed", range(12))
def test_a_bias_that_a_running_sum_moved_is_not_said_to_be_known(seed: int) -> None:
    x = activations((1, 192, 1, 1), 300, seed=seed)
    answer = identify(x, with_a_running_sum(x, 3, 2, 0.05, 0.31))
    assert answer.found
    assert "bias" not in answer.determined or answer.bias == 2.0


def test_a_window_wider_than_the_tensor_is_only_known_to_be_that() -> None:
    x = activations((4, 3, 8, 8), 5)
    answer = identify(x, normalized(x, {1: (5, 5)}, 1, 0.3, 0.75))
    assert "window" not in answer.determined
    assert min(answer.window["C"]) >= 2
    assert any("a wider one would give the same" in note for note in answer.notes)


def test_a_window_of_the_element_alone_does_not_tell_the_axis() -> None:
    x = activations((2, 6, 5, 7), 5)
    answer = identify(x, normalized(x, {}, 1, 0.3, 0.75))
    assert answer.window == {"C": (0, 0)}
    assert "window" in answer.determined
    assert not {"axis", "region"} & set(answer.determined)


def test_with_one_channel_nothing_tells_the_window() -> None:
    x = activations((2, 1, 5, 7), 5)
    answer = identify(x, normalized(x, {}, 1, 0.1, 0.75), layout="NCHW")
    assert answer.found
    assert not {"window", "region"} & set(answer.determined)


def test_an_unchanged_tensor_is_a_normalization_of_which_nothing_is_known() -> None:
    x = activations((2, 8, 5, 5), 3)
    answer = identify(x, x)
    assert answer.found
    assert (answer.scale, answer.bias, answer.determined) == (0.0, 1.0, ())


def _softmax(x: Array) -> Any:
    powers = np.exp(x)
    return powers / powers.sum(axis=1, keepdims=True)


def _batch_norm(x: Array) -> Any:
    return (x - x.mean(axis=(0, 2, 3), keepdims=True)) / x.std(axis=(0, 2, 3), keepdims=True)


NO_NORMALIZATION = {
    "random": lambda x: activations(x.shape, 1, seed=1),
    "random of one sign": lambda x: np.abs(activations(x.shape, 1, seed=1)),
    "batch norm": _batch_norm,
    "an affine map": lambda x: 1.3 * x + 0.2,
    "L2 norm of the whole": lambda x: x / np.sqrt(np.square(x.astype("f8")).sum()),
    "softmax": _softmax,
    "any constant": lambda x: x * 0.7312,
    "half": lambda x: x / 2,
    "a third": lambda x: x / 3,
    "a square root": lambda x: np.sign(x) * np.sqrt(np.abs(x)),
    "a power of 0.9": lambda x: np.sign(x) * np.abs(x) ** 0.9,
    "the other sign": lambda x: -x,
    "tanh": np.tanh,
    "squares": np.square,
    "another power": lambda x: x / (1 + np.abs(x)),
    "L1 norm": lambda x: x / np.abs(x).sum(axis=1, keepdims=True),
}


# What has nothing to do with signs, or is a constant times x as others are, is tried once.
ONCE = {"L2 norm of the whole", "half", "a third", "any constant"} | {
    "a square root",
    "another power",
    "softmax",
    "L1 norm",
}
# Halves, whose rounding hides most, of one sign, which leaves least to tell by; in float32 with both.
REFUSED = [
    pytest.param(made, positive, dtype, id=f"{'positive' if positive else 'signed'}-{dtype}-{name}")
    for positive, dtype in ((True, "f2"), (False, "f4"))
    for name, made in NO_NORMALIZATION.items()
    if positive or name not in ONCE
]


@pytest.mark.parametrize(("made", "positive", "dtype"), REFUSED)
def test_what_no_normalization_made_is_refused(made: Any, positive: bool, dtype: str) -> None:
    x = activations((2, 8, 6, 6), 1, dtype=dtype)
    x = np.abs(x) + x.dtype.type(0.01) if positive else x
    answer = identify(x, made(x).astype(dtype))
    assert not answer.found
    assert answer.notes
    assert answer.conventions == {}


def test_one_element_that_was_changed_refuses_all() -> None:
    x = activations((4, 32, 64, 64), 5)
    y = normalized(x, {1: (2, 2)}, 1, 0.1, 0.75)
    y[3, 7, 11, 13] *= 1.5
    answer = identify(x, y)
    assert not answer.found
    assert answer.max_relative == pytest.approx(0.5)
    assert "[3, 7, 11, 13]" in answer.notes[0]


def test_two_normalizations_in_a_row_are_refused_in_float64_even_where_one_comes_near() -> None:
    x = activations((3, 3, 12, 12), 2, dtype="f8")
    once = normalized(x, {1: (2, 2)}, 1, 1e-3, 0.75)
    answer = identify(x, normalized(once, {1: (2, 2)}, 1, 1e-3, 0.75))
    assert not answer.found
    assert answer.max_relative < 1e-4
    assert "more than rounding" in answer.notes[0]


def test_float32_results_kept_in_float64_are_found() -> None:
    x = activations((2, 32, 9, 9), 20)
    answer = identify(x.astype("f8"), normalized(x, {1: (2, 2)}, 1, 1e-3, 0.75).astype("f8"))
    assert (answer.scale, answer.bias, answer.beta, answer.determined) == (1e-3, 1.0, 0.75, ALL)


def test_nothing_but_zeros_tells_nothing() -> None:
    zeros = np.zeros((2, 3, 4, 4), "f4")
    answer = identify(zeros, zeros)
    assert not answer.found
    assert answer.as_data()["scale"] is None


def test_what_is_not_finite_must_be_so_in_both() -> None:
    x = activations((2, 16, 9, 9), 5)
    x[0, 3, 2, 2] = np.nan
    y = normalized(x, {1: (2, 2)}, 1, 0.1, 0.75)
    assert identify(x, y).scale == 0.1
    assert identify(x, y).found
    assert not identify(x, np.nan_to_num(y)).found


def test_zeros_for_nothing_over_nothing_are_accepted() -> None:
    x = activations((2, 4, 9, 9), 5, relu=True)
    lengths = np.sqrt(np.square(x).sum(axis=1, keepdims=True))
    answer = identify(x, x / np.where(lengths > 0, lengths, 1))
    assert (lengths == 0).any()
    assert answer.found
    assert (answer.scale, answer.bias, answer.beta) == (1.0, 0.0, 0.5)


def test_a_few_large_elements_that_the_samples_miss_are_searched_for() -> None:
    x = activations((40, 32, 40, 40), 1e-3)
    x[31, 5, 6, 7], x[13, 8, 3, 2] = 90, 30
    answer = identify(x, normalized(x, {1: (2, 2)}, 1, 0.1, 0.5))
    assert answer.found
    assert (answer.window, answer.beta) == ({"C": (2, 2)}, 0.5)


@pytest.mark.parametrize(("option", "value"), [("layout", "NHWC"), ("axis", -1)])
def test_a_layout_that_is_given_is_the_only_one_tried(option: str, value: Any) -> None:
    x = activations((2, 8, 6, 12), 5)
    y = normalized(x, {1: (1, 1)}, 1, 0.1, 0.75)
    assert identify(x, y).found
    # The axis that has the channels is then one in space, along which few conventions have windows.
    given = identify(x, y, **{option: value})
    assert (given.axis, given.window, set(given.conventions)) == (3, {"H": (1, 1)}, {"nnef"})


def test_the_conventions_that_are_named_compute_the_same() -> None:
    x = activations((2, 16, 6, 6), 5)
    answer = identify(x, normalized(x, {1: (2, 2)}, 1, 0.02, 0.75))
    assert next(iter(answer.conventions)) == "caffe"
    assert answer.conventions["caffe"]["alpha"] == 0.1
    for choice in answer.bounds:
        assert bound(choice.word).norm == answer.norm


def test_data_has_the_keys_that_programs_read() -> None:
    x = activations((2, 16, 6, 6), 5)
    data = identify(x, normalized(x, {1: (2, 1)}, 1, 0.125, 0.75)).as_data()
    assert (data["found"], data["axis"], data["window"]) == (True, 1, {"C": [2, 1]})
    assert (data["scale"], data["bias"], data["beta"]) == (0.125, 1.0, 0.75)
    assert data["determined"] == list(ALL)
    assert 0 < data["max_ulp"] <= 0.5
    assert data["conventions"]["pytorch"] == {"size": 4, "alpha": 0.5, "beta": 0.75, "k": 1.0}


def test_shapes_that_no_order_of_the_axes_makes_the_same_are_an_error() -> None:
    with pytest.raises(LrnError, match="2x3x4, the output 2x3x5"):
        identify(np.zeros((2, 3, 4)), np.zeros((2, 3, 5)))


def test_an_empty_tensor_is_an_error() -> None:
    with pytest.raises(LrnError, match="2x0x4: no elements"):
        identify(np.zeros((2, 0, 4)), np.zeros((2, 0, 4)))
