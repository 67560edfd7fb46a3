"""A worked example of a convention, small enough to check by hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.conventions.binding import Bound
from lrn_cli.dtypes import Array
from lrn_cli.formula import Span
from lrn_cli.passes.normalize import normalize

_FEWEST, _MOST = 5, 9
"""Channels of the example, as far as the window allows."""
_TOO_MANY = 99
"""Channels beyond which no example is small enough to check by hand."""
_SIDE = 3
"""Rows and columns of an example within a channel; one more where the window would cover them all."""


class Step(NamedTuple):
    """One element of the example, worked out.

    Attributes:
        at: Where the element is: its channel, or its row and column.
        x: The activation.
        window: The activations whose squares are summed.
        total: Their sum of squares.
        y: The result, as `normalize` gives it.
    """

    at: tuple[int, ...]
    x: float
    window: tuple[float, ...]
    total: float
    y: float

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types, which have no NaN and no infinity."""
        y = self.y if isfinite(self.y) else None
        return {**self._asdict(), "at": list(self.at), "window": list(self.window), "y": y}


class Example(NamedTuple):
    """A tensor with one number for each channel, or one channel of few rows and columns.

    Attributes:
        layout: The letters of the window's axes.
        x: The tensor.
        steps: How each element came about.
    """

    layout: str
    x: Array
    steps: tuple[Step, ...]

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        return {"layout": self.layout, "x": self.x.tolist(), "steps": [step.as_data() for step in self.steps]}


def work_example(bound: Bound) -> Example | None:
    """A worked example of a convention with its numbers; None where its window wants more channels than fit one.

    >>> from lrn_cli.conventions.binding import bound
    >>> example = work_example(bound("tf:depth_radius=1,beta=1"))
    >>> example.steps[1] if example else None
    Step(at=(1,), x=2.0, window=(1.0, 2.0, 3.0), total=14.0, y=0.13333333333333333)
    """
    layout, spans = "".join(bound.norm.window), list(bound.norm.window.values())
    if layout == "C" and _channels(bound, spans[0]) > _TOO_MANY:
        return None
    shape = (_channels(bound, spans[0]),) if layout == "C" else tuple(_SIDE + (s.width > _SIDE) for s in spans)
    x = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    y = _apply(bound, x, layout)
    return Example(layout, x, tuple(_step(at, x, y, spans) for at in product(*map(range, shape))))


def _apply(bound: Bound, x: Array, layout: str) -> Array:
    """The results, from a tensor with all axes that the convention's lists speak of."""
    usual = bound.list_layout
    whole = usual if set(layout) <= set(usual) else layout if "C" in layout else f"C{layout}"
    axes = [whole.index(axis) for axis in layout]
    shape = [1] * len(whole)
    for axis, length in zip(axes, x.shape, strict=True):
        shape[axis] = length
    lying = sorted(range(len(axes)), key=axes.__getitem__)
    y = normalize(x.transpose(lying).reshape(shape), bound.word, layout=whole)
    return np.squeeze(y).reshape([x.shape[axis] for axis in lying]).transpose(np.argsort(lying))


def _channels(bound: Bound, span: Span) -> int:
    """As many as show the window, but few; all that the convention wants."""
    wanted = min(max(span.width, _FEWEST), _MOST)
    return max(wanted, span.width) if bound.convention.window_fits_channels else wanted


def _step(at: tuple[int, ...], x: Array, y: Array, spans: Sequence[Span]) -> Step:
    reach = tuple(
        slice(max(index - span.before, 0), index + span.after + 1) for index, span in zip(at, spans, strict=True)
    )
    window = x[reach].ravel().tolist()
    return Step(at, float(x[at]), tuple(window), sum(value * value for value in window), float(y[at]))
