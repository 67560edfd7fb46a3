"""From numbers to the colours of cells."""

from __future__ import annotations

import numpy as np

from lrn_cli.dtypes import Array
from lrn_cli.pages.pictures.figure import Scale

# Nine points of viridis, which rises in lightness from end to end, so that grey paper keeps its order.
_RISING = ("440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725")
# From blue over white to orange: nothing to nothing in the middle, and no red beside green.
_SIGNED = ("08306b", "2171b5", "6baed6", "c6dbef", "f7f7f7", "fdd0a2", "fd8d3c", "d94801", "7f2704")


def colour(cells: Array, scale: Scale) -> Array:
    """Cells as red, green and blue; what is not finite as grey, over which hatching comes.

    >>> import numpy as np
    >>> colour(np.array([[0.0, 2.0]]), Scale("", 0, 2)).tolist()
    [[[68, 1, 84], [253, 231, 37]]]
    """
    with np.errstate(all="ignore"):
        share = (cells - scale.low) / ((scale.high - scale.low) or 1)
    known = np.isfinite(cells)
    share = np.clip(np.where(known, share, 0), 0, 1)
    stops = _stops(_SIGNED if scale.signed else _RISING)
    places = np.linspace(0, 1, len(stops))
    painted = np.stack([np.interp(share, places, stops[:, part]) for part in range(3)], axis=-1)
    painted[~known] = 201
    return np.rint(painted).astype(np.uint8)


def bar(scale: Scale, steps: int = 64) -> Array:
    """The colours from the high end down to the low one, as one column of cells."""
    return colour(np.linspace(scale.high, scale.low, steps)[:, None], scale)


def _stops(words: tuple[str, ...]) -> Array:
    return np.array([[int(word[at : at + 2], 16) for at in (0, 2, 4)] for word in words], dtype=np.float64)
