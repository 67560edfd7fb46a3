"""A table as the lines of an answer, for people or in a format that has a library of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lrn_cli.commands.terminal.colours import paint, paint_head
from lrn_cli.pages import tables


def lines(cells: Sequence[Sequence[str]], answer_format: str | None, width: int, *, coloured: bool) -> Iterable[str]:
    """The lines.

    Args:
        cells: Row by row, the header first.
        answer_format: `csv` or `markdown`; else it is for people.
        width: Columns that they have.
        coloured: Whether the header is bold and a verdict in colour.
    """
    if answer_format == "csv":
        return tables.comma_separated(cells)
    if answer_format == "markdown":
        return tables.as_markdown(cells)
    head, *others = tables.drawn(cells, width)
    if not coloured:
        return [head, *others]
    # A record for each row has no header of its own.
    return [paint_head(head) if cells[0][-1] in head else head, *map(paint, others)]
