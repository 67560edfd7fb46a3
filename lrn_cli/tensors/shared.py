"""Outputs that several machines write together: in which slabs, and what each of them needs for its own.

One machine begins an output, which is sent to another then, and named there when all slabs are written.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from math import lcm, prod
from pathlib import Path
from typing import Protocol, runtime_checkable

from lrn_cli.boxes import SHORTEST_CUT, Box, blocks, run_edges
from lrn_cli.errors import LrnError
from lrn_cli.formula import Spans
from lrn_cli.tensors.targets import Pending
from lrn_cli.tensors.tensor import Sink, Writing

_UNCUT = 4
"""How many times as large as asked for a slab may be that is not cut across a window: each thread has some even so."""

Left = Sequence[tuple[int, bytes]]
"""Pieces of a file with their places, that a slab leaves to whoever has begun the output."""


class SlabSink(Sink):
    """What writes a slab's blocks, on any machine.

    Attributes:
        left: What it has not written itself, once it is committed.
    """

    left: Left = ()


class Place(Protocol):
    """Where a slab goes: what is sent to the machine that writes it."""

    def elsewhere(self, away: Callable[[str], str]) -> Place:
        """The same for a machine on which names are others."""

    def open(self, box: Box) -> SlabSink:
        """Begin to write one slab; once more where it was begun and lost: what comes to lie there is the same."""


class Shared(Pending):
    """An output whose slabs are written anywhere, and which appears when the `with` block ends well.

    Attributes:
        place: Where they go.
        unfinished: What is written to meanwhile: whoever has begun it does not remove it when it ends.
    """

    place: Place
    unfinished: Path

    @abstractmethod
    def cut(self, spans: Spans, elements: int, chunks: Sequence[int] | None) -> list[Box]:
        """Slabs of about so many elements, of which no two touch what a machine writes at once.

        Args:
            spans: How far the window reaches along each axis, in storage order.
            elements: Of a slab, as far as the window and the format allow.
            chunks: Shape of the source's chunks in storage order, each of which is better read once; None where it has
                none.
        """

    def take(self, left: Iterable[Left]) -> None:
        """Write what slabs have left."""


@runtime_checkable
class Shareable(Protocol):
    """A format of which an output can be shared."""

    def share(self, writing: Writing) -> Shared | None:
        """Begin an output; None where it cannot be shared, as what goes to a pipe."""


def gone_error(unfinished: str) -> LrnError:
    """What to say where an output is no longer there: another machine has given up, and none is to begin it again."""
    return LrnError(f"{unfinished}: is gone, and so is the run to which it belongs", "try again")


def cut_into_runs(shape: Sequence[int], spans: Spans, elements: int, chunks: Sequence[int] | None = None) -> list[Box]:
    """Slabs that are contiguous runs, in storage order; also across the window, where the axes before it are short.

    >>> from lrn_cli.formula import Span
    >>> spans = (Span(0, 0), Span(2, 2), Span(0, 0))
    >>> [len(cut_into_runs((4, 60, 50), spans, elements)) for elements in (12000, 3000, 1000)]
    [1, 4, 12]
    >>> cut_into_runs((4, 60, 50), spans, 1000, (2, 60, 10))[0]
    (slice(0, 2, None), slice(0, 60, None), slice(0, 50, None))
    """
    lengths = list(run_edges(shape, spans, max(elements, 1)))
    axis = next((at for at, length in enumerate(lengths) if length > 1), len(lengths) - 1)
    if chunks is not None:
        # A run cannot have some of several indices: what is read in chunks of several is cut there.
        axis = next((at for at in range(axis) if min(chunks[at], shape[at]) > 1), axis)
        whole = -(-lengths[axis] // chunks[axis]) * chunks[axis]
        lengths = [1] * axis + [min(whole, shape[axis]), *shape[axis + 1 :]]
    return [block.core for block in blocks(shape, spans, lengths)]


def cut_into_chunks(
    shape: Sequence[int], spans: Spans, elements: int, edges: Sequence[int], chunks: Sequence[int] | None = None
) -> list[Box]:
    """Slabs of whole chunks of the output, and of the source where they fit: along the window's axes first.

    Args:
        shape: Of the tensor, in storage order as all of it.
        spans: How far the window reaches.
        elements: Of a slab, as far as that holds a chunk, or what a window reaches along.
        edges: Of the output's chunks.
        chunks: Edges of the source's; None where it has none.

    >>> from lrn_cli.formula import Span
    >>> spans = (Span(0, 0), Span(2, 2), Span(0, 0))
    >>> [len(cut_into_chunks((4, 60, 50), spans, elements, (1, 10, 50))) for elements in (12000, 3000, 1000)]
    [1, 4, 12]
    >>> cut_into_chunks((4, 60, 50), spans, 1500, (1, 10, 25), (1, 20, 50))[0]
    (slice(0, 1, None), slice(0, 60, None), slice(0, 25, None))
    """
    least = [-(-max(edge, SHORTEST_CUT * sum(span)) // edge) * edge for edge, span in zip(edges, spans, strict=True)]
    units, axes = list(least), sorted(range(len(shape)), key=lambda axis: (not any(spans[axis]), -axis))

    def room(axis: int) -> int:
        """How long the slab may be along an axis."""
        others = (min(unit, length) for unit, length in zip(units, shape, strict=True))
        return elements * min(units[axis], shape[axis]) // max(prod(others), 1)

    for axis in axes if chunks is not None else ():
        # Across a window each slab would read its neighbours' chunks as well, all of them.
        if any(spans[axis]) and shape[axis] <= _UNCUT * room(axis):
            units[axis] = -(-shape[axis] // units[axis]) * units[axis]
    for axis in axes:
        whole = lcm(units[axis], chunks[axis]) if chunks is not None else units[axis]
        if min(whole, shape[axis]) <= room(axis):
            units[axis] = whole
    for axis in axes:
        units[axis] *= max(min(room(axis), shape[axis]) // units[axis], 1) if room(axis) < shape[axis] else shape[axis]
    lengths = [min(unit, length) for unit, length in zip(units, shape, strict=True)]
    return [block.core for block in blocks(shape, spans, lengths)]
