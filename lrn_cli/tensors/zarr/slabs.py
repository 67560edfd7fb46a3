"""An array that several machines write, each of them whole chunks, or whole shards where there are any.

Two that write to one shard lose each other's chunks: zarr-python reads it, changes a part, and writes all of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from lrn_cli.boxes import Box
from lrn_cli.formula import Spans
from lrn_cli.tensors.shared import Left, Shared, SlabSink, cut_into_chunks, gone_error
from lrn_cli.tensors.tensor import Writing
from lrn_cli.tensors.zarr import declared
from lrn_cli.tensors.zarr.destination import destinations
from lrn_cli.tensors.zarr.library import open_array
from lrn_cli.tensors.zarr.nodes import find
from lrn_cli.tensors.zarr.output import Output
from lrn_cli.tensors.zarr.sink import ChunkSink
from lrn_cli.tensors.zarr.source import name

_LEFT = re.compile(r".*\.[0-9a-f]{32}\.partial")
"""What zarr-python calls a chunk until it has all of it."""


class SharedZarr(Shared):
    """A new array whose chunks come from several machines, and the store that it is in.

    Args:
        writing: Where, and how.
    """

    place: Chunks

    def __init__(self, writing: Writing) -> None:
        where = destinations([writing])
        self._output, info = Output([writing], where), writing.source.info
        try:
            self.unfinished, (member,) = self._output.root, where.members
            self.place = Chunks(str(self.unfinished), member, str(writing.path), info.fortran_order)
            node = self._output.array(member)
            self._shape, self._edges = info.shape, declared.read(node, str(writing.path)).outer
        except BaseException:
            self.abort()
            raise

    def cut(self, spans: Spans, elements: int, chunks: Sequence[int] | None) -> list[Box]:
        """Whole chunks, or shards."""
        way = -1 if self.place.backwards else 1
        return cut_into_chunks(self._shape[::way], spans, elements, self._edges[::way], chunks)

    def take(self, left: Iterable[Left]) -> None:
        """Nothing is left of a slab of whole chunks."""

    def commit(self) -> None:
        """Make the store appear under its name, or the array in its store, without what lost workers have left."""
        for path in self.unfinished.rglob("*.partial"):
            if _LEFT.fullmatch(path.name):
                path.unlink()
        self._output.commit()

    def abort(self) -> None:
        """Remove every trace of the output."""
        self._output.abort()


class Chunks(NamedTuple):
    """The place of an array's slabs.

    Attributes:
        root: The hidden folder.
        member: The array's path in it.
        path: What the store will be called.
        backwards: Whether the axes of blocks come in the opposite order.
    """

    root: str
    member: str
    path: str
    backwards: bool

    def elsewhere(self, away: Callable[[str], str]) -> Chunks:
        """The same for a machine on which names are others."""
        return self._replace(root=away(self.root), path=away(self.path))

    def open(self, _box: Box) -> SlabSink:
        """Begin to write one slab."""
        root = Path(self.root)
        node = find(root, self.member)
        if node is None:
            raise gone_error(self.root)
        array, shown = open_array(root, node, write=True), name(Path(self.path), self.member)
        return ChunkSink(root, array, shown, backwards=self.backwards, long_call=nullcontext)
