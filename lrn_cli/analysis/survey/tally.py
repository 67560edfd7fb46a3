"""What is kept of a tensor while its blocks go by: each channel's numbers, small pictures of some, a histogram."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrn_cli.analysis.comparison.error_map import Plane
from lrn_cli.analysis.survey.histogram import Histogram
from lrn_cli.dtypes import Array

MOST_TILES = 64
"""Channels of which there is a picture: the first ones."""
_CELLS = 48
"""The most rows or columns of such a picture."""


class Profile:
    """Of each channel: how many finite elements there are, their sum and sum of squares, the least and the largest."""

    def __init__(self, channels: int) -> None:
        self.count, self.total, self.squares = (np.zeros(channels) for _ in range(3))
        self.least, self.most = np.full(channels, np.inf), np.full(channels, -np.inf)

    def take(self, first: int, values: Array, finite: Array) -> None:
        """Add elements, channels along the first of two axes; those that are not finite are 0."""
        part = slice(first, first + len(values))
        self.count[part] += finite.sum(axis=1)
        self.total[part] += values.sum(axis=1)
        self.squares[part] += np.square(values).sum(axis=1)
        np.minimum(self.least[part], np.where(finite, values, np.inf).min(axis=1), out=self.least[part])
        np.maximum(self.most[part], np.where(finite, values, -np.inf).max(axis=1), out=self.most[part])

    def merge(self, other: Profile) -> None:
        """Take over what another thread has gathered."""
        self.count += other.count
        self.total += other.total
        self.squares += other.squares
        np.minimum(self.least, other.least, out=self.least)
        np.maximum(self.most, other.most, out=self.most)


class Tally:
    """Gathers one tensor, block by block in any order.

    Args:
        plane: Which axes are rows, columns and channels.
        order: For each axis of the blocks, which of the tensor that is.
    """

    def __init__(self, plane: Plane, order: Sequence[int]) -> None:
        rows = len(plane.shape) if plane.rows is None else plane.rows
        self._apart = plane.channels is not None and plane.channels not in (rows, plane.columns)
        self._channels = plane.channels
        shape = (*plane.shape, 1)  # a last axis of one stands for rows that are not there
        count = shape[plane.channels] if plane.channels is not None else 1
        self._back = [*order, len(plane.shape)].index
        tiles = min(count, MOST_TILES) if self._apart else 1
        self._rows, self._columns, self._lengths = rows, plane.columns, shape
        cells = (tiles, min(shape[rows], _CELLS), min(shape[plane.columns], _CELLS))
        self._sums, self._counts, self._lost = np.zeros(cells), np.zeros(cells), np.zeros(cells)
        self.profile, self.histogram = Profile(count), Histogram()
        self.nan = self.infinite = 0

    def add(self, block: Array, corner: Sequence[int]) -> None:
        """Count a block that begins at the index `corner`, both in the blocks' order of axes."""
        with np.errstate(all="ignore"):
            values = block.astype(np.float64)[..., None]
            finite = np.isfinite(values)
            if not finite.all():
                self.nan += int(np.isnan(values).sum())
                self.infinite += int(np.isinf(values).sum())
                values = np.where(finite, values, 0.0)
            self._profile(values, finite, (*corner, 0))
            self._tiles(values, finite, (*corner, 0))
            self.histogram.add(values.ravel() if finite.all() else values[finite])

    def _profile(self, values: Array, finite: Array, corner: Sequence[int]) -> None:
        axis = values.ndim - 1 if self._channels is None else self._back(self._channels)
        first = 0 if self._channels is None else corner[axis]
        by_channel = [np.moveaxis(array, axis, 0).reshape(array.shape[axis], -1) for array in (values, finite)]
        self.profile.take(first, by_channel[0], by_channel[1])

    def _tiles(self, values: Array, finite: Array, corner: Sequence[int]) -> None:
        """Add what belongs to the pictures: the first channels, of the other axes the first index."""
        kept = [self._back(self._rows), self._back(self._columns)]
        channel = self._back(self._channels) if self._apart and self._channels is not None else None
        if channel is not None:
            kept.insert(0, channel)
        others = [axis for axis in range(values.ndim) if axis not in kept]
        if any(corner[axis] for axis in others) or (channel is not None and corner[channel] >= len(self._sums)):
            return
        chosen = tuple(0 if axis in others else slice(None) for axis in range(values.ndim))
        order = [kept.index(axis) for axis in sorted(kept)]
        first = corner[channel] if channel is not None else 0
        last = len(self._sums) - first
        for array, cells in ((values, self._sums), (finite, self._counts), (~finite, self._lost)):
            part = np.transpose(array[chosen], np.argsort(order)).astype(np.float64)
            part = (part if channel is not None else part[None])[:last]
            _gather(part, cells, first, [(corner[axis], self._lengths[at]) for axis, at in self._shown()])

    def _shown(self) -> list[tuple[int, int]]:
        return [(self._back(axis), axis) for axis in (self._rows, self._columns)]

    def merge(self, other: Tally) -> None:
        """Take over what another thread has gathered."""
        self.profile.merge(other.profile)
        self.histogram.merge(other.histogram)
        self.nan, self.infinite = self.nan + other.nan, self.infinite + other.infinite
        self._sums += other._sums
        self._counts += other._counts
        self._lost += other._lost

    @property
    def tiles(self) -> Array:
        """The means in each cell of each picture; NaN where an element is not finite."""
        with np.errstate(all="ignore"):
            return np.where(self._lost > 0, np.nan, self._sums / self._counts)


def _gather(part: Array, cells: Array, first: int, places: Sequence[tuple[int, int]]) -> None:
    """Add tiles by rows by columns to the cells in which they lie; `places` has corner and length of both axes."""
    region = [slice(first, first + len(part))]
    for axis, (start, length) in enumerate(places, 1):
        bins = cells.shape[axis]
        of = np.arange(start, start + part.shape[axis]) * bins // length
        part = np.add.reduceat(part, np.flatnonzero(np.diff(of, prepend=-1)), axis=axis)
        region.append(slice(int(of[0]), int(of[0]) + part.shape[axis]))
    cells[tuple(region)] += part
