"""The report of a comparison: the verdict, why, what to type, pictures, statistics, files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrn_cli.pages.comparison import COLUMNS, how_many, row, tolerance
from lrn_cli.pages.document import Block, Code, Heading, Item, Items, Paragraph, Picture, Table
from lrn_cli.pages.figures.comparison import highest, panels, pictures
from lrn_cli.pages.reports.provenance import Made, blocks, table_of_files

if TYPE_CHECKING:
    from lrn_cli.analysis.comparison.verdict import Comparison, Pair

_SAID = {"a", "b", "verdict", "cause", "advice", "suggestion", "notes"}
"""Columns that a pair's words tell."""


def report(found: Comparison, made: Made) -> list[Block]:
    """The whole report."""
    drawn = [pair for pair in found.pairs if pair.where is not None and pair.where.grid.size]
    top = highest(drawn) if drawn else 0.0
    return [
        Heading(_verdict(found), 1),
        *_side_by_side(found),
        *(block for pair in found.pairs for block in about(pair, found, top, several=len(found.pairs) > 1)),
        *_files(found, made),
        *_rule(found),
        *blocks(made),
    ]


def _verdict(found: Comparison) -> str:
    if len(found.pairs) == 1:
        pair = found.pairs[0]
        return f"{pair.verdict.value.upper()}: {pair.a.name} and {pair.b.name}"
    differing = sum(pair.verdict.value != "equal" for pair in found.pairs)
    how = f"{differing} of {len(found.pairs)} pairs differ" if differing else f"all {len(found.pairs)} pairs are equal"
    return f"{'DIFFERENT' if differing else 'EQUAL'}: {how}"


def _side_by_side(found: Comparison) -> list[Block]:
    """All pairs in one table, where there are several."""
    if len(found.pairs) < 2:
        return []
    rows = tuple(
        (pair.a.name, pair.b.name, pair.verdict.value, how_many(pair) or "-", pair.cause) for pair in found.pairs
    )
    return [Table(("a", "b", "verdict", "how many", "cause"), rows)]


def about(pair: Pair, found: Comparison, top: float, *, several: bool) -> list[Block]:
    """What is said of one pair: how far apart, why, what to type, pictures whose scale ends at `top`, statistics."""
    said: list[Block] = []
    if several:
        said.append(Heading(f"{pair.a.name} against {pair.b.name}: {pair.verdict.value.upper()}"))
    why = pair.cause if pair.verdict.value != "equal" else ""
    said += [Paragraph(_measured(pair)), Paragraph(f"Cause: {why}." if why else f"{_capital(pair.cause)}.")]
    if pair.advice:
        said += [Paragraph("To make a equal to b, type:"), Code(pair.advice, "sh")]
    if pair.impossible:
        said.append(Paragraph(f"a cannot be made equal to b: {pair.impossible}."))
    if pair.suggestion:
        said += [Paragraph("Try:"), Code(pair.suggestion, "sh")]
    if pair.notes:
        said.append(Items(tuple(map(Item, pair.notes))))
    if pair.where is not None and pair.where.grid.size:
        said += map(Picture, (*panels(pair, found.layout, top, alone=True), *pictures(pair, found.layout)))
    cells = zip(COLUMNS, row(pair), strict=True)
    measured = tuple((name.replace("_", " "), value) for name, value in cells if name not in _SAID)
    return [*said, Table(("statistic", "value"), measured)]


def _measured(pair: Pair) -> str:
    """How many elements differ, and by how much."""
    of, within = pair.difference, f"with {tolerance(pair)}"
    if of is None:
        return f"{pair.verdict.value.capitalize()} {within}."
    said = f"{_capital(how_many(pair))} {within}." if not pair.only_in else f"They differ {how_many(pair)}, {within}."
    if of.largest is None:
        return said
    return f"{said} The largest difference is {of.largest.distance:.6g}, at {list(of.largest.position)}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _files(found: Comparison, made: Made) -> list[Block]:
    """What was read, and what was computed of it."""
    said: list[Block] = [Heading("Files"), table_of_files(made.files)]
    if found.layout:
        said.append(Paragraph(f"The axes of {found.tensors[0]} are {found.layout}."))
    computed = tuple((side.name, str(side.bound), str(side.bound.norm)) for side in found.sides if side.bound)
    return [*said, Table(("convention", "parameters", "formula"), computed)] if computed else said


def _rule(found: Comparison) -> list[Block]:
    rows = tuple(
        (pair.a.name, pair.b.name, f"{pair.tolerance.rtol:g}", f"{pair.tolerance.atol:g}") for pair in found.pairs
    )
    return [*rule(), Table(("a", "b", "rtol", "atol"), rows)]


def rule() -> list[Block]:
    """When elements are equal."""
    from lrn_cli.analysis.comparison.tolerance import RULE

    return [Heading("Rule"), Paragraph(f"Elements a and b are equal where {RULE}; a NaN is equal to a NaN.")]
