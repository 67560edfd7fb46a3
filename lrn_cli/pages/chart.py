"""A picture of gains in characters: axes with numbers, and one mark for each curve."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrn_cli.analysis.explanation.gain import MOST, Curve, gain, top
from lrn_cli.pages.document import WIDTH
from lrn_cli.pages.folding import fold

MARKS = "*o+x#@%&=~"
"""Plain characters, which every terminal, printer and LaTeX has."""
_ROWS, _COLUMNS = 17, 65
_TICK = 4
"""Rows between numbers on the vertical axis."""


class Cell(NamedTuple):
    """One character, and which curve it belongs to; -1 for the axes."""

    sign: str
    curve: int = -1


def mark(curve: int) -> str:
    """The character that draws the curve of that number."""
    return MARKS[curve % len(MARKS)]


def draw(curves: Sequence[Curve]) -> list[list[Cell]]:
    """The picture, line by line."""
    highest = top(curves)
    field = [[Cell(" ")] * _COLUMNS for _ in range(_ROWS)]
    for number, curve in enumerate(curves):
        for column, row in _trace(curve, highest):
            field[row][column] = Cell(mark(number), number)
    lines = [_plain("gain y/x (a factor, no unit)")]
    for row, cells in enumerate(field):
        label = f"{highest * (1 - row / (_ROWS - 1)):.3g}" if row % _TICK == 0 else ""
        blank = next((place for place in range(_COLUMNS, 0, -1) if cells[place - 1].sign != " "), 0)
        lines.append([*_plain(f"{label:>7} {'┤' if label else '│'}"), *cells[:blank]])
    lines += [_plain(text) for text in _below()]
    return lines + [line for number, curve in enumerate(curves) for line in _legend(number, curve)]


def drawing(curves: Sequence[Curve]) -> list[str]:
    """The picture without colour."""
    return ["".join(cell.sign for cell in line) for line in draw(curves)]


def _trace(curve: Curve, highest: float) -> list[tuple[int, int]]:
    """The column and row of every character that the curve passes through, between the edges of each column."""
    rows = _rows(gain(curve.norm, np.linspace(0, MOST, _COLUMNS + 1)), highest)
    found = []
    for column, (left, right) in enumerate(pairwise(rows)):
        if np.isnan(left) or np.isnan(right):
            continue
        first, last = sorted((left, right))
        found += [(column, row) for row in range(max(int(first), 0), min(int(last), _ROWS - 1) + 1)]
    return found


def _rows(gains: NDArray[np.float64], highest: float) -> NDArray[np.float64]:
    """The row of each gain, 0 at the top; -1 where it is above the picture, NaN where there is none."""
    with np.errstate(all="ignore"):
        rows = np.rint((1 - gains / highest) * (_ROWS - 1))
    return np.clip(rows, -1, _ROWS)


def _below() -> list[str]:
    ticks = range(0, _COLUMNS, (_COLUMNS - 1) // 4)
    axis = "".join("┴" if column in ticks else "─" for column in range(_COLUMNS))
    numbers = " " * (9 + _COLUMNS + 2)
    for column in ticks:
        label = f"{MOST * column / (_COLUMNS - 1):g}"
        start = 9 + column - len(label) // 2
        numbers = numbers[:start] + label + numbers[start + len(label) :]
    return [
        f"{'':8}└{axis}",
        numbers.rstrip(),
        "s: sum of squares in the window (unit of x, squared)".center(WIDTH).rstrip(),
    ]


def _legend(number: int, curve: Curve) -> list[list[Cell]]:
    drawn = np.isfinite(gain(curve.norm, np.linspace(0, MOST, _COLUMNS))).sum() > 1
    first, *others = fold(curve.label if drawn else f"{curve.label} (no number here)", WIDTH - 2, rest="  ")
    return [[Cell(mark(number), number), *_plain(f" {first}")], *map(_plain, others)]


def _plain(text: str) -> list[Cell]:
    return [Cell(sign) for sign in text]
