"""The backward pass of a convention, as blocks of its page."""

from __future__ import annotations

from lrn_cli.analysis.explanation.backward import Backward, ByHand
from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.parameters import show
from lrn_cli.formula import Span
from lrn_cli.pages.document import Block, Equation, Heading, Item, Items, Paragraph
from lrn_cli.pages.folding import UNBROKEN
from lrn_cli.pages.window import draw_rows


def show_backward(backward: Backward, bound: Bound) -> list[Block]:
    """The gradient, where its sum runs, an example to check by hand, and what goes wrong."""
    return [
        Heading("Backward pass"),
        Equation(*backward.formula),
        Paragraph("With the numbers filled in:"),
        Equation(*backward.numbers),
        *_window(backward, bound),
        Paragraph("To check by hand: bias 1, scale 1, beta 0.5 and three channels."),
        Items(tuple(Item(line) for example in backward.examples for line in _lines(example))),
        Items(tuple(Item(trap.text, trap.source) for trap in backward.traps)),
    ]


def _window(backward: Backward, bound: Bound) -> list[Block]:
    """Where the sum of the second term runs."""
    window = bound.norm.window
    if all(span.before == span.after for span in window.values()):
        return [Paragraph("The sum runs over the same window: what reaches as far before as after is its own mirror.")]
    turned = "; ".join(
        f"{span.before} before and {span.after} after along {axis}" for axis, span in backward.mirrored.items()
    )
    said = f"The sum runs over the mirrored window, all elements in whose windows this one lies: {turned}."
    drawing = draw_rows(bound, backward.mirrored["C"]) if list(window) == ["C"] else []
    return [Paragraph(said), *drawing]


def _lines(example: ByHand) -> list[str]:
    x, s = _row(example.x), _row(example.s)
    under = f"window {_sides(example.span)}; x = {x}; s = {s}"
    lines = [f"{under}; dy = {_row(row.dy)}; dx = {_row(row.dx)}" for row in example.rows]
    return ["; ".join(part.replace(" ", UNBROKEN) for part in line.split("; ")) for line in lines]


def _sides(span: Span) -> str:
    return f"({span.before}, {span.after})"


def _row(numbers: tuple[float, ...]) -> str:
    return " ".join(show(float(f"{number:.6g}")) for number in numbers)
