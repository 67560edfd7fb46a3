"""Grids: the numbers among which a tensor's are, where they are coarser than their type, because they were rounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from lrn_cli import narrow
from lrn_cli.boxes import Box, size
from lrn_cli.dtypes import Array, result_dtype
from lrn_cli.tensors.tensor import Source

DType = np.dtype[np.floating]

_LOOKED_AT = 1 << 16
"""Elements by which a grid is recognised."""
_FEWEST = {False: 12, True: 6}
"""Different numbers below which a grid may be an accident: of few digits, and multiples of one number."""
_SMALL, _LARGE = 256, 65_536
"""Multiples of one number that 8 and 16 bits hold, without a sign or with one."""
_KNOWN = (1 / 255, 1 / 127, 1 / 128, 1 / 256, 1 / 65_535, 1 / 32_767, 1 / 32_768, *(10.0**-n for n in range(2, 7)))
"""Steps of images, of whole numbers for 0..1, and of printed decimals."""
_FRACTIONS = range(1, 9)
_OFF = 1e-3
"""How far from a multiple a number may be, in steps, and what float32 adds to that for each step."""
_ROUNDED = 1.5e-7


class Grid(NamedTuple):
    """The numbers among which a tensor's are.

    Attributes:
        dtype: Their floating-point type, in whose steps results are measured.
        narrow: The type, where it is one that NumPy lacks.
        step: How far apart they are, where that is the same everywhere; else 0.
        ends: The least and the largest that there is, to which others are cut; None where there is none.
        told: What was recognised, in words; empty where the file says it itself.
    """

    dtype: DType
    narrow: str = ""
    step: float = 0.0
    ends: tuple[float, float] | None = None
    told: str = ""

    @property
    def relative(self) -> float:
        """The relative distance of numbers of a type that NumPy lacks; else 0."""
        return narrow.step(self.narrow) if self.narrow else 0.0

    @property
    def name(self) -> str:
        """What people call the type."""
        return self.narrow or self.dtype.name


def grid_of(source: Source, made_of: Source | None = None) -> Grid:
    """The grid that a tensor's file says, or that its numbers show.

    Args:
        source: Which can be read more than once; of one that cannot only what its file says is told.
        made_of: What it may have been made of: numbers that are the same were rounded before.

    >>> from lrn_cli.tensors.arrays import ArraySource
    >>> half = np.linspace(0.1, 3, 99).astype("f2")
    >>> grid_of(ArraySource(half)).told, grid_of(ArraySource(half.astype("f4"))).told
    ('', 'its numbers are float16, kept as float32')
    >>> grid_of(ArraySource((np.arange(-127, 128) * 0.031).astype("f4"))).told
    'its numbers are multiples of 0.031, as of 8 bits'
    """
    info = source.info
    own: DType = result_dtype(info.dtype).newbyteorder("=")
    if source.grid:
        # An image's numbers are 0..1, or the stored ones.
        return Grid(own, step=source.grid, ends=(0.0, 1.0) if source.grid < 1 else None)
    if info.dtype.kind in "iu" and not info.narrow:
        return Grid(own, step=1.0, told="its numbers are whole")
    if info.narrow or source.sequential or own.itemsize == 2 or own.itemsize > 8 or not prod(info.shape):
        return Grid(own, info.narrow)
    values = _look(source)
    alike = made_of is not None and not made_of.sequential and made_of.storage_shape == source.storage_shape
    if alike and made_of is not None and np.array_equal(values, _look(made_of)):
        return Grid(own)
    return _recognise(values, own) or Grid(own)


def _recognise(values: Array, own: DType) -> Grid | None:
    sizes = np.unique(np.abs(values))
    sizes = sizes[sizes > 0]
    fine = _multiples(sizes, _SMALL)
    if fine:
        return Grid(own, step=fine, ends=_ends(values, fine), told=_say(fine, 8))
    if sizes.size >= _FEWEST[False]:
        if _are_bfloat16(sizes):
            return Grid(np.dtype(np.float32), narrow.BFLOAT16, told=f"its numbers are bfloat16, kept as {own.name}")
        with np.errstate(over="ignore"):
            if np.array_equal(sizes.astype(np.float16), sizes):
                return Grid(np.dtype(np.float16), told=f"its numbers are float16, kept as {own.name}")
    coarse = _multiples(sizes, _LARGE)
    return Grid(own, step=coarse, told=_say(coarse, 16)) if coarse else None


def show_step(step: float) -> str:
    """A step as people write it.

    >>> show_step(1 / 255), show_step(0.031), show_step(1.0)
    ('1/255', '0.031', '1')
    """
    whole = round(1 / step)
    return f"1/{whole}" if whole > 1 and abs(step * whole - 1) < 1e-6 and whole % 10 else f"{step:.6g}"


def _say(step: float, bits: int) -> str:
    return f"its numbers are multiples of {show_step(step)}, as of {bits} bits"


def _are_bfloat16(sizes: Array) -> bool:
    floats = sizes.astype(np.float32)
    return np.array_equal(floats, sizes) and not (floats.view(np.uint32) & 0xFFFF).any()


def _multiples(sizes: Array, most: int) -> float:
    """The largest number of which all are multiples, none beyond so many; 0 where there is none."""
    if sizes.size < _FEWEST[True] or sizes.size > most:
        return 0.0
    nearest = float(min(sizes[0], np.diff(sizes).min()))
    guesses = (*(nearest / part for part in _FRACTIONS), *_KNOWN)
    found = [_refine(guess, sizes, most) for guess in guesses if sizes[-1] <= guess * (most + 0.5)]
    return max(found, default=0.0)


def _refine(step: float, sizes: Array, most: int) -> float:
    """A step of which all sizes are multiples, near the guess; 0 where they are not."""
    for reach in (8, 64, 512, 4096, most):
        near = sizes[sizes <= step * reach]
        counts = np.rint(near / step)
        if counts.any():
            step = float((near * counts).sum() / np.square(counts).sum())
    counts = sizes / step
    known = next((one for one in _KNOWN if abs(step / one - 1) < _ROUNDED), step)
    near = np.abs(counts - np.rint(counts)) <= _OFF + _ROUNDED * counts
    return known if near.all() and counts[0] > 0.5 else 0.0


def _ends(values: Array, step: float) -> tuple[float, float] | None:
    """The ends of the numbers of 8 bits, where some are at one of them."""
    low, high = round(float(values.min()) / step), round(float(values.max()) / step)
    if high - low in (254, 255):
        return low * step, high * step
    if low < 0 and (low in (-127, -128) or high == _SMALL // 2 - 1):
        return min(low, -127) * step, 127 * step
    return None


def _look(source: Source) -> Array:
    """Some elements of a tensor that are finite, in float64."""
    parts = []
    for box in _boxes(source.storage_shape):
        block = np.empty(size(box), source.info.dtype)
        source.read(box, block)
        parts.append(block.astype(np.float64).ravel())
    values = np.concatenate(parts)
    return values[np.isfinite(values)]


def _boxes(shape: Sequence[int]) -> Iterator[Box]:
    """A few boxes, together of about so many elements as are looked at, from the beginning to the end."""
    if prod(shape) <= _LOOKED_AT:
        yield tuple(slice(0, length) for length in shape)
        return
    lengths = list(shape)
    while prod(lengths) > _LOOKED_AT // 4:
        longest = max(range(len(lengths)), key=lengths.__getitem__)
        lengths[longest] = -(-lengths[longest] // 2)
    for share in (0.0, 0.33, 0.67, 1.0):
        corner = [round((length - cut) * share) for length, cut in zip(shape, lengths, strict=True)]
        yield tuple(slice(at, at + cut) for at, cut in zip(corner, lengths, strict=True))
