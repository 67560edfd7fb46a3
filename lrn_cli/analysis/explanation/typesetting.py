"""The formula in a framework's own symbols, set in Unicode and in LaTeX, with names or with numbers."""

from __future__ import annotations

import re
from typing import NamedTuple

from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.parameters import Role, show

_GREEK = {"alpha": r"\alpha", "beta": r"\beta"}
_SIGNS = {"−": "-", "·": r"\cdot ", "⌊": r"\lfloor ", "⌋": r"\rfloor ", "²": "^2", "³": "^3", "…": r"\ldots "}
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


class Symbols(NamedTuple):
    """What stands for each part: names of parameters, or their numbers."""

    bias: str
    alpha: str
    beta: str
    reach: dict[str, tuple[str, str]]
    divisor: str


class Indices(NamedTuple):
    """What elements are called.

    Attributes:
        here, there: The element at hand, and one that is summed.
        bounds: For each axis of the window the index of the sum, that of the element at hand, and the axis.
    """

    here: str
    there: str
    bounds: list[tuple[str, str, str]]


def symbolic(bound: Bound) -> Formula:
    """The formula with the framework's names for its parameters."""
    return _set(bound, named_symbols(bound))


def named_symbols(bound: Bound) -> Symbols:
    """The framework's names for its parameters."""
    names = {role: parameter.name for role in Role if (parameter := bound.convention.playing(role))}
    rule, fixed = bound.convention.window, bound.region.fixed_bias
    words = window_in_words(bound)
    reach = {axis: rule.reach_in_words(word) for axis, word in words.items()}
    bias = names[Role.BIAS] if fixed is None else show(fixed)
    return Symbols(bias, names[Role.ALPHA], names[Role.BETA], reach, divisor_in_words(bound))


def window_in_words(bound: Bound) -> dict[str, str]:
    """What the window along each axis comes from: the parameter, or its place in a list, counted from 0."""
    name, window = bound.convention.parameter(Role.WINDOW).name, bound.value(Role.WINDOW)
    if not isinstance(window, tuple):
        return dict.fromkeys(bound.norm.window, name)
    places = dict(zip(bound.list_layout, range(len(window)), strict=False))
    return {axis: f"{name}[{places[axis]}]" for axis in bound.norm.window}


def divisor_in_words(bound: Bound) -> str:
    """What alpha is divided by; nothing where it is whole."""
    if not bound.convention.alpha_is_divided:
        return ""
    words = [bound.convention.window.width_in_words(word) for word in window_in_words(bound).values()]
    if len(set(words)) > 1:
        return f"({'·'.join(words)})"
    return words[0] + {1: "", 2: "²", 3: "³"}.get(len(words), f"^{len(words)}")


def numeric(bound: Bound) -> Formula:
    """The formula with the numbers filled in."""
    return _set(bound, numbers(bound))


def numbers(bound: Bound) -> Symbols:
    """The numbers of its parameters."""
    return Symbols(
        show(bound.norm.bias),
        show(bound.number(Role.ALPHA)),
        show(bound.norm.beta),
        {axis: (str(span.before), str(span.after)) for axis, span in bound.norm.window.items()},
        str(bound.divisor) if bound.convention.alpha_is_divided else "",
    )


def _set(bound: Bound, symbols: Symbols) -> Formula:
    here, there, bounds = indices(bound)
    return Formula(_unicode(bound, symbols, here, there, bounds), _latex(bound, symbols, here, there, bounds))


def indices(bound: Bound) -> Indices:
    """What elements are called in the framework's notation."""
    notation = bound.convention.notation
    axes = list(bound.norm.window)
    if axes == ["C"]:
        index = _SUMMED[notation.channel == _SUMMED[0]]
        here, there = notation.channel, index
        bounds = [(index, notation.channel, "C")]
    else:
        own = {axis: notation.channel if axis == "C" else axis.lower() for axis in axes}
        bounds = [(f"{own[axis]}′", own[axis], axis) for axis in axes]
        outside = [] if "C" in axes else [notation.channel]
        here = ",".join([*outside, *own.values()])
        there = ",".join([*outside, *(index for index, _, _ in bounds)])
    return Indices(here, there, bounds)


def _unicode(bound: Bound, symbols: Symbols, here: str, there: str, bounds: list[tuple[str, str, str]]) -> str:
    notation = bound.convention.notation
    coefficient = f"{symbols.alpha}/{symbols.divisor}" if symbols.divisor else symbols.alpha
    base = f"({symbols.bias} + {coefficient} · Σ {notation.input}[{there}]²)"
    left = f"{notation.output}[{here}] = "
    below = f"{base} ^ {symbols.beta}"
    above = f"{notation.input}[{here}]"
    ranges = [
        f"{index} = {minus(own, symbols.reach[axis][0])} … {plus(own, symbols.reach[axis][1])}, inside 0 … {axis}−1"
        for index, own, axis in bounds
    ]
    indent = " " * len(left)
    lines = [indent + above.center(len(below)).rstrip(), left + "─" * len(below), indent + below]
    return "\n".join([*lines, "", *(indent + line for line in ranges)])


def _latex(bound: Bound, symbols: Symbols, here: str, there: str, bounds: list[tuple[str, str, str]]) -> str:
    notation = bound.convention.notation
    word = latex_word
    coefficient = word(symbols.alpha)
    if symbols.divisor:
        coefficient = rf"\frac{{{coefficient}}}{{{word(symbols.divisor)}}}"
    sums = " ".join(
        rf"\sum_{{{word(index)}=\max(0,\,{word(minus(own, symbols.reach[axis][0]))})}}"
        rf"^{{\min({axis}-1,\,{word(plus(own, symbols.reach[axis][1]))})}}"
        for index, own, axis in bounds
    )
    base = rf"{word(symbols.bias)} + {coefficient} {sums} {word(notation.input)}_{{{word(there)}}}^2"
    return (
        rf"{word(notation.output)}_{{{word(here)}}} = "
        rf"\frac{{{word(notation.input)}_{{{word(here)}}}}}{{\left({base}\right)^{{{word(symbols.beta)}}}}}"
    )


def minus(index: str, reach: str) -> str:
    """An index less a reach."""
    return index if reach == "0" else f"{index}−{reach}"


def plus(index: str, reach: str) -> str:
    """An index and a reach."""
    return index if reach == "0" else f"{index}+{reach}"


def latex_word(text: str) -> str:
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
