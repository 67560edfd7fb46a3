"""The answer: what was found of each pair, as data."""

from __future__ import annotations

import math
from enum import Enum
from typing import Any, NamedTuple

from lrn_cli.analysis.comparison.difference import Difference
from lrn_cli.analysis.comparison.error_map import ErrorMap
from lrn_cli.analysis.comparison.sides import Side
from lrn_cli.analysis.comparison.tolerance import RULE, Tolerance


class Verdict(Enum):
    """What was found of a pair."""

    EQUAL = "equal"
    DIFFERENT = "different"
    REFUSED = "refused"
    """A convention does not take its numbers, or not on this tensor."""


class Pair(NamedTuple):
    """What was found of one pair.

    Attributes:
        a: The first of the two.
        b: The second, the reference of the rule.
        verdict: Whether they are equal within the tolerance.
        tolerance: What was allowed.
        difference: How far they are apart; None where they could not be compared element by element.
        layouts: Both layouts, where the one is the other with its axes in another order; else None. What the difference
            tells is then that of the tensors in one order.
        cause: Why they differ, in one sentence.
        advice: Under which numbers the first would be the second, as flags; empty where there are none.
        impossible: Why no numbers make them equal; empty where there is advice or none is needed.
        suggestion: What to try besides; empty where there is nothing.
        notes: What else to know.
        open: Whether how the one was made, and not what became of it, may tell why they differ.
        where: Where they differ; None where that was not asked for.
        engine: Whose tolerance was taken, if it is an engine's.
    """

    a: Side
    b: Side
    verdict: Verdict
    tolerance: Tolerance
    difference: Difference | None
    layouts: tuple[str, str] | None
    cause: str
    advice: str = ""
    impossible: str = ""
    suggestion: str = ""
    notes: tuple[str, ...] = ()
    open: bool = False
    where: ErrorMap | None = None
    engine: str = ""

    @property
    def only_in(self) -> str:
        """What two different tensors differ in while no element does: their layout or their dtype; empty otherwise."""
        if self.verdict is not Verdict.DIFFERENT or self.difference is None or self.difference.differing:
            return ""
        return "layout" if self.layouts else "dtype"

    def as_data(self) -> dict[str, Any]:
        """The pair as JSON types; what is infinite is null, and what is taken of no element that differs."""
        return {
            "a": self.a.name,
            "b": self.b.name,
            "verdict": self.verdict.value,
            "rtol": self.tolerance.rtol,
            "atol": self.tolerance.atol,
            "tolerance_of": self.engine or None,
            **_statistics(self.difference),
            "layouts": list(self.layouts) if self.layouts else None,
            "only_in": self.only_in or None,
            "cause": self.cause,
            "advice": self.advice or None,
            "impossible": self.impossible or None,
            "suggestion": self.suggestion or None,
            "notes": list(self.notes),
        }


class Comparison(NamedTuple):
    """What was found of all pairs.

    Attributes:
        tensors: What the tensors are called.
        sides: All that was compared.
        pairs: What was found, pair by pair.
        layout: A letter for each axis of the first tensor; None where it is not known.
    """

    tensors: tuple[str, ...]
    sides: tuple[Side, ...]
    pairs: tuple[Pair, ...]
    layout: str | None

    @property
    def equal(self) -> bool:
        """Whether all pairs are equal within the tolerance."""
        return all(pair.verdict is Verdict.EQUAL for pair in self.pairs)

    def as_data(self) -> dict[str, Any]:
        """The answer as JSON types."""
        return {
            "equal": self.equal,
            "rule": RULE,
            "tensors": list(self.tensors),
            "layout": self.layout,
            "sides": [side.as_data() for side in self.sides],
            "pairs": [pair.as_data() for pair in self.pairs],
        }


def _statistics(found: Difference | None) -> dict[str, Any]:
    if found is None:
        return {**dict.fromkeys(Difference._fields), "percent": None}
    place = found.largest
    data = found._asdict()
    data["largest"] = place and {
        "distance": _number(place.distance),
        "index": list(place.position),
        "a": place.a,
        "b": place.b,
    }
    for name in ("largest_relative", "rms", "mean", "median", "p99", "mean_signed"):
        data[name] = _number(data[name]) if found.is_of_numbers else None
    data["largest_ulp"] = found.largest_ulp if found.is_of_numbers else None
    data["only_at"] = [_list(indices) for indices in found.only_at]
    data |= {name: _list(data[name]) for name in ("first_nan", "first_infinity")}
    data["ulp_dtype"] = found.ulp_dtype.name if found.ulp_dtype is not None else None
    return {**data, "percent": found.percent}


def _list(indices: tuple[int, ...] | None) -> list[int] | None:
    return None if indices is None else list(indices)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
