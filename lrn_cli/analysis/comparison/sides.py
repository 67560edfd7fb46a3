"""What is compared: a tensor as it is, or what a convention makes of the first tensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrn_cli.arithmetic.kernel import Kernel
from lrn_cli.arithmetic.precision import Precision
from lrn_cli.arithmetic.windows import Window
from lrn_cli.boxes import Box, inside, reach, size
from lrn_cli.conventions.binding import Bound
from lrn_cli.errors import LrnError
from lrn_cli.formula import Span, Spans

Array = NDArray[Any]


class Side(NamedTuple):
    """One of the things compared, as an answer names it.

    Attributes:
        name: The file as typed, or the convention's name; where two have the same name, the words that were typed.
        shape: Of the tensor.
        dtype: Of its elements.
        bound: The convention with its numbers; None for a tensor as it is, and for a convention that refuses them.
        refusal: Why the convention does not take its numbers, or not on this tensor.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    bound: Bound | None = None
    refusal: LrnError | None = None

    def as_data(self) -> dict[str, Any]:
        """The side as JSON types."""
        norm = self.bound.norm if self.bound else None
        return {
            "name": self.name,
            "convention": self.bound.convention.name if self.bound else None,
            "parameters": dict(self.bound.values) if self.bound else None,
            "window": {axis: list(span) for axis, span in norm.window.items()} if norm else None,
            "scale": norm.scale if norm else None,
            "bias": norm.bias if norm else None,
            "beta": norm.beta if norm else None,
            "shape": list(self.shape),
            "dtype": self.dtype.name,
            "refusal": self.refusal.message if self.refusal else None,
        }


class Normalization(NamedTuple):
    """How a convention's side is computed.

    Attributes:
        bound: The convention with its numbers.
        window: Over the tensor, in the frame's order.
        types: What to compute in.
        dtype: Of the results: what `lrn apply` would write.
        untouched: The axis along which an image's transparency lies last, and how many channels of it there are.
    """

    bound: Bound
    window: Window
    types: Precision
    dtype: np.dtype[Any]
    untouched: tuple[int, int]

    def worker(self, kernel: Kernel) -> Callable[[Array, Box], Array]:
        """Normalises the part `core` of a block with its neighbours; each thread has its own.

        An array is valid until the next call.
        """
        axis, carried = self.untouched
        spans, results = self.window.spans, np.empty(0, self.dtype)

        def normalized(values: Array, core: Box) -> Array:
            nonlocal results
            if results.size < prod(size(core)):
                results = np.empty(prod(size(core)), self.dtype)
            out = results[: prod(size(core))].reshape(size(core))
            part = core
            if carried:
                out[...] = values[core]
                values = values[_until(axis, values.shape[axis] - carried, values.ndim)]
                stop = min(core[axis].stop, values.shape[axis])
                part = (*core[:axis], slice(core[axis].start, stop), *core[axis + 1 :])
            if prod(size(part)):
                around = reach(part, spans, values.shape)
                kernel(values[around], out[inside(part, core)], None if around == part else inside(part, around))
            return out

        return normalized


def _until(axis: int, stop: int, rank: int) -> Box:
    return tuple(slice(0, stop) if index == axis else slice(None) for index in range(rank))


def joint_reach(windows: Sequence[Window], rank: int) -> Spans:
    """How far the windows reach together along each of `rank` axes."""
    return tuple(
        Span(
            max((window.spans[axis].before for window in windows), default=0),
            max((window.spans[axis].after for window in windows), default=0),
        )
        for axis in range(rank)
    )
