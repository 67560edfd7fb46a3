"""Grids: what numbers were rounded to is recognised, and other numbers are not taken for rounded ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lrn_cli.analysis.grids import grid_of
from lrn_cli.tensors.arrays import ArraySource

Array = NDArray[Any]


def numbers(count: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(count) * 7


def as_bfloat16(values: Array) -> Array:
    """Cut to the upper half of the bits of float32, as bfloat16 is."""
    kept: Array = (values.astype("f4").view("u4") & 0xFFFF0000).view("f4")
    return kept


@pytest.mark.parametrize("count", [60, 300, 200_000])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_halves_in_a_wider_type_are_recognised(count: int, dtype: str) -> None:
    values = numbers(count)
    half, bfloat = (grid_of(ArraySource(kept.astype(dtype))) for kept in (values.astype("f2"), as_bfloat16(values)))
    assert (half.dtype, half.narrow, half.step) == (np.dtype("f2"), "", 0.0)
    assert (bfloat.narrow, bfloat.step) == ("bfloat16", 0.0)


@pytest.mark.parametrize("count", [60, 300, 200_000])
@pytest.mark.parametrize("levels", [255, 65_535])
def test_whole_numbers_for_0_to_1_are_recognised(count: int, levels: int) -> None:
    values = np.clip(np.abs(numbers(count)) / 12, 0, 1)
    found = grid_of(ArraySource((np.rint(values * levels) / levels).astype("f4")))
    assert found.step == pytest.approx(1 / levels, rel=1e-7)
    assert f"1/{levels}" in found.told


@pytest.mark.parametrize("count", [60, 300, 5000])
@pytest.mark.parametrize("step", [0.0336133, 2.0**-5, 0.1, 37.5])
def test_multiples_of_one_number_as_of_8_bits_are_recognised(count: int, step: float) -> None:
    values = np.clip(np.rint(numbers(count) * 6), -127, 127) * step
    assert grid_of(ArraySource(values.astype("f4"))).step == pytest.approx(step, rel=1e-6)


def test_numbers_of_8_bits_are_cut_at_their_ends() -> None:
    values = np.clip(np.rint(numbers(5000) * 12), -127, 127) * 0.5
    assert grid_of(ArraySource(values.astype("f4"))).ends == pytest.approx((-63.5, 63.5))


@pytest.mark.parametrize(
    "values",
    [
        numbers(40).astype("f4"),
        numbers(40),
        numbers(5000).astype("f4"),
        np.abs(numbers(5000)).astype("f4"),
        numbers(5000).astype("f2"),
        np.array([0, 0.5, 1.0] * 40, "f4"),
        (numbers(300) * 1e-6).astype("f4"),
        np.zeros(100, "f4"),
        np.full(100, 0.25, "f4"),
        1 / (1 + np.arange(40, dtype="f4")),
        np.sqrt(np.arange(40, dtype="f4")),
    ],
    ids=[
        "few",
        "few in float64",
        "many",
        "positive",
        "float16 itself",
        "three",
        "tiny",
        "zeros",
        "one",
        "inverses",
        "roots",
    ],
)
def test_other_numbers_have_no_grid_but_their_type(values: Array) -> None:
    found = grid_of(ArraySource(values))
    assert (found.step, found.narrow, found.dtype, found.told) == (0.0, "", values.dtype, "")


def test_numbers_that_are_those_of_the_input_show_no_rounding() -> None:
    values = (np.arange(200) / 255).astype("f4")
    assert grid_of(ArraySource(values)).step > 0
    assert grid_of(ArraySource(values), ArraySource(values)).step == 0


def test_whole_numbers_are_a_grid_of_their_own() -> None:
    assert grid_of(ArraySource(np.arange(9, dtype="u1"))).step == 1
