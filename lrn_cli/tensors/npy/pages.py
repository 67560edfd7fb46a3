"""An .npy file that several machines write.

Over NFS a machine that touches a part of a page writes all of it, so that two of them must not have one in common: a
slab writes its whole pages, and leaves the rest to whoever began the file. hpc/ior issue 135: "when a compute node
touches a piece of data, it takes control over the 4 KiB page"; Chapel issue 24462: zeros where two tasks meet.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import prod
from typing import NamedTuple

from lrn_cli.boxes import Box, runs
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.formula import Spans
from lrn_cli.tensors.npy.files import in_words, put
from lrn_cli.tensors.npy.header import encode_header
from lrn_cli.tensors.replace import Replacement
from lrn_cli.tensors.shared import Left, Shared, SlabSink, cut_into_runs, gone_error
from lrn_cli.tensors.targets import reserve
from lrn_cli.tensors.tensor import Writing

PAGE = 4096


class SharedNpy(Shared):
    """A new .npy file whose elements come from several machines.

    Args:
        writing: Where, and how.
    """

    def __init__(self, writing: Writing) -> None:
        itemsize, self._shape, self._path = writing.dtype.itemsize, writing.source.storage_shape, writing.path
        head = encode_header(writing.shape, writing.source.info.fortran_order, writing.dtype, writing.narrow)
        self._output = Replacement(writing.path, force=writing.force, fsync=writing.fsync)
        self.unfinished = self._output.path
        self.place = Pages(str(self.unfinished), len(head), self._shape, itemsize, writing.fsync)
        try:
            with self._open() as descriptor:
                reserve(descriptor, 0, len(head) + prod(self._shape) * itemsize)
            self.take([[(0, head)]])
        except BaseException:
            self.abort()
            raise

    @contextmanager
    def _open(self) -> Iterator[int]:
        with in_words(self._path), self.unfinished.open("r+b", buffering=0) as file:
            yield file.fileno()

    def cut(self, spans: Spans, elements: int, chunks: Sequence[int] | None) -> list[Box]:
        """Runs, of which each has whole pages of its own unless it is shorter than one."""
        return cut_into_runs(self._shape, spans, max(elements, PAGE), chunks)

    def take(self, left: Iterable[Left]) -> None:
        """Write the ends of slabs."""
        with self._open() as descriptor:
            for pieces in left:
                for position, data in pieces:
                    put(descriptor, memoryview(data), position)

    def commit(self) -> None:
        """Give the file its name."""
        with in_words(self._path):
            self._output.commit()

    def abort(self) -> None:
        """Remove the unfinished file."""
        self._output.abort()


class Pages(NamedTuple):
    """The place of an .npy file's slabs.

    Attributes:
        path: The unfinished file.
        offset: Of the first element.
        shape: Of the tensor, in storage order.
        itemsize: Of an element.
        fsync: Whether what is written is forced to the disk.
    """

    path: str
    offset: int
    shape: tuple[int, ...]
    itemsize: int
    fsync: bool

    def elsewhere(self, away: Callable[[str], str]) -> Pages:
        """The same for a machine on which names are others."""
        return self._replace(path=away(self.path))

    def open(self, box: Box) -> SlabSink:
        """Begin to write one slab."""
        return _Slab(self, box)


class _Slab(SlabSink):
    """Writes a run's whole pages, and keeps what lies before and behind them."""

    flat = True

    def __init__(self, place: Pages, box: Box) -> None:
        self._place = place
        first, count = next(runs(box, place.shape), (0, 0))
        self._start, self._stop = (place.offset + at * place.itemsize for at in (first, first + count))
        # From here to there are whole pages; where there are none, all of it lies before them.
        self._from, self._to = -(-self._start // PAGE) * PAGE, self._stop // PAGE * PAGE
        if self._to <= self._from:
            self._from = self._to = self._stop
        self._before, self._behind = bytearray(self._from - self._start), bytearray(self._stop - self._to)
        try:
            self._descriptor = os.open(place.path, os.O_WRONLY)
        except FileNotFoundError:
            raise gone_error(place.path) from None
        except OSError as error:
            raise LrnError(f"{place.path}: cannot be written: {error.strerror}", "try again") from None

    def write(self, box: Box, block: Array) -> None:
        """Write a block; see `Sink`."""
        if not os.fstat(self._descriptor).st_nlink:
            raise gone_error(self._place.path)
        memory, taken = block.reshape(-1).view("u1").data, 0
        for start, count in runs(box, self._place.shape):
            size = count * self._place.itemsize
            self._put(memory[taken : taken + size], self._place.offset + start * self._place.itemsize)
            taken += size

    def _put(self, memory: memoryview, position: int) -> None:
        before, inside = (max(0, min(len(memory), end - position)) for end in (self._from, self._to))
        self._before[position - self._start : position - self._start + before] = memory[:before]
        if inside > before:
            put(self._descriptor, memory[before:inside], position + before)
        behind = max(position, self._to) - self._to
        self._behind[behind : behind + len(memory) - inside] = memory[inside:]

    def commit(self) -> None:
        """Close the file, which sends what is written where the disk is another machine's."""
        if self._place.fsync:
            os.fsync(self._descriptor)
        self.abort()
        ends = ((self._start, bytes(self._before)), (self._to, bytes(self._behind)))
        self.left = [(position, data) for position, data in ends if data]

    def abort(self) -> None:
        """Close the file: what is in it is written again."""
        os.close(self._descriptor)
