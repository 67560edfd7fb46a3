"""A tensor whose positions along one axis come in another order: channels reversed, samples moved on or sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lrn_cli.analysis.comparison.tolerance import Tolerance
from lrn_cli.analysis.reshaping import read_block
from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.layouts import AXES
from lrn_cli.tensors.tensor import Source

_LINES = 64
"""Lines along an axis that are looked at."""
_MOST = 1024
"""Positions along an axis that are told from each other."""
_LISTED = 8


class Order(NamedTuple):
    """Where the positions of a tensor are found in another.

    Attributes:
        axis: The axis.
        places: For each position along it in the first tensor, where that is in the second.
    """

    axis: int
    places: tuple[int, ...]

    def told(self, layout: str | None) -> str:
        """In what order the second tensor has them, in words."""
        name = AXES.get(layout[self.axis]) if layout else None
        where = f"along {f'the {name} axis' if name else f'axis {self.axis}'}"
        if self._moved:
            by = self._moved if 2 * self._moved <= len(self.places) else self._moved - len(self.places)
            return f"b is moved {'on' if by > 0 else 'back'} by {abs(by)} {where}"
        if self._reversed:
            return f"b is in reverse {where}"
        told = ", ".join(map(str, self.places[:_LISTED])) + (", ..." if len(self.places) > _LISTED else "")
        return f"b has another order {where}: what a has at 0, 1, ... it has at {told}"

    @property
    def undone(self) -> str:
        """What brings the second into the order of the first, in NumPy's words; empty where that is long."""
        if self._reversed:
            return f"np.flip(b, {self.axis})"
        if self._moved:
            return f"np.roll(b, {-self._moved}, {self.axis})"
        return f"np.take(b, {[*self.places]}, {self.axis})" if len(self.places) <= _LISTED else ""

    @property
    def _reversed(self) -> bool:
        return self.places == tuple(range(len(self.places)))[::-1]

    @property
    def _moved(self) -> int:
        """By how many positions all are moved; 0 where they are not all moved by as many."""
        length = len(self.places)
        moved = {(place - at) % length for at, place in enumerate(self.places)}
        return moved.pop() if len(moved) == 1 and length > 2 else 0


class Rearranged(Source):
    """A tensor in the order of another.

    Args:
        source: The tensor, which can be read again and again; who opened it closes it.
        order: Where its positions are.

    >>> from lrn_cli.tensors.arrays import ArraySource
    >>> turned, out = Rearranged(ArraySource(np.arange(6).reshape(2, 3)), Order(1, (2, 0, 1))), np.empty((2, 2), int)
    >>> turned.read((slice(0, 2), slice(0, 2)), out)
    >>> out.tolist()
    [[2, 0], [5, 3]]
    """

    def __init__(self, source: Source, order: Order) -> None:
        self._source, self.path, self.grid, self.info = source, source.path, source.grid, source.info
        rank = len(source.info.shape)
        self._axis = rank - 1 - order.axis if source.info.fortran_order else order.axis
        self._places = np.array(order.places)

    def read(self, box: Box, out: Array) -> None:
        """Read a block into `out`: at once where its positions lie side by side, else one after the other."""
        wanted, before = self._places[box[self._axis]], (slice(None),) * self._axis
        low, high = int(wanted.min()), int(wanted.max()) + 1
        apart = high - low > wanted.size
        for at, (first, last) in enumerate([(place, place + 1) for place in wanted] if apart else [(low, high)]):
            part = (*box[: self._axis], slice(int(first), int(last)), *box[self._axis + 1 :])
            block = np.empty([piece.stop - piece.start for piece in part], out.dtype)
            self._source.read(part, block)
            if apart:
                out[(*before, slice(at, at + 1))] = block
            else:
                np.take(block, wanted - low, self._axis, out=out)


def find_order(a: Source, b: Source, allowed: Tolerance) -> Order | None:
    """In what other order the second of two tensors of one shape may have the first's positions along some axis.

    Only some lines are looked at: whether all is the same then is for who compares.
    """
    shape, rng = a.info.shape, np.random.default_rng(0)
    for axis, length in enumerate(shape):
        if not 1 < length <= _MOST:
            continue
        boxes = [_line(shape, axis, rng) for _ in range(_LINES)]
        one, other = (
            np.stack([read_block(source, box).reshape(-1) for box in boxes]).astype("f8") for source in (a, b)
        )
        places = _places(one, other, allowed)
        if places is not None and places != tuple(range(length)):
            return Order(axis, places)
    return None


def _line(shape: Sequence[int], axis: int, rng: np.random.Generator) -> Box:
    """All positions along an axis, somewhere."""
    at = [int(rng.integers(length)) for length in shape]
    return tuple(
        slice(0, length) if place == axis else slice(at[place], at[place] + 1) for place, length in enumerate(shape)
    )


def _places(one: Array, other: Array, allowed: Tolerance) -> tuple[int, ...] | None:
    """For each column of the first where the second has it; None where one is not there, or is not there alone."""
    left, found = set(range(one.shape[1])), []
    for at, column in enumerate(one.T):
        far = np.abs(other - column[:, None]) > allowed.atol + allowed.rtol * np.abs(other)
        near = left & set(np.flatnonzero(~far.any(axis=0)).tolist())
        if not near:
            return None
        found.append(at if at in near else min(near))
        left.remove(found[-1])
    return tuple(found)
