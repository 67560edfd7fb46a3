"""How far a file is from the gradient and from what each mistake gives, gathered block by block in any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from lrn_cli.analysis.gradient.mistakes import RIGHT, Made
from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array


class Distance(NamedTuple):
    """How far two gradients are apart.

    Attributes:
        absolute: The largest |a-b|; infinite where one of the two is no number.
        of_terms: The largest |a-b| as a share of the sizes of all that is added up for b.
    """

    absolute: float = 0.0
    of_terms: float = 0.0

    def join(self, other: Distance) -> Distance:
        """The larger of each."""
        return Distance(max(self.absolute, other.absolute), max(self.of_terms, other.of_terms))


class Worst(NamedTuple):
    """The element of a file that is furthest from the gradient.

    Attributes:
        distance: |mine-dx|.
        position: Of the element.
        mine, dx: Both values.
    """

    distance: float
    position: tuple[int, ...]
    mine: float
    dx: float


@dataclass
class Tally:
    """What is gathered; each thread has its own, and they are joined in the end.

    Attributes:
        limit: The largest number of the file's type: what is larger is infinite there.
        to: From the file to the gradient and to what each mistake gives.
        between: From the gradient to what each mistake gives.
        peaks: The largest size of the gradient, and of what each mistake gives.
        largest_second: The largest second term.
        worst: Where the file is furthest from the gradient; None where it is nowhere off.
    """

    limit: float = np.inf
    to: dict[str, Distance] = field(default_factory=dict)
    between: dict[str, Distance] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)
    largest_second: float = 0.0
    worst: Worst | None = None

    def add(self, mine: Array, made: Made, core: Box, corner: Sequence[int]) -> None:
        """Count a block, whose core begins at the index `corner`."""
        dx, terms = made.dx[core], made.terms[core]
        apart = self._apart(mine, dx)
        self._join(self.to, RIGHT, _distance(apart, terms))
        self._note_peak(RIGHT, _peak(dx, self.limit))
        self._note_worst(apart, mine, dx, corner)
        self.largest_second = max(self.largest_second, _peak(made.second[core], self.limit))
        for name, whole in made.variants:
            wrong = whole[core]
            self._join(self.to, name, _distance(self._apart(mine, wrong), terms))
            self._join(self.between, name, _distance(_apart(dx, wrong), terms))
            self._note_peak(name, _peak(wrong, self.limit))

    def _apart(self, mine: Array, made: Array) -> Array:
        apart = _apart(mine, made)
        apart[np.isinf(mine) & (np.sign(mine) == np.sign(made)) & (np.abs(made) > self.limit)] = 0
        return apart

    def _note_peak(self, name: str, size: float) -> None:
        self.peaks[name] = max(self.peaks.get(name, 0.0), size)

    def _note_worst(self, apart: Array, mine: Array, dx: Array, corner: Sequence[int]) -> None:
        at = np.unravel_index(int(apart.argmax()), apart.shape)
        distance = float(apart[at])
        if distance and (self.worst is None or distance > self.worst.distance):
            index = tuple(int(start + step) for start, step in zip(corner, at, strict=True))
            self.worst = Worst(distance, index, float(mine[at]), float(dx[at]))

    @staticmethod
    def _join(distances: dict[str, Distance], name: str, found: Distance) -> None:
        distances[name] = distances.get(name, Distance()).join(found)

    def merge(self, other: Tally, first_index: Callable[[tuple[int, ...]], tuple[int, ...]]) -> None:
        """Take over what a thread has gathered, whose indices `first_index` makes those of x."""
        for name, found in other.to.items():
            self._join(self.to, name, found)
        for name, found in other.between.items():
            self._join(self.between, name, found)
        for name, size in other.peaks.items():
            self._note_peak(name, size)
        self.largest_second = max(self.largest_second, other.largest_second)
        if other.worst is not None and (self.worst is None or other.worst.distance > self.worst.distance):
            self.worst = other.worst._replace(position=first_index(other.worst.position))


def _apart(a: Array, b: Array) -> Array:
    """|a-b|: nothing between two that are NaN, or the same infinity, and no end to it where one of them is."""
    with np.errstate(all="ignore"):
        apart: Array = np.abs(a - b)
        apart[(a == b) | (np.isnan(a) & np.isnan(b))] = 0
    apart[np.isnan(apart)] = np.inf
    return apart


def _distance(apart: Array, terms: Array) -> Distance:
    with np.errstate(all="ignore"):
        shares = np.where(apart == 0, 0, apart / terms)
    return Distance(float(apart.max()), float(np.fmax.reduce(shares, axis=None)))


def _peak(numbers: Array, limit: float) -> float:
    """The size of the largest finite number up to a limit."""
    sizes = np.abs(numbers)
    return float(np.max(sizes, where=np.isfinite(sizes) & (sizes <= limit), initial=0))
