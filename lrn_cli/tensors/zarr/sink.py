"""Writing arrays of a store, in whole chunks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lrn_cli.boxes import Box, inside
from lrn_cli.dtypes import Array
from lrn_cli.tensors.tensor import Sink, Writing
from lrn_cli.tensors.zarr.assembly import Assembly, groups
from lrn_cli.tensors.zarr.destination import destinations
from lrn_cli.tensors.zarr.library import in_words
from lrn_cli.tensors.zarr.output import Output
from lrn_cli.tensors.zarr.source import name


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


class ZarrSink(Sink):
    """An array being written.

    Args:
        output: The store that it is in; all sinks of it commit and abort all.
        writing: What to write.
        member: The array's path.
    """

    def __init__(self, output: Output, writing: Writing, member: str) -> None:
        self._output, self._long_call = output, writing.long_call
        self._shown = name(writing.path, member)
        self._reversed = writing.source.info.fortran_order
        self._array: Any = output.open_array(member)
        self._edges = tuple(self._array.shards or self._array.chunks)
        self._assembly = Assembly(writing.shape, self._edges, self._array.dtype, read=self._read, write=self._write)

    def write(self, box: Box, block: Array) -> None:
        """Write a block."""
        if not block.size:
            return
        if self._reversed:
            box, block = box[::-1], block.T
        self._assembly.add(box, block)

    def _read(self, box: Box) -> Array:
        with in_words(self._shown, "cannot be written", "df -h"), self._long_call():
            found: Array = np.asarray(self._array[box])
            return found

    def _write(self, box: Box, block: Array) -> None:
        with in_words(self._shown, "cannot be written", "df -h"), self._long_call():
            for part in groups(box, self._edges):
                self._array[part] = np.ascontiguousarray(block[inside(part, box)])

    def commit(self) -> None:
        """Make the store appear under its name, or the array in its store."""
        self._assembly.finish()
        self._output.commit()

    def abort(self) -> None:
        """Remove every trace of the output."""
        self._output.abort()
