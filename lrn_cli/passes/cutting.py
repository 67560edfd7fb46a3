"""Into which blocks a transfer cuts a tensor and what they take of memory: decided once for tensors that are alike."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.arithmetic.tiling import largest_tile, tile_edges
from lrn_cli.formula import Spans
from lrn_cli.passes.frame import Frame, block_lengths

_STREAM_BLOCK = 1 << 15
"""Elements of a block in a pipe: small, so that the next program can begin."""
_BUFFERS = 7
"""Scratch buffers that the arithmetic uses for the usual windows."""


class Cut(NamedTuple):
    """How a tensor is cut.

    Attributes:
        lengths: Edges of a block.
        pieces: How many blocks that makes.
        tile: Elements of the largest tile, which is what the arithmetic works on at once.
        nbytes: What one thread needs for a block: coming in, going out, and in scratch.
        shared: How many elements a block has in common with the next one, where blocks are runs.
    """

    lengths: tuple[int, ...]
    pieces: int
    tile: int
    nbytes: int
    shared: int


@lru_cache(maxsize=64)
def cut(
    stored: Frame,
    spans: Spans,
    *,
    itemsize: int,
    sums: np.dtype[Any],
    chunks: tuple[tuple[int, ...] | None, ...] = (None,),
    in_turn: bool = False,
    flat: bool = False,
    memory: int | None = None,
    buffers: int = _BUFFERS,
) -> Cut:
    """Cut a tensor.

    Args:
        stored: Its storage order, in which all that follows is.
        spans: The window along each axis.
        itemsize: Bytes of all elements that come in and go out for one, together.
        sums: What the arithmetic computes in.
        chunks: Shape of the chunks of each tensor's file, if it has any.
        in_turn: Whether blocks come or go in their order, and so must be contiguous runs.
        flat: Whether blocks go to a file in which elements lie one after another.
        memory: Bytes that a thread has for a block; None for what is quickest.
        buffers: How many scratch buffers the arithmetic uses.
    """
    scratch = buffers * sums.itemsize
    most = None if memory is None else max(memory // (itemsize + scratch), 1)
    run = _STREAM_BLOCK if in_turn else None
    lengths = block_lengths(stored, spans, chunks, most=most, run=run, itemsize=itemsize, flat=flat)
    largest = min(largest_tile(sums), most or sys.maxsize)
    block = _with_neighbours(lengths, spans, stored.shape)
    tile = _with_neighbours(tile_edges(block, spans, largest), spans, block)
    return into_blocks(stored.shape, spans, lengths, tile=largest, nbytes=prod(block) * itemsize + prod(tile) * scratch)


def into_blocks(shape: Sequence[int], spans: Spans, lengths: tuple[int, ...], *, tile: int, nbytes: int) -> Cut:
    """The cut into blocks of these lengths, with what each takes."""
    pieces = prod(-(-length // edge) for length, edge in zip(shape, lengths, strict=True))
    return Cut(lengths, pieces, tile, nbytes, _shared_elements(shape, spans, lengths))


def _shared_elements(shape: Sequence[int], spans: Spans, lengths: Sequence[int]) -> int:
    """How many elements a run and the next one have in common."""
    return sum(
        sum(span) * prod(shape[axis + 1 :])
        for axis, (span, edge, length) in enumerate(zip(spans, lengths, shape, strict=True))
        if edge < length
    )


def _with_neighbours(lengths: Sequence[int], spans: Spans, shape: Sequence[int]) -> tuple[int, ...]:
    """The shape of a block together with what its windows reach."""
    return tuple(min(edge + sum(span), end) for edge, span, end in zip(lengths, spans, shape, strict=True))
