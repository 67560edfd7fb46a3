"""The formula in a framework's own symbols, set in Unicode and in LaTeX, with names or with numbers."""

from __future__ import annotations

import re
from typing import NamedTuple

from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.parameters import Role, show

_GREEK = {"alpha": r"\alpha", "beta": r"\beta"}
_SIGNS = {"−": "-", "·": r"\cdot ", "⌊": r"\lfloor ", "⌋": r"\rfloor ", "²": "^2", "…": r"\ldots "}
_SUMMED = ("j", "i")
"""Indices of the sum; the second where the channel at hand has the first."""


class Formula(NamedTuple):
    """A formula.

    Attributes:
        text: In Unicode, on several lines of at most 80 columns.
        latex: For a mathematical environment of LaTeX.
    """

    text: str
    latex: str


class _Symbols(NamedTuple):
    """What stands for each part: names of parameters, or their numbers."""

    bias: str
    alpha: str
    beta: str
    before: str
    after: str
    divisor: str


def symbolic(bound: Bound) -> Formula:
    """The formula with the framework's names for its parameters."""
    names = {role: parameter.name for role in Role if (parameter := bound.convention.playing(role))}
    window, region = names[Role.WINDOW], bound.region
    rule = bound.convention.window
    divisor = rule.width_in_words(window) + ("²" if len(region.axes) > 1 else "")
    before, after = rule.reach_in_words(window)
    bias = names[Role.BIAS] if region.fixed_bias is None else show(region.fixed_bias)
    divided = divisor if bound.convention.alpha_is_divided else ""
    return _set(bound, _Symbols(bias, names[Role.ALPHA], names[Role.BETA], before, after, divided))


def numeric(bound: Bound) -> Formula:
    """The formula with the numbers filled in."""
    span = bound.norm.window[bound.region.axes[0]]
    numbers = _Symbols(
        show(bound.norm.bias),
        show(bound.number(Role.ALPHA)),
        show(bound.norm.beta),
        str(span.before),
        str(span.after),
        str(bound.divisor) if bound.convention.alpha_is_divided else "",
    )
    return _set(bound, numbers)


def _set(bound: Bound, symbols: _Symbols) -> Formula:
    notation = bound.convention.notation
    if bound.region.axes == ("C",):
        index = _SUMMED[notation.channel == _SUMMED[0]]
        here, there = notation.channel, index
        bounds = [(index, notation.channel, "C")]
    else:
        indices = [(axis.lower() + "′", axis.lower(), axis) for axis in bound.region.axes]
        here = ",".join([notation.channel, *(own for _, own, _ in indices)])
        there = ",".join([notation.channel, *(index for index, _, _ in indices)])
        bounds = indices
    return Formula(_unicode(bound, symbols, here, there, bounds), _latex(bound, symbols, here, there, bounds))


def _unicode(bound: Bound, symbols: _Symbols, here: str, there: str, bounds: list[tuple[str, str, str]]) -> str:
    notation = bound.convention.notation
    coefficient = f"{symbols.alpha}/{symbols.divisor}" if symbols.divisor else symbols.alpha
    base = f"({symbols.bias} + {coefficient} · Σ {notation.input}[{there}]²)"
    left = f"{notation.output}[{here}] = "
    below = f"{base} ^ {symbols.beta}"
    above = f"{notation.input}[{here}]"
    ranges = [
        f"{index} = {_minus(own, symbols.before)} … {_plus(own, symbols.after)}, inside 0 … {axis}−1"
        for index, own, axis in bounds
    ]
    indent = " " * len(left)
    lines = [indent + above.center(len(below)).rstrip(), left + "─" * len(below), indent + below]
    return "\n".join([*lines, "", *(indent + line for line in ranges)])


def _latex(bound: Bound, symbols: _Symbols, here: str, there: str, bounds: list[tuple[str, str, str]]) -> str:
    notation = bound.convention.notation
    word = _latex_word
    coefficient = word(symbols.alpha)
    if symbols.divisor:
        coefficient = rf"\frac{{{coefficient}}}{{{word(symbols.divisor)}}}"
    sums = " ".join(
        rf"\sum_{{{word(index)}=\max(0,\,{word(_minus(own, symbols.before))})}}"
        rf"^{{\min({axis}-1,\,{word(_plus(own, symbols.after))})}}"
        for index, own, axis in bounds
    )
    base = rf"{word(symbols.bias)} + {coefficient} {sums} {word(notation.input)}_{{{word(there)}}}^2"
    return (
        rf"{word(notation.output)}_{{{word(here)}}} = "
        rf"\frac{{{word(notation.input)}_{{{word(here)}}}}}{{\left({base}\right)^{{{word(symbols.beta)}}}}}"
    )


def _minus(index: str, reach: str) -> str:
    return index if reach == "0" else f"{index}−{reach}"


def _plus(index: str, reach: str) -> str:
    return index if reach == "0" else f"{index}+{reach}"


def _latex_word(text: str) -> str:
    """Names upright, Greek letters as such, numbers as powers of ten."""
    text = re.sub(
        r"[A-Za-z_]{2,}",
        lambda match: _GREEK.get(match[0].lower(), rf"\mathrm{{{match[0]}}}").replace("_", r"\_"),
        text,
    )
    text = re.sub(r"(?<![\\\w.])(\d[\d.]*)e([+-]?)0*(\d+)", r"\1 \\times 10^{\2\3}", text).replace("^{+", "^{")
    text = text.replace("′", "'")
    for sign, command in _SIGNS.items():
        text = text.replace(sign, command)
    return text
