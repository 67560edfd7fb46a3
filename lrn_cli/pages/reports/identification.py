"""The report of an identification: what was found, how well it fits, what to type in each convention, pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrn_cli.pages.document import Block, Code, Heading, Item, Items, Paragraph, Picture, Table
from lrn_cli.pages.reports.provenance import Made, blocks, table_of_files

if TYPE_CHECKING:
    from lrn_cli.analysis.identification.report import Identification


def report(found: Identification, made: Made) -> list[Block]:
    """The whole report."""
    x, y = made.files
    rows = [(name, value) for name, value in found.rows() if name != "note"]
    notes = [value for name, value in found.rows() if name == "note"]
    words = {bound.convention.name for bound in found.bounds}
    verdict = f"FOUND: {y} was made of {x}" if found.found else f"NOT FOUND: how {y} was made of {x}"
    return [
        Heading(verdict, 1),
        *([Paragraph(f"{found.norm}.")] if found.norm else []),
        Table(("field", "value"), tuple((name, value) for name, value in rows if name not in words)),
        *([Items(tuple(map(Item, notes)))] if notes else []),
        *_conventions(found, [(name, value) for name, value in rows if name in words]),
        Heading("Files"),
        table_of_files(made.files),
        *blocks(made),
    ]


def _conventions(found: Identification, rows: list[tuple[str, str]]) -> list[Block]:
    """What to type behind -c, and how the first of them looks."""
    if not found.bounds:
        return []
    from lrn_cli.pages.figures.explanation import panels

    pasted = "\n".join(f"-c {value}" for _, value in rows)
    said: list[Block] = [Heading("The same in each convention"), Code(pasted, "sh")]
    return [*said, *map(Picture, panels(found.bounds[:1]))]
