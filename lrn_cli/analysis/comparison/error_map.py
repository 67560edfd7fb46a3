"""Where two tensors differ: the largest difference in each cell of a coarse grid, and for each channel; and how both
look there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lrn_cli.dtypes import Array

_CELLS = 64
"""The most rows or columns of a map."""
_CHANNELS = 4096
"""The most points of a profile."""


class Plane(NamedTuple):
    """Which axes of a tensor a map and a profile show.

    Attributes:
        shape: Of the tensor.
        rows, columns: The axes of the map; `rows` is None where the tensor has one axis only.
        channels: The axis of the profile; None where nobody knows which it is.
    """

    shape: tuple[int, ...]
    rows: int | None
    columns: int
    channels: int | None

    def reorder(self, order: Sequence[int]) -> Plane:
        """The same axes of the same tensor, with its axes in another order."""
        places = {axis: place for place, axis in enumerate(order)}
        return Plane(
            tuple(self.shape[axis] for axis in order),
            None if self.rows is None else places[self.rows],
            places[self.columns],
            None if self.channels is None else places[self.channels],
        )


def plane_of(shape: Sequence[int], layout: str | None) -> Plane:
    """The axes to show: height by width where the layout names them, else the last two, channels left out if it can be.

    >>> plane_of((2, 5, 6, 3), "NHWC")
    Plane(shape=(2, 5, 6, 3), rows=1, columns=2, channels=3)
    >>> plane_of((4, 8), "NC")[1:], plane_of((2, 5, 6, 3), None)[1:], plane_of((7,), "C")[1:]
    ((0, 1, 1), (2, 3, None), (None, 0, 0))
    """
    axes = list(range(len(shape)))
    channels = layout.index("C") if layout else None
    free = [axis for axis in axes if axis != channels]
    shown = [layout.index("H"), layout.index("W")] if layout and "H" in layout and "W" in layout else free[-2:]
    if len(shown) < 2:
        shown = axes[-2:]
    return Plane(tuple(shape), shown[0] if len(shown) > 1 else None, shown[-1], channels)


class Pictures(NamedTuple):
    """Two tensors and what is between them, in the cells of a map.

    Attributes:
        a, b: The mean of the elements of each cell; NaN where one of them is not finite.
        apart: The a-b of a cell that is furthest from 0; NaN where something is not finite in one of the two only.
    """

    a: Array
    b: Array
    apart: Array


_GATHERED = {"a": np.add, "b": np.add, "count": np.add, "most": np.maximum, "least": np.minimum}
"""What pictures are made of, and how two parts of a cell become one."""


class ErrorMap:
    """Gathers the largest difference in each cell; a mismatch of NaN or infinity counts as an infinite one.

    Args:
        plane: Which axes of the tensor to show.
        order: For each axis of the pieces that will come, which of the tensor that is.
        pictured: Whether to gather how both look, too.
    """

    def __init__(self, plane: Plane, order: Sequence[int], *, pictured: bool = False) -> None:
        self.plane = plane
        self._pieces = plane = plane.reorder(order)
        self._shown = (plane.columns,) if plane.rows is None else (plane.rows, plane.columns)
        self._cells = np.zeros([min(plane.shape[axis], _CELLS) for axis in self._shown])
        channels = plane.channels
        self._points = np.zeros(0 if channels is None else min(plane.shape[channels], _CHANNELS))
        self._seen = {name: np.zeros_like(self._cells) for name in _GATHERED if pictured}

    @property
    def grid(self) -> Array:
        """The largest difference in each cell: float64 of at most 64 rows and columns."""
        return np.atleast_2d(self._cells)

    @property
    def profile(self) -> Array | None:
        """The largest difference of each channel, of thousands in groups of neighbours; None without channels."""
        return self._points if self.plane.channels is not None else None

    @property
    def pictures(self) -> Pictures | None:
        """How both look; None where that was not gathered."""
        if not self._seen:
            return None
        seen = {name: np.atleast_2d(cells) for name, cells in self._seen.items()}
        with np.errstate(all="ignore"):
            a, b = (np.where(np.isfinite(seen[name]), seen[name] / seen["count"], np.nan) for name in "ab")
        apart = np.where(seen["most"] >= -seen["least"], seen["most"], seen["least"])
        return Pictures(a, b, np.where(np.isfinite(self.grid), apart, np.nan))

    def show(self, a: Array, b: Array, corner: Sequence[int]) -> None:
        """Take how both look in a piece that begins at the index `corner`."""
        if not self._seen:
            return
        with np.errstate(all="ignore"):
            a, b = a.astype(np.float64), b.astype(np.float64)
            apart = a - b
            apart[~np.isfinite(apart)] = 0  # which the map tells of
            found = {"a": a, "b": b, "count": np.broadcast_to(1.0, a.shape), "most": apart, "least": apart}
            for name, how in _GATHERED.items():
                self._gather(self._seen[name], self._shown, found[name], corner, how)

    def add(self, distance: Array, corner: Sequence[int]) -> None:
        """Count the distances of a piece that begins at the index `corner`."""
        self._gather(self._cells, self._shown, distance, corner)
        if self._pieces.channels is not None:
            self._gather(self._points, (self._pieces.channels,), distance, corner)

    def _gather(
        self,
        cells: Array,
        axes: Sequence[int],
        values: Array,
        corner: Sequence[int],
        how: np.ufunc = np.maximum,
    ) -> None:
        found, region = _over(values, axes, how), []
        for place, axis in enumerate(axes):
            bins, length = cells.shape[place], self._pieces.shape[axis]
            found = _bin(found, place, corner[axis], length, bins, how=how)
            first = corner[axis] * bins // length
            region.append(slice(first, first + found.shape[place]))
        part = cells[tuple(region)]
        how(part, found, out=part)

    def merge(self, other: ErrorMap) -> None:
        """Take over what another thread has gathered."""
        np.maximum(self._cells, other._cells, out=self._cells)
        np.maximum(self._points, other._points, out=self._points)
        for name, cells in self._seen.items():
            _GATHERED[name](cells, other._seen[name], out=cells)


def _over(values: Array, kept: Sequence[int], how: np.ufunc) -> Array:
    """One number, as the maximum, over all axes but those kept, which come in that order."""
    others = tuple(axis for axis in range(values.ndim) if axis not in kept)
    reduced = how.reduce(values, axis=others) if others else values
    ranks = {axis: rank for rank, axis in enumerate(sorted(kept))}
    return reduced.transpose([ranks[axis] for axis in kept]).astype(np.float64)


def _bin(cells: Array, axis: int, start: int, length: int, bins: int, *, how: np.ufunc) -> Array:
    """One number for neighbours that share a bin of `bins` over `length` positions; the first is at `start`."""
    if bins == length:
        return cells
    of = np.arange(start, start + cells.shape[axis]) * bins // length
    begins = np.flatnonzero(np.diff(of, prepend=-1))
    binned: Array = how.reduceat(cells, begins, axis=axis)
    return binned
