"""What normalization does for: one strong channel among weak ones, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lrn_cli.analysis.explanation.gain import gain, half
from lrn_cli.conventions.binding import Bound
from lrn_cli.dtypes import Array

_FEWEST, _MOST = 9, 33
_WEAK = 0.2
"""A weak activation as part of the strong one."""


class Inhibition(NamedTuple):
    """One tensor under several conventions.

    Attributes:
        x: The activations of one pixel, channel by channel; the strong one stands in the middle.
        results: What each convention makes of them, by its name or word.
    """

    x: Array
    results: dict[str, Array]


def inhibit(bounds: Sequence[Bound]) -> Inhibition | None:
    """Let conventions normalize one strong channel among weak ones, so strong that it matters; None for wide windows.

    >>> from lrn_cli.conventions.binding import bound
    >>> found = inhibit([bound("tf:depth_radius=1")])
    >>> found.x.tolist() if found else None
    [0.5, 0.5, 0.5, 0.5, 2.5, 0.5, 0.5, 0.5, 0.5]
    """
    widest = max(span.width for bound in bounds for span in bound.norm.window.values())
    if widest + 4 > _MOST:
        return None
    middle = max(_FEWEST, widest + 4) // 2
    strong = _round(2.5 * min(half(bound.norm) for bound in bounds) ** 0.5 / 3**0.5)
    x = np.full(2 * middle + 1, _WEAK * strong)
    x[middle] = strong
    results: dict[str, Array] = {}
    for bound in bounds:
        name = bound.convention.name
        results[bound.word if name in results else name] = _apply(bound, x)
    return Inhibition(x, results)


def _apply(bound: Bound, x: Array) -> Array:
    """The formula's answer, in whatever layouts and types the framework takes; within a channel along its width."""
    window = bound.norm.window
    span = window["C"] if "C" in window else [*window.values()][-1]
    places = np.arange(x.size)
    counts = (places >= places[:, None] - span.before) & (places <= places[:, None] + span.after)
    result: Array = x * gain(bound.norm, counts @ x**2)
    return result


def _round(value: float) -> float:
    """A number of two digits, so that it can be said."""
    return float(f"{value:.1e}")
