"""What is compared: a tensor as it is, or what a convention makes of the first tensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.arithmetic.kernel import Kernel
from lrn_cli.arithmetic.precision import Precision
from lrn_cli.arithmetic.windows import Window
from lrn_cli.boxes import Box
from lrn_cli.conventions.binding import Bound
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.formula import Span, Spans
from lrn_cli.passes.step import Carried, Normalizing


class Side(NamedTuple):
    """One of the things compared, as an answer names it.

    Attributes:
        name: The file as typed, or the convention's name; where two have the same name, the words that were typed.
        shape: Of the tensor.
        dtype: Of its elements.
        bound: The convention with its numbers; None for a tensor as it is, and for a convention that refuses them.
        refusal: Why the convention does not take its numbers, or not on this tensor.
        narrow: The type of its elements in the file, where that is one that NumPy lacks.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    bound: Bound | None = None
    refusal: LrnError | None = None
    narrow: str = ""

    @property
    def type_name(self) -> str:
        """What people call the type of its elements."""
        return self.narrow or self.dtype.name

    def as_data(self) -> dict[str, Any]:
        """The side as JSON types."""
        return {
            "name": self.name,
            "convention": self.bound.convention.name if self.bound else None,
            "parameters": self.bound.parameters if self.bound else None,
            **(self.bound.norm.as_data() if self.bound else dict.fromkeys(("window", "scale", "bias", "beta"))),
            "shape": list(self.shape),
            "dtype": self.type_name,
            "refusal": self.refusal.message if self.refusal else None,
        }


class Normalization(NamedTuple):
    """How a convention's side is computed.

    Attributes:
        bound: The convention with its numbers.
        window: Over the tensor, in the frame's order.
        types: What to compute in.
        dtype: Of the results: what `lrn apply` would write.
        carried: An image's transparency, if it has any.
        clipped: The ends within which results are held, as those in an image are.
    """

    bound: Bound
    window: Window
    types: Precision
    dtype: np.dtype[Any]
    carried: Carried | None
    clipped: tuple[float, float] | None = None

    def worker(self, kernel: Kernel) -> Callable[[Array, Box, Sequence[int]], Array]:
        """Normalises the part `core` of a tile with its neighbours, whose corner has an index in the tensor.

        Each thread has its own. An array is valid until the next call.
        """
        normalize = Normalizing(kernel, self.window.spans, self.dtype, most=None, carried=self.carried)
        axis = self.carried.axis if self.carried else 0

        def work(values: Array, core: Box, corner: Sequence[int]) -> Array:
            results = normalize(values, core, corner[axis])[1]
            return np.clip(results, *self.clipped, out=results) if self.clipped else results

        return work


def joint_reach(windows: Sequence[Window], rank: int) -> Spans:
    """How far the windows reach together along each of `rank` axes."""
    return tuple(
        Span(
            max((window.spans[axis].before for window in windows), default=0),
            max((window.spans[axis].after for window in windows), default=0),
        )
        for axis in range(rank)
    )
