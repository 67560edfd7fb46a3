"""A panel in characters: for terminals, Markdown and LaTeX."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lrn_cli.dtypes import Array
from lrn_cli.pages.folding import fold
from lrn_cli.pages.pictures.figure import Axis, Bars, Chart, Figure, Line, Map, Montage, Panel, Scale
from lrn_cli.pages.pictures.ticks import say, share, ticks, value_at

MARKS = "*o+x#@%&=~"
"""Plain characters, which every terminal, printer and LaTeX has."""
SHADES = "·░▒▓█"
"""From nothing to the most."""
_PLAIN_SHADES = ".-+#@"
_MISSING = "x"
_FRAMES = str.maketrans("┤│┴└─·", "+|++-.")
_ROWS, _WIDE = 17, 80
_TICK = 4
"""Rows between numbers on the vertical axis."""
_MAP_ROWS, _TILE_ROWS, _TILE_COLUMNS = 16, 6, 12


class Cell(NamedTuple):
    """One character, and which series it belongs to; -1 for axes and words."""

    sign: str
    series: int = -1


Row = list[Cell]


def draw(panel: Panel, width: int = _WIDE, *, plain: bool = False, rows: int = _MAP_ROWS) -> list[Row]:
    """The panel, line by line.

    Args:
        panel: What to draw.
        width: Columns that there are.
        plain: Whether shades and frames must be of ASCII.
        rows: Rows of a map, at most.
    """
    if isinstance(panel, Chart):
        return _chart(panel, width)
    shades = _PLAIN_SHADES if plain else SHADES
    drawn = _map(panel, width, shades, rows) if isinstance(panel, Map) else _montage(panel, width, shades)
    return [_words(row) for row in drawn]


def drawing(panel: Panel, width: int = _WIDE, *, plain: bool = False, rows: int = _MAP_ROWS) -> list[str]:
    """The picture without colour."""
    return ["".join(cell.sign for cell in row) for row in draw(panel, width, plain=plain, rows=rows)]


def write(figure: Figure, width: int = _WIDE, encoding: str | None = "utf-8") -> list[str]:
    """The whole figure: title, what belongs to it, panel after panel, notes.

    Args:
        figure: What to draw.
        width: Columns that there are.
        encoding: Of what it is written to: signs that it lacks are replaced.
    """
    plain = not fits(SHADES, encoding)
    lines = [line for text in (figure.title, *figure.lines) for line in fold(text, width)]
    for panel in (panel for row in figure.rows for panel in row):
        title = fold(panel.title, width) if isinstance(panel, Chart) else []
        lines += ["", *title, *drawing(panel, width, plain=plain)]
    lines += ["", *(line for note in figure.notes for line in fold(note, width))] if figure.notes else []
    return [line.translate(_FRAMES) if plain else line for line in lines]


def mark(series: int) -> str:
    """The character that draws the series of that number."""
    return MARKS[series % len(MARKS)]


def _chart(chart: Chart, width: int) -> list[Row]:
    columns = width - 15
    field = [[Cell(" ")] * columns for _ in range(_ROWS)]
    for bars in chart.bars:
        _draw_bars(field, bars, chart)
    for line in chart.lines:
        for column, row in _trace(line, chart, columns):
            field[row][column] = Cell(mark(line.series), line.series)
    rows = [_words(chart.y.label)]
    for row, cells in enumerate(field):
        value = value_at(chart.y, 1 - row / (_ROWS - 1))
        label = f"{value:.3g}" if row % _TICK == 0 else ""
        blank = next((place for place in range(columns, 0, -1) if cells[place - 1].sign != " "), 0)
        rows.append([*_words(f"{label:>7} {'┤' if label else '│'}"), *cells[:blank]])
    rows += [_words(text) for text in _below(chart, columns, width)]
    named = [one for one in _drawn(chart) if one.label]
    return rows + [row for one in named for row in _legend(one.series, one.label, width)]


def _drawn(chart: Chart) -> list[Line | Bars]:
    return [*(bars for bars in chart.bars), *(line for line in chart.lines)]


def _trace(line: Line, chart: Chart, columns: int) -> Iterator[tuple[int, int]]:
    """The column and row of every character that the curve passes through, between the edges of each column."""
    shares = np.array([share(chart.x, at) for at in line.x.tolist()])
    with np.errstate(all="ignore"):
        heights = np.where(np.isposinf(line.y), 1e300, line.y)
        values = np.interp(np.linspace(0, 1, columns + 1), shares, heights, left=np.nan, right=np.nan)
        up = _shares(chart.y, values)
        # -1 is above the picture, NaN where there is nothing.
        rows = np.clip(np.rint((1 - up) * (_ROWS - 1)), -1, _ROWS)
    for column, (left, right) in enumerate(pairwise(rows.tolist())):
        if not (math.isnan(left) or math.isnan(right)):
            first, last = sorted((left, right))
            yield from ((column, row) for row in range(max(int(first), 0), min(int(last), _ROWS - 1) + 1))


def _shares(axis: Axis, values: Array) -> Array:
    """`share` of many values."""
    if axis.log:
        values = np.log(values / axis.first) / math.log(axis.last / axis.first) * (axis.last - axis.first) + axis.first
    result: Array = (values - axis.first) / ((axis.last - axis.first) or 1)
    return result


def _draw_bars(field: list[Row], bars: Bars, chart: Chart) -> None:
    """Each bar as a column of marks, as far from its place's left edge as its series stands among the others."""
    places = max(chart.x.last - chart.x.first, 1)
    slot = len(field[0]) / places
    for place, value in enumerate(bars.y.tolist()):
        high = share(chart.y, value) * (_ROWS - 1) if math.isfinite(value) else -1
        column = int((place - chart.x.first) * slot + (chart.bars.index(bars) + 0.5) * slot / (len(chart.bars) + 1))
        if 0 <= column < len(field[0]):
            for row in range(max(_ROWS - 1 - round(high), 0), _ROWS):
                field[row][column] = Cell(mark(bars.series), bars.series)


