"""Which axis of a tensor is which, and what the window is over them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from lrn_cli.arithmetic.normalize import resolve_layout
from lrn_cli.arithmetic.windows import Window, window_over
from lrn_cli.conventions.binding import Bound
from lrn_cli.tensors.tensor import TensorInfo


class Arrangement(NamedTuple):
    """What is known of a tensor's axes.

    Attributes:
        layout: A letter for each.
        channels: How many are normalised over.
        window: Over the tensor, in the order of its axes.
    """

    layout: str
    channels: int
    window: Window


@lru_cache(maxsize=64)
def arrangement(info: TensorInfo, bound: Bound, layout: str | None = None, axis: int | None = None) -> Arrangement:
    """The arrangement of a tensor; found once for all tensors of a batch that are alike.

    Args:
        info: The tensor's description.
        bound: The convention with its numbers.
        layout, axis: As typed, or None.

    Raises:
        LrnError: No layout fits, or the convention's window does not fit the layout.
    """
    shape = info.normalised_shape
    fitted = resolve_layout(bound, shape, layout=layout, axis=axis, fixed=info.layout)
    return Arrangement(fitted, shape[fitted.index("C")], window_over(bound.norm.window, fitted, shape))
