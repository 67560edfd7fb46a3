"""A block as pieces of rows of runs, which is how the compiled passes see it, and how these lie in memory."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrn_cli.arithmetic.windows import Window
from lrn_cli.boxes import Box, size
from lrn_cli.formula import Span

Array = NDArray[Any]
Axes = tuple[int, ...]

# As in job.h.
TYPES = {np.dtype("f4"): 0, np.dtype("f8"): 1, np.dtype("f2"): 2, np.dtype("u1"): 3}

_FEW_CHANNELS = 8
"""Fewer of them in a row are gathered pixel by pixel: between the pixels there would be more gaps than elements."""
_LONG_RUN = 32
"""Runs of this many elements or more are worth going through row by row."""


class Layout(NamedTuple):
    """How an array of pieces of rows of runs lies in memory.

    Attributes:
        strides: From one piece, row and element of a run to the next, in elements.
        lowest: Bytes from the first element to the lowest address; negative where strides are.
        nbytes: From there to the end of the highest element.
    """

    strides: tuple[int, ...]
    lowest: int
    nbytes: int


class Job(NamedTuple):
    """A block as the compiled passes see it.

    Attributes:
        part: What of the block is read: the core along axes without a window.
        order: The block's axes as those of pieces, rows and runs.
        lengths: Pieces, rows and elements of a run in that part.
        core: The first row and how many, the first element of a run and how many, of which there are results.
        window: Rows before and after, elements of a run before and after, and the distance between these.
        source, target: How block and results lie in memory; None where only a copy can be read or written.
    """

    part: Box
    order: Axes
    lengths: tuple[int, int, int]
    core: tuple[int, int, int, int]
    window: tuple[int, int, int, int, int]
    source: Layout | None
    target: Layout | None


def plan(window: Window, block: Array, out: Array, core: Box) -> Job:
    """Write down how a block is read, and where its results go."""
    lengths = size(core)
    if out.shape != lengths or any(piece.stop > n for piece, n in zip(core, block.shape, strict=True)):
        raise ValueError(f"results of shape {out.shape} for the part {core} of a block of shape {block.shape}")
    part = tuple(slice(None) if axis in window.sequence else piece for axis, piece in enumerate(core))
    shape = tuple(n if axis in window.sequence else lengths[axis] for axis, n in enumerate(block.shape))
    pieces, rows, run = _roles(shape, window)
    # Along a run with a window the axes inside of it are walked with it: neighbours are `hop` elements apart.
    across = [axis for axis in rows if axis in window.sequence]
    along = [axis for axis in run if axis in window.sequence]
    hop = prod(shape[axis] for axis in run[1:]) if along else 1
    row, inside = (core[axes[0]] if axes else slice(0, 1) for axes in (across, along))
    length = prod(shape[axis] for axis in run)
    first, count = (inside.start * hop, (inside.stop - inside.start) * hop) if along else (0, length)
    above, beside = (window.spans[axes[0]] if axes else Span(0, 0) for axes in (across, along))
    roles = (pieces, rows, run)
    return Job(
        part=part,
        order=(*pieces, *rows, *run),
        lengths=(prod(shape[axis] for axis in pieces), prod(shape[axis] for axis in rows), length),
        core=(row.start, row.stop - row.start, first, count),
        window=(*above, *beside, hop),
        source=_layout(shape, block.strides, block.itemsize, roles),
        target=_layout(lengths, out.strides, out.itemsize, roles) if _is_dense(out) else None,
    )


def _roles(shape: Sequence[int], window: Window) -> tuple[Axes, Axes, Axes]:
    """Which axes pieces, rows and runs go along.

    >>> _roles((64, 96, 55, 55), Window((Span(0, 0), Span(2, 2), Span(0, 0), Span(0, 0)), (1,), False))
    ((0,), (1,), (2, 3))
    >>> _roles((64, 55, 55, 96), Window((Span(0, 0), Span(0, 0), Span(0, 0), Span(2, 2)), (3,), False))
    ((0, 1, 2), (), (3,))
    """
    free = tuple(axis for axis in range(len(shape)) if axis not in window.sequence)
    if not window.sequence:
        return (), (), free
    along = window.sequence[0]
    outer, inner = (tuple(axis for axis in free if (axis > along) == behind) for behind in (False, True))
    if len(window.sequence) == 2:
        return outer, window.sequence[1:], (along, *inner)
    side_by_side, in_a_row = prod(shape[axis] for axis in outer), prod(shape[axis] for axis in inner)
    if in_a_row >= _LONG_RUN or side_by_side < in_a_row:
        return outer, (along,), inner
    if in_a_row > 1 or shape[along] < _FEW_CHANNELS or window.covers:
        return inner, (along,), outer
    return (*outer, *inner), (), (along,)


def _is_dense(out: Array) -> bool:
    """Whether no two of its elements are one."""
    return all(stride or length == 1 for stride, length in zip(out.strides, out.shape, strict=True))


def _layout(
    shape: Sequence[int], strides: Sequence[int], itemsize: int, roles: tuple[Axes, Axes, Axes]
) -> Layout | None:
    """How an array lies, if the axes of each role can be walked as one; else None."""
    steps = [_walked_as_one(shape, strides, axes, itemsize) for axes in roles]
    if any(step is None or step % itemsize for step in steps):
        return None
    reaches = [(length - 1) * stride for length, stride in zip(shape, strides, strict=True)]
    return Layout(
        tuple(step // itemsize for step in steps if step is not None),
        sum(min(reach, 0) for reach in reaches),
        sum(map(abs, reaches)) + itemsize,
    )


def _walked_as_one(shape: Sequence[int], strides: Sequence[int], axes: Axes, itemsize: int) -> int | None:
    """The step from each element to the next along several axes, in bytes; None where it is not always the same."""
    long = [axis for axis in axes if shape[axis] != 1]
    if any(strides[outer] != shape[inner] * strides[inner] for outer, inner in pairwise(long)):
        return None
    return strides[long[-1]] if long else itemsize


def packed(lengths: tuple[int, int, int], itemsize: int) -> Layout:
    """The layout of an array without gaps."""
    return Layout((lengths[1] * lengths[2], lengths[2], 1), 0, prod(lengths) * itemsize)
