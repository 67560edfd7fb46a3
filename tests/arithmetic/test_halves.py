"""Conversion of halves by their bits gives what NumPy gives."""

from __future__ import annotations

import numpy as np
import pytest

from lrn_cli.arithmetic.halves import Narrowing, widen
from tests.arithmetic.exact import Array

EVERY_HALF = np.arange(2**16, dtype=np.uint16).view(np.float16)


@pytest.mark.parametrize("order", ["<", ">"])
def test_every_half_is_widened_as_numpy_does(order: str) -> None:
    finite = EVERY_HALF[np.isfinite(EVERY_HALF)]
    for halves in (finite, EVERY_HALF):
        out = np.empty(halves.shape, np.float32)
        widen(halves.astype(f"{order}f2"), out)
        np.testing.assert_array_equal(out.view(np.uint32), halves.astype(np.float32).view(np.uint32))


def narrowed(numbers: Array) -> Array:
    bits = Narrowing()(numbers)
    assert bits is not None
    return bits.astype(np.uint16)


def test_every_half_is_narrowed_to_itself_and_half_way_goes_to_the_even_one() -> None:
    finite = np.sort(EVERY_HALF[np.isfinite(EVERY_HALF)].astype(np.float32))
    between = (finite[:-1] + finite[1:]) / 2
    for numbers in (finite, between, np.nextafter(finite, np.float32(0))):
        np.testing.assert_array_equal(narrowed(numbers), numbers.astype(np.float16).view(np.uint16))


def test_random_numbers_are_narrowed_as_numpy_does() -> None:
    rng = np.random.default_rng(0)
    numbers = (rng.standard_normal(10**6) * 10.0 ** rng.uniform(-4, 4, 10**6)).astype(np.float32)
    numbers = numbers[(np.abs(numbers) < 65000) & (np.abs(numbers) > 6.2e-5)]
    np.testing.assert_array_equal(narrowed(numbers), numbers.astype(np.float16).view(np.uint16))


def test_below_the_normal_halves_the_nearest_is_taken() -> None:
    numbers = (np.random.default_rng(1).standard_normal(10**6) * 1e-5).astype(np.float32)
    distance = np.abs(narrowed(numbers).view(np.float16).astype("f8") - numbers)
    assert distance.max() <= 2.0**-25 * (1 + 2.0**-11)


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf, 65520.0, -1e30])
def test_what_float16_cannot_hold_is_left_to_numpy(special: float) -> None:
    assert Narrowing()(np.array([1.0, special], np.float32)) is None
    assert Narrowing()(np.array([1.0, 65519.0], np.float32)) is not None
