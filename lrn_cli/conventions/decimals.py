"""Arithmetic on parameters: exact on the decimals that people type, rounded once.

`1e-4` divided by 5 is `2e-05` and 0.3 divided by 3 is 0.1, which binary floating-point division misses. A float stands
for the shortest decimal that reads as it, which is what was typed (up to 15 digits) and what is printed.
"""

from __future__ import annotations

from math import inf, isfinite, nextafter

_TYPED = 15
"""Digits up to which every decimal is the shortest of its float; more of them are the rest of a rounded division."""
_FOR_EXACTNESS = 3
"""Digits that a decimal may have more for being exact."""


def divide(value: float, divisor: int) -> float:
    """The float64 nearest to the decimal `value` divided by `divisor`.

    >>> divide(1e-4, 5), divide(0.3, 3), 0.3 / 3
    (2e-05, 0.1, 0.09999999999999999)
    """
    numerator, denominator = _ratio(value)
    return numerator / (denominator * divisor)


def dividend(quotient: float, divisor: int) -> float:
    """The decimal that gives `quotient` when divided by `divisor`, or comes nearest where none does.

    Of several it is the shortest; but for a quotient that was typed, the one that is exact, unless another is so much
    shorter that it must have been typed itself.

    >>> dividend(2e-05, 5), dividend(divide(1e-4, 3), 3)
    (0.0001, 0.0001)

    Raises:
        OverflowError: It is beyond the range of float64.
    """
    numerator, denominator = _ratio(quotient)
    nearest = numerator * divisor / denominator
    below, above = nextafter(nearest, -inf), nextafter(nearest, inf)
    candidates = filter(isfinite, (nearest, below, above, nextafter(below, -inf), nextafter(above, inf)))
    typed = significant_digits(quotient) <= _TYPED

    def merit(value: float) -> tuple[float, int]:
        own_numerator, own_denominator = _ratio(value)
        exact = own_numerator * denominator == numerator * divisor * own_denominator
        digits = significant_digits(value)
        return abs(divide(value, divisor) - quotient), digits - _FOR_EXACTNESS if exact and typed else digits

    return min(candidates, key=merit)


def significant_digits(value: float) -> int:
    """How many significant digits the shortest decimal of a number has.

    >>> significant_digits(1e-4), significant_digits(0.75), significant_digits(20.0)
    (1, 2, 1)
    """
    return len(repr(value).partition("e")[0].replace(".", "").strip("-0")) or 1


def _ratio(value: float) -> tuple[int, int]:
    """The shortest decimal that reads as `value`, as a numerator and a denominator."""
    digits, _, exponent = repr(value).partition("e")
    whole, _, fraction = digits.partition(".")
    power = int(exponent or 0) - len(fraction)
    return int(whole + fraction) * 10 ** max(power, 0), 10 ** max(-power, 0)
