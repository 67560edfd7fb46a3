"""Round numbers: among all that fit as well, those that a person would have typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import log, log10
from typing import NamedTuple

import numpy as np

from lrn_cli.analysis.identification.fitting import FREEDOM, Fit, Observations, Values, solve, spreads
from lrn_cli.conventions.decimals import divide, significant_digits

PER_DIGIT = 2 * log(10)
"""What a digit costs, in units of the deviance: one digit more makes ten times as many numbers."""
_WITHIN = 30.0
"""Standard deviations that a round number may be from the fitted one."""
_MOST_DIGITS = 13
_CUSTOMARY: dict[str, dict[float, float]] = {
    "beta": {0.75: 0.6, 0.5: 0.7, 1.0: 0.7},
    "bias": {1.0: 0.4, 2.0: 0.5, 0.0: 0.6},
    "alpha": {1e-4: 0.7, 1.0: 0.7, 0.0: 0.3},
}
"""What numbers that are the defaults somewhere count as, in digits."""
_LARGEST_LISTED = 3.0
"""The largest beta of a list of them, and an uncertainty that means nothing is known of it."""

COARSE = 1e-5
"""Errors above these are float16's."""
_COARSE_SHARE = 0.2
"""What the deviance of coarse results counts for: engines that compute in float16 are off alike everywhere."""

Stored = Callable[[float], float]


class Natural(NamedTuple):
    """Round numbers that fit.

    Attributes:
        typed: As decimals.
        stored: As the engine holds them: where it keeps them in float32, these are not quite the decimals.
        digits: How many it takes to write them down; customary numbers count as less than one.
        divisor: What alpha is divided by.
        cost: The deviance, and what the digits cost.
    """

    typed: Values
    stored: Values
    digits: float
    divisor: int
    cost: float


def in_float64(number: float) -> float:
    """A parameter as an engine holds it that keeps float64."""
    return number


def in_float32(number: float) -> float:
    """A parameter as an engine holds it that keeps float32."""
    return float(np.float32(number))


def natural(seen: Observations, best: Fit, divisors: Sequence[tuple[int, float]], stored: Stored) -> Natural:
    """The round numbers that explain what is seen in the fewest digits.

    Args:
        seen: What they must fit.
        best: The numbers that fit best.
        divisors: What alpha may be divided by, and what each costs in digits.
        stored: How the engine holds parameters.
    """
    return _Rounding(seen, best, divisors, stored).run()


class _Rounding:
    """Goes through betas, for each through biases, and for each through scales, as long as digits can be saved."""

    def __init__(self, seen: Observations, best: Fit, divisors: Sequence[tuple[int, float]], stored: Stored) -> None:
        self._seen, self._best, self._divisors, self._stored = seen, best, divisors, stored
        errors = np.square(np.minimum(np.abs(seen.errors(best.values)) / best.sigma, 1e100))
        self._weights = 1 / ((FREEDOM + errors) * np.square(seen.noise))
        self._least = self._deviance(best.values)
        digits = 3.0 * _MOST_DIGITS
        self._found = Natural(best.values, best.values, digits, 1, self._least + digits * PER_DIGIT)

    def run(self) -> Natural:
        """The best of all."""
        for beta, digits in _betas(self._best, self._stored):
            if self._may_do(digits):
                self._with_beta(beta, digits)
        return self._found

    def _deviance(self, values: Values) -> float:
        share = _COARSE_SHARE if self._best.sigma > COARSE else 1.0
        return share * self._seen.deviance(values, self._best.sigma)

    def _may_do(self, digits: float, deviance: float = 0.0) -> bool:
        """Whether numbers of so many digits could be the best, when others have that deviance at least."""
        return max(deviance, self._least) + digits * PER_DIGIT < self._found.cost

    def _with_beta(self, beta: float, digits: float) -> None:
        seen, sigma = self._seen, self._best.sigma
        level = solve(seen, self._weights, self._stored(beta))
        if not self._may_do(digits, self._deviance(level)):
            return
        spread = spreads(seen, level, sigma, fixed=1).bias
        for bias, more in _roundings("bias", level.bias, spread, self._stored):
            if self._may_do(digits + more):
                self._with_bias(beta, bias, digits + more)

    def _with_bias(self, beta: float, bias: float, digits: float) -> None:
        seen, sigma, stored = self._seen, self._best.sigma, self._stored
        rest = solve(seen, self._weights, stored(beta), stored(bias))
        if rest.bias + rest.scale <= 0:
            return
        spread = spreads(seen, rest, sigma, fixed=2).scale
        for divisor, extra in self._divisors:
            for alpha, more in _roundings("alpha", rest.scale * divisor, spread * divisor, stored):
                held = Values(stored(beta), stored(bias), stored(alpha) / divisor)
                total = digits + more + extra
                if held.bias + held.scale <= 0 or not self._may_do(total):
                    continue
                cost = self._deviance(held) + total * PER_DIGIT
                if cost < self._found.cost:
                    typed = Values(beta, bias, divide(alpha, divisor))
                    self._found = Natural(typed, held, total, divisor, cost)


def _betas(best: Fit, stored: Stored) -> list[tuple[float, float]]:
    """Betas to try, those of few digits first."""
    found = dict(_roundings("beta", best.values.beta, best.spreads.beta, stored))
    reach = _WITHIN * best.spreads.beta
    if reach > 0.01:
        # Where neither beta is known nor the errors are small, two digits of it would not be, either.
        step = 0.01 if reach < _LARGEST_LISTED or best.sigma < COARSE else 0.1
        every = (round(count * step, 2) for count in range(1, round(_LARGEST_LISTED / step) + 1))
        found.update((beta, _digits("beta", beta)) for beta in every if abs(beta - best.values.beta) <= reach)
    return sorted(found.items(), key=lambda item: item[1])


def _roundings(name: str, value: float, spread: float, stored: Stored) -> Iterator[tuple[float, float]]:
    """Numbers near `value` with ever more digits, until more would say nothing; and how many digits each counts as."""
    reach = _WITHIN * spread + 1e-14 * abs(value)
    for number, digits in _CUSTOMARY[name].items():
        if abs(stored(number) - value) <= reach:
            yield number, digits
    for count in range(1, _MOST_DIGITS):
        number = float(f"{value:.{count - 1}e}")
        if abs(stored(number) - value) <= reach and number not in _CUSTOMARY[name]:
            yield number, _digits(name, number)
        if abs(number - value) <= spread / 10:
            return


def _digits(name: str, number: float) -> float:
    """How many digits a number counts as; for a bias also the zeros before them."""
    zeros = max(0.0, -1 - log10(number)) / 2 if name == "bias" and number > 0 else 0.0
    return _CUSTOMARY[name].get(number, significant_digits(number) + zeros + (1.0 if name == "beta" else 0.2))
