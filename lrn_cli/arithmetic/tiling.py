"""How a tensor is cut into blocks: what each writes, and what it must read for that.

A block's edges depend on the shape and the window alone. Results do not depend on them: every window sum is made of
the same additions in the same order wherever a block ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.boxes import SHORTEST_CUT, Box, blocks, inside, run_edges
from lrn_cli.dtypes import Array
from lrn_cli.formula import Spans

TILE = 1 << 18
"""Elements of a block of arithmetic. Its scratch lies in the cache that cores share; one that fits a core's own would
be as quick in one thread, but two would spend their time handing Python's lock to each other between short passes."""
SLAB = 1 << 22
"""Bytes of one buffer for the largest tile, where it need not fit the cache."""
FILE_BLOCK = 1 << 18
"""Elements of a block that is read from a file at once: enough that the calls cost little beside the copying, and few
enough that the block is still in the cache when it is computed, and its results when they are written."""
_NARROW_FILE_BLOCK = 5 << 17
"""The same of float16, of whose bytes more elements fit."""
_LARGEST_FILE_BLOCK = 1 << 21
"""The same where a window would have much read twice."""

# In elements: what NumPy pays to go on to the next row of a block that does not lie in one run, memory included; and
# what a call to read from a file costs.
_ROW_COST = 300
_READ_COST = 3000
_NARROW = 4
_LEFT_CACHE = 1.3


class Tile(NamedTuple):
    """What the arithmetic works on at once.

    Attributes:
        values: The elements and their neighbours.
        results: Where the results of the core go.
        core: Which part of the values that is; None for all.
    """

    values: Array
    results: Array
    core: Box | None


def largest_tile(dtype: np.dtype[Any]) -> int:
    """Elements of the largest tile that is computed in that dtype: so many that its buffers stay a few megabytes."""
    return SLAB // dtype.itemsize


@lru_cache(maxsize=64)
def tile_edges(shape: tuple[int, ...], spans: Spans, most: int = 1 << 20) -> tuple[int, ...]:
    """Lengths of a tile, cut where that costs least; of at most `most` elements if the window allows.

    >>> from lrn_cli.formula import Span
    >>> tile_edges((64, 96, 55, 55), (Span(0, 0), Span(2, 2), Span(0, 0), Span(0, 0)))
    (1, 96, 55, 55)
    """
    windowed = [axis for axis, span in enumerate(spans) if any(span)]
    first = windowed[0] if windowed else 0
    tile = min(TILE, most)
    candidates = [
        _sample(shape, spans),
        run_edges(shape, spans, tile),
        run_edges(shape, spans, most),
        edges(shape, spans, tile),
    ]

    def cost(lengths: Sequence[int]) -> float:
        # A run from one end of the window's axis to the other goes through in stages, and so need not fit the cache.
        in_stages = len(windowed) == 1 and prod(lengths[:first]) == 1
        cached = in_stages or prod(lengths) <= 2 * tile
        return _cost(shape, spans, lengths, _ROW_COST, most) * (1.0 if cached else _LEFT_CACHE)

    return min(candidates, key=cost)


@lru_cache(maxsize=64)
def file_edges(shape: tuple[int, ...], spans: Spans, most: int | None = None, itemsize: int = 8) -> tuple[int, ...]:
    """Lengths of a block that is read from a file at once, cut where that costs least.

    Args:
        shape, spans, most: As of `tile_edges`.
        itemsize: Bytes of an element that is read and of its result, together.

    >>> from lrn_cli.formula import Span
    >>> file_edges((64, 96, 55, 55), (Span(0, 0), Span(2, 2), Span(0, 0), Span(0, 0)))
    (1, 96, 55, 55)
    """
    block = _NARROW_FILE_BLOCK if itemsize <= _NARROW else FILE_BLOCK
    usual, largest = (min(elements, most or elements) for elements in (block, _LARGEST_FILE_BLOCK))
    candidates = [run_edges(shape, spans, elements) for elements in (usual, largest)]
    candidates += [
        _sample(shape, spans),
        *(edges(shape, spans, n, run=1 << 13) for n in (usual, min(4 * usual, largest))),
    ]
    return min(candidates, key=lambda lengths: _cost(shape, spans, lengths, _READ_COST, largest))


