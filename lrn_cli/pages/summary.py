"""What a convention's page says first, in short."""

from __future__ import annotations

from collections.abc import Sequence

from lrn_cli.analysis.explanation.explain import Explanation
from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.parameters import Role, show
from lrn_cli.conventions.registry import conventions
from lrn_cli.conventions.summary import family
from lrn_cli.formula import ResponseNorm
from lrn_cli.pages.document import Block, Heading, Item, Items


def in_short(explanation: Explanation, sections: Sequence[str]) -> list[Block]:
    """The window, the coefficients, who computes the same, the first mistake, and the words for the sections below."""
    bound = explanation.bound
    convention, values = bound.convention, bound.values
    window, alpha, bias, beta = (convention.parameter(role) for role in (Role.WINDOW, Role.ALPHA, Role.BIAS, Role.BETA))
    same = [one.name for one in conventions() if family(one) == family(convention) and one is not convention]
    said = [
        f"{window.name} is {convention.window.value}: {show(values[window.name])} reaches {reach(bound.norm)}.",
        f"{alpha.name} {show(values[alpha.name])} is {_divided(bound)}: the sum is multiplied by"
        f" {show(bound.norm.scale)}.",
        f"{bias.name} is {_bias(bound)} {show(bound.norm.bias)}; {beta.name} is the exponent, {show(bound.norm.beta)}.",
        f"The same from the same numbers: {', '.join(same)}." if same else "No other convention reads its numbers so.",
        *(f"First of the traps: {trap.text}" for trap in convention.traps[:1]),
        f"One section alone: lrn explain {convention.name} SECTION, one or several of {', '.join(sections)}.",
    ]
    return [Heading("In short"), Items(tuple(map(Item, said)))]


def reach(norm: ResponseNorm) -> str:
    """How far the window reaches."""
    return "; ".join(f"along {axis} {span.before} before and {span.after} after" for axis, span in norm.window.items())


def _divided(bound: Bound) -> str:
    return f"divided by {bound.divisor}" if bound.convention.alpha_is_divided else "taken as it is"


def _bias(bound: Bound) -> str:
    return "the bias, here" if bound.region.fixed_bias is None else "not read here, the bias is always"
