"""The formula written out plainly, in a type wide enough to be exact for the type under test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def formula(x: Array, reaches: Mapping[int, tuple[int, int]], *, scale: float, bias: float, beta: float) -> Array:
    """x / (bias + scale * sum of squares) ** beta in long double, one neighbour at a time.

    Args:
        x: The tensor.
        reaches: For each axis of the window, the positions before and after.
        scale, bias, beta: As in the formula.
    """
    wide = x.astype(np.longdouble)
    sums = wide * wide
    for axis, (before, after) in reaches.items():
        sums = _slid(np.moveaxis(sums, axis, 0), before, after, axis)
    with np.errstate(all="ignore"):
        return wide / (np.longdouble(bias) + np.longdouble(scale) * sums) ** np.longdouble(beta)


def _slid(squares: Array, before: int, after: int, axis: int) -> Array:
    total = np.zeros_like(squares)
    for position in range(len(squares)):
        total[position] = squares[max(position - before, 0) : position + after + 1].sum(axis=0)
    return np.moveaxis(total, 0, axis)


def ulps(result: Array, exact: Array) -> Array:
    """Distance from the exact value in units in the last place of the result, where its type can hold that value."""
    limits = np.finfo(result.dtype)
    wide = np.longdouble
    inside = np.abs(exact) <= wide(limits.max)
    spacing = np.spacing(np.maximum(np.abs(exact[inside]), wide(limits.tiny)).astype(result.dtype))
    distance: Array = np.abs(result[inside].astype(wide) - exact[inside]) / spacing.astype(wide)
    return distance
