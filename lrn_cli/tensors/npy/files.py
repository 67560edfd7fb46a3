"""Tensors stored without gaps in a file: read and written at any place, by any number of threads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from io import FileIO
from math import prod
from pathlib import Path

from lrn_cli.boxes import Box, runs
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.guards import Unchanged
from lrn_cli.tensors.npy.header import encode_header
from lrn_cli.tensors.replace import OpenReplacement
from lrn_cli.tensors.targets import Pending, reserve
from lrn_cli.tensors.tensor import Sink, Source, TensorInfo, Writing


class FlatSource(Source):
    """A tensor whose elements lie one after another in a file, from `offset` on.

    Args:
        path: The file's name.
        info: The tensor's description.
        file: The file, open; closed with the source.
        offset: Position of the first element, in bytes.
    """

    def __init__(self, path: Path, info: TensorInfo, file: FileIO, offset: int) -> None:
        self.path, self.info, self.file, self._offset = path, info, file, offset
        self._unchanged = Unchanged(path, file.fileno())

    def read(self, box: Box, out: Array) -> None:
        """Read a block into `out`; see `Source`."""
        memory, filled = out.reshape(-1).view("u1").data, 0
        for position, size in self.places(box):
            self._fill(memory[filled : filled + size], position)
            filled += size

    def places(self, box: Box) -> Iterator[tuple[int, int]]:
        """Where the pieces of a block lie in the file, and how many bytes each has."""
        itemsize = self.info.dtype.itemsize
        for start, count in runs(box, self.storage_shape):
            yield self._offset + start * itemsize, count * itemsize

    def _fill(self, memory: memoryview, position: int) -> None:
        while memory:
            try:
                got = os.preadv(self.file.fileno(), [memory], position)
            except OSError as error:
                raise LrnError(f"{self.path}: cannot be read: {error.strerror}", f"ls -l {self.path}") from None
            if not got:
                raise LrnError(
                    f"{self.path}: the file ends at byte {position}, it was cut while being read", "try again"
                )
            memory, position = memory[got:], position + got

    def finish(self) -> None:
        """Check that nobody has written to the file meanwhile."""
        self._unchanged.check()

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()


def put(descriptor: int, memory: memoryview, position: int) -> None:
    """Write bytes at a place of an open file."""
    while memory:
        done = os.pwrite(descriptor, memory, position)
        memory, position = memory[done:], position + done


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Say of what the system refuses that a file cannot be written.

    Raises:
        LrnError: In place of the system's error.
    """
    try:
        yield
    except OSError as error:
        raise LrnError(f"{path}: cannot be written: {error.strerror}", f"df -h {path.parent}") from None


class NewFile(Pending):
    """A new file, written at any place by any number of threads, that appears when it is complete.

    Args:
        writing: Where, and how.
        size: How many bytes it will have; the room is taken on the disk at once.
        adds: Whether it takes the place of a file in which only something is added.

    Attributes:
        descriptor: Open for writing.
        path: As typed.
    """

    def __init__(self, writing: Writing, size: int = 0, *, adds: bool = False) -> None:
        self.path = writing.path
        self._output = OpenReplacement(writing.path, force=writing.force or adds, fsync=writing.fsync)
        self.descriptor = self._output.descriptor
        try:
            with self.in_words():
                reserve(self.descriptor, 0, size)
        except BaseException:
            self.abort()
            raise

    def put(self, memory: memoryview, position: int) -> None:
        """Write bytes at a place.

        Raises:
            LrnError: They cannot be written.
        """
        with self.in_words():
            put(self.descriptor, memory, position)

    def commit(self) -> None:
        """Give the file its name."""
        with self.in_words():
            self._output.commit()

    def abort(self) -> None:
        """Remove the unfinished file."""
        self._output.abort()

    def in_words(self) -> AbstractContextManager[None]:
        """Say of what the system refuses that the file cannot be written."""
        return in_words(self.path)


class FlatSink(Sink):
    """A tensor whose elements come to lie one after another in a new file, from `offset` on.

    Args:
        file: The file, which appears with the tensor.
        shape: Of the tensor, in storage order.
        itemsize: Bytes of an element.
        offset: Position of the first one, in bytes.
    """

    flat = True

    def __init__(self, file: NewFile, shape: tuple[int, ...], itemsize: int, offset: int) -> None:
        self._file, self._shape, self._itemsize, self._offset = file, shape, itemsize, offset

    def write(self, box: Box, block: Array) -> None:
        """Write a block; see `Sink`."""
        memory, taken = block.reshape(-1).view("u1").data, 0
        for start, count in runs(box, self._shape):
            size = count * self._itemsize
            self._file.put(memory[taken : taken + size], self._offset + start * self._itemsize)
            taken += size

    def commit(self) -> None:
        """Give the file its name."""
        self._file.commit()

    def abort(self) -> None:
        """Remove the unfinished file."""
        self._file.abort()


class NpySink(FlatSink):
    """A new .npy file that appears when it is complete."""

    def __init__(self, writing: Writing) -> None:
        info, itemsize = writing.source.info, writing.dtype.itemsize
        head = encode_header(writing.shape, info.fortran_order, writing.dtype, writing.narrow)
        file = NewFile(writing, len(head) + prod(writing.shape) * itemsize)
        super().__init__(file, writing.source.storage_shape, itemsize, len(head))
        try:
            file.put(memoryview(head), 0)
        except BaseException:
            self.abort()
            raise
