"""How badly sums explain x / y: y = x (b + s S)^-beta, so that (x / y)^(1 / beta) is a straight line over the sums."""

from __future__ import annotations

import numpy as np

from lrn_cli.dtypes import Array

_BETAS = np.unique(np.concatenate([np.geomspace(0.1, 5, 19), [0.5, 0.75, 1.0]]))
_CERTAIN = 1e-6
"""What is left, relative, where a difference of sums of squares still shows it to a hundredth."""


class Lines:
    """The lines that x / y of some elements asks for, for a few betas.

    Args:
        logs: Of x / y, about zero.
        noise: How far each may be off, in units common to all.
    """

    def __init__(self, logs: Array, noise: Array) -> None:
        self._noise = noise
        self._targets = np.exp(np.clip(logs / _BETAS[:, None], -300, 300))
        # Errors are relative: large targets may be off by more.
        weights = 1 / np.square(self._targets * noise)
        totals = weights.sum(axis=1)
        self._share = totals / logs.size
        self._weights = (weights / totals[:, None]).T
        self._weighted = self._weights * self._targets.T
        self._levels = self._weighted.sum(axis=0)
        self._squares = (self._weighted * self._targets.T).sum(axis=0)

    def misfits(self, sums: Array) -> Array:
        """For each row of sums how badly the best of the betas explains x / y: a relative root mean square."""
        with np.errstate(all="ignore"):  # what is tried need not make sense, and each thread has its own
            sums = sums / np.maximum(np.abs(sums).mean(axis=1, keepdims=True), 1e-300)
            slopes, biases, left = self._fit(sums)
            least = np.asarray(left.min(axis=1))
            # What is next to nothing beside what it is the difference of is looked at element by element.
            near = np.flatnonzero(~(least > _CERTAIN * float(np.sqrt(np.square(1 / self._noise).mean()))))
            least[near] = [self._look(sums[row], slopes[row], biases[row]) for row in near]
            return least

    def _fit(self, sums: Array) -> tuple[Array, Array, Array]:
        """The slopes and biases of weighted linear regressions, and what they leave, by row of sums and beta."""
        # With sums from their middle little cancels in what follows.
        center = sums.mean(axis=1, keepdims=True)
        away = sums - center
        middle, products, squares = away @ self._weights, away @ self._weighted, np.square(away) @ self._weights
        spread, level = squares - np.square(middle), self._levels
        # Neither number may be negative: then the line is level, or it goes through zero.
        slope = np.where(spread > 0, np.maximum((products - middle * level) / spread, 0), 0)
        bias = level - slope * (middle + center)
        through_zero = (products + center * level) / (squares + 2 * center * middle + np.square(center))
        slope, bias = np.where(bias < 0, through_zero, slope), np.maximum(bias, 0)
        # The mean of w (slope (S - center) + raised - target)^2, multiplied out; times beta it is that of x / y itself.
        raised = bias + slope * center
        left = slope * (slope * squares + 2 * raised * middle - 2 * products)
        left += raised * (raised - 2 * level) + self._squares
        return slope, bias, np.abs(_BETAS) * np.sqrt(np.maximum(left, 0) * self._share)

    def _look(self, sums: Array, slopes: Array, biases: Array) -> float:
        """What the lines over one row of sums leave, for the best of the betas."""
        left = ((slopes[:, None] * sums + biases[:, None]) / self._targets - 1) / self._noise
        return float(np.nanmin(np.abs(_BETAS) * np.sqrt(np.square(left).mean(axis=1)), initial=np.inf))
