"""The report of an identification: what was found, how well it fits, what to type in each convention, pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrn_cli.analysis.identification.several import Several, what_to_type
from lrn_cli.pages.document import Block, Code, Heading, Item, Items, Paragraph, Picture, Table
from lrn_cli.pages.reports.provenance import Made, blocks, table_of_files

if TYPE_CHECKING:
    from lrn_cli.analysis.identification.report import Identification


def report(found: Several, made: Made) -> list[Block]:
    """The whole report."""
    alone = len(found.answers) == 1
    several: list[Block] = [] if alone else [Heading("Why they differ"), Items(tuple(map(Item, found.apart)))]
    lines = [] if alone else what_to_type(found.source, found.names, found.answers)
    typed: list[Block] = [Heading("What to type"), Code("\n".join(lines), "sh")] if lines else []
    return [
        *([] if alone else [Heading(_verdict(found), 1)]),
        *(
            block
            for name, answer in zip(found.names, found.answers, strict=True)
            for block in _about(answer, found.source, name, 1 if alone else 2)
        ),
        *several,
        *typed,
        Heading("Files"),
        table_of_files(made.files),
        *blocks(made),
    ]


def _verdict(found: Several) -> str:
    known = sum(answer.found for answer in found.answers)
    return f"{'FOUND' if known == len(found.answers) else 'NOT FOUND'}: {known} of {len(found.answers)} outputs"


def _about(found: Identification, x: str, y: str, level: int) -> list[Block]:
    """What is told of one output."""
    rows = [(name, value) for name, value in found.rows() if name != "note"]
    notes = [value for name, value in found.rows() if name == "note"]
    words = {bound.convention.name for bound in found.bounds}
    verdict = f"FOUND: {y} was made of {x}" if found.found else f"NOT FOUND: how {y} was made of {x}"
    return [
        Heading(verdict, level),
        *([Paragraph(f"{found.norm}.")] if found.norm else []),
        Table(("field", "value"), tuple((name, value) for name, value in rows if name not in words)),
        *([Items(tuple(map(Item, notes)))] if notes else []),
        *_conventions(found, [(name, value) for name, value in rows if name in words]),
    ]


def _conventions(found: Identification, rows: list[tuple[str, str]]) -> list[Block]:
    """What to type behind -c, and how the first of them looks."""
    if not found.bounds:
        return []
    from lrn_cli.pages.figures.explanation import panels

    pasted = "\n".join(f"-c {value}" for _, value in rows)
    said: list[Block] = [Heading("The same in each convention"), Code(pasted, "sh")]
    return [*said, *map(Picture, panels(found.bounds[:1]))]
