"""One order of axes for tensors that are stored in different ones, and the blocks in which all of them are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

from lrn_cli.arithmetic.tiling import file_edges
from lrn_cli.boxes import long_runs, run_edges, whole_chunks
from lrn_cli.errors import LrnError
from lrn_cli.formula import Spans
from lrn_cli.tensors.tensor import Source

Order = tuple[int, ...]

_RUN = 1 << 10
"""Elements that a block holds in one run of each tensor, where their orders of axes differ."""
_CROSSWISE = 1 << 20
"""Elements of a block there."""


class Frame(NamedTuple):
    """The order of axes in which tensors are compared.

    Attributes:
        shape: In that order.
        order: For each of its axes, which axis of the first tensor that is.
        places: For each tensor and each axis of its storage order, which axis of the frame that is.
    """

    shape: tuple[int, ...]
    order: Order
    places: tuple[Order, ...]

    def first_index(self, index: Sequence[int]) -> tuple[int, ...]:
        """An index in the frame as one of the first tensor."""
        return tuple(at for _, at in sorted(zip(self.order, index, strict=True)))


def frame(sources: Sequence[Source], matching: Sequence[Order]) -> Frame:
    """The storage order of the tensor that must be read in its order, else of the first.

    Args:
        sources: The tensors.
        matching: For each of them and each of its axes, which axis of the first tensor that is.

    Raises:
        LrnError: Two tensors must be read in orders of their own.
    """
    stored = [axes[::-1] if source.info.fortran_order else axes for source, axes in zip(sources, matching, strict=True)]
    in_turn = {order for source, order in zip(sources, stored, strict=True) if source.sequential}
    if len(in_turn) > 1:
        raise LrnError(
            "both tensors come as streams, one in C order and one in Fortran order or another layout",
            "save one of them to an .npy file first",
        )
    order = next(iter(in_turn), stored[0])
    shape = sources[0].info.shape
    place = {axis: index for index, axis in enumerate(order)}
    return Frame(
        tuple(shape[axis] for axis in order), order, tuple(tuple(place[axis] for axis in axes) for axes in stored)
    )


def block_lengths(
    common: Frame,
    spans: Spans,
    chunks: Sequence[tuple[int, ...] | None],
    *,
    most: int | None = None,
    run: int | None = None,
    itemsize: int = 8,
    flat: bool = False,
) -> tuple[int, ...]:
    """Lengths of a block in the frame's order.

    Args:
        common: The frame.
        spans: The window along each of its axes.
        chunks: Shape of the chunks of each tensor's file, where it has any.
        most: Elements of the largest block, as far as the window allows.
        run: Elements of a block where blocks must be contiguous runs.
        itemsize: Bytes of all elements that come in and go out for one, together.
        flat: Whether blocks go to a file in which elements lie one after another.
    """
    shape, plain = common.shape, tuple(range(len(common.shape)))
    if run:
        return run_edges(shape, spans, min(run, most or run))
    if all(places == plain for places in common.places):
        lengths = file_edges(shape, spans, most, itemsize)
    else:
        lengths = _crosswise(shape, spans, common.places, most or _CROSSWISE)
    if most:
        return lengths
    for of_file, places in zip(chunks, common.places, strict=True):
        if of_file is not None:
            lengths = whole_chunks(lengths, [of_file[places.index(axis)] for axis in plain], shape, spans)
    return long_runs(lengths, shape) if flat else lengths


def _crosswise(shape: Sequence[int], spans: Spans, orders: Sequence[Order], most: int) -> tuple[int, ...]:
    """A block that lies in long runs in each of several orders of the axes.

    >>> from lrn_cli.formula import Span
    >>> _crosswise((64, 96, 55, 55), (Span(0, 0),) * 4, [(0, 1, 2, 3), (3, 2, 1, 0)], 1 << 20)
    (64, 16, 18, 55)
    """
    lengths = [min(2 * sum(span) or 1, length) for span, length in zip(spans, shape, strict=True)]

    def stretch(axis: int, elements: int, beside: Sequence[int]) -> None:
        others = prod(lengths[other] for other in beside if other != axis)
        lengths[axis] = max(lengths[axis], min(shape[axis], elements // others))

    for order in orders:
        for count, axis in enumerate(reversed(order)):
            stretch(axis, _RUN, order[len(order) - count :])
    for axis in reversed(orders[0]):
        stretch(axis, most, range(len(shape)))
    return tuple(lengths)


_ORDERS = (("NCHW", "NHWC"), ("CHW", "HWC"), ("NCDHW", "NDHWC"))


class Match(NamedTuple):
    """How the axes of a second tensor correspond to those of the first.

    Attributes:
        axes: For each axis of the second, which of the first that is.
        layouts: The layouts of both, where they are not the same; else None.
    """

    axes: tuple[int, ...]
    layouts: tuple[str, str] | None = None


def match(first: Sequence[int], second: Sequence[int]) -> Match | None:
    """How two shapes correspond: axis by axis, or as one layout to another; None where they do not.

    >>> match((2, 3), (2, 3)), match((2, 3), (3, 2))
    (Match(axes=(0, 1), layouts=None), None)
    >>> match((1, 96, 27, 20), (1, 27, 20, 96))
    Match(axes=(0, 2, 3, 1), layouts=('NCHW', 'NHWC'))
    """
    if tuple(first) == tuple(second):
        return Match(tuple(range(len(first))))
    return next(across(first, second), None)


def across(first: Sequence[int], second: Sequence[int] | None = None) -> Iterator[Match]:
    """How two shapes correspond as one layout to another; without the second, how any can.

    >>> [match.layouts for match in across((1, 6, 6, 6), (1, 6, 6, 6))]
    [('NCHW', 'NHWC'), ('NHWC', 'NCHW')]
    """
    for channels_first, channels_last in _ORDERS:
        for one, other in ((channels_first, channels_last), (channels_last, channels_first)):
            if len(one) == len(first):
                axes = tuple(one.index(letter) for letter in other)
                if second is None or tuple(first[axis] for axis in axes) == tuple(second):
                    yield Match(axes, (one, other))
