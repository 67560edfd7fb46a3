"""A comparison as rows of a table, for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrn_cli.commands.drawing.lines import as_stored

if TYPE_CHECKING:
    from lrn_cli.analysis.comparison.verdict import Pair

COLUMNS = (
    *("a", "b", "verdict", "differing", "percent", "elements", "largest", "index", "value_a", "value_b"),
    *("relative", "ulp", "ulp_dtype", "rms", "nan_mismatches", "infinity_mismatches", "rtol_needed", "rtol", "atol"),
    *("cause", "advice", "suggestion", "notes"),
)

_NONE = "-"


def row(pair: Pair) -> list[str]:
    """The pair as cells under `COLUMNS`; what there is none of is a dash."""
    return [
        pair.a.name,
        pair.b.name,
        pair.verdict.value,
        *_measures(pair),
        f"{pair.tolerance.rtol:g}",
        f"{pair.tolerance.atol:g}",
        pair.cause,
        pair.advice or (f"impossible: {pair.impossible}" if pair.impossible else _NONE),
        pair.suggestion or _NONE,
        "; ".join(pair.notes) or _NONE,
    ]


def _measures(pair: Pair) -> list[str]:
    found = pair.difference
    if found is None:
        return [_NONE] * (COLUMNS.index("rtol") - COLUMNS.index("differing"))
    place = found.largest
    return [
        str(found.differing),
        f"{found.percent:.6g}",
        str(found.elements),
        repr(place.distance) if place else "0",
        ",".join(map(str, place.position)) if place else _NONE,
        as_stored(place.a, pair.a) if place else _NONE,
        as_stored(place.b, pair.b) if place else _NONE,
        repr(found.largest_relative),
        str(found.largest_ulp) if found.largest_ulp is not None else _NONE,
        str(found.ulp_dtype) if found.ulp_dtype is not None else _NONE,
        repr(found.rms),
        str(found.nan_mismatches),
        str(found.infinity_mismatches),
        "none" if found.rtol_needed is None else repr(found.rtol_needed),
    ]
