"""What a page is made of. Blocks say what things are; how they look is the formats' affair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lrn_cli.pages.pictures.figure import Panel

WIDTH = 80
"""Columns of text."""


class Heading(NamedTuple):
    """A heading; level 1 is the page's title."""

    text: str
    level: int = 2


class Paragraph(NamedTuple):
    """A paragraph of prose."""

    text: str


class Equation(NamedTuple):
    """A formula: in Unicode on several lines, and in LaTeX."""

    text: str
    latex: str


class Table(NamedTuple):
    """A table of text, a header above it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Item(NamedTuple):
    """One of a list: what is said, and where it stands."""

    text: str
    source: str = ""


class Items(NamedTuple):
    """A list."""

    items: tuple[Item, ...]


class Code(NamedTuple):
    """Lines that keep their breaks and blanks: a program in some language, or a drawing of signs."""

    text: str
    language: str = ""


class Picture(NamedTuple):
    """A panel to look at."""

    panel: Panel


Block = Heading | Paragraph | Equation | Table | Items | Code | Picture
Document = Sequence[Block]
