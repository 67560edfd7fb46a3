"""The canonical form of a layer that no convention says, by the numbers that its reader knows the meaning of."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from lrn_cli.conventions.decimals import divide
from lrn_cli.formula import ResponseNorm, Span


def state(window: Mapping[str, Span], *, alpha: float, divisor: int, bias: float, beta: float) -> ResponseNorm | None:
    """The canonical form; None where one of the numbers is none, as files may have it.

    >>> state({"C": Span(2, 2)}, alpha=1e-4, divisor=4, bias=1.0, beta=0.75)
    ResponseNorm(window={'C': (2, 2)}, scale=2.5e-05, bias=1.0, beta=0.75)
    """
    if not (isfinite(alpha) and isfinite(bias) and isfinite(beta) and divisor > 0):
        return None
    return ResponseNorm(window, divide(alpha, divisor), bias, beta)
