"""The statistics of a pair of tensors, gathered piece by piece in any order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lrn_cli.analysis.comparison.difference import Difference, Place
from lrn_cli.analysis.comparison.distribution import ExactSum, First, Quantiles, Spread, Steady
from lrn_cli.analysis.comparison.error_map import ErrorMap
from lrn_cli.analysis.comparison.tolerance import Tolerance, largest_distance, round_up
from lrn_cli.dtypes import Array
from lrn_cli.passes.frame import Frame

DType = np.dtype[Any]


_SEVERAL = 8
"""How many elements must differ before it means something that they do so in one way."""


class Workspace:
    """Scratch memory for measuring pieces, which all tallies of a thread share."""

    def __init__(self) -> None:
        self.distance = self.size = self.quotient = np.empty(0)
        self.signed = 0.0

    def measure(self, a: Array, b: Array) -> None:
        """Take |a-b|, |b| and the sum of a-b in float64, or in long double where an operand has more digits."""
        exact = all(array.dtype.itemsize < 8 or array.dtype.str[1:] == "f8" for array in (a, b))
        work = np.dtype(np.float64 if exact else np.longdouble)
        if self.distance.dtype != work or self.distance.shape != a.shape:
            self.distance, self.size, self.quotient = (np.empty(a.shape, work) for _ in range(3))
        np.subtract(a, b, out=self.distance, dtype=work, casting="unsafe")
        self.signed = float(self.distance.sum())
        np.absolute(self.distance, out=self.distance)
        np.absolute(b, out=self.size, dtype=work, casting="unsafe")


class Tally:
    """Gathers the statistics of one pair; each thread has its own, and they are merged in the end.

    Nothing of it depends on how the tensors are cut into pieces, except for the rounding of the RMS within a piece.

    Args:
        tolerance: What is allowed.
        dtype: The pair's narrower floating-point dtype; None for integers.
        common: The order of axes in which pieces will come.
        where: Gathers where they differ, if that is wanted.
    """

    def __init__(self, tolerance: Tolerance, dtype: DType | None, common: Frame, where: ErrorMap | None = None) -> None:
        self._tolerance, self._dtype, self._common, self.where = tolerance, dtype, common, where
        self._elements = self._finite = self._unequal = self._differing = self._nan = self._infinite = self._ulp = 0
        self._largest: Place | None = None
        self._relative = self._needed = 0.0
        self._squares, self._distances, self._signed = ExactSum(), ExactSum(), ExactSum()
        self._quantiles, self._spread = Quantiles(common.shape), Spread(common.shape)
        self._steady = Steady(0.0 if dtype is None else float(np.finfo(dtype).eps))
        self._nan_in_a = 0
        self._first_nan, self._first_infinity = First(), First()

    def add(self, a: Array, b: Array, corner: Sequence[int], work: Workspace) -> None:
        """Count a piece of both tensors, which begins at the index `corner`."""
        self._elements += a.size
        self._finite += a.size
        if not a.size:
            return
        if self.where is not None:
            self.where.show(a, b, corner)
        if _same_bits(a, b):
            self._count_same(b)
            return
        with np.errstate(all="ignore"):
            work.measure(a, b)
            if not np.isfinite(work.distance.max()):
                a, b = self._without_mismatches(a, b, corner, work)
            else:
                self._quantiles.add(work.distance, corner)
                if self.where is not None:
                    self.where.add(work.distance, corner)
            self._count(a, b, corner, work)

    def _without_mismatches(self, a: Array, b: Array, corner: Sequence[int], work: Workspace) -> tuple[Array, Array]:
        """Count what is not finite, and put zeros in its place."""
        finite = np.isfinite(a) & np.isfinite(b)
        nan_a, nan_b = np.isnan(a), np.isnan(b)
        nan, infinite = nan_a != nan_b, ~(finite | nan_a | nan_b) & (a != b)
        self._nan_in_a += int(np.count_nonzero(nan_a & nan))
        self._first_nan.add(nan, corner)
        self._first_infinity.add(infinite, corner)
        self._spread.add(nan | infinite, corner)
        counts = int(np.count_nonzero(nan)), int(np.count_nonzero(infinite))
        self._nan, self._infinite = self._nan + counts[0], self._infinite + counts[1]
        self._unequal += sum(counts)
        self._differing += sum(counts)
        self._finite -= int(np.count_nonzero(~finite))
        work.distance[~finite] = 0
        work.size[~finite] = 1
        self._quantiles.add(work.distance[finite], corner)
        if self.where is not None:
            self.where.add(np.where(nan | infinite, np.inf, work.distance), corner)
        a, b = (np.where(finite, side, side.dtype.type(0)) for side in (a, b))
        work.signed = float(np.subtract(a, b, dtype=work.distance.dtype, casting="unsafe").sum())
        return a, b

    def _count(self, a: Array, b: Array, corner: Sequence[int], work: Workspace) -> None:
        """Count finite elements whose distances have been taken."""
        distance, size, quotient = work.distance, work.size, work.quotient
        peak = float(distance.max())
        if not peak:
            self._steady.add_same(b)
            return
        self._unequal += int(np.count_nonzero(np.not_equal(distance, 0)))
        if self._largest is None or peak >= self._largest.distance:
            at = np.unravel_index(int(distance.argmax()), a.shape)
            position = tuple(int(start + step) for start, step in zip(corner, at, strict=True))
            self._largest = _larger(self._largest, Place(peak, position, a[at].item(), b[at].item()))
        # Not a dot product, which would start the threads of a linear algebra library.
        np.multiply(distance, distance, out=quotient)
        self._squares.add(float(quotient.sum()))
        self._distances.add(float(distance.sum()))
        self._signed.add(work.signed)
        np.divide(distance, size, out=quotient)
        if self._steady.shifts or self._steady.scales:
            self._steady.add(distance, size, quotient)
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
        beyond = np.greater(distance, size)
        if count := int(np.count_nonzero(beyond)):
            self._differing += count
            self._spread.add(beyond, corner)

    def _count_same(self, b: Array) -> None:
        """Count a piece that is the same to the bit."""
        self._quantiles.add_zeros(b.size)
        self._steady.add_same(b)

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

    def merge(self, other: Tally) -> None:
        """Take over what another thread has gathered."""
        for counter in ("_elements", "_finite", "_unequal", "_differing", "_nan", "_infinite", "_nan_in_a"):
            setattr(self, counter, getattr(self, counter) + getattr(other, counter))
        self._ulp = max(self._ulp, other._ulp)
        self._relative, self._needed = max(self._relative, other._relative), max(self._needed, other._needed)
        parts = (
            "_squares",
            "_distances",
            "_signed",
            "_quantiles",
            "_spread",
            "_steady",
            "_first_nan",
            "_first_infinity",
        )
        for part in parts:
            getattr(self, part).merge(getattr(other, part))
        if other._largest is not None:
            self._largest = _larger(self._largest, other._largest)
        if self.where is not None and other.where is not None:
            self.where.merge(other.where)

    def result(self) -> Difference:
        """What has been gathered, with indices of the first tensor."""
        index, largest = self._common.first_index, self._largest
        median, p99 = self._quantiles.at(0.5, 0.99)
        return Difference(
            elements=self._elements,
            unequal=self._unequal,
            differing=self._differing,
            nan_mismatches=self._nan,
            infinity_mismatches=self._infinite,
            largest=largest and largest._replace(position=index(largest.position)),
            largest_relative=self._relative,
            largest_ulp=None if self._dtype is None else self._ulp,
            ulp_dtype=self._dtype,
            rms=math.sqrt(self._squares.over(self._finite)),
            rtol_needed=None if self._nan + self._infinite or math.isinf(self._needed) else self._needed,
            mean=self._distances.over(self._finite),
            median=median,
            p99=p99,
            mean_signed=self._signed.over(self._finite),
            nan_in_a=self._nan_in_a,
            nan_in_b=self._nan - self._nan_in_a,
            first_nan=self._first_nan.index and index(self._first_nan.index),
            first_infinity=self._first_infinity.index and index(self._first_infinity.index),
            only_at=self._spread.indices(self._common.order),
            **self._how_steady(),
        )

    def _how_steady(self) -> dict[str, float]:
        """By what b is multiplied everywhere, or what is added to it, to give a; nothing where that is not so."""
        place = self._largest
        if place is None or self._unequal < _SEVERAL or self._nan + self._infinite:
            return {}
        if self._steady.scales and place.b:
            return {"factor": place.a / place.b}
        one_sign = abs(self._signed.over(1)) >= self._distances.over(1) * (1 - 1e-6)
        return {"shift": place.a - place.b} if self._steady.shifts and one_sign else {}


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
