"""How far two tensors are apart, as numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

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
        mean, median, p99: Of |a-b|; the last is what 99 of 100 elements do not exceed. Of more than a million elements
            the quantiles are those of a part of them.
        mean_signed: Of a-b.
        nan_in_a, nan_in_b: How many are NaN there only.
        first_nan, first_infinity: The index of the first mismatch of each kind; None where there is none.
        only_at: Along each axis the indices on which elements differ; None where that is all of them.
        factor: What b is multiplied by to give a, where that is the same everywhere; else None.
        shift: What is added to b to give a, likewise.
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
    mean: float = 0.0
    median: float = 0.0
    p99: float = 0.0
    mean_signed: float = 0.0
    nan_in_a: int = 0
    nan_in_b: int = 0
    first_nan: tuple[int, ...] | None = None
    first_infinity: tuple[int, ...] | None = None
    only_at: tuple[tuple[int, ...] | None, ...] = ()
    factor: float | None = None
    shift: float | None = None

    @property
    def mismatches(self) -> int:
        """How many are NaN or infinite in one of the two only."""
        return self.nan_mismatches + self.infinity_mismatches

    @property
    def is_of_numbers(self) -> bool:
        """Whether distances tell anything; where only a NaN or an infinity differs, they are of equal elements."""
        return not self.mismatches or self.unequal > self.mismatches

    @property
    def percent(self) -> float:
        """How many of a hundred elements differ."""
        return 100 * self.differing / self.elements if self.elements else 0.0
