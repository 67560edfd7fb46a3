"""Whole chunks from blocks that are cut in any way: what writes a part of a chunk unpacks and packs all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from math import prod
from threading import Lock
from typing import NamedTuple

import numpy as np

from lrn_cli.boxes import Box, blocks, inside, size
from lrn_cli.dtypes import Array, DType
from lrn_cli.formula import Span

_AT_ONCE = 256
"""Chunks that are asked for together: zarr-python makes a task of each, all before it does the first."""
_MOST = 64 << 20
"""Bytes of chunks that are kept until they are complete."""

Place = tuple[int, ...]


class _Begun(NamedTuple):
    """A chunk of which not all is there yet.

    Attributes:
        values: Those that are.
        missing: How many are not.
    """

    values: Array
    missing: int


class Assembly:
    """Puts chunks together, from any number of threads.

    Args:
        shape: Of the tensor.
        edges: Of a chunk.
        dtype: Of the elements.
        read: Gives a box of what was written.
        write: Takes whole chunks, or parts of them for which there is no room here; never two of one chunk at a time.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        edges: tuple[int, ...],
        dtype: DType,
        *,
        read: Callable[[Box], Array],
        write: Callable[[Box, Array], None],
    ) -> None:
        self._shape, self._edges, self._dtype = shape, edges, dtype
        self._read, self._write = read, write
        self._begun: dict[Place, _Begun] = {}
        self._put_away: dict[Place, int] = {}
        self._lock = Lock()

    def add(self, box: Box, block: Array) -> None:
        """Take a block; none may be given twice."""
        whole = self._whole_part(box)
        if whole is not None:
            self._write(whole, block[inside(whole, box)])
        for place, part in self._places(box):
            if whole is None or not _covers(whole, part):
                complete = self._keep(place, part, block[inside(part, box)])
                if complete is not None:
                    self._write(self._box(place), complete)

    def finish(self) -> None:
        """Write what is left of chunks of which not all was given."""
        for place, begun in self._begun.items():
            self._write(self._box(place), begun.values)
        self._begun.clear()

    def _whole_part(self, box: Box) -> Box | None:
        """The part of a box that is whole chunks; None where there is none."""
        part = tuple(
            slice(-(-piece.start // edge) * edge, piece.stop if piece.stop == length else piece.stop // edge * edge)
            for piece, edge, length in zip(box, self._edges, self._shape, strict=True)
        )
        return part if all(piece.start < piece.stop for piece in part) else None

    def _places(self, box: Box) -> Iterator[tuple[Place, Box]]:
        """The chunks that a box touches, and the part of it that is in each."""
        ranges = [
            range(piece.start // edge, -(-piece.stop // edge)) for piece, edge in zip(box, self._edges, strict=True)
        ]
        for place in product(*ranges):
            chunk = self._box(place)
            yield (
                place,
                tuple(slice(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(chunk, box, strict=True)),
            )

    def _box(self, place: Place) -> Box:
        return tuple(
            slice(at * edge, min(at * edge + edge, length))
            for at, edge, length in zip(place, self._edges, self._shape, strict=True)
        )

    def _keep(self, place: Place, part: Box, values: Array) -> Array | None:
        """Keep a part of a chunk; the chunk where it is complete now."""
        chunk = self._box(place)
        with self._lock:
            begun = self._begun.pop(place, None)
            if begun is None and place in self._put_away:
                begun = _Begun(np.array(self._read(chunk)), self._put_away.pop(place))
            if begun is None:
                begun = _Begun(np.zeros(size(chunk), self._dtype), prod(size(chunk)))
            begun.values[inside(part, chunk)] = values
            missing = begun.missing - values.size
            if not missing:
                return begun.values
            self._begun[place] = _Begun(begun.values, missing)
            self._put_some_away()
        return None

    def _put_some_away(self) -> None:
        """Write those begun first, where they take too much memory; who comes back to one reads it again."""
        while len(self._begun) > 1 and sum(one.values.nbytes for one in self._begun.values()) > _MOST:
            place = next(iter(self._begun))
            begun = self._begun.pop(place)
            self._write(self._box(place), begun.values)
            self._put_away[place] = begun.missing


def _covers(whole: Box, part: Box) -> bool:
    return all(a.start <= b.start and b.stop <= a.stop for a, b in zip(whole, part, strict=True))


def groups(box: Box, chunks: tuple[int, ...]) -> Iterator[Box]:
    """A box in parts of not too many chunks each, which end where chunks do."""
    lengths = list(size(box))
    first = tuple(piece.start // edge * edge for piece, edge in zip(box, chunks, strict=True))
    steps = [-(-(piece.stop - start) // edge) for piece, start, edge in zip(box, first, chunks, strict=True)]
    if prod(steps) <= _AT_ONCE:
        yield box
        return
    for axis in range(len(steps)):  # the outermost axes are cut first
        others = prod(steps[axis + 1 :])
        steps[axis] = max(_AT_ONCE // others, 1)
        if others <= _AT_ONCE:
            break
    lengths = [step * edge for step, edge in zip(steps, chunks, strict=True)]
    whole = tuple(slice(start, piece.stop) for start, piece in zip(first, box, strict=True))
    nowhere = (Span(0, 0),) * len(box)
    for core, _ in blocks([piece.stop for piece in box], nowhere, lengths, whole):
        yield tuple(slice(max(a.start, b.start), a.stop) for a, b in zip(core, box, strict=True))
