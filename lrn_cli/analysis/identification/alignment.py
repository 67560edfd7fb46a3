"""The input and the output, read by the same box whatever their files, layouts and orders in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from math import prod
from tempfile import TemporaryFile
from typing import IO

import numpy as np

from lrn_cli.analysis.grids import Grid, grid_of
from lrn_cli.analysis.reshaping import read_block, shaped, without_ones
from lrn_cli.boxes import Box, blocks, run_edges, size
from lrn_cli.dtypes import Array, result_dtype
from lrn_cli.errors import LrnError
from lrn_cli.formula import Span
from lrn_cli.layouts import describe
from lrn_cli.tensors.arrays import ArraySource
from lrn_cli.tensors.tensor import Source

_SPOOLED_BLOCK = 1 << 20
"""Elements of a block in which a source that cannot go back is copied."""
_MOST_PERMUTED = 6
"""Axes of a tensor for which every order of the output's axes is tried; beyond, only those with C first or last."""
_MOST_UNFOLDED = 5
"""Orders of axes in which elements in a row are tried."""


def rewindable(source: Source) -> Source:
    """The source itself, or a copy in a temporary file of one that can be read only once and in order."""
    if not source.sequential:
        return source
    shape, dtype = source.storage_shape, source.info.dtype
    try:
        with TemporaryFile(buffering=0) as file:
            _copy(source, file)
            copy = np.memmap(file, dtype, "r", shape=shape) if prod(shape) else np.empty(shape, dtype)
    except OSError as error:
        message = f"a copy of what can be read only once cannot be written: {error.strerror or error}"
        raise LrnError(message, "TMPDIR=/another/disk, or a file instead of a pipe or an archive") from None
    return ArraySource(copy.transpose() if source.info.fortran_order else copy)


def _copy(source: Source, file: IO[bytes]) -> None:
    """Write all elements as they come; through a map of the file a full disk would end the process."""
    shape = source.storage_shape
    nowhere = (Span(0, 0),) * len(shape)
    for core, _ in blocks(shape, nowhere, run_edges(shape, nowhere, _SPOOLED_BLOCK)):
        block = np.empty(size(core), source.info.dtype)
        source.read(core, block)
        memory = block.reshape(-1).view("u1").data
        while memory:
            memory = memory[file.write(memory) :]
    source.finish()


class Pair:
    """An input and its output, whose axes may come in another order.

    Args:
        x: The input.
        y: The output.
        order: For each axis of y, which axis of x it is.
        grid: The numbers among which those of y are; by default what its file says.
        reshaped: Which of the two was given another shape, and which, in words.

    Attributes:
        shape: Of the input, channels that were carried over untouched left out.
    """

    def __init__(
        self, x: Source, y: Source, order: Sequence[int], grid: Grid | None = None, reshaped: str = ""
    ) -> None:
        self.x, self.y, self.order, self.reshaped = x, y, tuple(order), reshaped
        self.grid = grid or Grid(result_dtype(y.info.dtype), y.info.narrow)
        self.shape = x.info.normalised_shape

    @property
    def transposed(self) -> bool:
        """Whether the output's axes come in another order than the input's."""
        wide = [axis for axis in self.order if self.shape[axis] > 1]
        return wide != sorted(wide)

    @property
    def narrower(self) -> int:
        """Bytes of the narrower type of both, as floating-point numbers: 2, 4 or 8."""
        return min(8, result_dtype(self.x.info.dtype).itemsize, self.grid.dtype.itemsize)

    def read(self, box: Box) -> tuple[Array, Array]:
        """A block of both in float64, in the input's axes; `box` counts as a person would index the input."""
        return read_block(self.x, box).astype(np.float64), self.read_output(box).astype(np.float64)

    def read_output(self, box: Box) -> Array:
        """A block of the output in its own dtype, in the input's axes."""
        block = read_block(self.y, tuple(box[axis] for axis in self.order))
        return block.transpose(np.argsort(self.order))


def alignments(x: Source, y: Source) -> Iterator[Pair]:
    """Every way in which the output's axes can be the input's, the likely ones first.

    Axes of one position may be left out in one of the two, or the elements of one may be in a row.

    Raises:
        LrnError: The shapes are not the same in any order of the axes.

    >>> x, y = ArraySource(np.zeros((2, 8, 5, 5))), ArraySource(np.zeros((2, 5, 5, 8)))
    >>> [pair.order for pair in alignments(x, y)]
    [(0, 2, 3, 1), (0, 3, 2, 1)]
    >>> x, y = ArraySource(np.zeros((1, 8, 3, 5))), ArraySource(np.zeros((3, 5, 8)))
    >>> [(pair.order, pair.reshaped) for pair in alignments(x, y)]
    [((0, 2, 3, 1), 'the output is 3x5x8, taken as 1x3x5x8')]
    """
    shape, target, grid = x.info.shape, y.info.shape, grid_of(y, x)
    for same in (lambda found: found == target, lambda found: without_ones(found) == without_ones(target)):
        orders = [order for order in _distinct(shape) if same(tuple(shape[axis] for axis in order))]
        for order in orders:
            yield _shape_output(x, y, order, grid)
        if orders:
            return
    if prod(shape) != prod(target) or x.info.layout:
        raise LrnError(
            f"the input is {describe(shape)}, the output {describe(target)}: not the same in any order of the axes",
            "lrn info shows the tensors of a file",
        )
    if len(without_ones(shape)) < len(without_ones(target)):
        folded, told = shaped(x, target, "the input")
        yield Pair(folded, y, range(len(target)), grid, told)
        return
    for order in list(_distinct(shape))[:_MOST_UNFOLDED]:
        yield _shape_output(x, y, order, grid)


def _shape_output(x: Source, y: Source, order: Sequence[int], grid: Grid) -> Pair:
    folded, told = shaped(y, [x.info.shape[axis] for axis in order], "the output")
    return Pair(x, folded, order, grid, told)


def _distinct(shape: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Orders of the axes, the likely ones first, each once: where an axis of one position stands says nothing."""
    seen = set()
    for order in _orders(len(shape)):
        wide = tuple(axis for axis in order if shape[axis] > 1)
        if wide not in seen:
            seen.add(wide)
            yield order


def _orders(rank: int) -> Iterator[tuple[int, ...]]:
    axes = tuple(range(rank))
    yield axes
    for channel in range(min(rank, 2)):
        yield (*axes[:channel], *axes[channel + 1 :], channel)
        yield (*axes[:channel], rank - 1, *axes[channel:-1])
    if rank <= _MOST_PERMUTED:
        yield from permutations(axes)
