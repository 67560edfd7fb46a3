"""Where two tensors differ: the largest difference in each cell of a coarse grid, and for each channel."""

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


class ErrorMap:
    """Gathers the largest difference in each cell; a mismatch of NaN or infinity counts as an infinite one.

    Args:
        plane: Which axes of the tensor to show.
        order: For each axis of the pieces that will come, which of the tensor that is.
    """

    def __init__(self, plane: Plane, order: Sequence[int]) -> None:
        self.plane = plane
        self._pieces = plane = plane.reorder(order)
        self._shown = (plane.columns,) if plane.rows is None else (plane.rows, plane.columns)
        self._cells = np.zeros([min(plane.shape[axis], _CELLS) for axis in self._shown])
        channels = plane.channels
        self._points = np.zeros(0 if channels is None else min(plane.shape[channels], _CHANNELS))

    @property
    def grid(self) -> Array:
        """The largest difference in each cell: float64 of at most 64 rows and columns."""
        return np.atleast_2d(self._cells)

    @property
    def profile(self) -> Array | None:
        """The largest difference of each channel, of thousands in groups of neighbours; None without channels."""
        return self._points if self.plane.channels is not None else None

    def add(self, distance: Array, corner: Sequence[int]) -> None:
        """Count the distances of a piece that begins at the index `corner`."""
        self._gather(self._cells, self._shown, distance, corner)
        if self._pieces.channels is not None:
            self._gather(self._points, (self._pieces.channels,), distance, corner)

    def _gather(self, cells: Array, axes: Sequence[int], distance: Array, corner: Sequence[int]) -> None:
        found, region = _over(distance, axes), []
        for place, axis in enumerate(axes):
            bins, length = cells.shape[place], self._pieces.shape[axis]
            found = _bin(found, place, corner[axis], length, bins)
            first = corner[axis] * bins // length
            region.append(slice(first, first + found.shape[place]))
        part = cells[tuple(region)]
        np.maximum(part, found, out=part)

    def merge(self, other: ErrorMap) -> None:
        """Take over what another thread has gathered."""
        np.maximum(self._cells, other._cells, out=self._cells)
        np.maximum(self._points, other._points, out=self._points)


def _over(distance: Array, kept: Sequence[int]) -> Array:
    """The maximum over all axes but those kept, which come in that order."""
    others = tuple(axis for axis in range(distance.ndim) if axis not in kept)
    reduced = distance.max(axis=others) if others else distance
    ranks = {axis: rank for rank, axis in enumerate(sorted(kept))}
    return reduced.transpose([ranks[axis] for axis in kept]).astype(np.float64)


def _bin(cells: Array, axis: int, start: int, length: int, bins: int) -> Array:
    """The maxima of neighbours that share a bin of `bins` over `length` positions; the first is at `start`."""
    if bins == length:
        return cells
    of = np.arange(start, start + cells.shape[axis]) * bins // length
    begins = np.flatnonzero(np.diff(of, prepend=-1))
    return np.maximum.reduceat(cells, begins, axis=axis)
