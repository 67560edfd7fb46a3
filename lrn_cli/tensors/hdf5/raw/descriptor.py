"""Bytes between memory and a file that HDF5 has open, past HDF5."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrn_cli.tensors.targets import reserve

_scratch = threading.local()


class Descriptor:
    """An open file of one's own: the very file that HDF5 has open, whatever has its name by now.

    Neither reading nor writing moves a position that HDF5 might count on. All errors are plain `OSError`s.

    Args:
        number: HDF5's own descriptor.
    """

    def __init__(self, number: int) -> None:
        self._number = os.dup(number)

    def read(self, memory: memoryview, position: int) -> None:
        """Fill the memory with what the file has from that position on."""
        while memory:
            got = os.preadv(self._number, [memory], position)
            if not got:
                raise OSError(f"the file ends at byte {position}")  # HDF5 itself would take zeros for what is missing
            memory, position = memory[got:], position + got

    def write(self, memory: memoryview, position: int) -> None:
        """Write all of the memory to that position."""
        while memory:
            done = os.pwrite(self._number, memory, position)
            memory, position = memory[done:], position + done

    def reserve(self, position: int, size: int) -> None:
        """Take the room on the disk at once, see `reserve`."""
        reserve(self._number, position, size)

    def close(self) -> None:
        """Let go of the file; some file systems report a full disk only now."""
        number, self._number = self._number, -1
        if number >= 0:
            os.close(number)


class Run(NamedTuple):
    """Bytes that lie one after another both in the file, from `position` on, and in memory, from `start` to `stop`."""

    position: int
    start: int
    stop: int


def merge_runs(positions: NDArray[np.int64], offsets: NDArray[np.int64], size: int) -> Iterator[Run]:
    """Put pieces of equal size together where they are neighbours in the file and in memory.

    Args:
        positions: Where each is in the file.
        offsets: Where each is in memory.
        size: Bytes of one piece.

    >>> [tuple(run) for run in merge_runs(np.array([80, 84, 96]), np.array([0, 4, 8]), 4)]
    [(80, 0, 8), (96, 8, 12)]
    """
    apart = (np.diff(positions) != size) | (np.diff(offsets) != size)
    firsts = [0, *(np.flatnonzero(apart) + 1).tolist()]
    lasts = [*(first - 1 for first in firsts[1:]), len(positions) - 1]
    for first, last in zip(firsts, lasts, strict=True):
        yield Run(int(positions[first]), int(offsets[first]), int(offsets[last]) + size)


def scratch(size: int) -> NDArray[np.uint8]:
    """Bytes of this thread's own, valid until it asks again."""
    buffer: NDArray[np.uint8] | None = getattr(_scratch, "buffer", None)
    if buffer is None or buffer.size < size:
        buffer = _scratch.buffer = np.empty(size, np.uint8)
    return buffer[:size]
