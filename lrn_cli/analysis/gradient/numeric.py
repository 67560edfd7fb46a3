"""The gradient by finite differences of the forward formula, in long double, at a sample of elements."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lrn_cli.arithmetic.kernel import Kernel
from lrn_cli.arithmetic.precision import Precision
from lrn_cli.arithmetic.windows import Window
from lrn_cli.boxes import Block, inside, reach
from lrn_cli.dtypes import Array
from lrn_cli.formula import ResponseNorm

SAMPLE = 64
"""How many elements are looked at."""
_STEP = 1e-4
"""Of the numbers around an element. The fourth order leaves 1e-16 of the gradient, the digits of long double 1e-15."""
_WIDE = np.dtype(np.longdouble)


class Measured(NamedTuple):
    """One element.

    Attributes:
        position: Of the element.
        mine: What the file has.
        difference: What finite differences give.
        dx: What the formula gives.
    """

    position: tuple[int, ...]
    mine: float
    difference: float
    dx: float


def choose(shape: tuple[int, ...]) -> Array:
    """The indices of a sample, one in a row, the same for each tensor of that shape."""
    size = int(np.prod(shape, dtype=object))
    picked = np.unique(np.random.default_rng(0).integers(0, size, SAMPLE))
    return np.stack(np.unravel_index(picked, shape), axis=-1)


class Differences:
    """Takes finite differences in blocks; each thread has its own.

    Args:
        norm: The canonical form.
        window: Over the tensor, in the order of the blocks' axes.
        sample: Indices in that order.
    """

    def __init__(self, norm: ResponseNorm, window: Window, sample: Array) -> None:
        self._window, self._sample = window, sample
        self._kernel = Kernel(norm, window, Precision(_WIDE, _WIDE))

    def measure(self, block: Block, x: Array, dy: Array, mine: Array, dx: Array) -> list[Measured]:
        """Look at those of the sample that lie in a block's core.

        Args:
            block: Which part of the tensor it is.
            x, dy: With all that the core depends on.
            mine, dx: The core: what the file has, and the gradient.
        """
        corner = np.array([piece.start for piece in block.core])
        end = np.array([piece.stop for piece in block.core])
        lies_here = ((self._sample >= corner) & (self._sample < end)).all(axis=1)
        begin = np.array([piece.start for piece in block.reach])
        return [
            Measured(
                tuple(map(int, index)),
                float(mine[tuple(index - corner)]),
                self._difference(x, dy, tuple(map(int, index - begin))),
                float(dx[tuple(index - corner)]),
            )
            for index in self._sample[lies_here]
        ]

    def _difference(self, x: Array, dy: Array, index: tuple[int, ...]) -> float:
        """The central difference of the fourth order of the sum of dy y, of which all but the mirrored window stays."""
        element = tuple(slice(at, at + 1) for at in index)
        results = reach(element, self._window.mirrored.spans, x.shape)
        around = reach(element, self._window.twice, x.shape)
        values, weights = x[around].astype(_WIDE), dy[results].astype(_WIDE)
        at = tuple(piece.start for piece in inside(element, around))
        step = _WIDE.type(_STEP) * np.sqrt(np.mean(values * values) + values[at] ** 2)
        if not step > 0:
            return np.nan
        out = np.empty(weights.shape, _WIDE)

        def total(moved: int) -> np.longdouble:
            shifted = values.copy()
            shifted[at] += moved * step
            self._kernel(shifted, out, inside(results, around))
            return np.longdouble(np.sum(out * weights))

        return float((8 * (total(1) - total(-1)) - (total(2) - total(-2))) / (12 * step))
