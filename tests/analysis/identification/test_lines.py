"""Lines over sums: what they leave is what NumPy's own weighted regression leaves."""

from __future__ import annotations

import numpy as np
import pytest

from lrn_cli.analysis.identification.lines import _BETAS, Lines

RNG = np.random.default_rng(3)
SUMS = RNG.uniform(0.5, 9, (6, 400))
NOISE = RNG.uniform(1, 3, 400)


def left_by_polyfit(sums: np.ndarray, logs: np.ndarray, beta: float) -> float:
    """What a weighted line over the sums leaves of (x / y) ** (1 / beta), relative, times beta."""
    target = np.exp(logs / beta)
    slope, bias = np.polyfit(sums, target, 1, w=1 / (target * NOISE))
    if min(slope, bias) < 0:  # what a bound holds back fits worse
        return np.inf
    return float(beta * np.sqrt(np.square(((slope * sums + bias) / target - 1) / NOISE).mean()))


def test_the_least_misfit_is_that_of_the_best_beta() -> None:
    logs = 0.8 * np.log(1 + 0.4 * SUMS[0]) + 0.01 * RNG.standard_normal(400)
    found = Lines(logs, NOISE).misfits(SUMS[:1])
    assert found[0] == pytest.approx(min(left_by_polyfit(SUMS[0], logs, float(beta)) for beta in _BETAS), rel=1e-6)


@pytest.mark.parametrize("error", [1e-3, 1e-7, 1e-11, 1e-14])
def test_a_misfit_is_known_however_small_it_is(error: float) -> None:
    logs = 0.75 * np.log(2 + 0.3 * SUMS[2]) + error * RNG.standard_normal(400)
    found = Lines(logs, NOISE).misfits(SUMS)
    assert int(np.argmin(found)) == 2
    assert found[2] == pytest.approx(left_by_polyfit(SUMS[2], logs, 0.75), rel=0.05)
    assert (np.delete(found, 2) > 0.01).all()


def left_by_levels(logs: np.ndarray) -> float:
    """What the best constants leave of (x / y) ** (1 / beta), relative, times beta."""
    left = []
    for beta in _BETAS:
        target = np.exp(logs / beta)
        level = np.average(target, weights=target**-2.0)
        left.append(float(beta * np.sqrt(np.square(level / target - 1).mean())))
    return min(left)


@pytest.mark.parametrize("sums", [SUMS[0], np.zeros(400)], ids=["they fall", "there are none"])
def test_where_the_sums_cannot_be_the_reason_the_line_is_level(sums: np.ndarray) -> None:
    logs = -np.log(SUMS[0])
    assert Lines(logs, np.ones(400)).misfits(sums[None])[0] == pytest.approx(left_by_levels(logs), rel=1e-6)
