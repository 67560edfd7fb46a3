"""Outputs that several machines write together: in which slabs, and what each of them needs for its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, runtime_checkable

from lrn_cli.boxes import Box, blocks, run_edges
from lrn_cli.formula import Spans
from lrn_cli.tensors.targets import Pending
from lrn_cli.tensors.tensor import Sink, Writing

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
    """

    place: Place

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
