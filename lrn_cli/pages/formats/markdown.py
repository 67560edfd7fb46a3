"""Markdown: tables, fenced code, formulas in LaTeX between $$."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lrn_cli.pages.document import Block, Code, Document, Equation, Heading, Item, Items, Paragraph, Picture, Table
from lrn_cli.pages.folding import UNBROKEN
from lrn_cli.pages.pictures.characters import drawing

_MEANT = re.compile(r"([\\`*_{}\[\]<>&|$~#^])")
"""Signs that mean something wherever they stand."""
_MEANT_FIRST = re.compile(r"^(\d*)([-+.)])(?=[\s-]|$)")
"""Those that make a list or a rule of the line they begin."""


def render(document: Document) -> str:
    """The document as Markdown."""
    return "\n\n".join(map(_block, document)) + "\n"


def escape(text: str) -> str:
    r"""Text whose signs are no markup.

    >>> print(escape("local_size is | 5"))
    local\_size is \| 5
    """
    return _MEANT_FIRST.sub(r"\1\\\2", _MEANT.sub(r"\\\1", text.replace(UNBROKEN, " ")))


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            written = f"{'#' * level} {escape(text)}"
        case Paragraph(text):
            written = escape(text)
        case Equation(_, latex):
            written = f"$$\n{latex}\n$$"
        case Code(text, language):
            written = f"```{language}\n{text}\n```"
        case Table(columns, rows):
            written = "\n".join([_row(columns), _row(["---"] * len(columns), str), *map(_row, rows)])
        case Items(items):
            written = "\n".join(map(_item, items))
        case Picture(panel):
            written = "\n".join(["```", *drawing(panel), "```"])
    return written


def _row(cells: Sequence[str], written: Callable[[str], str] = escape) -> str:
    return f"| {' | '.join(map(written, cells))} |"


def _item(item: Item) -> str:
    source = f"\n  (source: {escape(item.source)})" if item.source else ""
    return f"- {escape(item.text)}{source}"
