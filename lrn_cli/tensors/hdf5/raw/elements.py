"""The elements of a dataset in chunks without filters, read and written past HDF5."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from lrn_cli.boxes import Box, inside, runs
from lrn_cli.dtypes import Array
from lrn_cli.tensors.hdf5.raw.descriptor import Descriptor, Run, merge_runs, scratch
from lrn_cli.tensors.hdf5.raw.parts import Part, parts, segments


class ChunkedElements:
    """Elements that lie in chunks, each of which lies in the file as an array of its own.

    Args:
        descriptor: The file, which is closed with this.
        places: Position of every chunk in the file, in bytes, as an array with the chunks' grid as its shape; negative
            where there is no chunk, all elements of which are the fill value.
        shape: Of the dataset.
        chunk: Shape of a chunk.
        dtype: Of the elements.
    """

    def __init__(
        self,
        descriptor: Descriptor,
        places: NDArray[np.int64],
        shape: tuple[int, ...],
        chunk: tuple[int, ...],
        dtype: np.dtype[Any],
    ) -> None:
        self._descriptor, self._places = descriptor, places
        self._shape, self._chunk, self._dtype = shape, chunk, dtype

    def has(self, box: Box) -> bool:
        """Whether all elements of a block are in the file."""
        grid = tuple(
            slice(part.start // edge, -(-part.stop // edge)) for part, edge in zip(box, self._chunk, strict=True)
        )
        return bool((self._places[grid] >= 0).all())

    def read(self, box: Box, out: Array) -> None:
        """Read a block into `out`, a C-contiguous array."""
        for part in parts(box, self._chunk, self._shape):
            if part.exact:
                memory = out.reshape(-1).view("u1").data
                for run in self._runs_in(part, box, out):
                    self._descriptor.read(memory[run.start : run.stop], run.position)
                continue
            pieces = self._pieces(part)
            memory = pieces.reshape(-1).view("u1").data
            for run in self._runs(part):
                self._descriptor.read(memory[run.start : run.stop], run.position)
            for inner, outer in _pairs(part, pieces, out[inside(part.box, box)], self._chunk):
                outer[...] = inner

    def write(self, box: Box, block: Array) -> None:
        """Write a C-contiguous block; several threads may do so at once if their blocks do not overlap.

        For that nothing is written but the block's own elements, and what no block has: the margins of the last chunks.
        """
        for part in parts(box, self._chunk, self._shape, whole=True):
            if part.exact:
                memory = block.reshape(-1).view("u1").data
                for run in self._runs_in(part, box, block):
                    self._descriptor.write(memory[run.start : run.stop], run.position)
                continue
            pieces = self._pieces(part)
            self._clear_margins(part, pieces)
            for inner, outer in _pairs(part, pieces, block[inside(part.box, box)], self._chunk):
                inner[...] = outer
            memory = pieces.reshape(-1).view("u1").data
            for run in self._runs(part):
                self._descriptor.write(memory[run.start : run.stop], run.position)

    def _clear_margins(self, part: Part, pieces: Array) -> None:
        """Have zeros for what chunks have beyond the dataset's end."""
        rank = len(self._chunk)
        for axis, (piece, edge) in enumerate(zip(part.piece, self._chunk, strict=True)):
            margin = part.box[axis].stop % edge
            if piece == edge and margin:
                beyond = [slice(None)] * (2 * rank)
                beyond[axis], beyond[rank + axis] = slice(-1, None), slice(margin, None)
                pieces[tuple(beyond)] = 0

    def _pieces(self, part: Part) -> Array:
        """Memory for the pieces of a part, one after another: the axes of the grid, then those of a piece."""
        shape = (*(at.stop - at.start for at in part.grid), *part.piece)
        return scratch(prod(shape) * self._dtype.itemsize).view(self._dtype).reshape(shape)

    def _runs(self, part: Part) -> Iterator[Run]:
        """Where the pieces are in the file, and in the memory that `_pieces` gives."""
        positions = self._positions(part)
        size = prod(part.piece) * self._dtype.itemsize
        return merge_runs(positions, np.arange(len(positions), dtype=np.int64) * size, size)

    def _runs_in(self, part: Part, box: Box, block: Array) -> Iterator[Run]:
        """Where the pieces are in the file, and in a block that has them as they are."""
        place = inside(part.box, box)
        offsets = np.zeros(1, np.int64)
        for at, chunks, edge, stride in zip(place, part.grid, part.piece, block.strides, strict=True):
            steps = at.start + np.arange(chunks.stop - chunks.start, dtype=np.int64) * edge
            offsets = np.add.outer(offsets, steps * stride).reshape(-1)
        return merge_runs(self._positions(part), offsets, prod(part.piece) * self._dtype.itemsize)

    def _positions(self, part: Part) -> NDArray[np.int64]:
        return self._places[part.grid].reshape(-1) + part.first * self._dtype.itemsize

    def reserve(self) -> None:
        """Take the room on the disk at once."""
        first, last = int(self._places.min()), int(self._places.max())
        self._descriptor.reserve(first, last - first + prod(self._chunk) * self._dtype.itemsize)

    def close(self) -> None:
        """Let go of the file."""
        self._descriptor.close()


