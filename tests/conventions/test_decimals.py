"""Arithmetic on parameters is exact on the decimals that were typed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrn_cli.conventions.decimals import divide, dividend

TYPED = [
    ("1e-4", 5, "2e-05"),
    ("0.3", 3, "0.1"),
    ("0.9", 9, "0.1"),
    ("1", 3, "0.3333333333333333"),
    ("5e-05", 25, "2e-06"),
    ("-0.7", 7, "-0.1"),
    ("0", 5, "0.0"),
    ("123456789", 1, "123456789.0"),
]


@pytest.mark.parametrize(("typed", "divisor", "printed"), TYPED)
def test_a_decimal_divided_is_what_one_computes_by_hand(typed: str, divisor: int, printed: str) -> None:
    assert repr(divide(float(typed), divisor)) == printed


@given(st.decimals(-1000, 1000, places=6), st.integers(1, 999))
def test_a_quotient_is_the_exact_one_rounded_once(typed: Decimal, divisor: int) -> None:
    exact = Fraction(typed) / divisor
    assert divide(float(typed), divisor) == float(exact)


@given(st.integers(1, 10**12), st.integers(-20, 20), st.integers(1, 400))
def test_what_was_divided_comes_back(digits: int, power: int, divisor: int) -> None:
    typed = float(f"{digits}e{power}")
    assert dividend(divide(typed, divisor), divisor) == typed


def test_where_no_decimal_gives_the_quotient_the_nearest_is_taken() -> None:
    # One unit above 4/3: three times it lies between two float64 and neither is three times it.
    quotient = 1.3333333333333335
    nearest = dividend(quotient, 3)
    assert abs(Fraction(nearest) - 3 * Fraction(quotient)) <= Fraction(1, 2**51)
