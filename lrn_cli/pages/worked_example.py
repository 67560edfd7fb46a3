"""A worked example line by line, so that each number can be checked by hand."""

from __future__ import annotations

import numpy as np

from lrn_cli.analysis.explanation.example import Example, Step
from lrn_cli.conventions.parameters import show
from lrn_cli.formula import ResponseNorm
from lrn_cli.pages.document import Block, Item, Items, Paragraph
from lrn_cli.pages.folding import UNBROKEN

_SHOWN = 9
"""Elements that are worked out."""
_WRITTEN = 16
"""Squares that are written out: all of a window within a channel, where `…` would not say which are left out."""


def show_working(example: Example | None, norm: ResponseNorm) -> list[Block]:
    """The example's tensor, and how each of its elements comes about."""
    if example is None:
        return [Paragraph("The window wants more channels than an example to check by hand can have.")]
    steps = example.steps[:_SHOWN]
    lines = tuple(Item(line(step, norm)) for step in steps)
    left = len(example.steps) - len(steps)
    rest = [Paragraph(f"The other {left} come about in the same way.")] if left else []
    return [Paragraph(f"{_tensor(example)} Each line: sum, base, power, result."), Items(lines), *rest]


def line(step: Step, norm: ResponseNorm) -> str:
    """One element from its window to its result, to six digits."""
    squares = [f"{_short(value)}²" for value in step.window]
    if len(squares) > _WRITTEN:
        squares = [*squares[:2], "…", squares[-1]]
    with np.errstate(all="ignore"):
        base = np.float64(norm.bias + norm.scale * step.total)
        power = base**norm.beta
    total = _short(step.total)
    equations = (
        f"{_place(step)}: {' + '.join(squares)} = {total}",
        f"{show(norm.bias)} + {show(norm.scale)}·{total} = {_short(base)}",
        f"{_short(base)}^{show(norm.beta)} = {_short(power)}",
        f"{_short(step.x)} / {_short(power)} = {_short(step.y)}",
    )
    return "; ".join(equation.replace(" ", UNBROKEN) for equation in equations)


def _tensor(example: Example) -> str:
    shown = example.x[..., :_SHOWN]
    rows = "; ".join(" ".join(_short(value) for value in row) for row in shown.reshape(-1, shown.shape[-1]))
    more = " …" if example.x.shape[-1] > _SHOWN else ""
    if example.layout == "C":
        return f"The activations of one pixel in {example.x.size} channels, counted from 0: {rows}{more}."
    sides = " by ".join(map(str, example.x.shape))
    if example.layout == "HW":
        return f"The activations of one channel, {sides}, row by row: {rows}."
    return f"The activations along {' and '.join(example.layout)}, {sides}, row by row: {rows}."


def _place(step: Step) -> str:
    words = {1: "channel {}", 2: "row {}, column {}"}.get(len(step.at))
    return words.format(*step.at) if words else f"at {', '.join(map(str, step.at))}"


def _short(value: float) -> str:
    return f"{value:.6g}"