def _sample(shape: Sequence[int], spans: Spans) -> tuple[int, ...]:
    """The smallest run in which no window is cut; where there is no window, all of it."""
    first = next((axis for axis, span in enumerate(spans) if any(span)), 0)
    return (*(1 for _ in shape[:first]), *shape[first:])


def _cost(shape: Sequence[int], spans: Spans, lengths: Sequence[int], row_cost: int, most: int) -> float:
    """What an element costs: what is read twice, what each row costs beside its elements, and memory."""
    cost, row, size = 1.0, 1, prod(lengths)
    for axis in reversed(range(len(shape))):
        edge, length = max(lengths[axis], 1), max(shape[axis], 1)
        cost *= min(edge + sum(spans[axis]), length) / edge
        if prod(lengths[axis + 1 :]) == prod(shape[axis + 1 :]):
            row *= edge
    return cost * (1 + row_cost / row) * (1 + size / (16 * most)) * max(1, size / most)


def edges(shape: Sequence[int], spans: Spans, elements: int, run: int = 512) -> tuple[int, ...]:
    """Lengths of a block of about `elements` elements: cut where it costs least.

    First along axes without a window, from the outermost, as long as what stays contiguous is at least `run` elements;
    then along the window's axes, which makes blocks overlap; last below `run`.

    >>> from lrn_cli.formula import Span
    >>> edges((64, 96, 55, 55), (Span(0, 0), Span(2, 2), Span(0, 0), Span(0, 0)), 1 << 16)
    (1, 96, 11, 55)
    """
    lengths = list(shape)
    reaches = [span.before + span.after for span in spans]

    def shrink(axis: int, least: int) -> None:
        rest, length = prod(lengths) // max(lengths[axis], 1), lengths[axis]
        edge = min(length, max(elements // max(rest, 1), least, 1))
        # As many pieces, of equal length: a short last one would be another shape to make ready for.
        lengths[axis] = -(-length // -(-length // max(edge, 1))) if length else 0

    free = [axis for axis in range(len(shape)) if not reaches[axis]]
    bound = [axis for axis in range(len(shape)) if reaches[axis]]
    for axis in free:
        inside = any(outer < axis for outer in bound)
        shrink(axis, -(-run // max(prod(lengths[axis + 1 :]), 1)) if inside else 1)
    for axis in bound:
        shrink(axis, max(SHORTEST_CUT * reaches[axis], 1))
    for axis in free:
        shrink(axis, 1)
    return tuple(lengths)


def overlap(shape: Sequence[int], spans: Spans, lengths: Sequence[int]) -> bool:
    """Whether blocks of that size share elements that they read: whether a window's axis is cut."""
    return any(edge < length and any(span) for edge, length, span in zip(lengths, shape, spans, strict=True))


def tiles(block: Array, out: Array, spans: Spans, most: int, within: Box | None = None) -> Iterator[Tile]:
    """Cut a block for the arithmetic.

    Args:
        block: The elements.
        out: Receives the results of the part `within`, or of the whole block.
        spans: The window along each axis.
        most: Elements of the largest tile, if the window allows.
        within: The part of the block to normalise; what is around it serves as neighbours.
    """
    lengths = tile_edges(block.shape, spans, most)
    if within is None and lengths == block.shape and block.size:
        yield Tile(block, out, None)
        return
    corner = tuple(slice(piece.start, piece.start) for piece in within) if within is not None else None
    for core, around in blocks(block.shape, spans, lengths, within):
        place = core if corner is None else inside(core, corner)
        yield Tile(block[around], out[place], None if core == around else inside(core, around))
