"""Verification: what the numbers found give for all of the input, against all of the output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np

from lrn_cli.analysis.identification.alignment import Pair
from lrn_cli.analysis.identification.allowance import Allowance
from lrn_cli.analysis.identification.nearness import Nearness
from lrn_cli.analysis.identification.overflow import Overflow, lost_in_half
from lrn_cli.arithmetic.precision import LARGEST_EXPONENT, Precision, precision
from lrn_cli.arithmetic.windows import window_over
from lrn_cli.boxes import Box, inside
from lrn_cli.dtypes import Array
from lrn_cli.formula import ResponseNorm, Spans
from lrn_cli.narrow import spacing
from lrn_cli.passes.step import split
from lrn_cli.passes.transfer import Transfer
from lrn_cli.work.threads import usable_cores

_FLOAT64 = np.dtype(np.float64)
_LOST = 16 * 2.0**-23
"""What a running sum may be off, relative to the largest values on its way: ONNX Runtime's and Caffe's add what enters
the window and subtract what leaves it, in float32. Measured over 160 real outputs: up to 12 of these steps."""


class Residual(NamedTuple):
    """How far an output is from the formula.

    Attributes:
        max_ulp: At most, in units in the last place of the output's dtype, or in the steps of its grid.
        max_relative: At most, relative to the formula; of a grid whose steps are the same, what is off by more than
            half of one.
        beyond: How many elements are further off than the tolerance, and than a running sum would be.
        lost: How many are as far off as only a running sum may be.
        max_beyond: How far off elements are at most, relative, of those that are beyond.
        elements: How many there are.
        worst: Index of the element that is furthest off, of those that no running sum explains, in the input.
        overflow: Results that half precision lost; they do not count as beyond.
    """

    max_ulp: float
    max_relative: float
    beyond: int
    lost: int
    max_beyond: float
    elements: int
    worst: tuple[int, ...]
    overflow: Overflow = Overflow()


def verify(
    pair: Pair,
    norm: ResponseNorm,
    layout: str,
    allowed: Allowance,
    *,
    advanced: Callable[[int], None] = lambda _: None,
) -> Residual:
    """Compute the whole output in float64 and compare, block by block.

    Args:
        pair: The tensors.
        norm: The canonical form.
        layout: A letter for each axis of the input.
        allowed: How far the output may be from the formula.
        advanced: As for `Transfer`.
    """
    axes = tuple(layout.index(axis) for axis in norm.window)
    window, dtype = window_over(norm.window, layout, pair.shape), pair.grid.dtype
    measure = _Measure(pair, allowed, norm, axes, window.spans)
    if dtype.itemsize > 4:
        types = precision(_FLOAT64, _FLOAT64, norm)
    else:
        types = Precision(_FLOAT64, _FLOAT64, series=abs(norm.beta) <= LARGEST_EXPONENT)
    transfer = Transfer(
        pair.x,
        measure.add,
        dtype=_FLOAT64,
        norm=norm,
        window=window,
        types=types,
        advanced=advanced,
    )
    with np.errstate(all="ignore"):
        transfer.run(usable_cores())
    return measure.residual()


class _Measure:
    """How far the output is from the results that it is given."""

    def __init__(self, pair: Pair, allowed: Allowance, norm: ResponseNorm, axes: tuple[int, ...], spans: Spans) -> None:
        self._pair, self._grid, self._allowed = pair, pair.grid, allowed
        self._norm, self._axes, self._spans = norm, axes, spans
        self._dtype = pair.grid.dtype.newbyteorder("=")
        # Grids, and types that NumPy lacks, have steps of their own; what was asked for holds for small numbers, too.
        plain = not (self._grid.narrow or self._grid.step or allowed.asked) and self._dtype.itemsize <= 8
        self._nearness = Nearness(self._dtype, allowed.relative) if plain else None
        self._lock = Lock()
        self._ulp = self._relative = self._max_beyond = self._highest = 0.0
        self._beyond = self._lost = self._elements = 0
        self._worst: tuple[int, ...] = (0,) * len(pair.shape)
        self._overflow = Overflow()

    def add(self, box: Box, block: Array) -> None:
        """Compare a block of the formula's results, in the input's storage order."""
        if self._pair.x.info.fortran_order:
            box, block = box[::-1], block.transpose()
        normalised, _ = split(box, len(box) - 1, self._pair.shape[-1])
        with np.errstate(all="ignore"):
            self._compare(normalised, block[inside(normalised, box)], self._pair.read_output(normalised))

    def _compare(self, box: Box, wanted: Array, given: Array) -> None:
        near = self._nearness.measure(wanted, given) if self._nearness is not None and wanted.size else None
        if near is None:
            self._compare_with_care(box, wanted, given)
            return
        with self._lock:
            self._elements += wanted.size
            self._relative = max(self._relative, near.relative)
            self._note(box, np.unravel_index(near.place, wanted.shape), near.ulps)

    def _compare_with_care(self, box: Box, wanted: Array, given: Array) -> None:
        # What the engine should have stored, and how far off what it has stored is.
        wanted = wanted if self._grid.ends is None else np.clip(wanted, *self._grid.ends)
        rounded = wanted.astype(self._dtype)
        off, size = np.abs(given - wanted), np.abs(wanted)
        # Infinities and NaN are right where both have the same, else as wrong as can be.
        if not np.isfinite(off).all():
            off = np.where(np.isfinite(off), off, np.where(self._same(rounded, given), 0.0, np.inf))
            size = np.where(np.isfinite(size), size, 1.0)
        limits = np.finfo(self._dtype)
        sizes = np.clip(np.abs(np.nan_to_num(rounded)), 0, limits.max)
        narrow, even = self._grid.narrow, self._grid.step
        step = spacing(narrow, sizes) if narrow else np.spacing(sizes).astype(np.float64)
        step = np.full_like(step, even) if even else step
        beyond = self._beyond_allowed(off, size, np.abs(given), step)
        if self._dtype.itemsize == 2 and beyond.any():
            gone, found = lost_in_half(self._pair, box, self._spans, wanted, given)
            beyond, off = beyond & ~gone, np.where(gone, 0.0, off)
            with self._lock:
                self._overflow = self._overflow.add(found)
        # Where many are off, it is not for that.
        some = 0 < np.count_nonzero(beyond) < beyond.size / 10 and not self._allowed.asked
        lost = beyond & self._lost_in_sums(box, wanted, given) if some else np.zeros_like(beyond)
        more = np.maximum(off - self._allowed.absolute, 0) if even else off
        relative = np.where(off == np.inf, off, np.where(size > float(limits.smallest_normal), more / size, 0.0))
        self._count(box, off / step, relative, beyond & ~lost, lost)

    def _beyond_allowed(self, off: Array, size: Array, given: Array, step: Array) -> Array:
        """Which are further off than is allowed."""
        allowed = self._allowed
        if allowed.asked:
            beyond: Array = off > allowed.absolute + allowed.relative * np.nan_to_num(given)
            return beyond
        if self._grid.step:
            return np.asarray(off > allowed.absolute + allowed.relative * size)
        # A step is more than the tolerance where a number is so small that it has few digits.
        return np.asarray(off > np.maximum(allowed.relative * size, step))

    def _lost_in_sums(self, box: Box, wanted: Array, given: Array) -> Array:
        """Where a running sum may have given that: what is raised to beta is small beside others along the axis."""
        # |y| = |x| / B^beta gives B, and with B off by the margin the largest and the smallest y there may be:
        #   0 ---- B - margin ---- B ---- B + margin        a running sum ends anywhere here
        #               most   > |y| >    least             or below zero, whose power is NaN
        x, beta = np.abs(self._pair.read(box)[0]), self._norm.beta
        base = np.nan_to_num((x / np.abs(wanted)) ** (1 / beta), posinf=0.0)
        margin = _LOST * base.max(axis=self._axes, keepdims=True)
        least = x / (base + margin) ** beta
        most = np.where(base > margin, x / np.maximum(base - margin, 0) ** beta, np.inf)
        between = (np.abs(given) >= least) & (np.abs(given) <= most) & (given * wanted >= 0)
        lost: Array = between | ((base <= margin) & np.isnan(given) & ((x > 0) | (self._norm.bias == 0)))
        return lost

    def _same(self, wanted: Array, given: Array) -> Array:
        """Whether what is not finite is the same in both; 0 / 0, which some engines avoid, may also be 0."""
        nan = np.isnan(given) | (given == 0) if self._norm.bias == 0 else np.isnan(given)
        same: Array = (given == wanted) | (np.isnan(wanted) & nan)
        return same

    def _count(self, box: Box, ulps: Array, relative: Array, beyond: Array, lost: Array) -> None:
        if not ulps.size:
            return
        counted = np.where(lost, 0, ulps)
        place = int(np.argmax(counted))
        highest = float(counted.flat[place])
        with self._lock:
            self._beyond += int(np.count_nonzero(beyond))
            self._lost += int(np.count_nonzero(lost))
            self._elements += ulps.size
            self._relative = max(self._relative, float(np.nanmax(relative)))
            self._max_beyond = max(self._max_beyond, float(np.where(beyond, relative, 0).max()))
            self._note(box, np.unravel_index(place, ulps.shape), highest)
            self._ulp = max(self._ulp, float(ulps.max()))

    def _note(self, box: Box, place: Sequence[np.intp], ulps: float) -> None:
        """Remember an element if it is further off than those before."""
        self._ulp = max(self._ulp, ulps)
        if ulps > self._highest:
            self._highest = ulps
            self._worst = tuple(int(at) + piece.start for at, piece in zip(place, box, strict=True))

    def residual(self) -> Residual:
        """What was measured."""
        return Residual(
            self._ulp,
            self._relative,
            self._beyond,
            self._lost,
            self._max_beyond,
            self._elements,
            self._worst,
            self._overflow,
        )
