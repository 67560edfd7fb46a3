"""How a block lies in scratch memory: its squares among zeros, so that every window sum is one flat addition.

The squares are stored with gaps of zeros along each axis of the window, wide enough for the window to slide over the
border. Neighbours are then a fixed distance apart in flat memory, and a sum over a window of any axis is an addition
of one long array to itself, shifted, without a loop over rows. Sums that straddle a gap are computed and not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from lrn_cli.arithmetic.windows import Window

_SHORT_ROW = 8
"""Rows shorter than this are gathered by column instead: NumPy pays for each row about what 10 elements cost."""
_SHORT_COVERED_ROW = 32
"""The same where one sum serves the whole row, which is only seen once its elements are gathered."""


class Geometry(NamedTuple):
    """The place of a block's elements in scratch memory.

    Attributes:
        order: The block's axes in the order in which scratch memory holds them.
        shape: The block's shape in that order.
        windowed: Which axes of that shape have a window, in the order in which they are summed.
        covered: Whether one sum serves all elements along these axes, which then need no gaps.
        padded: The shape with the gaps.
        interior: Where among the gaps the squares lie.
        steps: For each axis with a window, the width of the window and the distance between neighbours.
        reached: How many sums are needed, from the first element's to the last one's.
        size: How many elements the squares take, gaps included.
    """

    order: tuple[int, ...]
    shape: tuple[int, ...]
    windowed: tuple[int, ...]
    covered: bool
    padded: tuple[int, ...]
    interior: tuple[slice, ...]
    steps: tuple[tuple[int, int], ...]
    reached: int
    size: int

    @property
    def gathered(self) -> bool:
        """Whether the elements lie in another order than the block's own."""
        return self.order != tuple(range(len(self.order)))

    @property
    def flat(self) -> bool:
        """Whether the squares lie in one run, with gaps before and after but none between."""
        return not self.covered and len(self.windowed) == 1 and prod(self.shape[: self.windowed[0]]) == 1


def geometry(block_shape: tuple[int, ...], window: Window) -> Geometry:
    """The geometry of a block of that shape under that window.

    >>> from lrn_cli.arithmetic.windows import window_over
    >>> from lrn_cli.formula import Span
    >>> g = geometry((10, 96), window_over({"C": Span(2, 2)}, "NC", (10, 96)))
    >>> g.padded, g.steps, g.reached, g.size
    ((10, 98), ((5, 1),), 978, 982)
    """
    short = _SHORT_COVERED_ROW if window.covers else _SHORT_ROW
    order = _order(block_shape, sorted(window.sequence), short)
    shape = tuple(block_shape[axis] for axis in order)
    spans, windowed, covered = window.reorder(order)
    # A window of 2 before and 2 after over rows of 4; the gap behind a row is the one before the next:
    #   squares  0 0 x x x x 0 0 x x x x 0 0     rows padded by max(before, after), the last one by what is reached
    #   sums     s s s s . . s s s s             each stands where its window begins, `before` ahead of its element
    gaps = [0 if covered else max(span) for span in spans]
    padded = tuple(length + gap for length, gap in zip(shape, gaps, strict=True))
    strides = [prod(padded[axis + 1 :]) for axis in range(len(padded))]
    # The place behind the last sum; its window reaches further, along each axis by its width.
    reached = sum((length - 1) * stride for length, stride in zip(shape, strides, strict=True)) + 1
    steps = tuple((spans[axis].width, strides[axis]) for axis in windowed)
    reach = 0 if covered else sum((width - 1) * stride for width, stride in steps)
    begins = [0 if covered else span.before for span in spans]
    return Geometry(
        order=order,
        shape=shape,
        windowed=windowed,
        covered=covered,
        padded=padded,
        interior=tuple(slice(begin, begin + length) for begin, length in zip(begins, shape, strict=True)),
        steps=steps,
        reached=reached,
        size=max(prod(padded), reached + reach),
    )


def _order(shape: Sequence[int], windowed: Sequence[int], short: int) -> tuple[int, ...]:
    """The block's own order, or the window's axes first where that makes short rows between gaps longer."""
    others = [axis for axis in range(len(shape)) if axis not in windowed]
    row = prod(shape[windowed[-1] :]) if windowed else short
    if row < min(short, prod(shape[axis] for axis in others)):
        return (*windowed, *others)
    return tuple(range(len(shape)))
