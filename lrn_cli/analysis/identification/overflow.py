"""Results that half precision lost: zeros and NaN where squares, or their sums, are beyond its largest number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lrn_cli.analysis.identification.alignment import Pair
from lrn_cli.boxes import Box, inside, reach
from lrn_cli.dtypes import Array
from lrn_cli.formula import Spans

LARGEST_SQUARE = 65_504.0
"""float16's largest number."""
_ROUNDED_TO_INFINITY = 65_520.0


class Overflow(NamedTuple):
    """Results that are 0 or NaN where the formula has a number.

    Attributes:
        lost: How many there are whose windows hold a square, or have a sum, that half precision does not hold.
        squares: How many of them have a window with such a square.
        spared: How many other results, as far as that was looked at, have a window with such a square.
        place: Of one that is lost.
    """

    lost: int = 0
    squares: int = 0
    spared: int = 0
    place: tuple[int, ...] = ()

    def add(self, other: Overflow) -> Overflow:
        """Both together."""
        return Overflow(
            self.lost + other.lost, self.squares + other.squares, self.spared + other.spared, self.place or other.place
        )

    def told(self) -> str:
        """What there is to say of it."""
        only = self.squares == self.lost
        exactly = "exactly where" if only and not self.spared else "where"
        what = "holds a number beyond 255, whose square is" if only else "has squares whose sum is"
        return (
            f"computed in half precision: {self.lost} results, as that at {list(self.place)}, are 0 or NaN {exactly}"
            f" the window {what} beyond {LARGEST_SQUARE:g}, the largest that float16 holds; compute in float32"
        )


def lost_in_half(pair: Pair, box: Box, spans: Spans, wanted: Array, given: Array) -> tuple[Array, Overflow]:
    """Which results of a block half precision lost.

    Args:
        pair: The tensors.
        box: Of the block, in the input.
        spans: How far the window reaches along each axis of the input.
        wanted: What the formula gives.
        given: The results.
    """
    around = reach(box, spans, pair.shape)
    with np.errstate(all="ignore"):
        squares = np.square(pair.read(around)[0].astype(np.float64))
    core = inside(box, around)
    large = _over_windows(squares >= _ROUNDED_TO_INFINITY, spans, core)
    sums = _over_windows(squares, spans, core)
    gone = (np.isnan(given) & np.isfinite(wanted)) | ((given == 0) & (wanted != 0))
    lost: Array = gone & (sums >= _ROUNDED_TO_INFINITY)
    at = (
        tuple(int(index[0]) + piece.start for index, piece in zip(np.nonzero(lost), box, strict=True))
        if lost.any()
        else ()
    )
    spared = np.count_nonzero((large > 0) & ~lost & (wanted != 0))
    return lost, Overflow(int(np.count_nonzero(lost)), int(np.count_nonzero(lost & (large > 0))), int(spared), at)


def _over_windows(values: Array, spans: Spans, core: Box) -> Array:
    """The sums of values over the windows around the elements of a part of them."""
    for axis, (span, piece) in enumerate(zip(spans, core, strict=True)):
        total = np.concatenate(
            [np.zeros_like(values, np.float64).take([0], axis), np.cumsum(values, axis, np.float64)], axis
        )
        centres = np.arange(piece.start, piece.stop)
        high = np.minimum(centres + span.after + 1, values.shape[axis])
        values = total.take(high, axis) - total.take(np.maximum(centres - span.before, 0), axis)
    return values
