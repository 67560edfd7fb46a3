"""Plain text of 80 columns unless told; the same lines in colour are for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from lrn_cli.pages.document import (
    WIDTH,
    Block,
    Code,
    Document,
    Equation,
    Heading,
    Item,
    Items,
    Paragraph,
    Picture,
    Table,
)
from lrn_cli.pages.folding import columns, fold, table_row
from lrn_cli.pages.pictures.characters import Cell, draw
from lrn_cli.pages.tables import drawn

WIDEST = 100
"""Columns beyond which prose is not easier to read."""
_NARROW = 60
"""Columns below which a table is a record for each row."""
_INDENT = "    "
_CURVES = ("bold cyan", "bold magenta", "bold yellow", "bold green", "bold blue", "bold red", "bold white", "bold")


class Piece(NamedTuple):
    """Part of a line, and its style on a terminal in Rich's words."""

    text: str
    style: str = ""


Line = Sequence[Piece]


def render(document: Document, width: int = WIDTH) -> str:
    """The document without colour."""
    return "\n".join("".join(piece.text for piece in line) for line in lines(document, width)) + "\n"


def lines(document: Document, width: int = WIDTH) -> Iterator[Line]:
    """The document's lines, blocks apart by an empty one."""
    for number, block in enumerate(document):
        if number:
            yield ()
        if number and isinstance(block, Heading) and block.level == 1:
            yield ()
        yield from _block(block, width)


def _block(block: Block, width: int) -> Iterator[Line]:
    match block:
        case Heading(text, level):
            yield from _heading(text, level, width)
        case Paragraph(text):
            yield from _plain(fold(text, width))
        case Equation(text):
            yield from _indent(
                text if max(map(len, text.split("\n"))) <= width else _on_one_line(text, width), "bold", width
            )
        case Code(text):
            yield from _indent(text, "bold", width)
        case Table():
            yield from _table(block, width)
        case Items(items):
            for item in items:
                yield from _item(item, width)
        case Picture(panel):
            yield from map(_paint, draw(panel, width))


def _heading(text: str, level: int, width: int) -> Iterator[Line]:
    style = "bold" if level > 1 else "bold reverse"
    folded = fold(text, width)
    yield from ((Piece(line, style),) for line in folded)
    yield (Piece(("═" if level == 1 else "─") * max(map(len, folded))),)


def _item(item: Item, width: int) -> Iterator[Line]:
    yield from _plain(fold(item.text, width, first="- ", rest="  "))
    if item.source:
        source = fold(item.source, width, first="  Source: ", rest=" " * 10)
        yield from ((Piece(line, "dim"),) for line in source)


def _table(table: Table, width: int) -> Iterator[Line]:
    if width < _NARROW:
        yield from _plain(drawn([table.columns, *table.rows], width))
        return
    widths = columns([table.columns, *table.rows], width)
    yield from ((Piece(line, "bold"),) for line in table_row(table.columns, widths))
    yield (Piece("  ".join("─" * width for width in widths)),)
    for row in table.rows:
        yield from _plain(table_row(row, widths))


def _indent(text: str, style: str, width: int) -> Iterator[Line]:
    # What is too wide already is not made wider.
    indent = _INDENT if max(map(len, text.split("\n"))) + len(_INDENT) <= width else ""
    yield from ((Piece(f"{indent}{line}".rstrip(), style),) for line in text.split("\n"))


def _on_one_line(equation: str, width: int) -> str:
    """A fraction too wide to be stacked, with a stroke instead of its bar, folded."""
    above, bar, below, *ranges = equation.split("\n")
    fraction = f"{bar.rstrip('─')}{above.strip()} / {below.strip()}"
    return "\n".join(line for part in (fraction, *ranges) for line in fold(part.strip(), width - len(_INDENT)))


def _plain(texts: Sequence[str]) -> Iterator[Line]:
    yield from ((Piece(text),) for text in texts)


def _paint(cells: Sequence[Cell]) -> Line:
    """One line of a picture, each series in its own colour."""
    return [
        Piece("".join(cell.sign for cell in run), "" if series < 0 else _CURVES[series % len(_CURVES)])
        for series, run in groupby(cells, key=lambda cell: cell.series)
    ]
