"""Numbers of model files: a float32 is shown as the shortest decimal that reads as it, which is what was typed."""

from __future__ import annotations

from struct import pack, unpack


def from_float32(value: float) -> float:
    """The shortest decimal of a number that was stored as float32.

    >>> from_float32(1.9999999494757503e-05), from_float32(0.75)
    (2e-05, 0.75)
    """
    return _shortest(value, "<f")


def from_float16(value: float) -> float:
    """The shortest decimal of a number that was stored as float16.

    >>> from_float16(0.0001000165939331)
    0.0001
    """
    return _shortest(value, "<e")


def _shortest(value: float, code: str) -> float:
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if _round(short, code) == _round(value, code):
            return short
    return value


def _round(value: float, code: str) -> float:
    """The number of that type nearest to a number, infinite beyond its range."""
    try:
        return float(unpack(code, pack(code, value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
