"""The number by which GDAL marks pixels that hold nothing."""

from __future__ import annotations

import numpy as np

from lrn_cli.tensors.tensor import Array


def nodata_notice(written: bytes, stored: Array) -> str | None:
    """What the user should be told of pixels that hold it; None where none does, or it is not a finite number.

    Args:
        written: It, as the tag GDAL_NODATA says it, in ASCII.
        stored: The stored numbers of a whole image.

    >>> nodata_notice(b"-9999\\0", np.array([[1, -9999]], np.int16))
    '1 of 2 values is GDAL_NODATA (-9999), and was computed with as a number'
    """
    try:
        number = float(written.rstrip(b"\0 "))
    except ValueError:
        return None
    with np.errstate(over="ignore"):
        count = int(np.count_nonzero(stored == (np.float32(number) if stored.dtype == np.float32 else number)))
    if not count or not np.isfinite(number):
        return None
    tail = "is GDAL_NODATA ({:g}), and was computed with as a number"
    if count > 1:
        tail = "are GDAL_NODATA ({:g}), and were computed with as numbers"
    return f"{count:,} of {stored.size:,} values {tail.format(number)}"
