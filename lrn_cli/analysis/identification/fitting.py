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
        share = min(1.0, _COUNTED / max(self.logs.size, 1))
        terms = np.log1p(np.square(np.minimum(self.errors(values) / sigma, 1e100)) / FREEDOM)
        return float((FREEDOM + 1) * terms.sum() * share)


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
    """The bias and scale, neither negative, that fit best for one beta; for one bias only the scale.

    (x / y) ** (1 / beta) is linear in the sum.
    """
    shift = float(np.median(seen.logs))
    target = np.exp(np.clip((seen.logs - shift) / beta, -300, 300))
    unit = float(np.exp(np.clip(-shift / beta, -600, 600)))
    w, sums = weights / np.square(target), seen.sums
    if bias is not None:
        scale = max(float((w * sums * (target - bias * unit)).sum() / (w * sums * sums).sum()), 0.0)
        return Values(beta, bias, scale / unit)
    total = w.sum()
    middle, level = (w * sums).sum() / total, (w * target).sum() / total
    away = sums - middle
    spread = (w * away * away).sum()
    scale = max(float((w * away * (target - level)).sum() / spread), 0.0) if spread > 0 else 0.0
    found = float(level - scale * middle)
    if found < 0:
        found, scale = 0.0, float((w * sums * target).sum() / (w * sums * sums).sum())
    return Values(beta, found / unit, scale / unit)


def fit(seen: Observations, typical: float) -> Fit:
    """The numbers that fit best.

    Args:
        seen: At least one element.
        typical: The errors' spread that is usual for the dtype.
    """
    weights = 1 / np.square(seen.noise)
    values = _best_beta(seen, weights, typical)
    sigma = _spread(seen, values, typical)
    for _ in range(3):
        values = _polish(seen, values, sigma)
        sigma = _spread(seen, values, typical)
    return Fit(values, sigma, spreads(seen, values, sigma))


def _best_beta(seen: Observations, weights: Array, typical: float) -> Values:
    """By a grid of betas, and the golden section between neighbours."""

    def try_beta(beta: float) -> tuple[float, Values]:
        values = solve(seen, weights, beta)
        return seen.deviance(values, typical), values

    # Once beta is given, bias and scale are linear: only beta has to be searched for, first roughly,
    results = [try_beta(beta) for beta in _BETAS]
    best = min(range(len(results)), key=lambda index: results[index][0])
    low, high = np.log(_BETAS[max(best - 1, 0)]), np.log(_BETAS[min(best + 1, len(_BETAS) - 1)])
    # then between the neighbours of the best, where the deviance has one valley.
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(30):
        left, right = high - golden * (high - low), low + golden * (high - low)
        one, other = try_beta(float(np.exp(left))), try_beta(float(np.exp(right)))
        low, high = (low, right) if one[0] <= other[0] else (left, high)
        results += [one, other]
    return min(results, key=lambda result: result[0])[1]


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
        values, deviance = tried, found
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
