"""The report of many pairs: the verdict, all of them in one table, and those that differ one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrn_cli.analysis.comparison.pairing import sum_up
from lrn_cli.pages.comparison import SHORT, rows_of
from lrn_cli.pages.document import Block, Heading, Paragraph, Table
from lrn_cli.pages.figures.comparison import highest
from lrn_cli.pages.reports.comparison import about, rule
from lrn_cli.pages.reports.provenance import Made, blocks, table_of_files

if TYPE_CHECKING:
    from lrn_cli.analysis.comparison.pairing import Met
    from lrn_cli.analysis.comparison.verdict import Comparison

_MOST = 20
"""How many pairs are told of one by one, with their pictures; a page of thousands no browser shows."""


def report(met: Sequence[Met], made: Made) -> list[Block]:
    """The whole report."""
    differing = [one for one in met if one.verdict != "equal"]
    shown = [one.found for one in differing if one.found is not None]
    more = f" The first {_MOST} that differ are told of below." if shown[_MOST:] else ""
    return [
        Heading(f"DIFFERENT: {len(differing)} of {len(met)} pairs" if differing else f"EQUAL: all {len(met)} pairs", 1),
        Paragraph(f"{sum_up(met).capitalize()}.{more}"),
        Table(SHORT, tuple(tuple(row) for one in (*differing, *_equal(met)) for row in rows_of(one, short=True))),
        *(block for found in shown[:_MOST] for block in _details(found)),
        Heading("Files"),
        table_of_files(made.files),
        *rule(),
        *blocks(made),
    ]


def _equal(met: Sequence[Met]) -> list[Met]:
    return [one for one in met if one.verdict == "equal"]


def _details(found: Comparison) -> list[Block]:
    drawn = [pair for pair in found.pairs if pair.where is not None and pair.where.grid.size]
    top = highest(drawn) if drawn else 0.0
    return [block for pair in found.pairs for block in about(pair, found, top, several=True)]
