"""How a block falls on the chunks of a dataset: in parts that take the same rows from every chunk they touch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

from lrn_cli.boxes import Box

_MOST_BESIDE = 4
"""A part moves about this many times its own elements at most, or it is cut into rows."""
_MOST_ELEMENTS = 1 << 20
"""A part that is copied piece by piece is to fit a processor's cache, and to need little memory beside its block."""


class Part(NamedTuple):
    """A part of a block. In each chunk that it touches it needs the same contiguous piece, and perhaps not all of it.

    Attributes:
        box: Which part of the dataset it is.
        grid: Which chunks it touches.
        first: Where in every chunk the piece begins, in elements.
        piece: The shape of the piece.
        exact: Whether every piece lies in the block as it lies in the chunk.
        whole: Whether the part covers all elements of its pieces that are elements of the dataset.
    """

    box: Box
    grid: Box
    first: int
    piece: tuple[int, ...]
    exact: bool
    whole: bool


class Segment(NamedTuple):
    """Part of one axis: `chunks` chunks, counted from the part's first, that give the same `width` elements each.

    Attributes:
        chunk: The first of the chunks.
        chunks: How many.
        start: The first element taken from each.
        width: How many elements are taken from each.
        target: Where in the part they go.
    """

    chunk: int
    chunks: int
    start: int
    width: int
    target: int


def parts(box: Box, chunk: Sequence[int], shape: Sequence[int], *, whole: bool = False) -> Iterator[Part]:
    """Cut a block into parts.

    Args:
        box: The block.
        chunk: Shape of a chunk.
        shape: Of the dataset.
        whole: Whether to give only parts that cover all elements of their pieces.

    >>> [(part.grid, part.first, part.piece) for part in parts((slice(2, 5), slice(0, 6)), (4, 3), (8, 6))]
    [((slice(0, 1, None), slice(0, 2, None)), 6, (2, 3)), ((slice(1, 2, None), slice(0, 2, None)), 0, (1, 3))]
    """
    rank = len(chunk)
    # Along the axes before this one the block takes one element of each chunk.
    axis = next((at for at in range(rank) if chunk[at] > 1 and box[at].stop - box[at].start > 1), rank - 1)
    for rows in segments(box[axis], chunk[axis]):
        start = box[axis].start + rows.target
        piece = slice(start, start + rows.chunks * rows.width)
        part = _part((*box[:axis], piece, *box[axis + 1 :]), chunk, shape, axis, rows)
        # Too much that is not wanted comes along, or would be written over: smaller parts reach less of it.
        beside = _reach(part, chunk, shape, axis) > _MOST_BESIDE * prod(_lengths(part.box[axis + 1 :]))
        if beside or (whole and not part.whole):
            smaller = _cut(part.box, axis, range(piece.start, piece.stop))
        elif part.exact or _size(part) <= _MOST_ELEMENTS:
            smaller = []
        else:
            smaller = _groups(part, chunk)
        if not smaller:
            yield part
        for one in smaller:
            yield from parts(one, chunk, shape, whole=whole)


def segments(piece: slice, edge: int) -> list[Segment]:
    """Cut a part of an axis at the chunks of which it has only a part.

    >>> [tuple(segment) for segment in segments(slice(3, 17), 5)]
    [(0, 1, 3, 2, 0), (1, 2, 0, 5, 2), (3, 1, 0, 2, 12)]
    """
    # chunks   |. . . . .|. . . . .|. . . . .|. . . . .|
    # piece          [3 4|5       9|10     14|15 16]         3:17 in chunks of 5
    # segments       [ 1 ][         2        ][  3 ]         the end of one, whole ones together, the beginning of one
    found, at, origin = [], piece.start, piece.start // edge
    while at < piece.stop:
        chunk, start = divmod(at, edge)
        count = (piece.stop - at) // edge if start == 0 else 0
        width = edge if count else min(edge - start, piece.stop - at)
        found.append(Segment(chunk - origin, max(count, 1), start, width, at - piece.start))
        at += max(count, 1) * width
    return found


def _part(box: Box, chunk: Sequence[int], shape: Sequence[int], axis: int, rows: Segment) -> Part:
    inner = range(axis + 1, len(chunk))
    first = rows.start * prod(chunk[axis + 1 :])
    first += sum(box[at].start % chunk[at] * prod(chunk[at + 1 :]) for at in range(axis))
    starts_clean = all(box[at].start % chunk[at] == 0 for at in inner)
    return Part(
        box,
        tuple(slice(part.start // edge, -(-part.stop // edge)) for part, edge in zip(box, chunk, strict=True)),
        first,
        (*(1 for _ in range(axis)), rows.width, *chunk[axis + 1 :]),
        exact=starts_clean and all(box[at].stop - box[at].start == chunk[at] for at in inner),
        whole=starts_clean and all(box[at].stop % chunk[at] == 0 or box[at].stop == shape[at] for at in inner),
    )


def _groups(part: Part, chunk: Sequence[int]) -> list[Box]:
    """Cut a part that is too large between its chunks; nothing where it has but one."""
    counts = _lengths(part.grid)
    axis = next((at for at, count in enumerate(counts) if count > 1), None)
    if axis is None:
        return []
    step = max(counts[axis] * _MOST_ELEMENTS // _size(part), 1)
    firsts = range(part.grid[axis].start, part.grid[axis].stop, step)
    return _cut(part.box, axis, [max(first * chunk[axis], part.box[axis].start) for first in firsts])


def _cut(box: Box, axis: int, starts: Sequence[int]) -> list[Box]:
    """Cut a box along an axis."""
    ends = [*starts[1:], box[axis].stop]
    return [(*box[:axis], slice(start, end), *box[axis + 1 :]) for start, end in zip(starts, ends, strict=True)]


def _reach(part: Part, chunk: Sequence[int], shape: Sequence[int], axis: int) -> int:
    """How many elements of the dataset the chunks that a part touches have behind each of its rows."""
    behind = zip(part.grid[axis + 1 :], chunk[axis + 1 :], shape[axis + 1 :], strict=True)
    return prod(min(touched.stop * edge, length) - touched.start * edge for touched, edge, length in behind)


def _size(part: Part) -> int:
    """Elements of all pieces."""
    return prod(_lengths(part.grid)) * prod(part.piece)


def _lengths(box: Box) -> list[int]:
    return [part.stop - part.start for part in box]
