"""Fitting beta, bias and scale to what a window tells: log(x / y) = beta * log(bias + scale * sum)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lrn_cli.dtypes import Array

FREEDOM = 4.0
"""Degrees of freedom of the Student distribution that errors are taken to have: some engines are far off at places."""
_COUNTED = 100
"""No more elements than these count when numbers are compared: an engine's errors have a part that all share."""
_INDEPENDENT = 1000
"""No more elements than these make an uncertainty smaller, for the same reason."""
_BETAS = np.unique(np.concatenate([np.geomspace(0.05, 8, 41), [0.5, 0.75, 1.0]]))
_ENOUGH = 500
"""How many elements are enough to find beta roughly."""
_LITTLE = 1e-6
"""By how much a step must lessen the deviance for another to be made."""
_SAME = 1e-3
"""By how much a spread may change, relative, and be taken for the same."""
_ROUNDS, _BETWEEN = 4, 25
"""How many grids of betas are tried, and how many betas each has after the first."""
_PRIOR = 4
"""How many elements the noise that is usual for the dtype counts for."""


class Observations(NamedTuple):
    """What elements tell of a window.

    Attributes:
        sums: Of squares over the window around each.
        logs: Of the input divided by the output.
        noise: How far each log may be off, in units common to all.
    """

    sums: Array
    logs: Array
    noise: Array

    def base(self, values: Values) -> Array:
        """bias + scale * sum."""
        base: Array = values.bias + values.scale * self.sums
        return base

    def errors(self, values: Values) -> Array:
        """How far each log is from the formula, in units of the noise."""
        errors: Array = (self.logs - values.beta * np.log(self.base(values))) / self.noise
        return np.nan_to_num(errors, nan=np.inf)

    def deviance(self, values: Values, sigma: float) -> float:
        """Twice the negative log-likelihood but for a constant, for as many elements as count as independent."""
        return float(self._deviance(self.errors(values), sigma))

    def deviances(self, betas: Array, biases: Array, scales: Array, sigma: float) -> Array:
        """The same of many numbers."""
        logs = np.log(biases[:, None] + scales[:, None] * self.sums)
        return self._deviance(np.nan_to_num((self.logs - betas[:, None] * logs) / self.noise, nan=np.inf), sigma)

    def _deviance(self, errors: Array, sigma: float) -> Array:
        share = min(1.0, _COUNTED / max(self.logs.size, 1))
        terms = np.log1p(np.square(np.minimum(np.abs(errors) / sigma, 1e100)) / FREEDOM)
        return np.asarray((FREEDOM + 1) * terms.sum(axis=-1) * share)


class Values(NamedTuple):
    """The three numbers of the formula."""

    beta: float
    bias: float
    scale: float


class Fit(NamedTuple):
    """The numbers that fit best, and how well.

    Attributes:
        values: The numbers.
        sigma: The errors' spread.
        spreads: The uncertainty of each number while the others adapt: one standard deviation, perhaps infinite.
    """

    values: Values
    sigma: float
    spreads: Values


def solve(seen: Observations, weights: Array, beta: float, bias: float | None = None) -> Values:
    """The bias and scale, neither negative, that fit best for one beta; for one bias only the scale."""
    if bias is None:
        biases, scales = _solve_each(seen, weights, np.array([beta]))
        return Values(beta, float(biases[0]), float(scales[0]))
    (target,), (w,), (unit,) = _lines(seen, weights, np.array([beta]))
    sums = seen.sums
    scale = max(float((w * sums * (target - bias * unit)).sum() / (w * sums * sums).sum()), 0.0)
    return Values(beta, bias, scale / float(unit))


def _lines(seen: Observations, weights: Array, betas: Array) -> tuple[Array, Array, Array]:
    """For each beta (x / y) ** (1 / beta), which is linear in the sum; its weights; and its unit."""
    shift = float(np.median(seen.logs))
    targets = np.exp(np.clip((seen.logs - shift) / betas[:, None], -300, 300))
    return targets, weights / np.square(targets), np.exp(np.clip(-shift / betas, -600, 600))


def _solve_each(seen: Observations, weights: Array, betas: Array) -> tuple[Array, Array]:
    """For each beta the bias and the scale, neither negative, that fit best."""
    targets, w, units = _lines(seen, weights, betas)
    total, sums = w.sum(axis=1), seen.sums
    middle, level = (w * sums).sum(axis=1) / total, (w * targets).sum(axis=1) / total
    away = sums - middle[:, None]
    spread, products = (w * away * away).sum(axis=1), (w * away * (targets - level[:, None])).sum(axis=1)
    scales = np.where(spread > 0, np.maximum(products / spread, 0), 0)
    biases = level - scales * middle
    through_zero = (w * sums * targets).sum(axis=1) / (w * sums * sums).sum(axis=1)
    scales = np.where(biases < 0, through_zero, scales)
    return np.maximum(biases, 0) / units, scales / units


