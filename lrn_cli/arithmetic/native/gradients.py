"""The gradient by the compiled passes: what is left to NumPy, and between which bounds nothing is lost."""

from __future__ import annotations

import numpy as np

from lrn_cli.arithmetic.native.blocks import POWERS, Compiled
from lrn_cli.arithmetic.precision import Precision
from lrn_cli.arithmetic.windows import Window
from lrn_cli.formula import ResponseNorm

_LEAST, _MOST = 1e-100, 1e100
"""Of bases, powers and the derivatives that come in: three such numbers multiplied or divided stay in float64."""


def is_left_to_numpy(norm: ResponseNorm, window: Window, precision: Precision) -> bool:
    """Whether the compiled passes do not do this at all; this is the whole list."""
    return (
        # Long double, and float64 results of other powers, as of results.
        precision.sums != np.float64
        or (norm.beta not in POWERS and not precision.series)
        # Over three axes, or over two that one sum covers.
        or len(window.sequence) > 2
        or (window.covers and len(window.sequence) > 1)
        or not 0 <= norm.scale <= _MOST
    )


def compile_gradient(norm: ResponseNorm, window: Window, precision: Precision) -> Compiled:
    """Gradients of blocks of one tensor; to be called with `dy`. Arguments as of `Compiled`."""
    low, high = _bases(norm.beta)
    return Compiled(norm, window, precision, (low, high, _LEAST, _MOST))


def _bases(beta: float) -> tuple[float, float]:
    """The least and the largest base that together with its power is within the bounds."""
    root = 1 / max(abs(beta), 1.0)
    return _LEAST**root, _MOST**root
