"""A tensor as one of another shape: axes of one position left out or put in, or elements in a row folded up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from lrn_cli.boxes import Box, runs, size
from lrn_cli.dtypes import Array
from lrn_cli.layouts import describe
from lrn_cli.passes.frame import across
from lrn_cli.tensors.tensor import Source


class Reshaped(Source):
    """A tensor with its elements, counted as a person would index them, in another shape.

    Args:
        source: The tensor, which can be read again and again; who opened it closes it.
        shape: Of as many elements.

    >>> from lrn_cli.tensors.arrays import ArraySource
    >>> folded, out = Reshaped(ArraySource(np.arange(12)), (3, 4)), np.empty((2, 2), int)
    >>> folded.read((slice(1, 3), slice(0, 2)), out)
    >>> out.tolist()
    [[4, 5], [8, 9]]
    """

    def __init__(self, source: Source, shape: Sequence[int]) -> None:
        self._source, self.path, self.grid = source, source.path, source.grid
        self._squeezed = without_ones(source.info.shape) == without_ones(shape)
        chunks = None
        # A file in Fortran order stays one where only axes of one position come or go.
        fortran = source.info.fortran_order and self._squeezed
        self.info = source.info._replace(shape=tuple(shape), fortran_order=fortran, chunks=chunks)

    def read(self, box: Box, out: Array) -> None:
        """Read a block into `out`, run by run."""
        stored = self._source.storage_shape
        if self._squeezed:
            wide = iter(piece for piece, length in zip(box, self.storage_shape, strict=True) if length > 1)
            inner = tuple(next(wide) if length > 1 else slice(0, 1) for length in stored)
            self._source.read(inner, out.reshape(size(inner)))
            return
        flat, done = out.reshape(-1), 0
        for first, count in runs(box, self.info.shape):
            for part in _boxes_of(self._source.info.shape, first, count):
                block = read_block(self._source, part).reshape(-1)
                flat[done : done + block.size] = block
                done += block.size


def without_ones(shape: Sequence[int]) -> tuple[int, ...]:
    """The lengths of the axes of more than one position."""
    return tuple(length for length in shape if length != 1)


def shaped(source: Source, shape: Sequence[int], name: str) -> tuple[Source, str]:
    """A tensor in that shape, and what was done to it, in words; nothing where it has that shape.

    Args:
        source: The tensor.
        shape: The other shape.
        name: What the words call the tensor.
    """
    if source.info.shape == tuple(shape):
        return source, ""
    return Reshaped(source, shape), f"{name} is {describe(source.info.shape)}, taken as {describe(shape)}"


def fold_like(source: Source, shape: Sequence[int], order: Sequence[int] | None = None) -> tuple[Source, str]:
    """A tensor in the shape of another, where it differs from that only in axes of one position or is in a row.

    Args:
        source: The tensor; one that can be read only once stays as it is.
        shape: Of the other.
        order: For each axis, which of the other that is; None to find that.

    Returns:
        The tensor, and what was done to it, in words.
    """
    own = source.info.shape
    if source.sequential or prod(own) != prod(shape) or own == tuple(shape):
        return source, ""
    orders = [order] if order is not None else [range(len(shape)), *(matched.axes for matched in across(shape))]
    likely = [tuple(shape[axis] for axis in one) for one in orders]
    if own in likely:
        return source, ""
    wanted = next((word for word in likely if without_ones(word) == without_ones(own)), None)
    in_a_row = len(without_ones(own)) < len(without_ones(shape))
    if wanted is None and not in_a_row:
        return source, ""
    return shaped(source, wanted or likely[0], "b")


def _boxes_of(shape: Sequence[int], first: int, count: int) -> Iterator[Box]:
    """Boxes that together hold `count` elements from the one at `first`, in their order.

    >>> [[(piece.start, piece.stop) for piece in box] for box in _boxes_of((3, 4), 2, 7)]
    [[(0, 1), (2, 4)], [(1, 2), (0, 4)], [(2, 3), (0, 1)]]
    """
    while count:
        index = np.unravel_index(first, shape)
        # As many axes as possible are taken whole, and then as much as possible of the next.
        axis = len(shape) - 1
        while axis and not index[axis] and prod(shape[axis:]) <= count:
            axis -= 1
        inner = prod(shape[axis + 1 :])
        if any(index[axis + 1 :]) or inner > count:
            axis, inner = len(shape) - 1, 1
        length = min(shape[axis] - int(index[axis]), count // inner)
        outer = (slice(int(at), int(at) + 1) for at in index[:axis])
        start = int(index[axis])
        yield (*outer, slice(start, start + length), *(slice(0, other) for other in shape[axis + 1 :]))
        first, count = first + length * inner, count - length * inner


def read_block(source: Source, box: Box) -> Array:
    """A block, indexed as a person would."""
    stored = box[::-1] if source.info.fortran_order else box
    block = np.empty(size(stored), source.info.dtype)
    source.read(stored, block)
    return block.transpose() if source.info.fortran_order else block
