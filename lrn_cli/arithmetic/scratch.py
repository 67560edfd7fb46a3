"""Scratch memory for one block: its values, its squares among zeros, and room for the sums."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrn_cli.arithmetic.geometry import Geometry
from lrn_cli.arithmetic.sums import SPARES, slide

Array = NDArray[Any]


class Scratch:
    """Buffers of one floating-point type, allocated once and used for block after block.

    Args:
        dtype: Of the buffers.
    """

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._dtype = dtype
        self._values = np.empty(0, dtype)
        self._squares = np.empty(0, dtype)
        self._spares: list[Array] = []
        self._laid_out: Geometry | None = None

    def values(self, plan: Geometry, block: Array) -> Array:
        """The block's values in the order and type of the computation: a copy only where it has to be one."""
        ordered = block.transpose(plan.order)
        if block.dtype == self._dtype and not plan.gathered:
            return ordered
        if self._values.size < ordered.size:
            self._values = np.empty(ordered.size, self._dtype)
        values = self._values[: ordered.size].reshape(plan.shape)
        np.copyto(values, ordered, casting="unsafe")
        return values

    def sums_of_squares(self, plan: Geometry, values: Array) -> Array:
        """Sum the squares of every window.

        Returns:
            `plan.count` sums or a few more, flat; `seen` shows them in the block's shape.
        """
        self._lay_out(plan)
        gaps = self._squares[: prod(plan.padded)].reshape(plan.padded)[plan.interior]
        np.multiply(values, values, out=gaps)
        total, count = self._squares, plan.size
        for width, stride in plan.steps:
            count -= (width - 1) * stride
            total = slide(total, width, stride, count, [spare for spare in self._spares if spare is not total])
        return total

    def other_than(self, *used: Array) -> Array:
        """A buffer that holds none of these."""
        return next(spare for spare in self._spares if not any(spare is buffer for buffer in used))

    def _lay_out(self, plan: Geometry) -> None:
        """Make room for a block of another geometry than the last one, with zeros in the gaps."""
        if plan is self._laid_out:
            return
        if self._squares.size < plan.size:
            self._squares = np.empty(plan.size, self._dtype)
            # One more than `slide` needs: the sums along one axis are the source for the next.
            self._spares = [np.empty(plan.size, self._dtype) for _ in range(SPARES + 1)]
        self._squares[: plan.size] = 0
        self._laid_out = plan


def seen(buffer: Array, plan: Geometry) -> Array:
    """The sums in a flat buffer as an array of the block's shape, in scratch order."""
    return buffer[: prod(plan.padded)].reshape(plan.padded)[plan.first_sums]
