"""How far results are from the formula where all are near it, which a few passes show that stay in the cache."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lrn_cli.arithmetic import native
from lrn_cli.arithmetic.native.jobs import TYPES
from lrn_cli.dtypes import Array

_PIECE = 1 << 15
"""Elements that go through all passes together."""
_CERTAINLY = 1 - 1e-9
"""Quotients are compared with the tolerance here, products elsewhere: what lies between is not near."""
_MANTISSA = 52


class Near(NamedTuple):
    """How far results are from the formula at most.

    Attributes:
        ulps: In units in the last place.
        place: Of the one for which that is so.
        relative: Relative to the formula.
    """

    ulps: float
    place: int
    relative: float


class Nearness:
    """Measures results of one type.

    Args:
        dtype: The type: float16, float32 or float64.
        tolerance: Relative to the formula.
    """

    def __init__(self, dtype: np.dtype[np.floating], tolerance: float) -> None:
        limits = np.finfo(dtype)
        self._tolerance, self._eps = tolerance * _CERTAINLY, float(limits.eps)
        self._largest, self._normal = float(limits.max), float(limits.smallest_normal)
        # Half a unit in the last place on the bits of float64: what is rounded up to the next power of two gets there.
        self._half_unit = np.int64(1 << (_MANTISSA - limits.nmant) >> 1)
        self._exponent = np.int64(0x7FF << _MANTISSA)

    def measure(self, wanted: Array, given: Array) -> Near | None:
        """Measure a block of results.

        Args:
            wanted: What the formula gives, in float64.
            given: The results, of the same shape.

        Returns:
            None where one is further off than the tolerance, or nearly so, or is not finite.
        """
        wanted, given = wanted.reshape(-1), given.reshape(-1)
        compiled = native.chosen.variant is not None and all(_is_plain(array) for array in (wanted, given))
        scratch, found = np.empty((3, 0 if compiled else min(_PIECE, wanted.size))), Near(-1.0, 0, 0.0)
        for first in range(0, wanted.size, _PIECE):
            piece = slice(first, first + _PIECE)
            if compiled:
                near = self._compiled(wanted[piece], given[piece], found.ulps)
            else:
                near = self._measure(wanted[piece], _widen(given[piece]), scratch[:, : wanted.size - first])
            if near is None:
                return None
            relative = max(found.relative, near.relative)
            further = found if found.ulps >= near.ulps else near._replace(place=first + near.place)
            found = further._replace(relative=relative)
        return found

    def _compiled(self, wanted: Array, given: Array, known: float) -> Near | None:
        """The same compiled; the place is told only of what is further off than what is known."""
        found = native.chosen.compiled.nearness(
            native.chosen.variant,
            (wanted.__array_interface__["data"][0], wanted.nbytes),
            (given.__array_interface__["data"][0], given.nbytes, TYPES[given.dtype]),
            wanted.size,
            known,
            (self._eps, self._normal, self._largest, int(self._half_unit)),
        )
        near = None if found is None else Near(*found)
        return near if near is not None and near.relative < self._tolerance else None

    def _measure(self, wanted: Array, given: Array, scratch: Array) -> Near | None:
        off, size, ulps = scratch
        np.absolute(wanted, out=size)
        if not size.max() <= self._largest:
            return None
        np.absolute(np.subtract(given, wanted, out=off), out=off)
        small = self._raise_small(off, size)
        np.divide(off, self._steps(size, ulps), out=ulps)
        place = int(ulps.argmax())
        highest = float(ulps[place])
        if not np.isfinite(highest):
            return None
        if small is not None:
            # What has few digits is not far off by a step, whatever that is of it.
            if (small & (ulps > 1)).any():
                return None
            off[small] = 0
        relative = float(np.divide(off, size, out=off).max())
        return Near(highest, place, relative) if relative < self._tolerance else None

    def _raise_small(self, off: Array, size: Array) -> Array | None:
        """Have the smallest normal number for what is smaller: its step is the same. Tell where that is off at all."""
        if size.min() > self._normal:
            return None
        small: Array = (size <= self._normal) & (off > 0)
        np.maximum(size, self._normal, out=size)
        return small if small.any() else None

    def _steps(self, sizes: Array, out: Array) -> Array:
        """The distances from normal numbers to the next of the type, once they are rounded to it."""
        bits = out.view(np.int64)
        np.add(sizes.view(np.int64), self._half_unit, out=bits)
        np.bitwise_and(bits, self._exponent, out=bits)
        return np.multiply(out, self._eps, out=out)


def _is_plain(array: Array) -> bool:
    """Whether the compiled loops read it as it lies."""
    return array.dtype in TYPES and array.dtype.kind == "f" and array.flags.c_contiguous and array.flags.aligned


def _widen(given: Array) -> Array:
    """The same numbers in a type that NumPy is quick to convert: halves it converts one by one."""
    if given.dtype.newbyteorder("=") != np.float16:
        return given
    from lrn_cli.arithmetic.halves import widen

    floats = np.empty(given.shape, np.float32)
    widen(given, floats)
    return floats