def _pairs(part: Part, pieces: Array, values: Array, chunk: tuple[int, ...]) -> Iterator[tuple[Array, Array]]:
    """The same elements in the pieces and in the part's own array, as pairs of views of equal shape.

    Many chunks go into one pair: copying them one by one would cost more than the copying.
    """
    rank = len(chunk)
    # A piece has only the part's own rows, along which all pieces are alike.
    cuts = [
        segments(at if edge == length else slice(0, at.stop - at.start), edge)
        for at, edge, length in zip(part.box, part.piece, chunk, strict=True)
    ]
    # Both sides with an axis of chunks and one of a chunk's elements for each of the tensor's. Of the pieces these are:
    #   grid 0, grid 1, ..., element 0, element 1, ...  ->  grid 0, element 0, grid 1, element 1, ...
    # and in the part's own array, where chunks follow each other, the next chunk is `width` elements on.
    interleaved = [axis for pair in zip(range(rank), range(rank, 2 * rank), strict=True) for axis in pair]
    for cut in product(*cuts):
        chosen = (
            *(slice(segment.chunk, segment.chunk + segment.chunks) for segment in cut),
            *(slice(segment.start, segment.start + segment.width) for segment in cut),
        )
        corner = values[tuple(slice(segment.target, None) for segment in cut)]
        shape = [length for segment in cut for length in (segment.chunks, segment.width)]
        strides = [
            step
            for segment, stride in zip(cut, values.strides, strict=True)
            for step in (stride * segment.width, stride)
        ]
        yield pieces[chosen].transpose(interleaved), as_strided(corner, shape, strides)


class FlatElements:
    """Elements that lie one after another in a file.

    Args:
        descriptor: The file, which is closed with this.
        offset: Position of the first element in bytes.
        shape: Of the dataset.
        itemsize: Bytes of one element.
    """

    def __init__(self, descriptor: Descriptor, offset: int, shape: tuple[int, ...], itemsize: int) -> None:
        self._descriptor, self._offset, self._shape, self._itemsize = descriptor, offset, shape, itemsize

    def has(self, box: Box) -> bool:
        """Whether all elements of a block are in the file."""
        return True

    def read(self, box: Box, out: Array) -> None:
        """Read a block into `out`, a C-contiguous array."""
        memory = out.reshape(-1).view("u1").data
        for position, start, stop in self._runs(box):
            self._descriptor.read(memory[start:stop], position)

    def write(self, box: Box, block: Array) -> None:
        """Write a C-contiguous block."""
        memory = block.reshape(-1).view("u1").data
        for position, start, stop in self._runs(box):
            self._descriptor.write(memory[start:stop], position)

    def _runs(self, box: Box) -> list[tuple[int, int, int]]:
        found, taken = [], 0
        for first, count in runs(box, self._shape):
            found.append((self._offset + first * self._itemsize, taken, taken + count * self._itemsize))
            taken += count * self._itemsize
        return found

    def reserve(self) -> None:
        """Take the room on the disk at once."""
        self._descriptor.reserve(self._offset, prod(self._shape) * self._itemsize)

    def close(self) -> None:
        """Let go of the file."""
        self._descriptor.close()
