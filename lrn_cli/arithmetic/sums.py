"""Sums over sliding windows, by doubling.

A window of 5 is two pairs of pairs and one: three additions instead of four, and the cost grows with the logarithm of
the window. Each window is summed for itself, as a tree: running sums that add the head and subtract the tail cancel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SPARES = 3
"""How many buffers `slide` needs beside its source."""


def slide(source: Array, width: int, stride: int, count: int, spares: Sequence[Array]) -> Array:
    """Sum windows of `width` elements that lie `stride` apart: `out[t] = sum(source[t + j * stride] for j < width)`.

    Args:
        source: 1-D, at least `count + (width - 1) * stride` elements.
        width: Elements in a window.
        stride: Distance between them.
        count: How many windows, beginning at 0, 1, 2, ...
        spares: `SPARES` buffers as long as the source, all distinct from it.

    Returns:
        `source` itself if the window is 1 wide, else whichever buffer of `spares` holds the sums.

    >>> slide(np.arange(6.0), 3, 1, 4, [np.empty(6) for _ in range(3)])[:4]
    array([ 3.,  6.,  9., 12.])
    """
    powers, power_width = source, 1
    total: Array | None = source if width & 1 else None
    covered = width & 1
    while 2 * power_width <= width:
        doubled = _unused(spares, powers, total)
        length = count + (width - 2 * power_width) * stride
        np.add(powers[:length], _shifted(powers, power_width * stride, length), out=doubled[:length])
        powers, power_width = doubled, 2 * power_width
        if width & power_width:
            if total is None:
                total = powers
            else:
                target = total if total is not source else _unused(spares, powers, total)
                np.add(total[:count], _shifted(powers, covered * stride, count), out=target[:count])
                total = target
            covered += power_width
    assert total is not None  # noqa: S101 - a width of 1 or more has a bit set
    return total


def _shifted(array: Array, by: int, length: int) -> Array:
    return array[by : by + length]


def _unused(spares: Sequence[Array], *used: Array | None) -> Array:
    return next(spare for spare in spares if not any(spare is other for other in used))
