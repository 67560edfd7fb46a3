"""Numbers along an axis: round ones, few, and never more than it can carry."""

from __future__ import annotations

import math
from itertools import count, takewhile

from lrn_cli.pages.pictures.figure import Axis

_ROUND = (1, 2, 2.5, 5, 10)
_ENDS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
"""Leading digits of steps, and of the number that ends an axis."""


def ticks(axis: Axis, most: int = 6) -> list[float]:
    """Where an axis has numbers.

    >>> ticks(Axis("", 0, 1)), ticks(Axis("", 0, 3, whole=True)), ticks(Axis("", 1, 1e4, log=True), 3)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.0, 1.0, 2.0, 3.0], [1.0, 100.0, 10000.0])
    """
    if axis.log:
        first, last = math.ceil(math.log10(axis.first) - 1e-9), math.floor(math.log10(axis.last) + 1e-9)
        powers = range(first, last + 1, max(1, -(-(last - first) // max(most - 1, 1))))
        return [10.0**power for power in powers]
    span = axis.last - axis.first
    if not (span > 0 and math.isfinite(span)):
        return [axis.first]
    step = _step(span, most)
    if axis.whole:
        step = max(1.0, math.ceil(step - 1e-9))
    start = math.ceil(axis.first / step - 1e-9)
    return list(
        takewhile(lambda at: at <= axis.last + step * 1e-6, (float(f"{place * step:.12g}") for place in count(start)))
    )


def _step(span: float, most: int) -> float:
    rough = span / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(digits for digits in _ROUND if digits * power >= rough * (1 - 1e-9))


def say(value: float) -> str:
    """A number beside a tick.

    >>> say(0.30000000000000004), say(0.0), say(2e-05), say(100000.0)
    ('0.3', '0', '2e-5', '1e5')
    """
    text = f"{value:.4g}" if 1e-3 <= abs(value) < 1e5 or not value else f"{value:.3g}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def share(axis: Axis, value: float) -> float:
    """Where a value stands on its axis: 0 at its beginning, 1 at its end."""
    if axis.log:
        return (math.log10(value) - math.log10(axis.first)) / (math.log10(axis.last) - math.log10(axis.first))
    span = axis.last - axis.first
    return (value - axis.first) / span if span else 0.5


def value_at(axis: Axis, share: float) -> float:
    """What stands at a share of an axis.

    >>> value_at(Axis("", 0, 4), 0.25), value_at(Axis("", 1, 100, log=True), 0.5)
    (1.0, 10.0)
    """
    if axis.log:
        return float(axis.first * (axis.last / axis.first) ** share)
    return axis.first + (axis.last - axis.first) * share


def round_up(value: float) -> float:
    """A round number that is not below a positive one, to end an axis.

    >>> round_up(92.8), round_up(0.00196), round_up(0)
    (100.0, 0.002, 1.0)
    """
    if not (value > 0 and math.isfinite(value)):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    rounded = (power * digits for digits in _ENDS if power * digits >= value * (1 - 1e-12))
    return float(f"{next(rounded, value):.6g}")
