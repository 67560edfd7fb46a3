"""The backward pass of a convention: the gradient in its own symbols, the mirrored window, and an example by hand."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lrn_cli.analysis.explanation.typesetting import (
    Formula,
    Symbols,
    indices,
    latex_word,
    minus,
    named_symbols,
    numbers,
    plus,
)
from lrn_cli.arithmetic.gradient import GradientKernel
from lrn_cli.arithmetic.precision import gradient_precision
from lrn_cli.arithmetic.windows import window_over
from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.declaration import Trap
from lrn_cli.formula import ResponseNorm, Span

_WIDTH = 74
_X = (1.0, 2.0, 1.0)

EVERYWHERE = (
    Trap(
        "A gradient check at alpha 1e-4 on small activations proves nothing: nearly every mistake in the second term is"
        " then below 1e-3 of the gradient. Check with an alpha of 1 or more, or with large activations.",
        "deeplearning4j#7272; lrn gradient --check says when it has no power",
    ),
    Trap(
        "Layers keep the bases, and some the results, of their last forward pass: what changes these in place, as a"
        " layer that works in place behind, spoils the gradient without a word.",
        "BVLC/caffe: lrn_layer.cpp; cuDNN: cudnnLRNCrossChannelBackward takes y, dy and x",
    ),
)
"""What people get wrong in the backward pass, whatever the framework."""


class Row(NamedTuple):
    """A derivative by the results of the example, and the gradient.

    Attributes:
        dy, dx: One number for each channel.
    """

    dy: tuple[float, ...]
    dx: tuple[float, ...]

    def as_data(self) -> dict[str, list[float]]:
        """The same as JSON types."""
        return {"dy": list(self.dy), "dx": list(self.dx)}


class ByHand(NamedTuple):
    """An example that can be checked by hand: bias 1, scale 1, beta 1/2 and three channels.

    Attributes:
        span: The window.
        x, s: The channels and their bases.
        rows: The gradients.
    """

    span: Span
    x: tuple[float, ...]
    s: tuple[float, ...]
    rows: tuple[Row, ...]

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        rows = [row.as_data() for row in self.rows]
        return {"span": list(self.span), "x": list(self.x), "s": list(self.s), "rows": rows}


class Backward(NamedTuple):
    """The backward pass.

    Attributes:
        formula, numbers: The gradient in the framework's symbols, and with the numbers filled in.
        mirrored: For each axis how far the window of its sum reaches.
        examples: By hand, under a window that is its own mirror, and one that is not if the convention's is not.
        traps: What is wrong in this framework and everywhere.
    """

    formula: Formula
    numbers: Formula
    mirrored: dict[str, Span]
    examples: tuple[ByHand, ...]
    traps: tuple[Trap, ...]

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        return {
            "formula": self.formula._asdict(),
            "numbers": self.numbers._asdict(),
            "mirrored_window": {axis: list(span) for axis, span in self.mirrored.items()},
            "examples": [one.as_data() for one in self.examples],
            "traps": [trap._asdict() for trap in self.traps],
        }


def backward(bound: Bound) -> Backward:
    """The backward pass of a convention with its numbers.

    >>> from lrn_cli.conventions.binding import bound
    >>> backward(bound("pytorch:size=4")).mirrored
    {'C': Span(before=1, after=2)}
    """
    mirrored = {axis: Span(span.after, span.before) for axis, span in bound.norm.window.items()}
    spans = [Span(1, 1)]
    lopsided = next((span for span in bound.norm.window.values() if span.before != span.after), None)
    if lopsided is not None:
        spans.append(Span(1, 0) if lopsided.before > lopsided.after else Span(0, 1))
    return Backward(
        _set(bound, named_symbols(bound)),
        _set(bound, numbers(bound)),
        mirrored,
        tuple(map(_by_hand, spans)),
        (*bound.convention.backward_traps, *EVERYWHERE),
    )


def _by_hand(span: Span) -> ByHand:
    x = np.array(_X)
    norm = ResponseNorm({"C": span}, scale=1.0, bias=1.0, beta=0.5)
    kernel = GradientKernel(norm, window_over(norm.window, "C", x.shape), gradient_precision(x.dtype, x.dtype, norm))
    rows = []
    for dy in np.eye(len(x))[:2]:
        dx = np.empty_like(x)
        kernel(x, dy, dx)
        rows.append(Row(tuple(dy.tolist()), tuple(dx.tolist())))
    s = [1 + sum(value * value for value in _X[max(i - span.before, 0) : i + span.after + 1]) for i in range(len(x))]
    return ByHand(span, _X, tuple(s), tuple(rows))


def _set(bound: Bound, symbols: Symbols) -> Formula:
    return Formula(_unicode(bound, symbols), _latex(bound, symbols))


def _unicode(bound: Bound, symbols: Symbols) -> str:
    notation, (here, there, bounds) = bound.convention.notation, indices(bound)
    x, y = notation.input, notation.output
    coefficient = f"{symbols.alpha}/{symbols.divisor}" if symbols.divisor else symbols.alpha
    indent = " " * 4
    factors = f"− 2 · {coefficient} · {symbols.beta} · {x}[{here}]"
    sums = f"· Σ d{y}[{there}] · {y}[{there}] / s[{there}]"
    second = [f"{factors} {sums}"] if len(f"{indent}{factors} {sums}") <= _WIDTH else [factors, f"    {sums}"]
    ranges = [
        # What reached before reaches behind.
        f"{index} = {minus(own, symbols.reach[axis][1])} … {plus(own, symbols.reach[axis][0])}, inside 0 … {axis}−1"
        for index, own, axis in bounds
    ]
    base = f"s = {symbols.bias} + {coefficient} · Σ {x}², the base of the formula"
    return "\n".join(
        [
            f"d{x}[{here}] = d{y}[{here}] / s[{here}]^{symbols.beta}",
            *(indent + line for line in (*second, "", *ranges, base)),
        ]
    )


def _latex(bound: Bound, symbols: Symbols) -> str:
    notation, (here, there, bounds) = bound.convention.notation, indices(bound)
    word, at, other = latex_word, latex_word(here), latex_word(there)
    coefficient = word(symbols.alpha)
    if symbols.divisor:
        coefficient = rf"\frac{{{coefficient}}}{{{word(symbols.divisor)}}}"
    x, y, beta = word(notation.input), word(notation.output), word(symbols.beta)
    sums = " ".join(
        rf"\sum_{{{word(index)}=\max(0,\,{word(minus(own, symbols.reach[axis][1]))})}}"
        rf"^{{\min({axis}-1,\,{word(plus(own, symbols.reach[axis][0]))})}}"
        for index, own, axis in bounds
    )
    return (
        rf"\frac{{\partial L}}{{\partial {x}_{{{at}}}}} = \frac{{g_{{{at}}}}}{{s_{{{at}}}^{{{beta}}}}}"
        rf" - 2 \cdot {coefficient} \cdot {beta}\, {x}_{{{at}}} {sums}"
        rf" \frac{{g_{{{other}}}\, {y}_{{{other}}}}}{{s_{{{other}}}}},"
        rf" \quad g = \frac{{\partial L}}{{\partial {y}}}, \quad s = {word(symbols.bias)} + {coefficient} \sum {x}^2"
    )
