"""A table of cells: for people as wide as there is room, for programs as it is. Its first row is the header."""

from __future__ import annotations

import csv
import textwrap
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import zip_longest

from lrn_cli.pages.document import Table

_GAP = "  "
_NONE = "-"
_ROOM, _LEAST = 28, 15
"""Columns that a folded cell needs to be read, alone or beside others that are folded."""


def drawn(cells: Sequence[Sequence[str]], width: int) -> list[str]:
    """Columns side by side where they fit; else without those that are empty; else with the last one folded, or all
    that are wide, where there is room for that; else a record for each row.

    What is copied stays in one piece: words are never broken, and may be wider than the terminal.

    >>> drawn([["file", "order"], ["x.npy", "C"]], 40)
    ['file   order', 'x.npy  C']
    >>> drawn([["file", "chunks", "shape"], ["x.npy", "-", "1x2x3"]], 13)
    ['file   shape', 'x.npy  1x2x3']
    >>> drawn([["file", "shape", "order"], ["x.npy", "1x2x3", "C"], ["y.npy", "4", "-"]], 9)
    ['file   x.npy', 'shape  1x2x3', 'order  C', '', 'file   y.npy', 'shape  4']
    """
    two = len(cells[0]) == 2
    if _width(cells) > width:
        kept = [at for at in range(len(cells[0])) if any(row[at] not in ("", _NONE) for row in cells[1:])]
        cells = [[row[at] for at in kept] for row in cells]
    if _width(cells) <= width:
        widths = _widths(cells)
        return [_GAP.join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in cells]
    room = width - _width([row[:-1] for row in cells]) - len(_GAP)
    longest = max((len(word) for row in cells for word in row[-1].split()), default=0)
    if two or room >= max(_ROOM, longest):
        return _folded(cells, [*_widths(cells)[:-1], max(room, 20)])
    narrowed = _narrow(cells, width - len(_GAP) * (len(cells[0]) - 1))
    return _folded(cells, narrowed) if narrowed else _records(cells, width)


def _widths(cells: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*cells, strict=True)]


def _width(cells: Sequence[Sequence[str]]) -> int:
    widths = _widths(cells)
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _narrow(cells: Sequence[Sequence[str]], room: int) -> list[int]:
    """Widths that fit into so many columns together, the widest made as narrow as is needed; none where words do not.

    >>> _narrow([["a", "b"], ["x.npy", "one word and another and another"]], 24), _narrow([["a"], ["x.npy"]], 4)
    ([5, 19], [])
    """
    widths = _widths(cells)
    words = [
        max((len(word) for cell in column for word in cell.split()), default=0) for column in zip(*cells, strict=True)
    ]
    for most in range(max(widths), _LEAST, -1):
        found = [min(wide, max(most, word)) for wide, word in zip(widths, words, strict=True)]
        if sum(found) <= room:
            return found
    return []


def _folded(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    """The columns side by side, cells that are wider folded."""
    lines = []
    for row in cells:
        parts = [_wrap(cell, wide) for cell, wide in zip(row, widths, strict=True)]
        beside = zip_longest(*parts, fillvalue="")
        lines += [
            _GAP.join(f"{part:<{wide}}" for part, wide in zip(line, widths, strict=True)).rstrip() for line in beside
        ]
    return lines


def _records(cells: Sequence[Sequence[str]], width: int) -> list[str]:
    """A block for each row, a line for each of its cells that says something."""
    head, *rows = cells
    wide = max(map(len, head))
    lines: list[str] = []
    for row in rows:
        lines += [""] if lines else []
        said = ((name, value) for name, value in zip(head, row, strict=True) if value not in ("", _NONE))
        lines += [line for name, value in said for line in _hang(name, value, wide, width)]
    return lines


def _hang(name: str, value: str, wide: int, width: int) -> list[str]:
    room = max(width - wide - len(_GAP), 20)
    parts = _wrap(value, room)
    return [f"{name if not at else '':<{wide}}{_GAP}{part}".rstrip() for at, part in enumerate(parts)]


def _wrap(cell: str, wide: int) -> list[str]:
    return textwrap.wrap(cell, wide, break_long_words=False, break_on_hyphens=False) or [""]


def comma_separated(cells: Sequence[Sequence[str]]) -> list[str]:
    """Lines of CSV (RFC 4180): what has a comma or a quote is quoted.

    >>> comma_separated([["a", "b"], ["1,5", "x"]])
    ['a,b', '"1,5",x']
    """
    file = StringIO()
    csv.writer(file, lineterminator="\n").writerows(cells)
    return file.getvalue().splitlines()


def as_markdown(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    r"""Lines of Markdown.

    >>> print(*as_markdown([["a", "b"], ["1|2", "x"]]), sep="\n")
    | a | b |
    | --- | --- |
    | 1\|2 | x |
    """
    from lrn_cli.pages.formats import render

    columns, *rows = map(tuple, cells)
    yield from render([Table(columns, tuple(rows))], "markdown").splitlines()
