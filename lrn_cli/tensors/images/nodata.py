"""The number by which GDAL marks pixels that hold nothing."""

from __future__ import annotations

import numpy as np

from lrn_cli.dtypes import Array


def nodata_notice(written: bytes, stored: Array) -> str | None:
    """What the user should be told of pixels that hold it; None where none does, or it is not a finite number.

    Args:
        written: It, as the tag GDAL_NODATA says it, in ASCII.
        stored: The stored numbers of a whole image.

    >>> nodata_notice(b"-9999\\0", np.array([[1, -9999]], np.int16))
    '1 of 2 values is GDAL_NODATA (-9999), and was computed with as a number'
    """
    return nodata_line(written, nodata_count(written, stored), stored.size)


def nodata_count(written: bytes, stored: Array) -> int:
    """How many of the stored numbers are it; none where it is not a finite number."""
    number = _number(written)
    if not np.isfinite(number):
        return 0
    with np.errstate(over="ignore"):
        return int(np.count_nonzero(stored == (stored.dtype.type(number) if stored.dtype.kind == "f" else number)))


def nodata_line(written: bytes, count: int, total: int) -> str | None:
    """What the user should be told of so many pixels that hold it; None where none does."""
    if not count:
        return None
    tail = "is GDAL_NODATA ({:g}), and was computed with as a number"
    if count > 1:
        tail = "are GDAL_NODATA ({:g}), and were computed with as numbers"
    return f"{count:,} of {total:,} values {tail.format(_number(written))}"


def _number(written: bytes) -> float:
    try:
        return float(written.rstrip(b"\0 "))
    except ValueError:
        return np.nan
