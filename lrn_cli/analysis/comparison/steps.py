"""Distance in units in the last place: how many numbers of a floating-point type lie from one to the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def largest_distance(a: Array, b: Array, dtype: np.dtype[Any]) -> int:
    """The largest distance between two arrays of finite numbers in steps of `dtype`, to which both are rounded first.

    Args:
        a, b: Of one shape, not empty, of any numeric dtypes.
        dtype: float16, float32 or float64.

    >>> largest_distance(np.array([1.0, -1.0]), np.array([1.0, np.nextafter(-1, 0)]), np.dtype("f8"))
    1
    >>> largest_distance(np.array([-0.0, 5e-324]), np.array([0.0, -5e-324]), np.dtype("f8"))
    2
    """
    kind = f"i{dtype.itemsize}"
    with np.errstate(over="ignore"):
        left, right = (array.astype(dtype, copy=False).view(kind) for array in (a, b))
    if np.bitwise_xor(left, right).min() >= 0:
        # Of one sign, numbers are in the order of their bits, and so near that the difference cannot overflow.
        apart = np.subtract(left, right)
        return max(int(apart.max()), -int(apart.min()))
    return _across_zero(left, right)


def _across_zero(left: Array, right: Array) -> int:
    """The largest distance where some pairs have zero between them."""
    unsigned, magnitude = f"u{left.itemsize}", np.iinfo(left.dtype).max
    a, b = ((bits & magnitude).view(unsigned) for bits in (left, right))
    distances = np.where((left ^ right) < 0, a + b, np.where(a > b, a - b, b - a))
    return int(distances.max())