def fit(seen: Observations, typical: float) -> Fit:
    """The numbers that fit best.

    Args:
        seen: At least one element.
        typical: The errors' spread that is usual for the dtype.
    """
    # Some of the elements tell which valley to look in.
    every = max(1, seen.logs.size // _ENOUGH)
    values = _best_beta(Observations(*(column[::every] for column in seen)), typical)
    sigma = _spread(seen, values, typical)
    for _ in range(3):
        values, before = _polish(seen, values, sigma), sigma
        sigma = _spread(seen, values, typical)
        if abs(sigma - before) <= _SAME * before:
            break
    return Fit(values, sigma, spreads(seen, values, sigma))


def _best_beta(seen: Observations, typical: float) -> Values:
    """By a grid of betas, and by finer ones between the neighbours of the best."""
    weights, betas = 1 / np.square(seen.noise), _BETAS
    # Once beta is given, bias and scale are linear: only beta has to be searched for, ever closer.
    for _ in range(_ROUNDS):
        biases, scales = _solve_each(seen, weights, betas)
        best = int(np.argmin(seen.deviances(betas, biases, scales, typical)))
        found = Values(float(betas[best]), float(biases[best]), float(scales[best]))
        betas = np.geomspace(betas[max(best - 1, 0)], betas[min(best + 1, betas.size - 1)], _BETWEEN)
    return found


def _spread(seen: Observations, values: Values, typical: float) -> float:
    """The errors' spread, in which outliers count little; of few elements mostly what is usual."""
    errors = np.minimum(np.abs(seen.errors(values)), 1e100)
    # Far from where it ends, the iteration is slow.
    sigma, size = max(typical, float(np.median(errors))), errors.size
    for _ in range(12):
        # Student weights: 1 and a little near the line, next to nothing for an engine's outliers.
        kept = (FREEDOM + 1) / (FREEDOM + np.square(errors / sigma))
        total = float((kept * np.square(errors)).sum())
        sigma = max(float(np.sqrt((_PRIOR * typical**2 + total) / (_PRIOR + max(size - 3, 0)))), typical / 4)
    return sigma


def _polish(seen: Observations, values: Values, sigma: float, steps: int = 6) -> Values:
    """Gauss-Newton steps as long as they help."""
    deviance = seen.deviance(values, sigma)
    for _ in range(steps):
        # Columns of unit length: beta is about 1 and scale may be 1e-5, and the least squares should not see that.
        columns, lengths, weights = _jacobian(seen, values, sigma)
        errors = seen.errors(values) * weights
        move = np.linalg.lstsq(columns, errors, rcond=1e-13)[0] / lengths
        # The formula is no plane, so a whole step may lead past the valley: then a quarter of it, and so on.
        for _quartering in range(6):
            beta, bias, scale = (float(value + step) for value, step in zip(values, move, strict=True))
            tried = Values(max(beta, 1e-3), max(bias, 0.0), max(scale, 0.0))
            found = seen.deviance(tried, sigma) if tried.bias + tried.scale > 0 else np.inf
            if found < deviance:
                break
            move /= 4
        else:
            return values
        gained, values, deviance = deviance - found, tried, found
        if gained < _LITTLE:
            break
    return values


def _jacobian(seen: Observations, values: Values, sigma: float) -> tuple[Array, Array, Array]:
    """The derivatives of the formula by its numbers, weighted and of unit length; those lengths; and the weights."""
    # log(x / y) = beta log B with B = b + s S: its slopes by beta, b and s are log B, beta / B and beta S / B.
    base = seen.base(values)
    kept = np.sqrt((FREEDOM + 1) / (FREEDOM + np.square(np.minimum(seen.errors(values) / sigma, 1e100))))
    slopes = np.stack([np.log(base), values.beta / base, values.beta * seen.sums / base], axis=1)
    columns = slopes * (kept / seen.noise)[:, None]
    lengths = np.maximum(np.sqrt(np.square(columns).sum(axis=0)), 1e-300)
    return columns / lengths, lengths, kept


def spreads(seen: Observations, values: Values, sigma: float, *, fixed: int = 0) -> Values:
    """The standard deviation of each number while those after the first `fixed` adapt; infinite where nothing says."""
    columns, lengths, _ = _jacobian(seen, values, sigma)
    _, singular, rows = np.linalg.svd(columns[:, fixed:], full_matrices=False)
    # J = U D V', so the covariance (J' J)^-1 is V D^-2 V', and a number's variance the sum over a column of D^-1 V'.
    inverse = 1 / np.maximum(singular, 1e-15 * singular[0])
    parts = rows * inverse[:, None]
    independent = np.sqrt(max(1.0, seen.logs.size / _INDEPENDENT))
    found = sigma * independent * np.sqrt(np.square(parts).sum(axis=0)) / lengths[fixed:]
    free = 3 - rows.shape[0] - fixed
    deviations = [np.inf if free > 0 else float(value) for value in found]
    return Values(*([0.0] * fixed + deviations))
