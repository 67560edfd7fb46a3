"""Gain: by what an activation is multiplied, against the sum of squares in its window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.parameters import show
from lrn_cli.formula import ResponseNorm

MOST = 1000.0
"""The largest sum of squares that is drawn."""
_SMALL = 10.0
"""A sum of squares below which a gain that has left the picture is let go."""
_SAMPLES = 1001
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
        name, drawn = bound.convention.name, gain(bound.norm, _sample_sums())
        for place, curve in enumerate(found):
            if np.allclose(drawn, gain(curve.norm, _sample_sums()), rtol=1e-12, atol=0, equal_nan=True):
                found[place] = curve._replace(names=tuple(dict.fromkeys((*curve.names, name))))
                break
        else:
            found.append(Curve((name,), bound.norm))
    return found


def top(drawn: Sequence[Curve]) -> float:
    """A round number above the gains, but for those that shoot up near a sum of squares of 0, or near a zero base."""
    finite = [gains[np.isfinite(gains)] for curve in drawn for gains in [gain(curve.norm, _sample_sums())]]
    highest = max((float(gains.max()) for gains in finite if gains.size), default=1.0)
    later = [float(gain(curve.norm, _SMALL)) for curve in drawn]
    ordinary = max((value for value in later if np.isfinite(value) and value > 0), default=highest)
    wanted = min(highest, 10 * ordinary)
    if not 1e-300 < wanted < 1e300:
        return 1.0
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(next(power * digits for digits in _ROUND if power * digits >= wanted * (1 - 1e-12)))


def _sample_sums() -> NDArray[np.float64]:
    return np.linspace(0, MOST, _SAMPLES)
