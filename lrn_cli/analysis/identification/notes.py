"""What the data cannot tell, and why nothing fits: sentences."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from lrn_cli.analysis.identification.allowance import Allowance
from lrn_cli.analysis.identification.candidates import Candidate
from lrn_cli.analysis.identification.fitting import Observations, Values
from lrn_cli.analysis.identification.search import Finding
from lrn_cli.analysis.identification.verification import Residual

_SMALL, _LARGE = 0.1, 100.0
"""Below and above these shares of the bias, scale * sum adds hardly a digit to it, or hides it."""
_MOST_RIVALS = 4
_FINE = 1e-9
"""Errors beside which a parameter in float32 differs from its decimal."""


def why_not(finding: Finding, residual: Residual, allowed: Allowance) -> str:
    """Why the best attempt is none."""
    if finding.doubt and not (residual.beyond or residual.lost):
        return finding.doubt
    beyond = residual.beyond + residual.lost
    share = beyond / max(residual.elements, 1)
    besides = f" and {allowed.absolute:.4g} besides" if allowed.absolute else ""
    return (
        f"{beyond} of {residual.elements} elements ({share:.2%}) are further than {allowed.relative:g}{besides} from"
        f" the formula, relative, the furthest at {list(residual.worst)}"
    )


def list_open(finding: Finding, residual: Residual, tolerance: float) -> Iterator[str]:
    """What else would explain the output as well, and what only an engine's own errors explain."""
    yield from _windows(finding)
    yield from _numbers(finding)
    if finding.numbers.stored.beta != finding.numbers.typed.beta and finding.chosen.fit.sigma < _FINE:
        yield "the engine kept its parameters in float32; the residual is from those"
    if residual.lost:
        yield (
            f"{residual.lost} of {residual.elements} elements are further than {tolerance:g} from the formula,"
            " relative: their sums are so small beside their neighbours' that a running sum in float32 loses them"
        )


def _windows(finding: Finding) -> Iterator[str]:
    if not finding.numbers.typed.scale:
        return
    candidates = [rival.candidate for rival in finding.rivals]
    place = finding.place
    if finding.chosen.candidate.covers:
        axes = " and ".join(place.layout[axis] for axis in place.axes)
        yield f"the window covers {axes} from every element: a wider one would give the same"
    if not finding.chosen.candidate.reach:
        yield "each result depends on its own element alone, so that nothing tells the channel axis"
    others = [candidate for candidate in candidates if candidate.reach != finding.chosen.candidate.reach]
    if others:
        shown = "; ".join(_describe_window(candidate) for candidate in others[:_MOST_RIVALS])
        more = f"; and {len(others) - _MOST_RIVALS} more" if len(others) > _MOST_RIVALS else ""
        yield f"other windows fit as well: {shown}{more}"


def _describe_window(candidate: Candidate) -> str:
    spans = candidate.wanted if len(set(candidate.wanted)) > 1 else candidate.wanted[:1]
    axes = " and ".join(map(str, candidate.place.axes))
    return f"{' and '.join(f'{span.before} before and {span.after} after' for span in spans)} on axis {axes}"


def _numbers(finding: Finding) -> Iterator[str]:
    names = [name for name in ("scale", "bias", "beta") if name not in finding.determined]
    if not names:
        return
    seen, values, spreads = finding.chosen.seen, finding.numbers.typed, finding.chosen.fit.spreads
    known = ", ".join(f"{name} {_range(getattr(values, name), getattr(spreads, name))}" for name in names)
    yield f"{_reason(seen, values)}; the roundest numbers that fit were taken: {known}"


def _reason(seen: Observations, values: Values) -> str:
    sums = values.scale * seen.sums
    if sums.max() <= 1e-12 * values.bias or not values.scale:
        return "the output is the input times a constant, so that nothing tells the window and the scale"
    if sums.max() < _SMALL * values.bias:
        return "all sums are small beside the bias, so that they tell beta * scale / bias and bias ^ beta, not each"
    if sums.min() > _LARGE * values.bias:
        return "all sums are large, so that the bias is lost in them"
    return "there are too few different sums, or they are too alike, for four digits"


def _range(value: float, spread: float) -> str:
    if not value or spread == inf or spread > abs(value):
        return "unknown" if value else "about 0"
    return f"to {2 * spread / abs(value):.1g} of itself"
