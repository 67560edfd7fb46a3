"""The answer: whether a file is the gradient, which mistake gives it if not, and whether the check proves anything."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from lrn_cli.analysis.comparison.tolerance import Tolerance
from lrn_cli.analysis.gradient.mistakes import KNOWN, RIGHT
from lrn_cli.analysis.gradient.numeric import Measured
from lrn_cli.analysis.gradient.tally import Distance, Tally, Worst
from lrn_cli.conventions.binding import Bound

RULE = "|mine-dx| <= rtol * terms everywhere, or rtol * the largest |dx|"
"""In words; `terms` is the sum of the sizes of all that is added up for dx."""

POWERLESS = 0.01
"""A second term that is a smaller share of dx than this is less than what people allow for: its mistakes go unseen."""


class Numeric(NamedTuple):
    """What finite differences say.

    Attributes:
        elements: How many were looked at.
        mine: How far the file is from them at most.
        dx: How far the formula is.
        position: Where the file is furthest from them; None where nothing could be looked at.
    """

    elements: int
    mine: float
    dx: float
    position: tuple[int, ...] | None

    @classmethod
    def of(cls, measured: Sequence[Measured], first_index: Callable[[tuple[int, ...]], tuple[int, ...]]) -> Numeric:
        """What follows from the elements that were looked at."""
        usable = [one for one in measured if math.isfinite(one.difference)]
        if not usable:
            return cls(0, 0.0, 0.0, None)
        worst = max(usable, key=lambda one: (_gap(one.mine, one.difference), one.position))
        mine, dx = _gap(worst.mine, worst.difference), max(_gap(one.dx, one.difference) for one in usable)
        return cls(len(usable), mine, dx, first_index(worst.position))


def _gap(a: float, b: float) -> float:
    return abs(a - b) if math.isfinite(a) else math.inf


class Check(NamedTuple):
    """What was found.

    Attributes:
        names: What x, dy and the file are called.
        bound: The convention with its numbers.
        equal: Whether the file is the gradient.
        rtol: What was allowed.
        error: How far it is from the gradient.
        largest: The largest |dx|.
        worst: Where it is furthest from it; None where it is nowhere off.
        mistakes: Those that give the file, the nearest first.
        hidden: Those that this check could not tell from the gradient.
        share: The largest second term as a share of the largest |dx|.
        numeric: What finite differences say; None where that was not asked for.
    """

    names: tuple[str, str, str]
    bound: Bound
    equal: bool
    rtol: float
    error: Distance
    largest: float
    worst: Worst | None
    mistakes: tuple[str, ...]
    hidden: tuple[str, ...]
    share: float
    numeric: Numeric | None

    @property
    def has_power(self) -> bool:
        """Whether mistakes in the second term would show."""
        return self.share >= max(POWERLESS, self.rtol)

    def of_largest(self, distance: float) -> float:
        """A distance as a share of the largest |dx|."""
        return distance / self.largest if self.largest else (math.inf if distance else 0.0)

    def as_data(self) -> dict[str, Any]:
        """The answer as JSON types; what is infinite is null."""
        worst, numeric = self.worst, self.numeric
        return {
            "equal": self.equal,
            "rule": RULE,
            "rtol": self.rtol,
            "convention": self.bound.convention.name,
            "parameters": self.bound.parameters,
            "of_terms": _number(self.error.of_terms),
            "of_largest": _number(self.of_largest(self.error.absolute)),
            "largest": self.largest,
            "worst": worst
            and {
                "distance": _number(worst.distance),
                "index": list(worst.position),
                "mine": _number(worst.mine),
                "dx": _number(worst.dx),
            },
            "mistake": self.mistakes[0] if self.mistakes else None,
            "mistakes": list(self.mistakes),
            "seen_in": [KNOWN[name].where for name in self.mistakes if KNOWN[name].where],
            "power": self.has_power,
            "second_term": _number(self.share),
            "indistinguishable": list(self.hidden),
            "numeric": numeric
            and {
                "elements": numeric.elements,
                "mine": _number(self.of_largest(numeric.mine)),
                "dx": _number(self.of_largest(numeric.dx)),
                "index": numeric.position and list(numeric.position),
            },
        }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def judge(
    names: tuple[str, str, str], bound: Bound, found: Tally, allowed: Tolerance, numeric: Numeric | None = None
) -> Check:
    """What follows from what was gathered.

    Args:
        names: What x, dy and the file are called.
        bound: The convention with its numbers.
        found: What was gathered.
        allowed: What may be between; absolutely no more than a type cannot hold.
        numeric: What finite differences say.
    """
    rtol, atol = allowed
    error, largest = found.to.get(RIGHT, Distance()), found.peaks.get(RIGHT, 0.0)

    def near(distance: Distance, peak: float = largest) -> bool:
        return distance.of_terms <= rtol or distance.absolute <= max(rtol * peak, atol)

    def gives(name: str) -> bool:
        """Whether a mistake gives the file, which is rounded as that is: it may be far larger than the gradient."""
        return near(found.to[name], max(largest, found.peaks[name]))

    # Where both terms cancel, what is left of them has no digits to compare.
    close = max(rtol, 1e-9) * max(largest, found.largest_second)
    equal = near(error) and (numeric is None or numeric.mine <= max(close, atol))
    hidden = tuple(name for name, distance in found.between.items() if near(distance))
    giving = [name for name in found.between if gives(name) and name not in hidden]
    giving.sort(key=lambda name: found.to[name].absolute)
    share = found.largest_second / largest if largest else 0.0
    mistakes = () if equal else tuple(giving)
    return Check(names, bound, equal, rtol, error, largest, found.worst, mistakes, hidden, share, numeric)
