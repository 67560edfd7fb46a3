"""The numbers that were found, under the names of every convention that has them."""

from __future__ import annotations

from lrn_cli import layouts
from lrn_cli.analysis.translation import express
from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.decimals import significant_digits
from lrn_cli.conventions.registry import conventions
from lrn_cli.formula import ResponseNorm


def in_conventions(norm: ResponseNorm, layout: str) -> tuple[Bound, ...]:
    """Every convention that can express the canonical form, the natural one first.

    That is the one whose numbers have the fewest digits; among those the one whose layout this is, and the one that
    leaves most to its defaults.
    """
    bounds = (express(norm, convention).bound for convention in conventions())
    return tuple(sorted((bound for bound in bounds if bound is not None), key=lambda bound: _strange(bound, layout)))


def _strange(bound: Bound, layout: str) -> tuple[int, bool, int]:
    numbers = [value for value in bound.values.values() if not isinstance(value, str)]
    parameters = {parameter.name: parameter.default for parameter in bound.convention.parameters}
    changed = sum(value != parameters[name] for name, value in bound.values.items())
    own = layouts.customary(bound.convention.layouts, len(layout))
    return sum(significant_digits(float(number)) for number in numbers), own != layout, changed
