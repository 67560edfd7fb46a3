"""Scratch memory for one block after another: their values, and the buffers of their program."""

from __future__ import annotations

import numpy as np

from lrn_cli.arithmetic.geometry import Geometry, geometry
from lrn_cli.arithmetic.precision import Precision
from lrn_cli.arithmetic.schedule import Program, buffers_for, write_down
from lrn_cli.arithmetic.windows import Window
from lrn_cli.dtypes import Array
from lrn_cli.formula import ResponseNorm

_REMEMBERED = 8
"""Shapes whose programs are kept: a block, and the smaller ones at the ends of the axes."""


class Scratch:
    """Buffers of one floating-point type, allocated once and used again while blocks have the same shape.

    Args:
        norm: The canonical form.
        window: Over the tensor, in the order of the blocks' axes.
        precision: The floating-point types to compute in.
        in_place: Whether results are written over the blocks, so that values must be kept elsewhere.

    Attributes:
        plan: How the block lies in scratch memory.
        program: The passes over it.
    """

    plan: Geometry
    program: Program

    def __init__(self, norm: ResponseNorm, window: Window, precision: Precision, *, in_place: bool = False) -> None:
        self._norm, self._window, self._precision, self._in_place = norm, window, precision, in_place
        self._shape: tuple[int, ...] | None = None
        self._written: dict[tuple[int, ...], tuple[Geometry, Program]] = {}
        self._buffers: list[Array] = []
        self._values = np.empty(0, precision.sums)

    @property
    def nbytes(self) -> int:
        """Size of all buffers."""
        return self._values.nbytes + sum(buffer.nbytes for buffer in self._buffers)

    def fit(self, shape: tuple[int, ...]) -> None:
        """Make ready for a block of that shape."""
        if shape == self._shape:
            return
        if shape not in self._written:
            self._write(shape)
        (self.plan, self.program), self._shape = self._written[shape], shape
        # Another shape's squares lie where this one's gaps are.
        self._buffers[0][: self.plan.size] = 0

    def values(self, block: Array) -> Array:
        """The block's values in the order and type of the computation: a copy only where it has to be one."""
        plan = self.plan
        usable = block.dtype == self._precision.sums and not plan.gathered
        if usable and not self._in_place and (block.flags.c_contiguous or not self.program.flat):
            return block
        if self._values.size < block.size:
            self._values = np.empty(block.size, self._precision.sums)
        values = self._values[: block.size].reshape(plan.shape)
        if block.dtype.newbyteorder("=") == np.float16 and values.dtype == np.float32:
            from lrn_cli.arithmetic.halves import widen

            widen(block.transpose(plan.order), values)
        else:
            np.copyto(values, block.transpose(plan.order), casting="unsafe")
        return values

    def sum_products(self, a: Array, b: Array) -> Program:
        """Go through all passes with the products of two arrays, in scratch order, for the squares."""
        run = self.program
        if run.flat:
            a, b = a.reshape(-1), b.reshape(-1)
        for taken, gaps, passes, _, _ in run.stages:
            np.multiply(a[taken], b[taken], gaps)
            for operation, arguments in passes:
                operation(*arguments)
        return run

    def _write(self, shape: tuple[int, ...]) -> None:
        plan = geometry(shape, self._window)
        count = buffers_for(plan)
        if len(self._buffers) < count or self._buffers[0].size < plan.size:
            self._buffers = [np.empty(plan.size, self._precision.sums) for _ in range(count)]
            self._written.clear()
        elif len(self._written) >= _REMEMBERED:
            self._written.clear()
        self._written[shape] = plan, write_down(plan, self._buffers, self._norm, self._precision)
