"""The formula on a block that is in memory, tile by tile, and past the channels that are carried over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.arithmetic.kernel import Kernel
from lrn_cli.arithmetic.tiling import Tile, tiles
from lrn_cli.boxes import Box, inside, reach, size
from lrn_cli.dtypes import Array
from lrn_cli.formula import Spans
from lrn_cli.passes.sweep import Room


class Carried(NamedTuple):
    """Channels that results have as they are: an image's transparency.

    Attributes:
        axis: The axis of a block at whose end they lie.
        first: The index in the tensor of the first of them.
    """

    axis: int
    first: int


class Normalizing:
    """Normalises blocks; each thread has its own.

    Args:
        kernel: The formula.
        spans: The window along each axis of a block.
        dtype: Of the results.
        most: Elements of the largest tile; None where a block is no larger than that.
        carried: What is copied as it is, if anything.
    """

    def __init__(
        self, kernel: Kernel, spans: Spans, dtype: np.dtype[Any], *, most: int | None, carried: Carried | None
    ) -> None:
        self._kernel, self._spans, self._most, self._carried = kernel, spans, most, carried
        self._room = Room(dtype)

    def __call__(self, values: Array, core: Box, start: int = 0) -> tuple[int, Array]:
        """Normalise the part `core` of a block.

        Args:
            values: The block: elements and their neighbours.
            core: Counted from the block's corner.
            start: Where in the tensor the block begins, along the axis of what is carried over.

        Returns:
            How many results are NaN or infinite though every element of their window is finite, and the results: valid
            until the next call.
        """
        results = out = self._room(size(core))
        part = core
        if self._carried is not None:
            #        start     first          of the tensor
            # values  |--------|###########|  ### are carried over,
            # core         |------------|
            # part         |---|              is normalised, and
            # rest             |########|     copied
            axis, end = self._carried.axis, max(self._carried.first - start, 0)
            part, rest = split(core, axis, end)
            results[inside(rest, core)] = values[rest]
            values, out = values[(slice(None),) * axis + (slice(0, end),)], results[inside(part, core)]
        return (sum(self._kernel(*tile) for tile in self._tiles(values, part, out)) if out.size else 0), results

    def _tiles(self, values: Array, part: Box, out: Array) -> Iterable[Tile]:
        if self._most is not None:
            return tiles(values, out, self._spans, self._most, None if out.shape == values.shape else part)
        around = reach(part, self._spans, values.shape)
        return [Tile(values[around], out, None if around == part else inside(part, around))]


def split(box: Box, axis: int, at: int) -> tuple[Box, Box]:
    """What of a box lies before an index along an axis, and what from there on.

    >>> split((slice(0, 4),), 0, 3), split((slice(4, 6),), 0, 3)
    (((slice(0, 3, None),), (slice(3, 4, None),)), ((slice(3, 3, None),), (slice(4, 6, None),)))
    """
    start, stop = box[axis].start, box[axis].stop
    before = slice(min(start, at), min(stop, at))
    behind = slice(max(start, at), max(stop, at))
    return (*box[:axis], before, *box[axis + 1 :]), (*box[:axis], behind, *box[axis + 1 :])
