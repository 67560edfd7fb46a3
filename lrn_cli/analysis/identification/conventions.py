"""What was identified, in the words of the conventions: which can express it, and which engine gives it unasked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrn_cli import layouts
from lrn_cli.analysis.identification.fitting import Observations, Values
from lrn_cli.analysis.translation import express
from lrn_cli.arithmetic.windows import window_over
from lrn_cli.conventions.binding import Bound, check_tensor
from lrn_cli.conventions.decimals import significant_digits
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.registry import conventions
from lrn_cli.errors import LrnError
from lrn_cli.formula import ResponseNorm

_ALIKE = 0.5
"""How much of the difference of any two errors that of neighbours may be, if they go with something."""


def in_conventions(norm: ResponseNorm, layout: str) -> tuple[Bound, ...]:
    """Every convention that can express the canonical form, the natural one first.

    That is the one whose numbers have the fewest digits; among those the one whose layout this is, one that is usual,
    and the one that leaves most to its defaults.
    """
    bounds = (express(norm, convention).bound for convention in conventions())
    return tuple(sorted((bound for bound in bounds if bound is not None), key=lambda bound: _strange(bound, layout)))


def _strange(bound: Bound, layout: str) -> tuple[int, bool, int, int]:
    numbers = [value for value in bound.values.values() if isinstance(value, (int, float))]
    numbers += [number for value in bound.values.values() if isinstance(value, tuple) for number in value]
    parameters = {parameter.name: parameter.default for parameter in bound.convention.parameters}
    changed = sum(bool(value != parameters[name]) for name, value in bound.values.items())
    own = layouts.customary(bound.convention.layouts, len(layout))
    digits = sum(significant_digits(float(number)) for number in numbers)
    return digits, own != layout, bound.convention.order, changed


def takes(bound: Bound, layout: str, shape: Sequence[int], norm: ResponseNorm) -> bool:
    """Whether the convention takes that very tensor, and computes the same of it when it is typed with its layout."""
    if "." in layout and set(norm.window) != {"C"}:
        return False  # which axes the window lies over has no letters
    try:
        check_tensor(bound, layout, tuple(shape))
        typed = bound.over(layout).norm
        same = window_over(typed.window, layout, shape).spans == window_over(norm.window, layout, shape).spans
    except LrnError:
        return False
    return same and (typed.scale, typed.bias, typed.beta) == (norm.scale, norm.bias, norm.beta)


def is_own(convention: Convention, layout: str, bounds: Sequence[Bound]) -> bool:
    """Whether what was found is what a framework itself could have made: it can say it, of tensors of that layout."""
    own = next((bound for bound in bounds if bound.convention is convention), None)
    fitted = own and layouts.customary(own.layouts, len(layout))
    return bool(fitted) and "C" in layout and str(fitted).index("C") == layout.index("C")


def is_steady(seen: Observations, values: Values) -> bool:
    """Whether errors go with what is raised to beta, as those of an approximate power do, and those of noise do not."""
    bases = seen.base(values)
    # Of two elements with nearly the same base an approximation is off by nearly as much.
    errors = (seen.errors(values) * seen.noise)[np.argsort(np.log2(bases) % 1)]
    apart = np.square(np.diff(errors)).mean() if errors.size > 1 else np.inf
    return bool(apart <= _ALIKE * 2 * np.var(errors))


def name_quirks(norm: ResponseNorm, layout: str) -> list[str]:
    """What engines may have done against their word to give an output of this canonical form."""
    told = [
        str(quirk)
        for convention in conventions()
        for quirk in convention.quirks
        if quirk.shown_by and quirk.shown_by(norm, layout.endswith("C"))
    ]
    return [f"engines that do otherwise than they say may show it so: {'; '.join(dict.fromkeys(told))}"] if told else []
