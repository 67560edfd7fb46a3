"""The elements of a contiguous dataset, read and written past HDF5."""

from __future__ import annotations

from math import prod

from lrn_cli.tensors.hdf5.transport import Descriptor
from lrn_cli.tensors.npy.runs import runs
from lrn_cli.tensors.tensor import Array, Box


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
