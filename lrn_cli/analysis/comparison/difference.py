"""The statistics of a pair of tensors, gathered piece by piece in any order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.analysis.comparison.error_map import ErrorMap
from lrn_cli.analysis.comparison.tolerance import Tolerance, largest_distance, round_up
from lrn_cli.dtypes import Array

DType = np.dtype[Any]


class Place(NamedTuple):
    """One element of a pair.

    Attributes:
        distance: |a-b|.
        position: Of the element, its index along each axis.
        a, b: Both values.
    """

    distance: float
    position: tuple[int, ...]
    a: float
    b: float


class Difference(NamedTuple):
    """How far two tensors of one shape are apart.

    Distances are taken over the elements that are finite in both. A NaN or an infinity that only one of them has, and
    infinities of opposite signs, are mismatches: no tolerance allows for them.

    Attributes:
        elements: How many there are.
        unequal: How many are not the same number; a NaN is the same as a NaN, and -0 as 0.
        differing: How many are not equal within the tolerance, mismatches among them.
        nan_mismatches: How many are NaN in one of the two only.
        infinity_mismatches: How many are infinite in one of the two only, or with opposite signs.
        largest: Where |a-b| is largest; None where no element is unequal.
        largest_relative: The largest |a-b| / |b|, infinite where b is 0 and a is not.
        largest_ulp: The largest distance in units in the last place of `ulp_dtype`; None for integers.
        ulp_dtype: The narrower floating-point dtype of the pair; None for integers.
        rms: The root of the mean square of a-b.
        rtol_needed: The smallest rtol that would pass at the given atol: 0 where none is needed, None where none would
            do.
    """

    elements: int
    unequal: int
    differing: int
    nan_mismatches: int
    infinity_mismatches: int
    largest: Place | None
    largest_relative: float
    largest_ulp: int | None
    ulp_dtype: DType | None
    rms: float
    rtol_needed: float | None

    @property
    def percent(self) -> float:
        """How many of a hundred elements differ."""
        return 100 * self.differing / self.elements if self.elements else 0.0


class Workspace:
    """Scratch memory for measuring pieces, which all tallies of a thread share."""

    def __init__(self) -> None:
        self.distance = self.size = self.quotient = np.empty(0)

    def measure(self, a: Array, b: Array) -> None:
        """Take |a-b| and |b| in float64, or in long double where an operand has more digits than that."""
        exact = all(array.dtype.itemsize < 8 or array.dtype.str[1:] == "f8" for array in (a, b))
        work = np.dtype(np.float64 if exact else np.longdouble)
        if self.distance.dtype != work or self.distance.shape != a.shape:
            self.distance, self.size, self.quotient = (np.empty(a.shape, work) for _ in range(3))
        np.subtract(a, b, out=self.distance, dtype=work, casting="unsafe")
        np.absolute(self.distance, out=self.distance)
        np.absolute(b, out=self.size, dtype=work, casting="unsafe")


class Tally:
    """Gathers the statistics of one pair; each thread has its own, and they are merged in the end.

    Nothing of it depends on how the tensors are cut into pieces, except for the rounding of the RMS within a piece.

    Args:
        tolerance: What is allowed.
        dtype: The pair's narrower floating-point dtype; None for integers.
        where: Gathers where they differ, if that is wanted.
    """

    def __init__(self, tolerance: Tolerance, dtype: DType | None, where: ErrorMap | None = None) -> None:
        self._tolerance, self._dtype, self.where = tolerance, dtype, where
        self._elements = self._finite = self._unequal = self._differing = self._nan = self._infinite = self._ulp = 0
        self._largest: Place | None = None
        self._relative = self._needed = 0.0
        # Exact, so that the sum is the same in whatever order threads come to the pieces.
        self._squares: Fraction | float = Fraction(0)

    def add(self, a: Array, b: Array, corner: Sequence[int], work: Workspace) -> None:
        """Count a piece of both tensors, which begins at the index `corner`."""
        self._elements += a.size
        self._finite += a.size
        if not a.size or _same_bits(a, b):
            return
        with np.errstate(all="ignore"):
            work.measure(a, b)
            if not np.isfinite(work.distance.max()):
                a, b = self._without_mismatches(a, b, corner, work)
            elif self.where is not None:
                self.where.add(work.distance, corner)
            self._count(a, b, corner, work)

    def _without_mismatches(self, a: Array, b: Array, corner: Sequence[int], work: Workspace) -> tuple[Array, Array]:
        """Count what is not finite, and put zeros in its place."""
        finite = np.isfinite(a) & np.isfinite(b)
        nan_a, nan_b = np.isnan(a), np.isnan(b)
        nan, infinite = nan_a != nan_b, ~(finite | nan_a | nan_b) & (a != b)
        counts = int(np.count_nonzero(nan)), int(np.count_nonzero(infinite))
        self._nan, self._infinite = self._nan + counts[0], self._infinite + counts[1]
        self._unequal += sum(counts)
        self._differing += sum(counts)
        self._finite -= int(np.count_nonzero(~finite))
        work.distance[~finite] = 0
        work.size[~finite] = 1
        if self.where is not None:
            self.where.add(np.where(nan | infinite, np.inf, work.distance), corner)
        return np.where(finite, a, a.dtype.type(0)), np.where(finite, b, b.dtype.type(0))

    def _count(self, a: Array, b: Array, corner: Sequence[int], work: Workspace) -> None:
        """Count finite elements whose distances have been taken."""
        distance, size, quotient = work.distance, work.size, work.quotient
        peak = float(distance.max())
        if not peak:
            return
        self._unequal += int(np.count_nonzero(np.not_equal(distance, 0)))
        if self._largest is None or peak >= self._largest.distance:
            at = np.unravel_index(int(distance.argmax()), a.shape)
            position = tuple(int(start + step) for start, step in zip(corner, at, strict=True))
            self._largest = _larger(self._largest, Place(peak, position, a[at].item(), b[at].item()))
        # Not a dot product, which would start the threads of a linear algebra library.
        np.multiply(distance, distance, out=quotient)
        self._add_squares(float(quotient.sum()))
        np.divide(distance, size, out=quotient)
        self._relative = max(self._relative, _largest(quotient))
        if self._dtype is not None:
            self._ulp = max(self._ulp, largest_distance(a, b, self._dtype))
        rtol, atol = self._tolerance
        if peak <= atol:
            return
        if atol:
            np.subtract(distance, atol, out=quotient)
            np.divide(quotient, size, out=quotient)
        if (needed := _largest(quotient)) > self._needed:
            self._needed = self._that_passes(needed, distance, size, quotient)
        np.multiply(size, rtol, out=size)
        np.add(size, atol, out=size)
        self._differing += int(np.count_nonzero(np.greater(distance, size)))

    def _that_passes(self, needed: float, distance: Array, size: Array, scratch: Array) -> float:
        """The smallest rtol, of few digits, with which the rule as it is computed holds for a piece."""
        needed, more = round_up(needed), 1e-12
        while math.isfinite(needed):
            np.multiply(size, needed, out=scratch)
            np.add(scratch, self._tolerance.atol, out=scratch)
            if not np.greater(distance, scratch).any():
                break
            needed, more = round_up(needed * (1 + more)), 2 * more
        return needed

    def _add_squares(self, squares: float) -> None:
        if math.isfinite(squares) and isinstance(self._squares, Fraction):
            self._squares += Fraction(squares)
        else:
            self._squares = math.inf

    def merge(self, other: Tally) -> None:
        """Take over what another thread has gathered."""
        for counter in ("_elements", "_finite", "_unequal", "_differing", "_nan", "_infinite"):
            setattr(self, counter, getattr(self, counter) + getattr(other, counter))
        self._ulp = max(self._ulp, other._ulp)
        self._relative, self._needed = max(self._relative, other._relative), max(self._needed, other._needed)
        self._squares = self._squares + other._squares
        if other._largest is not None:
            self._largest = _larger(self._largest, other._largest)
        if self.where is not None and other.where is not None:
            self.where.merge(other.where)

    def result(self, first_index: Callable[[tuple[int, ...]], tuple[int, ...]] = lambda index: index) -> Difference:
        """What has been gathered.

        Args:
            first_index: Makes an index of the pieces one of the first tensor.
        """
        mismatches = self._nan + self._infinite
        return Difference(
            elements=self._elements,
            unequal=self._unequal,
            differing=self._differing,
            nan_mismatches=self._nan,
            infinity_mismatches=self._infinite,
            largest=self._largest and self._largest._replace(position=first_index(self._largest.position)),
            largest_relative=self._relative,
            largest_ulp=None if self._dtype is None else self._ulp,
            ulp_dtype=self._dtype,
            rms=math.sqrt(self._squares / self._finite) if self._finite else 0.0,
            rtol_needed=None if mismatches or math.isinf(self._needed) else self._needed,
        )


def _same_bits(a: Array, b: Array) -> bool:
    """Whether two pieces are the same to the bit, which is quick to see."""
    if a.dtype != b.dtype or a.dtype.itemsize > 8:
        return False
    kind = f"u{a.dtype.itemsize}"
    return bool(np.equal(a.view(kind), b.view(kind)).all())


def _larger(one: Place | None, other: Place) -> Place:
    """The larger distance; of two as large the one that comes first."""
    if one is None or (other.distance, [-at for at in other.position]) > (one.distance, [-at for at in one.position]):
        return other
    return one


def _largest(quotients: Array) -> float:
    """The largest quotient; one of zeros, where nothing differs, is not counted."""
    largest = float(quotients.max())
    if math.isnan(largest):
        largest = float(np.fmax.reduce(quotients, axis=None))
    return 0.0 if math.isnan(largest) else largest
