"""A histogram whose ends are not known beforehand."""

from __future__ import annotations

import math

import numpy as np

from lrn_cli.dtypes import Array

_BINS = 1 << 12


class Histogram:
    """Counts numbers in bins between -2^k and 2^k, where k grows with them: whatever the order, the same in the end.

    >>> counted = Histogram()
    >>> counted.add(np.array([-1.0, 0.5, 3.0]))
    >>> counted.add(np.array([100.0]))
    >>> [count.tolist() for count in counted.between(0, 128, 2)]
    [[3, 1], [0.0, 64.0, 128.0]]
    """

    def __init__(self) -> None:
        self._power: int | None = None
        self._counts = np.zeros(_BINS, np.int64)

    def add(self, values: Array) -> None:
        """Count finite numbers, float64 of one axis."""
        if not values.size:
            return
        largest = float(np.abs(values).max())
        self._reach(math.frexp(largest)[1] if largest else -1000)
        width = math.ldexp(1.0, self._exponent - _BINS.bit_length() + 2)
        places = np.floor(values / width).astype(np.int64) + _BINS // 2
        self._counts += np.bincount(np.clip(places, 0, _BINS - 1), minlength=_BINS)

    def merge(self, other: Histogram) -> None:
        """Take over what another has counted."""
        if other._power is None:
            return
        self._reach(other._power)
        other._reach(self._exponent)
        self._counts += other._counts

    def between(self, low: float, high: float, bins: int) -> tuple[Array, Array]:
        """How many numbers are in each of about so many equal bins, and the bins' edges.

        A fine bin counts where its middle lies, and so never twice; what lies outside counts at the ends.
        """
        edges = np.linspace(low, high, bins + 1)
        width = math.ldexp(1.0, self._exponent - _BINS.bit_length() + 2)
        middles = (np.arange(_BINS) - _BINS // 2 + 0.5) * width
        found, _ = np.histogram(np.clip(middles, low, high), edges, weights=self._counts)
        return found.astype(np.int64), edges

    @property
    def _exponent(self) -> int:
        return 0 if self._power is None else self._power

    def _reach(self, power: int) -> None:
        """Widen the range, each bin with its neighbour, until numbers below 2^power fit."""
        if self._power is None:
            self._power = power
        steps = min(power - self._power, _BINS.bit_length())
        for _ in range(steps):
            pairs = self._counts.reshape(-1, 2).sum(axis=1)
            self._counts = np.zeros(_BINS, np.int64)
            self._counts[_BINS // 4 : 3 * _BINS // 4] = pairs
        self._power = max(self._power, power)
