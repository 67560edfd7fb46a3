"""Folding: text, tables and code into as many columns as there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

UNBROKEN = "\u00a0"
"""A blank at which no line ends."""
_BREAKS = f"{UNBROKEN}/:,;=_.-"
"""Where a word that is wider than the line may end, such as the path of a source file."""
_NARROWEST = 6
_GAP = 2


def fold(text: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    """Lines of at most `width` columns, `first` before the first of them and `rest` before the others.

    >>> fold("alpha is divided", 14, first="- ", rest="  ")
    ['- alpha is', '  divided']
    """
    room = width - len(rest)
    lines, line = [], ""
    for piece in (piece for word in text.split(" ") for piece in _pieces(word, room)):
        if line and len(line) + 1 + len(piece) > room:
            lines.append(line)
            line = piece
        else:
            line = f"{line} {piece}" if line else piece
    lines.append(line)
    return [((rest if index else first) + line).replace(UNBROKEN, " ").rstrip() for index, line in enumerate(lines)]


def _pieces(word: str, width: int) -> Iterator[str]:
    while len(word) > width:
        cut = max(word.rfind(sign, 0, width) for sign in _BREAKS) + 1 or width
        yield word[:cut]
        word = word[cut:]
    yield word


def columns(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """How wide each column of a table is, the widest narrowed until all fit, without breaking words if that can be."""
    cells = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in cells]
    words = [max(len(word) for cell in column for word in cell.split()) for column in cells]
    while sum(widths) + _GAP * (len(widths) - 1) > width and max(widths) > _NARROWEST:
        loose = [index for index in range(len(widths)) if widths[index] > words[index]]
        widths[max(loose or range(len(widths)), key=lambda index: widths[index])] -= 1
    return widths


def table_row(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """One row of a table, on as many lines as its fullest cell."""
    folded = [fold(cell, width) for cell, width in zip(cells, widths, strict=True)]
    height = max(map(len, folded))
    lines = zip(*(cell + [""] * (height - len(cell)) for cell in folded), strict=True)
    gap = " " * _GAP
    return [gap.join(part.ljust(width) for part, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def fold_code(text: str, width: int) -> str:
    """Code whose lines are broken behind a comma between brackets, where every language of a call lets one.

    >>> print(fold_code("y = f(x, alpha=1, beta=2)", 20))
    y = f(x, alpha=1,
        beta=2)
    """
    return "\n".join(line for long in text.split("\n") for line in _code_lines(long, width))


def _code_lines(line: str, width: int) -> Iterator[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    while len(line) > width and (cut := _last_comma(line, width)):
        yield line[:cut].rstrip()
        line = indent + line[cut:].lstrip()
    yield line


def _last_comma(line: str, width: int) -> int:
    """Where the line may be broken: behind the last comma within `width` that is in brackets and in no string."""
    depth, quoted, found = 0, False, 0
    start = len(line) - len(line.lstrip())
    # What follows a break is inside of the brackets that were opened before it.
    inside = start > 0
    for place, letter in enumerate(line[:width]):
        if letter == '"':
            quoted = not quoted
        elif not quoted:
            depth += (letter in "([{") - (letter in ")]}")
            if letter == "," and (inside or depth > 0):
                found = place + 1
    return found
