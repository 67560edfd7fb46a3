"""Numbers that fit, though no normalization need have been at work."""

from __future__ import annotations

from math import log10

import numpy as np

from lrn_cli.analysis.identification.candidates import Candidate
from lrn_cli.analysis.identification.fitting import FREEDOM, Fit, Observations
from lrn_cli.analysis.identification.rounding import Natural

_SPARE = 2.0
"""By how many digits an explanation must be shorter than what it explains."""


def doubt(candidate: Candidate, seen: Observations, best: Fit, numbers: Natural, most: float) -> str:
    """Why what fits best may be no normalization; empty where nothing speaks against it.

    Args:
        candidate: The window.
        seen: What the numbers explain.
        best: The numbers that fit best.
        numbers: The round ones.
        most: What the relative errors of most elements are below.
    """
    values = numbers.typed
    if best.sigma > most:
        return f"most elements are about {best.sigma:.1g} off, relative, which is more than rounding"
    if not values.scale and values.bias != 1:
        return f"the output is the input times {values.bias**-values.beta:.6g}: that takes no normalization"
    if not values.bias and not candidate.reach:
        return f"each result is a power of its own element, {1 - 2 * values.beta:.4g}: that takes no normalization"
    if not _shorter(candidate, seen, best, numbers):
        return "the numbers that fit take as many digits as what they explain: that may be an accident"
    return ""


def _shorter(candidate: Candidate, seen: Observations, best: Fit, numbers: Natural) -> bool:
    """Whether the numbers have fewer digits than what they explain: one x / y, and how others differ from it."""
    sigma, noise = best.sigma, float(np.median(seen.noise))
    _, kept = np.unique(np.stack([seen.sums, seen.logs]), axis=1, return_index=True)
    before = (seen.logs - np.median(seen.logs))[kept] / seen.noise[kept]
    after = seen.errors(numbers.stored)[kept]
    digits = [float(np.log10(1 + np.square(errors / sigma) / FREEDOM).sum()) / 2 for errors in (before, after)]
    return digits[0] - digits[1] - log10(sigma * noise) - _SPARE >= numbers.digits + candidate.unusual
