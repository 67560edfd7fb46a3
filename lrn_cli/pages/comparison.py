"""A comparison: a few short lines for each pair on a terminal, a row of cells for each off it."""

from __future__ import annotations

import math
import shutil
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrn_cli import layouts
from lrn_cli.cells import DIGITS, NONE, cell

if TYPE_CHECKING:
    from lrn_cli.analysis.comparison.difference import Difference
    from lrn_cli.analysis.comparison.pairing import Met
    from lrn_cli.analysis.comparison.sides import Side
    from lrn_cli.analysis.comparison.verdict import Comparison, Pair

_WIDEST = 100
_SIGN = 2
"""Columns of the sign that a verdict has in front of it where there are colours."""
_FEWEST, _MOST = 3, 16
"""Rows of a map."""
_AROUND = 7
"""Lines of a screen that are neither a pair's nor its map: the rule, the map's head, the prompt."""
_INDENT = "   "
_ADVICE = _INDENT * 2
"""Before what is to be typed."""
_FURTHER = f"{_INDENT}  "
"""Before the rest of a line that is folded, which a flag may begin."""


def lines(found: Comparison, *, verbose: bool, plain: bool = False) -> Iterator[str]:
    """The rule, then each pair after an empty line, with a map that leaves its verdict on the screen; of several
    pairs the verdict once more at the end.

    Args:
        found: The answer.
        verbose: Say more.
        plain: Whether maps must be of ASCII.
    """
    from lrn_cli.analysis.comparison.tolerance import RULE

    layout = f" ({found.layout})" if found.layout else ""
    yield f"{' and '.join(found.tensors)}{layout}: equal where {RULE}"
    for pair in found.pairs:
        yield ""
        # What is to be copied stays in one piece.
        said = [
            part
            for line in _pair(pair, verbose=verbose)
            for part in ([line] if line.startswith(_ADVICE) else _wrap(line))
        ]
        yield from said
        if pair.where is not None and pair.difference and pair.difference.unequal:
            rows = shutil.get_terminal_size().lines - len(said) - _AROUND
            yield from (_INDENT + row for row in _map(pair, found, max(_FEWEST, min(rows, _MOST)), plain=plain))
    if len(found.pairs) > 1:
        differing = sum(pair.verdict.value != "equal" for pair in found.pairs)
        yield ""
        yield f"{'DIFFERENT' if differing else 'EQUAL'}: {differing} of {len(found.pairs)} pairs differ"


def _map(pair: Pair, found: Comparison, rows: int, *, plain: bool) -> list[str]:
    """Where they differ, in as many rows as there are."""
    from lrn_cli.pages.figures.comparison import highest, panels
    from lrn_cli.pages.pictures.characters import drawing

    *_, where = panels(pair, found.layout, highest([pair]), alone=True)
    return drawing(where, min(shutil.get_terminal_size().columns, _WIDEST) - len(_INDENT), plain=plain, rows=rows)


def _pair(pair: Pair, *, verbose: bool) -> Iterator[str]:
    for letter, side in (("a", pair.a), ("b", pair.b)):
        yield f"{letter}  {_name(side)}"
        if verbose and side.bound:
            yield f"{_INDENT}{side.bound.norm}"
    difference, many = pair.difference, how_many(pair)
    yield f"{_INDENT}{pair.verdict.value.upper()} with {tolerance(pair)}{f': {many}' if many else ''}"
    if difference:
        yield from (_INDENT + line for line in _measures(pair, difference))
    yield f"{_INDENT}{'' if pair.verdict.value == 'equal' else 'cause: '}{pair.cause}"
    if pair.advice:
        yield f"{_INDENT}to make a equal to b, type:"
        yield f"{_ADVICE}{pair.advice}"
    if pair.impossible:
        yield f"{_INDENT}a cannot be made equal to b: {pair.impossible}"
    if pair.suggestion:
        yield f"{_INDENT}try:"
        yield f"{_ADVICE}{pair.suggestion}"
    for note in pair.notes:
        yield f"{_INDENT}note: {note}"


def _name(side: Side) -> str:
    tensor = f"{layouts.describe(side.shape)} {side.type_name}"
    return f"{side.name}: {str(side.bound).partition(' ')[2]}" if side.bound else f"{side.name}: {tensor}"


def tolerance(pair: Pair) -> str:
    """What is allowed, and whose engine that is."""
    whose = f" ({pair.engine})" if pair.engine else ""
    return f"rtol {pair.tolerance.rtol:g} and atol {pair.tolerance.atol:g}{whose}"


def how_many(pair: Pair) -> str:
    """How many elements differ, or in what else the two do while none does; empty where none was compared."""
    found = pair.difference
    if found is None:
        return ""
    if pair.only_in:
        return f"only in {pair.only_in}"
    return f"{found.differing:,} of {found.elements:,} elements differ ({found.percent:.3g}%)"


