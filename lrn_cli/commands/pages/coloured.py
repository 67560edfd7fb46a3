"""A page on a terminal, in colour."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from lrn_cli.commands.pages.document import Document
from lrn_cli.commands.pages.formats.text import lines


def show(document: Document) -> None:
    """Print the document's text on standard output with its styles, the lines as they are in a pipe."""
    terminal = Console(markup=False, highlight=False)
    for line in lines(document):
        # As Text, so that brackets are not taken for markup.
        terminal.print(Text.assemble(*((piece.text, piece.style) for piece in line)), soft_wrap=True)
