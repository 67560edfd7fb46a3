"""Gain: by what an activation is multiplied, against the sum of squares in its window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.parameters import show
from lrn_cli.formula import ResponseNorm

SAMPLES = 521
"""Sums at which a curve is drawn: eight to each column of a drawing in characters."""
_USUAL = (1.0, 1000.0)
"""Sums that are drawn where the gain does not depend on them."""
_LITTLE, _MUCH = 0.99, 0.1
"""The gains, as parts of that of an activation alone, between which a curve is drawn."""
_ROUND = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
"""Leading digits of the number that ends an axis."""


class Curve(NamedTuple):
    """The gain of a convention, or of several whose gains are the same.

    Attributes:
        names: The conventions.
        norm: The canonical form of the first.
    """

    names: tuple[str, ...]
    norm: ResponseNorm

    @property
    def label(self) -> str:
        """Who it is, and its formula, in which s is the sum of squares."""
        norm = self.norm
        return f"{', '.join(self.names)}: 1/({show(norm.bias)} + {show(norm.scale)} s)^{show(norm.beta)}"


def gain(norm: ResponseNorm, sums: ArrayLike) -> NDArray[np.float64]:
    """1 / (bias + scale * sum)^beta.

    Args:
        norm: The canonical form.
        sums: Sums of squares, of any shape.

    Returns:
        float64 of the same shape; NaN where the base is negative and has no such power, infinite where it is zero.

    >>> gain(ResponseNorm({}, scale=1, bias=1, beta=0.5), [0, 3, 99]).tolist()
    [1.0, 0.5, 0.1]
    """
    with np.errstate(all="ignore"):
        return np.asarray(np.power(norm.bias + norm.scale * np.asarray(sums, np.float64), -norm.beta))


def curves(bounds: Sequence[Bound]) -> list[Curve]:
    """The gains to draw, each once: conventions that have the same share one."""
    found: list[Curve] = []
    for bound in bounds:
        name, sums = bound.convention.name, np.geomspace(*_reach(bound.norm), 1001)
        drawn = gain(bound.norm, sums)
        for place, curve in enumerate(found):
            if np.allclose(drawn, gain(curve.norm, sums), rtol=1e-12, atol=0, equal_nan=True):
                found[place] = curve._replace(names=tuple(dict.fromkeys((*curve.names, name))))
                break
        else:
            found.append(Curve((name,), bound.norm))
    return found


def sums(drawn: Sequence[Curve]) -> NDArray[np.float64]:
    """The sums of squares that show all curves: from where the first begins to fall to where the last is a tenth.

    They are by powers of ten, as what one convention calls small is large in another.

    >>> tf = Curve(("tf",), ResponseNorm({}, scale=1, bias=1, beta=0.5))
    >>> [f"{end:g}" for end in (sums([tf])[0], sums([tf])[-1])]
    ['0.01', '100']
    """
    ends = [_reach(curve.norm) for curve in drawn]
    first, last = min(low for low, _ in ends), max(high for _, high in ends)
    return np.geomspace(10.0 ** math.floor(math.log10(first)), 10.0 ** math.ceil(math.log10(last) - 1e-9), SAMPLES)


def half(norm: ResponseNorm) -> float:
    """The sum of squares that halves the gain, or one of the order at which it changes at all."""
    return _falls_to(norm, 0.5) or math.sqrt(math.prod(_reach(norm)))


def _reach(norm: ResponseNorm) -> tuple[float, float]:
    """From where to where a curve is worth drawing."""
    low, high = _falls_to(norm, _LITTLE), _falls_to(norm, _MUCH)
    if low and high:
        return low, high
    turn = abs(norm.bias or 1) / abs(norm.scale) if norm.scale and norm.beta else 0.0
    # With a negative bias it shoots up in between, with none it falls all along.
    return (turn / 10, turn * 100) if 1e-290 < turn < 1e290 else _USUAL


def _falls_to(norm: ResponseNorm, part: float) -> float:
    """The sum of squares at which the gain is that part of an activation's alone; 0 where there is none to be drawn."""
    try:
        found = norm.bias / norm.scale * math.expm1(-math.log(part) / norm.beta)
    except (ArithmeticError, ValueError):
        return 0.0
    return found if norm.bias > 0 and 1e-290 < found < 1e290 else 0.0


def top(drawn: Sequence[Curve]) -> float:
    """A round number above the gains, but for those that shoot up near a sum of squares of 0, or near a zero base."""
    shown = sums(drawn)
    gains = [gain(curve.norm, shown) for curve in drawn]
    finite = [values[np.isfinite(values)] for values in gains]
    highest = max((float(values.max()) for values in finite if values.size), default=1.0)
    later = [float(values[SAMPLES // 2]) for values in gains]
    ordinary = max((value for value in later if np.isfinite(value) and value > 0), default=highest)
    wanted = min(highest, 10 * ordinary)
    if not 1e-300 < wanted < 1e300:
        return 1.0
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(next(power * digits for digits in _ROUND if power * digits >= wanted * (1 - 1e-3)))
