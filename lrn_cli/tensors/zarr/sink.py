"""Writing arrays of a store, in whole chunks."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from math import prod
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from lrn_cli.boxes import Box, inside
from lrn_cli.dtypes import Array
from lrn_cli.tensors.shared import SlabSink, gone_error
from lrn_cli.tensors.tensor import LongCall, Sink, Writing
from lrn_cli.tensors.zarr.assembly import Assembly, groups
from lrn_cli.tensors.zarr.destination import destinations
from lrn_cli.tensors.zarr.library import in_words
from lrn_cli.tensors.zarr.output import Output
from lrn_cli.tensors.zarr.source import name

_LARGE = 4 << 20
"""Bytes of a chunk, or shard, beyond which one is written at a time: zarr-python has several copies of it meanwhile."""


def begin(writings: Sequence[Writing]) -> list[Sink]:
    """Begin a store with arrays, or arrays beside the others of a store.

    Raises:
        LrnError: What `check` refuses, or the output's beginnings cannot be written.
    """
    where = destinations(writings)
    output = Output(writings, where)
    try:
        return [ZarrSink(output, *of) for of in zip(writings, where.members, strict=True)]
    except BaseException:
        output.abort()
        raise


class ChunkSink(SlabSink):
    """Blocks of an array in a store that is being made, all of it or a slab of whole chunks.

    Args:
        root: The hidden folder.
        array: The array, as zarr-python has it.
        shown: What a user types for it.
        backwards: Whether the axes of blocks come in the opposite order.
        long_call: As of `Writing`.
    """

    def __init__(self, root: Path, array: Any, shown: str, *, backwards: bool, long_call: LongCall) -> None:
        self._root, self._array, self._long_call, self._backwards = root, array, long_call, backwards
        self._shown = shown
        self._edges = tuple(self._array.shards or self._array.chunks)
        shape, dtype = self._array.shape, self._array.dtype
        self._assembly = Assembly(shape, self._edges, dtype, read=self._read, write=self._write)
        self._alone = Lock() if prod(self._edges) * dtype.itemsize > _LARGE else nullcontext()

    def write(self, box: Box, block: Array) -> None:
        """Write a block."""
        if not block.size:
            return
        if self._backwards:
            box, block = box[::-1], block.T
        self._assembly.add(box, block)

    def _read(self, box: Box) -> Array:
        with in_words(self._shown, "cannot be written", "df -h"), self._long_call():
            found: Array = np.asarray(self._array[box])
            return found

    def _write(self, box: Box, block: Array) -> None:
        with self._alone, in_words(self._shown, "cannot be written", "df -h"), self._long_call():
            for part in groups(box, self._edges):
                if not self._root.exists():  # zarr-python would make it once more
                    raise gone_error(str(self._root))
                self._array[part] = np.ascontiguousarray(block[inside(part, box)])

    def commit(self) -> None:
        """Write what is still kept."""
        self._assembly.finish()

    def abort(self) -> None:
        """Do nothing: what is there of a slab is written again, and goes with the store."""


class ZarrSink(ChunkSink):
    """An array being written.

    Args:
        output: The store that it is in; all sinks of it commit and abort all.
        writing: What to write.
        member: The array's path.
    """

    def __init__(self, output: Output, writing: Writing, member: str) -> None:
        self._output, backwards = output, writing.source.info.fortran_order
        array, shown = output.open_array(member), name(writing.path, member)
        super().__init__(output.root, array, shown, backwards=backwards, long_call=writing.long_call)

    def commit(self) -> None:
        """Make the store appear under its name, or the array in its store."""
        super().commit()
        self._output.commit()

    def abort(self) -> None:
        """Remove every trace of the output."""
        self._output.abort()