def _below(chart: Chart, columns: int, width: int) -> list[str]:
    """The axis across, its numbers and its name."""
    places = [(round(share(chart.x, at) * (columns - 1)), say(at)) for at in ticks(chart.x, 6)]
    marked = {place for place, _ in places}
    axis = "".join("┴" if column in marked else "─" for column in range(columns))
    numbers = " " * (9 + columns + 4)
    for place, label in places:
        start = 9 + place - len(label) // 2
        numbers = numbers[:start] + label + numbers[start + len(label) :]
    return [f"{'':8}└{axis}", numbers.rstrip(), *(line.center(width).rstrip() for line in fold(chart.x.label, width))]


def _legend(series: int, label: str, width: int) -> list[Row]:
    first, *others = fold(label, width - 2, rest="  ")
    return [[Cell(mark(series), series), *_words(f" {first}")], *map(_words, others)]


def _words(text: str) -> Row:
    return [Cell(sign) for sign in text]


def _map(found: Map, width: int, shades: str, rows: int) -> list[str]:
    cells = _fewer(found.cells, rows, min(width, 64), np.fmax)
    axes = f"{found.x.label} across" + (f", {found.y.label} down" if found.y.label else "")
    head = [*fold(f"{found.title}: {axes}", width), *fold(legend(found.scale, cells, shades), width)]
    return [*head, *shade(cells, found.scale, shades), *([found.empty] if found.empty else [])]


def _montage(found: Montage, width: int, shades: str) -> list[str]:
    across = max(1, (width + 1) // (_TILE_COLUMNS + 1))
    tiles = [_fewer(tile, _TILE_ROWS, _TILE_COLUMNS, np.fmax) for tile in found.tiles]
    lines = [*fold(found.title, width), *fold(legend(found.scale, np.stack(tiles), shades), width)]
    for start in range(0, len(tiles), across):
        some = [shade(tile, found.scale, shades) for tile in tiles[start : start + across]]
        wide = len(some[0][0]) + 1
        lines.append("".join(name[: wide - 1].ljust(wide) for name in found.names[start : start + across]).rstrip())
        lines += [" ".join(parts) for parts in zip(*some, strict=True)]
    return lines


def legend(scale: Scale, cells: Array, shades: str) -> str:
    """What each shade stands for."""
    if scale.ends:
        said = [f"{shades[0]} {scale.ends[0]}", f"{shades[-1]} {scale.ends[1]}"]
    elif scale.low == scale.high:
        said = [f"{shades[0]} {say(scale.low)}"]
    elif scale.signed:
        said = [f"{shades[0]} {say(scale.low)}", f"{shades[len(shades) // 2]} 0", f"{shades[-1]} {say(scale.high)}"]
    else:
        steps = len(shades) - 1
        said = [f"{shades[0]} {say(scale.low)}"]
        said += [
            f"{shade} >{say(scale.low + (scale.high - scale.low) * at / steps)}" for at, shade in enumerate(shades[1:])
        ]
    missing = [] if np.isfinite(cells).all() else [f"{_MISSING} {scale.missing}"]
    return f"{scale.label}: {'  '.join([*said, *missing])}"


def shade(cells: Array, scale: Scale, shades: str) -> list[str]:
    """Cells as shades; whatever is more than the least is not shown as that."""
    known = np.isfinite(cells)
    part = np.clip((np.where(known, cells, scale.low) - scale.low) / ((scale.high - scale.low) or 1), 0, 1)
    steps = len(shades) - 1
    levels = np.rint(part * steps) if scale.signed else np.ceil(part * steps)
    return [
        "".join(shades[int(level)] if there else _MISSING for level, there in zip(row, seen, strict=True))
        for row, seen in zip(levels.tolist(), known.tolist(), strict=True)
    ]


def _fewer(cells: Array, rows: int, columns: int, gather: np.ufunc) -> Array:
    """The cells in at most so many rows and columns; what is not a number counts where a neighbour shares its place."""
    lost = np.where(np.isfinite(cells), 0.0, np.nan)
    for axis, most in enumerate((rows, columns)):
        count = cells.shape[axis]
        if count > most:
            starts = np.arange(most) * count // most
            cells = gather.reduceat(cells, starts, axis=axis)
            lost = np.add.reduceat(lost, starts, axis=axis)
    return np.where(np.isnan(lost), np.nan, cells)


def fits(text: Sequence[str], encoding: str | None) -> bool:
    """Whether an encoding has all the signs."""
    try:
        "".join(text).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
