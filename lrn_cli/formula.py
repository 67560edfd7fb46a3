"""The canonical form: the one formula to which every convention reduces.

    y[i] = x[i] / (bias + scale * sum of x[j]^2 over the window around i) ^ beta

The window is a box over axes. What lies outside the tensor counts as zero, and `scale` is the same at the borders as
in the middle. This module is pure data; `lrn_cli.arithmetic` computes with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple


class Span(NamedTuple):
    """How far a window reaches along one axis, in positions before and after the element itself.

    >>> Span(2, 2).width
    5
    """

    before: int
    after: int

    @property
    def width(self) -> int:
        """How many positions the window covers, the element itself among them."""
        return self.before + 1 + self.after

    def within(self, length: int) -> Span:
        """The same window on an axis of `length` positions: what lies outside is zero and need not be summed.

        >>> Span(5, 5).within(3)
        Span(before=2, after=2)
        """
        return Span(min(self.before, max(length - 1, 0)), min(self.after, max(length - 1, 0)))


Spans = tuple[Span, ...]
"""How far a window reaches along each axis of a tensor."""


@dataclass(frozen=True)
class ResponseNorm:
    """Local response normalization in canonical form.

    Attributes:
        window: For each axis that takes part, by its layout letter, how far the window reaches:
            `{"C": Span(2, 2)}` across channels, `{"H": Span(1, 1), "W": Span(1, 1)}` within one.
        scale: What the sum of squares is multiplied by, after any division by the window.
        bias: What is added to it.
        beta: The exponent of the whole.

    >>> ResponseNorm({"C": Span(2, 2)}, scale=2e-5, bias=1.0, beta=0.75)
    ResponseNorm(window={'C': (2, 2)}, scale=2e-05, bias=1.0, beta=0.75)
    >>> print(ResponseNorm({"C": Span(2, 2)}, scale=2e-5, bias=1.0, beta=0.75))
    y = x / (1 + 2e-05 * sum of x^2 over c-2..c+2) ^ 0.75
    """

    window: Mapping[str, Span]
    scale: float
    bias: float
    beta: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "window", MappingProxyType({axis: Span(*span) for axis, span in self.window.items()}))

    def __hash__(self) -> int:
        return hash((tuple(sorted(self.window.items())), self.scale, self.bias, self.beta))

    def __reduce__(self) -> tuple[type[ResponseNorm], tuple[dict[str, Span], float, float, float]]:
        """Pickled with a plain dictionary; Python cannot pickle one that is read-only."""
        return ResponseNorm, (dict(self.window), self.scale, self.bias, self.beta)

    def __str__(self) -> str:
        reach = ", ".join(_reach(axis.lower(), span) for axis, span in self.window.items())
        bias, scale, beta = (repr(number).removesuffix(".0") for number in (self.bias, self.scale, self.beta))
        return f"y = x / ({bias} + {scale} * sum of x^2 over {reach}) ^ {beta}"

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        window = {axis: list(span) for axis, span in self.window.items()}
        return {"window": window, "scale": self.scale, "bias": self.bias, "beta": self.beta}

    def __repr__(self) -> str:
        window = {axis: tuple(span) for axis, span in self.window.items()}
        return f"ResponseNorm(window={window}, scale={self.scale!r}, bias={self.bias!r}, beta={self.beta!r})"


def _reach(axis: str, span: Span) -> str:
    return f"{axis}-{span.before}..{axis}+{span.after}"
