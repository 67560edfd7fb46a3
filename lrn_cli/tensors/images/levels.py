"""Floating-point values as an image's whole numbers, and an account of what that cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrn_cli.dtypes import Array

_BAND = 1 << 20  # values widened to float64 at a time, so that an image does not take three times its memory


@dataclass(frozen=True)
class Levels:
    """An image's numbers, and what of the values they could not hold.

    Attributes:
        pixels: Whole numbers, (H, W, C), uint8 or uint16.
        clipped: How many values lay outside the range.
        undefined: How many values were not a number.
    """

    pixels: Array
    clipped: int
    undefined: int

    def notices(self, low: float, high: float, *, stretched: bool) -> list[str]:
        """What the user should be told, one line each.

        >>> Levels(np.zeros((1, 2, 3), np.uint8), clipped=2, undefined=0).notices(0, 1, stretched=False)
        ['2 of 6 values (33.3 %) lay outside 0..1 and were clipped; --stretch maps them instead']
        """
        lines = []
        if self.clipped:
            tail = "" if stretched else "; --stretch maps them instead"
            lines.append(f"{self._share(self.clipped)} lay outside {low:g}..{high:g} and were clipped{tail}")
        if self.undefined:
            lines.append(f"{self._share(self.undefined)} were NaN and became 0")
        return lines

    def _share(self, count: int) -> str:
        total = self.pixels.size
        percent = 100 * count / total
        share = f"{percent:.1f} %" if percent >= 0.05 else "less than 0.1 %"
        return f"{count:,} of {total:,} values ({share})"


def levels(values: Array, low: Array, high: Array, peak: int) -> Levels:
    """Map each channel's range linearly onto 0..peak, round to the nearest whole number and clip.

    Args:
        values: Of any real dtype, shape (H, W, C).
        low: What becomes 0, one number for each channel.
        high: What becomes `peak`, likewise, above `low`.
        peak: 255 or 65535.

    >>> levels(np.array([[[0.5, 2.0]]]), np.zeros(2), np.ones(2), 255)
    Levels(pixels=array([[[128, 255]]], dtype=uint8), clipped=1, undefined=0)
    """
    pixels = np.empty(values.shape, np.uint8 if peak == 255 else np.uint16)
    clipped = undefined = 0
    rows = max(1, _BAND // max(1, values[0].size))
    for start in range(0, len(values), rows):
        with np.errstate(over="ignore", invalid="ignore"):  # infinite values are clipped
            unit = (values[start : start + rows].astype(np.float64) - low) / (high - low)
        missing = np.isnan(unit)
        undefined += int(missing.sum())
        clipped += int(((unit < 0) | (unit > 1)).sum())
        unit[missing] = 0
        pixels[start : start + rows] = np.rint(np.clip(unit, 0, 1) * peak)
    return Levels(pixels, clipped, undefined)


def colour_range(values: Array, colours: int) -> tuple[float, float]:
    """The smallest and the largest finite value of the first `colours` channels of (H, W, C).

    Of values that are all the same, or all undefined, the range is as wide as 1 so that it can be divided by.
    """
    low, high = np.inf, -np.inf
    for row in values[:, :, :colours]:
        finite = row[np.isfinite(row)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    if not np.isfinite(low):
        return 0.0, 1.0
    return (low, high) if high > low else (low, low + 1.0)
