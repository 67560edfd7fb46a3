"""The last large chunks of an array, unpacked: blocks are smaller, and each would unpack its chunk anew."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from threading import Lock
from typing import Any

import numpy as np

from lrn_cli.boxes import Box, inside
from lrn_cli.dtypes import Array

LARGE = 16 << 20
"""Bytes of a chunk from which on it is kept."""
_ROOM, _MOST = 1 << 28, 2
"""Bytes that are kept together, if that is more than one chunk, and how many chunks."""


class Kept:
    """Chunks of an array.

    Args:
        array: As zarr-python has it.
        chunks: Their shape.
    """

    def __init__(self, array: Any, chunks: Sequence[int]) -> None:
        self._array, self._edges = array, tuple(chunks)
        self._most = max(1, min(_MOST, _ROOM // (prod(self._edges) * array.dtype.itemsize)))
        self._lock, self._chunks = Lock(), dict[tuple[int, ...], _Chunk]()

    def read(self, box: Box, out: Array) -> None:
        """Read a block."""
        for index in product(
            *(range(part.start // edge, -(-part.stop // edge)) for part, edge in zip(box, self._edges, strict=True))
        ):
            whole = self._box(index)
            part = tuple(slice(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(box, whole, strict=True))
            out[inside(part, box)] = self._of(index).unpacked(self._array, whole)[inside(part, whole)]

    def _box(self, index: Sequence[int]) -> Box:
        ends = zip(index, self._edges, self._array.shape, strict=True)
        return tuple(slice(at * edge, min((at + 1) * edge, length)) for at, edge, length in ends)

    def _of(self, index: tuple[int, ...]) -> _Chunk:
        with self._lock:
            found = self._chunks.pop(index) if index in self._chunks else _Chunk()
            self._chunks[index] = found  # the newest is the last one
            while len(self._chunks) > self._most:
                del self._chunks[next(iter(self._chunks))]
            return found


class _Chunk:
    """A chunk that the first who asks for it unpacks, while others wait for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._values: Array | None = None

    def unpacked(self, array: Any, box: Box) -> Array:
        with self._lock:
            if self._values is None:
                self._values = np.asarray(array[box])
            return self._values
