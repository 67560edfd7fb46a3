"""How the distances of a pair are spread: mean and quantiles, on which indices they lie, whether all are alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import count

import numpy as np

from lrn_cli.dtypes import Array

_ALL, _PART = 1 << 20, 1 << 18
"""Elements of which all distances are kept for the quantiles; of more a part of about that second size is."""
_STEPS = 8
"""How many steps of its type an element may be off where all of them are to be multiplied by, or moved by, the same."""


class ExactSum:
    """A sum of float64 numbers that is the same in whatever order threads come to the pieces."""

    def __init__(self) -> None:
        self._value: Fraction | float = Fraction(0)

    def add(self, number: float) -> None:
        """Add a number; one that is infinite or none makes the sum infinite."""
        if math.isfinite(number) and isinstance(self._value, Fraction):
            self._value += Fraction(number)
        else:
            self._value = math.inf

    def merge(self, other: ExactSum) -> None:
        """Add another sum."""
        self._value += other._value

    def over(self, count: int) -> float:
        """The mean of so many numbers; 0 of none."""
        return float(self._value / count) if count else 0.0


class Quantiles:
    """Keeps distances, of many elements every so many-th.

    Args:
        shape: Of the tensors.
    """

    def __init__(self, shape: Sequence[int]) -> None:
        elements = math.prod(shape)
        # Of no common divisor with any axis, so that it does not fall on some channels only.
        steps = count(1 if elements <= _ALL else elements // _PART)
        self._step = next(step for step in steps if math.gcd(step, elements or 1) == 1)
        self._kept: list[Array] = []
        self._zeros = 0

    def add(self, distance: Array, corner: Sequence[int]) -> None:
        """Count the distances of a piece that begins at the index `corner`."""
        flat = distance.reshape(-1)
        self._kept.append(flat[sum(corner) % self._step :: self._step].astype(np.float64, copy=True))

    def add_zeros(self, elements: int) -> None:
        """Count elements that are the same."""
        self._zeros += -(-elements // self._step)

    def merge(self, other: Quantiles) -> None:
        """Take over what another thread has kept."""
        self._kept += other._kept
        self._zeros += other._zeros

    def at(self, *shares: float) -> list[float]:
        """The distances that such shares of the elements do not exceed, as `np.quantile` has them."""
        kept = np.concatenate([np.zeros(self._zeros), *self._kept])
        return [float(found) for found in np.quantile(kept, shares)] if kept.size else [0.0] * len(shares)


class First:
    """The index of the first element that is marked.

    Attributes:
        index: In the order of axes in which pieces come; None where none is.
    """

    def __init__(self) -> None:
        self.index: tuple[int, ...] | None = None

    def add(self, marked: Array, corner: Sequence[int]) -> None:
        """Look for it in a piece that begins at the index `corner`."""
        if marked.any():
            at = np.unravel_index(int(marked.argmax()), marked.shape)
            self._take(tuple(int(start + step) for start, step in zip(corner, at, strict=True)))

    def merge(self, other: First) -> None:
        """Take over what another thread has found."""
        if other.index is not None:
            self._take(other.index)

    def _take(self, index: tuple[int, ...]) -> None:
        self.index = index if self.index is None else min(self.index, index)


class Spread:
    """On which indices of each axis elements differ.

    Args:
        shape: Of the tensors, in the order of axes in which pieces will come.
    """

    def __init__(self, shape: Sequence[int]) -> None:
        self._marks = [np.zeros(length, bool) for length in shape]

    def add(self, differing: Array, corner: Sequence[int]) -> None:
        """Count which elements differ of a piece that begins at the index `corner`."""
        for axis, marks in enumerate(self._marks):
            part = marks[corner[axis] : corner[axis] + differing.shape[axis]]
            if not part.all():
                part |= differing.any(axis=tuple(other for other in range(differing.ndim) if other != axis))

    def merge(self, other: Spread) -> None:
        """Take over what another thread has gathered."""
        for mine, theirs in zip(self._marks, other._marks, strict=True):
            np.logical_or(mine, theirs, out=mine)

    def indices(self, order: Sequence[int]) -> tuple[tuple[int, ...] | None, ...]:
        """Where elements differ, along each axis of the first tensor; None where that is everywhere.

        Args:
            order: For each axis of the pieces, which axis of the first tensor that is.
        """
        found = {
            axis: None if m.all() else tuple(np.flatnonzero(m).tolist())
            for axis, m in zip(order, self._marks, strict=True)
        }
        return tuple(found[axis] for axis in sorted(found))


class Steady:
    """Whether the distance is the same everywhere, and whether the relative one is.

    Args:
        eps: The step of the pair's type, relative.
    """

    def __init__(self, eps: float) -> None:
        self._eps = eps
        self._distance = self._relative = (math.inf, 0.0)
        self._sizes = 0.0
        self.shifts = self.scales = True

    def add(self, distance: Array, size: Array, quotient: Array) -> None:
        """Count a piece with its |a-b|, |b| and their quotient; as long as something may be steady."""
        if self.shifts:
            self._distance = _wider(self._distance, (float(distance.min()), float(distance.max())))
            self._sizes = max(self._sizes, float(size.max()))
        if self.scales:
            least, largest = (float(of.reduce(quotient, axis=None)) for of in (np.fmin, np.fmax))
            self._relative = _wider(self._relative, (least, largest))
        self._settle()

    def _settle(self) -> None:
        for name, (least, largest), size in (
            ("shifts", self._distance, self._sizes + self._distance[1]),
            ("scales", self._relative, 1 + self._relative[1]),
        ):
            # Infinities compare as false, and a quotient of zeros counts as none.
            if not (least > largest or largest - least <= _STEPS * self._eps * size < least):
                setattr(self, name, False)

    def add_same(self, b: Array) -> None:
        """Count a piece in which both are the same: multiplied is only what is zero."""
        self.shifts = self.shifts and not b.size
        self.scales = self.scales and not b.any()

    def merge(self, other: Steady) -> None:
        """Take over what another thread has gathered."""
        self.shifts, self.scales = self.shifts and other.shifts, self.scales and other.scales
        self._distance, self._relative = (
            _wider(self._distance, other._distance),
            _wider(self._relative, other._relative),
        )
        self._sizes = max(self._sizes, other._sizes)
        self._settle()


def _wider(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return min(one[0], other[0]), max(one[1], other[1])