def _measures(pair: Pair, found: Difference) -> Iterator[str]:
    place = found.largest
    if place is not None:
        values = f"a is {as_stored(place.a, pair.a)} and b is {as_stored(place.b, pair.b)}"
        yield f"largest difference {place.distance:.6g} at {list(place.position)}, where {values}"
        ulp = f", {found.largest_ulp:,} ulp of {found.ulp_dtype}" if found.largest_ulp is not None else ""
        yield f"largest relative difference {found.largest_relative:.6g}{ulp}; RMS {found.rms:.6g}"
        quantiles = f"median {found.median:.4g}, 99% within {found.p99:.4g}"
        yield f"mean |a-b| {found.mean:.4g}, {quantiles}; mean of a-b {found.mean_signed:.4g}"
    if found.nan_mismatches or found.infinity_mismatches:
        yield f"mismatches of NaN: {found.nan_mismatches:,}, of infinities: {found.infinity_mismatches:,}"
    if found.differing:
        yield _rtol_needed(found)


def _rtol_needed(found: Difference) -> str:
    from lrn_cli.analysis.comparison.tolerance import round_up

    if found.rtol_needed is None:
        return "no rtol would do"
    return f"equal from --rtol {round_up(found.rtol_needed, 4):g}"


def as_stored(value: float, side: Side) -> str:
    """An element in the digits that its own type has."""
    return str(side.dtype.newbyteorder("=").type(value)).removesuffix(".0")


def _wrap(line: str) -> list[str]:
    width = min(shutil.get_terminal_size().columns, _WIDEST) - _SIGN
    return textwrap.wrap(line, width, subsequent_indent=_FURTHER, break_long_words=False, break_on_hyphens=False) or [
        ""
    ]


_SPREAD = ("mean", "median", "p99", "mean_signed")
COLUMNS = (
    *("a", "b", "verdict", "differing", "percent", "elements", "largest", "index", "value_a", "value_b"),
    *("relative", "ulp", "ulp_dtype", "rms", "nan_mismatches", "infinity_mismatches", "rtol_needed", "rtol", "atol"),
    *("cause", "advice", "suggestion", "notes", *_SPREAD),
)


def row(pair: Pair) -> list[str]:
    """The pair as cells under `COLUMNS`: measures as all tables have them, elements as they are stored."""
    return [
        pair.a.name,
        pair.b.name,
        pair.verdict.value,
        *_cells(pair),
        cell(pair.tolerance.rtol),
        cell(pair.tolerance.atol),
        pair.cause,
        pair.advice or (f"impossible: {pair.impossible}" if pair.impossible else NONE),
        pair.suggestion or NONE,
        "; ".join(pair.notes) or NONE,
        *(_measure(pair.difference, name) for name in _SPREAD),
    ]


def _measure(found: Difference | None, name: str) -> str:
    """A distance; a dash where none was taken, or only of elements that are equal."""
    return cell(getattr(found, name)) if found is not None and found.is_of_numbers else NONE


SHORT = ("name", "verdict", "differing", "largest", "cause")
"""What of many pairs is shown to people."""


def rows_of(met: Met, *, short: bool) -> list[list[str]]:
    """A row for each comparison of two tensors of one name: of few cells, or of all that one pair by itself has."""
    if met.found is not None:
        return [[met.pair.name, *_brief(pair)] if short else row(pair) for pair in met.found.pairs]
    if short:
        return [[met.pair.name, met.verdict, NONE, NONE, met.why]]
    cells = {"a": met.pair.a or NONE, "b": met.pair.b or NONE, "verdict": met.verdict, "cause": met.why}
    return [[cells.get(name, NONE) for name in COLUMNS]]


def _brief(pair: Pair) -> list[str]:
    verdict, found = pair.verdict.value, pair.difference
    if found is None:
        return [verdict, NONE, NONE, pair.cause]
    largest = cell(found.largest.distance if found.largest else None)
    return [verdict, f"{found.differing:,} of {found.elements:,}", largest, pair.cause]


def _cells(pair: Pair) -> list[str]:
    from lrn_cli.analysis.comparison.tolerance import round_up

    found = pair.difference
    if found is None:
        return [NONE] * (COLUMNS.index("rtol") - COLUMNS.index("differing"))
    place, told = found.largest, found.is_of_numbers
    return [
        cell(found.differing),
        cell(found.percent),
        cell(found.elements),
        cell(place.distance if place else 0 if told else None),
        ",".join(map(str, place.position)) if place else NONE,
        as_stored(place.a, pair.a) if place else NONE,
        as_stored(place.b, pair.b) if place else NONE,
        _measure(found, "largest_relative"),
        _measure(found, "largest_ulp"),
        str(found.ulp_dtype) if found.ulp_dtype is not None else NONE,
        _measure(found, "rms"),
        cell(found.nan_mismatches),
        cell(found.infinity_mismatches),
        cell(math.inf if found.rtol_needed is None else round_up(found.rtol_needed, DIGITS)),
    ]
