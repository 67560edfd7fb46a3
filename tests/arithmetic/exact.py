"""The formula written out plainly, in a type wide enough to be exact for the type under test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

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
    sums = _boxed(wide * wide, reaches)
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


class Derived(NamedTuple):
    """What a gradient must be.

    Attributes:
        exact: It, in long double.
        terms: The sum of the sizes of all that is added up for it: what errors are measured by.
    """

    exact: Array
    terms: Array


def gradient_formula(
    x: Array, dy: Array, reaches: Mapping[int, tuple[int, int]], *, scale: float, bias: float, beta: float
) -> Derived:
    """The gradient by x of the sum of dy times `formula`, in long double, one neighbour at a time.

    Args:
        x, dy: The tensor, and the derivative by each result.
        reaches, scale, bias, beta: As in `formula`.
    """
    wide, given = x.astype(np.longdouble), dy.astype(np.longdouble)
    factor = 2 * np.longdouble(scale) * np.longdouble(beta)
    with np.errstate(all="ignore"):
        bases = np.longdouble(bias) + np.longdouble(scale) * _boxed(wide * wide, reaches)
        first = given * bases ** -np.longdouble(beta)
        ratios = first * wide / bases
        mirrored = {axis: (after, before) for axis, (before, after) in reaches.items()}
        second = factor * wide * _boxed(ratios, mirrored)
        terms = np.abs(first) + np.abs(factor * wide) * _boxed(np.abs(ratios), mirrored)
    return Derived(first - second, terms)


def change_formula(
    x: Array, change: Array, reaches: Mapping[int, tuple[int, int]], *, scale: float, bias: float, beta: float
) -> Array:
    """How the results of `formula` change with x, in long double: the Jacobian times a change of x."""
    wide, given = x.astype(np.longdouble), change.astype(np.longdouble)
    bases = np.longdouble(bias) + np.longdouble(scale) * _boxed(wide * wide, reaches)
    factor = 2 * np.longdouble(scale) * np.longdouble(beta)
    power = np.longdouble(beta)
    second = factor * wide * bases ** (-power - 1) * _boxed(wide * given, reaches)
    result: Array = given * bases**-power - second
    return result


def _boxed(terms: Array, reaches: Mapping[int, tuple[int, int]]) -> Array:
    for axis, (before, after) in reaches.items():
        terms = _slid(np.moveaxis(terms, axis, 0), before, after, axis)
    return terms
