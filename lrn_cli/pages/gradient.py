"""What was found of a gradient, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from lrn_cli.analysis.gradient.mistakes import KNOWN
from lrn_cli.analysis.gradient.verdict import Check

COLUMNS = ("what", "value")


def lines(found: Check, *, verbose: bool = False) -> Iterator[str]:
    """The answer, line by line, as `rows` has it."""
    return (f"{what}: {said}" for what, said in rows(found, verbose=verbose))


def rows(found: Check, *, verbose: bool = False) -> Iterator[tuple[str, str]]:
    """The answer as cells: whether it is the gradient, how far off it is and where, which mistake, what it proves.

    Args:
        found: The answer.
        verbose: Tell also which mistakes could not have been seen.
    """
    x, dy, mine = found.names
    yield mine, f"{'is' if found.equal else 'is not'} the gradient of {x} for {dy} under {found.bound}"
    yield (
        "error",
        f"{found.error.of_terms:.2g} of the terms, {found.of_largest(found.error.absolute):.2g} of the largest"
        f" |dx|, {found.largest:.6g}; allowed: {found.rtol:g} of either",
    )
    if found.worst is not None:
        at = ", ".join(map(str, found.worst.position))
        yield "worst", f"at [{at}], {found.worst.mine:.9g} where dx is {found.worst.dx:.9g}"
    if not found.equal:
        yield "mistake", _mistakes(found)
    if found.numeric is not None:
        yield _numeric(found)
    if not found.has_power:
        yield "this check has no power", f"the second term is {found.share:.1g} of dx; use {_remedy(found)}"
    if found.hidden and (verbose or not found.has_power):
        yield "it cannot tell the gradient from", "; ".join(found.hidden)


def _remedy(found: Check) -> str:
    """What would let mistakes show."""
    if not found.largest:
        return "a dy for which dx is not zero"
    return "larger alpha or x" if found.bound.norm.beta else "a beta that is not 0"


def _mistakes(found: Check) -> str:
    if not found.mistakes:
        return "none of those that are known gives this file"
    told = [f"{name} ({KNOWN[name].where})" if KNOWN[name].where else name for name in found.mistakes]
    return ", or ".join(told)


def _numeric(found: Check) -> tuple[str, str]:
    numeric = found.numeric
    if numeric is None or not numeric.elements:
        return "finite differences", "none could be taken"
    mine, dx = (found.of_largest(distance) for distance in (numeric.mine, numeric.dx))
    at = ", ".join(map(str, numeric.position or ()))
    return (
        f"finite differences at {numeric.elements} elements",
        f"this file is up to {mine:.2g} of the largest |dx| away, at [{at}]; the formula {dx:.2g}",
    )
