"""Samples of a pair: rows, or maps, along the axes of a window, taken whole so that every window sum is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from math import prod

import numpy as np

from lrn_cli.analysis.identification.alignment import Pair
from lrn_cli.analysis.identification.fitting import Observations
from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.formula import Span

_LONGEST = {1: 1 << 22, 2: 1024, 3: 96}
"""Positions that are read along each axis of a window over one axis, over two, or over three."""
_RUN = 64
"""Neighbours along the innermost other axis that are read together: a file gives them for the price of one."""

Axes = tuple[int, ...]


class Fields:
    """Rows or maps of a pair, along the axes of a window.

    Args:
        pair: Where they come from.
        axes: Of the window, in the tensor's order.
        boxes: What to read; each holds the axes of the window from their beginning.

    Attributes:
        lengths: Of the axes.
        reach: How far a window may reach.
    """

    def __init__(self, pair: Pair, axes: Axes, boxes: Sequence[Box]) -> None:
        self.lengths = tuple(pair.shape[axis] for axis in axes)
        self._cut = tuple(piece.stop for piece in (boxes[0][axis] for axis in axes))
        margins = [cut // 4 for length, cut in zip(self.lengths, self._cut, strict=True) if cut < length]
        self.reach = min(margins, default=max(self.lengths) - 1)
        x, y = (np.concatenate(parts) for parts in zip(*(self._fields(pair, axes, box) for box in boxes), strict=True))
        with np.errstate(over="ignore"):
            squares = np.square(x)
        # A window must not hold what is not finite.
        whole = np.isfinite(squares).all(axis=tuple(range(1, x.ndim)))
        self._x, self._y, self._ends = x[whole], y[whole], pair.grid.ends
        self._integral = _integral(squares[whole])

    def _fields(self, pair: Pair, axes: Axes, box: Box) -> tuple[Array, Array]:
        x, y = (np.moveaxis(block, axes, range(-len(axes), 0)) for block in pair.read(box))
        return x.reshape(-1, *self._cut), y.reshape(-1, *self._cut)

    @cached_property
    def in_float32(self) -> bool:
        """Whether all results are numbers of float32, whatever type they are kept in."""
        return np.array_equal(self._y.astype(np.float32), self._y, equal_nan=True)

    @property
    def rows(self) -> tuple[Array, Array]:
        """The inputs and the outputs, a field in each row."""
        return self._x, self._y

    def positions(self, most: int, rng: np.random.Generator) -> tuple[Array, ...]:
        """Indices of up to `most` elements that say something: neither they nor their results are zero or infinite."""
        usable = (self._x * np.sign(self._y) > 0) & np.isfinite(self._y)
        if self._ends is not None:
            usable &= (self._y > self._ends[0]) & (self._y < self._ends[1])
        for axis, (cut, length) in enumerate(zip(self._cut, self.lengths, strict=True), start=1):
            if cut < length:
                usable[(slice(None),) * axis + (slice(cut - self.reach, None),)] = False
        places = np.flatnonzero(usable)
        if places.size > most:
            places = np.sort(rng.choice(places, most, replace=False))
        return np.unravel_index(places, usable.shape)

    def sums(self, spans: Sequence[Span], positions: tuple[Array, ...]) -> Array:
        """The sums of squares over the windows around the elements at `positions`."""
        rows, *steps = (stride // self._integral.itemsize for stride in self._integral.strides)
        ends = zip(self._windows(spans, positions), steps, strict=True)
        total = self._total(positions[0] * rows, [(low * step, high * step) for (low, high), step in ends])
        sums: Array = np.maximum(total, np.square(self._x[positions])).astype(np.float64)
        return sums

    def counts(self, spans: Sequence[Span], positions: tuple[Array, ...]) -> Array:
        """How many elements of the windows around those at `positions` lie in the tensor."""
        lengths = [high - low for low, high in self._windows(spans, positions)]
        found: Array = np.prod(lengths, axis=0)
        return found

    def _windows(self, spans: Sequence[Span], positions: tuple[Array, ...]) -> list[tuple[Array, Array]]:
        """Where the windows begin and end along each axis."""
        return [
            (np.maximum(at - span.before, 0), np.minimum(at + span.after + 1, cut))
            for at, span, cut in zip(positions[1:], spans, self._cut, strict=True)
        ]

    def _total(self, place: Array, ends: Sequence[tuple[Array, Array]]) -> Array:
        """The sum of a box from the sums at its corners: along each axis that at the end less that at the beginning."""
        if not ends:
            return self._integral.take(place)
        (low, high), *others = ends
        return self._total(place + high, others) - self._total(place + low, others)

    def observations(
        self, spans: Sequence[Span], positions: tuple[Array, ...], dtype: np.dtype[np.floating], spread: float = 0.0
    ) -> Observations:
        """What the elements at `positions` tell of a window.

        Args:
            spans: The window.
            positions: Of the elements.
            dtype: The output's.
            spread: Of errors that are the same whatever an element's size, in units of the relative ones.
        """
        x, y = self._x[positions], self._y[positions]
        finfo = np.finfo(dtype)
        # A number below the normal ones has fewer digits, and so has a small one on a grid.
        noise = np.maximum(1.0, max(float(finfo.smallest_normal), spread) / np.abs(y))
        return Observations(self.sums(spans, positions), np.log(np.abs(x)) - np.log(np.abs(y)), noise)


def _integral(squares: Array) -> Array:
    """Sums from the beginning of each axis, so that any window's is a difference: in a wider type, for that cancels."""
    table = np.zeros([squares.shape[0], *(length + 1 for length in squares.shape[1:])], np.longdouble)
    inner = table[(slice(None), *(slice(1, None) for _ in squares.shape[1:]))]
    inner[...] = squares
    for axis in range(1, squares.ndim):
        np.cumsum(inner, axis=axis, out=inner)
    return table


def sample(
    pair: Pair, axes: Axes, elements: int, rng: np.random.Generator, extra: Sequence[Sequence[int]] = ()
) -> Fields:
    """Read about `elements` elements: all, or boxes at random.

    Args:
        pair: What to read from.
        axes: Of the window.
        elements: How many.
        rng: For the places.
        extra: Indices of elements that must be among them.
    """
    return Fields(pair, axes, list(_boxes(pair.shape, axes, elements, rng, extra)))


def _boxes(
    shape: Sequence[int], axes: Axes, elements: int, rng: np.random.Generator, extra: Sequence[Sequence[int]]
) -> Iterator[Box]:
    lengths = {axis: min(shape[axis], _LONGEST[len(axes)]) for axis in axes}
    others = [axis for axis in range(len(shape)) if axis not in axes]
    fields = prod(shape[axis] for axis in others)
    wanted = max(1, elements // max(prod(lengths.values()), 1))
    if fields <= wanted:
        yield tuple(slice(0, lengths.get(axis, length)) for axis, length in enumerate(shape))
        return
    inner = max(others, key=lambda axis: (shape[axis] > 1, axis))
    run = min(shape[inner], _RUN, wanted)
    corners = [{axis: int(rng.integers(shape[axis])) for axis in others} for _ in range(-(-wanted // run))]
    corners += [{axis: int(place[axis]) for axis in others} for place in extra]
    for corner in corners:
        corner[inner] = min(corner[inner], shape[inner] - run)
        yield tuple(
            slice(0, lengths[axis])
            if axis in lengths
            else slice(corner[axis], corner[axis] + (run if axis == inner else 1))
            for axis in range(len(shape))
        )
