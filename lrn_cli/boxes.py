"""Boxes: parts of a tensor, as a slice with plain start and stop for each axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from lrn_cli.formula import Spans

Box = tuple[slice, ...]

SHORTEST_CUT = 2
"""A cut across the window keeps at least this many times the window's reach, so that little is read twice."""
_ROOMY_BLOCK = 1 << 20
_CHUNKED_BLOCK = 1 << 19
_LARGEST_CHUNKED_BLOCK = 1 << 23
"""Elements of a block that is made larger to hold whole chunks: up to the first as many as that takes, then about the
second, and never more than the last."""


_LONG_RUN = 1 << 10
"""Elements of a run that is written at once: of fewer, the system takes longer over the call than over the data."""


class Block(NamedTuple):
    """A piece of a tensor: `core` is what it writes, `reach` what it reads, the core and its windows."""

    core: Box
    reach: Box


def blocks(shape: Sequence[int], spans: Spans, lengths: Sequence[int], within: Box | None = None) -> Iterator[Block]:
    """All blocks of that size, in storage order; an empty tensor has none.

    Args:
        shape: Of the tensor.
        spans: The window along each axis.
        lengths: Edges of a block; the last one along an axis may be shorter.
        within: Cut only this part of the tensor.
    """
    whole = within if within is not None else tuple([slice(0, length) for length in shape])
    edges = list(zip(whole, lengths, strict=True))
    for corner in product(*(range(piece.start, piece.stop, max(edge, 1)) for piece, edge in edges)):
        core = tuple([slice(at, min(at + edge, piece.stop)) for at, (piece, edge) in zip(corner, edges, strict=True)])
        yield Block(core, reach(core, spans, shape))


def reach(core: Box, spans: Spans, shape: Sequence[int]) -> Box:
    """The box that the windows of all of `core` cover, inside the tensor."""
    return tuple(
        [
            slice(max(piece.start - before, 0), min(piece.stop + after, length))
            for piece, (before, after), length in zip(core, spans, shape, strict=True)
        ]
    )


def inside(inner: Box, outer: Box) -> Box:
    """Where `inner` lies, counted from the corner of `outer`."""
    return tuple([slice(a.start - b.start, a.stop - b.start) for a, b in zip(inner, outer, strict=True)])


def size(box: Box) -> tuple[int, ...]:
    """The shape of a box."""
    return tuple([piece.stop - piece.start for piece in box])


def run_edges(shape: Sequence[int], spans: Spans, elements: int) -> tuple[int, ...]:
    """Lengths of a block of about `elements` elements that is one contiguous run: what a stream can be read in.

    >>> from lrn_cli.formula import Span
    >>> run_edges((64, 96, 55, 55), (Span(0, 0), Span(2, 2), Span(0, 0), Span(0, 0)), 1 << 16)
    (1, 21, 55, 55)
    """
    cut = 0
    # Inside an axis with a window a run would not hold the neighbours, so that is where the search ends.
    while cut < len(shape) - 1 and prod(shape[cut + 1 :]) > elements and not any(spans[cut]):
        cut += 1
    least = SHORTEST_CUT * (spans[cut].before + spans[cut].after)
    length = max(elements // max(prod(shape[cut + 1 :]), 1), least, 1)
    return (*(1 for _ in shape[:cut]), min(shape[cut], length), *shape[cut + 1 :])


def whole_chunks(
    lengths: tuple[int, ...], chunks: Sequence[int], shape: Sequence[int], spans: Spans | None = None
) -> tuple[int, ...]:
    """Block edges that end where chunks do, as far as that keeps blocks within reason.

    Where a block would become large for that, it has fewer chunks along the axes without a window, the outermost first.

    >>> whole_chunks((1, 96, 55, 55), (58, 12, 7, 7), (925, 96, 55, 55), ((0, 0), (2, 2), (0, 0), (0, 0)))
    (58, 96, 7, 7)
    """
    aligned = [
        min(-(-edge // chunk) * chunk, length) for edge, chunk, length in zip(lengths, chunks, shape, strict=True)
    ]
    for axis, (chunk, span) in enumerate(zip(chunks, spans or [(0, 0)] * len(chunks), strict=True)):
        if not any(span) and prod(aligned) > _ROOMY_BLOCK:
            others = prod(aligned[:axis]) * prod(aligned[axis + 1 :])
            aligned[axis] = min(aligned[axis], max(_CHUNKED_BLOCK // (others * chunk), 1) * chunk)
    return tuple(aligned) if prod(aligned) <= _LARGEST_CHUNKED_BLOCK else lengths


def long_runs(lengths: tuple[int, ...], shape: Sequence[int]) -> tuple[int, ...]:
    """Block edges with which blocks are of long runs, as far as that keeps blocks within reason.

    >>> long_runs((4, 96, 50, 50), (64, 96, 100, 100)), long_runs((64, 96, 50, 60), (64, 96, 100, 8_000))
    ((4, 96, 50, 100), (64, 96, 50, 60))
    """
    longer, run = list(lengths), 1
    for axis in reversed(range(len(shape))):
        run *= longer[axis]
        if run >= _LONG_RUN:
            break
        run, longer[axis] = run // longer[axis] * shape[axis], shape[axis]
    return tuple(longer) if prod(longer) <= _LARGEST_CHUNKED_BLOCK else lengths


def runs(box: Box, shape: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The contiguous runs of a block, as position of the first element and number of elements.

    >>> list(runs((slice(0, 2), slice(1, 3), slice(0, 4)), (2, 3, 4)))
    [(4, 8), (16, 8)]
    """
    lengths = size(box)
    if lengths == tuple(shape):
        yield 0, prod(lengths)
        return
    inner = len(shape)
    while inner > 0 and lengths[inner - 1] == shape[inner - 1]:
        inner -= 1
    # The axis before the full ones is the last that a run reaches along.
    split = max(inner - 1, 0)
    count = prod(lengths[split:])
    strides = [prod(shape[axis + 1 :]) for axis in range(len(shape))]
    first = sum(piece.start * stride for piece, stride in zip(box, strides, strict=True))
    for index in product(*(range(length) for length in lengths[:split])):
        yield first + sum(at * stride for at, stride in zip(index, strides, strict=False)), count
