"""Numbers of model files: a float32 is shown as the shortest decimal that reads as it, which is what was typed."""

from __future__ import annotations

from struct import error, pack, unpack


def from_float32(value: float) -> float:
    """The shortest decimal of a number that was stored as float32.

    >>> from_float32(1.9999999494757503e-05), from_float32(0.75)
    (2e-05, 0.75)
    """
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if to_float32(short) == value:
            return short
    return value


def to_float32(value: float) -> float:
    """The float32 nearest to a number, infinite beyond its range."""
    try:
        return float(unpack("<f", pack("<f", value))[0])
    except (OverflowError, error):
        return float("inf") if value > 0 else float("-inf")
