"""Hatching: where there is no number."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from lrn_cli.dtypes import Array
from lrn_cli.pages.pictures.box import Box
from lrn_cli.pages.pictures.marks import Ink, Mark, Rect, Strokes

_HATCH = 6.0
"""Between two strokes."""


def frame(plot: Box) -> Iterator[Mark]:
    """A line around a box."""
    x, y, right, foot = plot.x, plot.y, plot.x + plot.width, plot.y + plot.height
    yield Strokes((((x, y), (right, y), (right, foot), (x, foot), (x, y)),), Ink.QUIET)


def hatch_cells(cells: Array, plot: Box) -> Iterator[Mark]:
    """Strokes over the cells that have no number, those side by side taken together."""
    missing = ~np.isfinite(cells)
    rows, columns = cells.shape
    high, wide = plot.height / rows, plot.width / columns
    for row, first, last, down in _runs(missing):
        yield from hatch(Box(plot.x + first * wide, plot.y + row * high, (last - first) * wide, down * high))


def _runs(missing: Array) -> Iterator[tuple[int, int, int, int]]:
    """Rectangles that cover what is missing: row, first and last column, and how many rows have the same."""
    open_: dict[tuple[int, int], int] = {}
    for row in range(missing.shape[0] + 1):
        here = set()
        if row < missing.shape[0] and missing[row].any():
            edges = np.flatnonzero(np.diff(missing[row].astype(np.int8), prepend=0, append=0)).tolist()
            here = set(zip(edges[::2], edges[1::2], strict=True))
        for run in [run for run in open_ if run not in here]:
            start = open_.pop(run)
            yield start, *run, row - start
        for run in here:
            open_.setdefault(run, row)


def hatch(box: Box) -> Iterator[Mark]:
    """Grey under slanted strokes, which run on from one box to the next."""
    yield Rect(*box, Ink.MISSING)
    x, y, right, foot = box.x, box.y, box.x + box.width, box.y + box.height
    lines = []
    for step in range(math.ceil((x + y) / _HATCH), math.floor((right + foot) / _HATCH) + 1):
        total = step * _HATCH
        start, end = max(x, total - foot), min(right, total - y)
        if end > start:
            lines.append(((start, total - start), (end, total - end)))
    if lines:
        yield Strokes(tuple(lines), Ink.HATCH)
