"""A comparison to look at: for each pair how far apart they are channel by channel, and where in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lrn_cli import layouts
from lrn_cli.errors import LrnError
from lrn_cli.pages.pictures.figure import Axis, Chart, Figure, Gaps, Level, Line, Map, Panel, Scale
from lrn_cli.pages.pictures.ticks import round_up

if TYPE_CHECKING:
    from lrn_cli.analysis.comparison.error_map import ErrorMap, Plane
    from lrn_cli.analysis.comparison.verdict import Comparison, Pair
    from lrn_cli.dtypes import Array

_MISSING = "NaN or infinite in one of the two only"


def draw(found: Comparison) -> Figure:
    """The figure of a comparison: a row for each pair whose elements were compared, all on one scale.

    Raises:
        LrnError: No pair was compared element by element.
    """
    from lrn_cli.analysis.comparison.tolerance import RULE

    pairs = [pair for pair in found.pairs if pair.where is not None and pair.where.grid.size]
    if not pairs:
        raise LrnError("nothing was compared element by element, so there is nothing to plot", "without --plot")
    layout = f" ({found.layout})" if found.layout else ""
    sides = [f"{side.name}: {str(side.bound).partition(' ')[2]}" for side in found.sides if side.bound]
    tensors = [f"{name}{layout if not place else ''}" for place, name in enumerate(found.tensors)]
    differing = sum(pair.verdict.value != "equal" for pair in found.pairs)
    title = _verdict(pairs[0]) if len(found.pairs) == 1 else f"{differing} of {len(found.pairs)} pairs differ"
    top = highest(pairs)
    return Figure(
        title,
        (f"{' and '.join(tensors)}; equal where {RULE}", *sides),
        tuple(panels(pair, found.layout, top, alone=len(found.pairs) == 1) for pair in pairs),
        ("All pairs are drawn on one scale.",) if len(pairs) > 1 else (),
    )


def highest(pairs: list[Pair]) -> float:
    """Where the scale of all pairs ends; 0 where no finite elements differ."""
    finite = [pair.where.grid[np.isfinite(pair.where.grid)] for pair in pairs if pair.where is not None]
    largest = max((float(cells.max()) for cells in finite if cells.size), default=0.0)
    return round_up(largest) if largest else 0.0


def panels(pair: Pair, layout: str | None, top: float, *, alone: bool) -> tuple[Panel, ...]:
    """The panels of one pair, whose scale ends at `top`; alone it needs no verdict, which the figure has."""
    assert pair.where is not None  # noqa: S101 - only such pairs are drawn
    layout = layout or (pair.layouts[0] if pair.layouts else None)
    shown = _map(pair, pair.where, layout, top)
    if pair.where.profile is None:
        return (shown if alone else shown._replace(title=f"{_verdict(pair)}. {shown.title}"),)
    return (_profile("How far apart, channel by channel" if alone else _verdict(pair), pair, pair.where, top), shown)


def _verdict(pair: Pair) -> str:
    """Who differs by how much, in few words."""
    difference, names = pair.difference, f"{pair.a.name} against {pair.b.name}"
    count = f", {difference.differing:,} of {difference.elements:,} elements differ" if difference else ""
    return f"{pair.verdict.value.upper()}: {names}{f', only in {pair.only_in}' if pair.only_in else count}"


def _profile(title: str, pair: Pair, where: ErrorMap, top: float) -> Chart:
    profile = where.profile
    assert profile is not None  # noqa: S101 - asked before
    plane = where.plane
    channels = plane.shape[plane.channels or 0]
    edges = np.linspace(0, channels, profile.size + 1)
    finite = np.where(np.isfinite(profile), profile, np.nan)
    lost = tuple(zip(edges[:-1][np.isnan(finite)], edges[1:][np.isnan(finite)], strict=True))
    return Chart(
        title,
        Axis("channel", 0, channels, whole=True, centred=True),
        Axis("largest |a-b|", 0, top or 1),
        lines=(Line("", np.repeat(edges, 2)[1:-1], np.repeat(finite, 2)),),
        levels=_allowed(pair),
        gaps=Gaps(_MISSING, lost) if lost else None,
        empty="" if profile.any() else "no difference",
    )


def _allowed(pair: Pair) -> tuple[Level, ...]:
    """What the rule allows where the difference is largest."""
    place = pair.difference.largest if pair.difference else None
    if place is None:
        return ()
    allowed = pair.tolerance.atol + pair.tolerance.rtol * abs(float(place.b))
    within = f"rtol {pair.tolerance.rtol:g}, atol {pair.tolerance.atol:g}"
    return (Level(f"allowed where it is largest: {allowed:.3g} ({within})", allowed),)


def _map(pair: Pair, where: ErrorMap, layout: str | None, top: float) -> Map:
    plane, cells = where.plane, where.grid
    others = [axis for axis in range(len(plane.shape)) if axis not in (plane.rows, plane.columns)]
    over = f", the largest over {' and '.join(name_axis(axis, layout) for axis in others)}" if others else ""
    blocks = [f"{plane.shape[axis] / bins:.3g}" for axis, bins in _bins(plane, cells) if bins < plane.shape[axis]]
    by = f", in blocks of {' by '.join(blocks)}" if blocks else ""
    return Map(
        f"Where they differ{over}{by}",
        _axis(plane, plane.columns, layout),
        Axis("", 0, 1) if plane.rows is None else _axis(plane, plane.rows, layout),
        cells,
        Scale(f"largest |a-b|{_largest(pair)}", 0, top, missing=_MISSING),
        square=bool(layout) and {"H", "W"} == {(layout or "")[axis] for axis in (plane.rows or 0, plane.columns)},
        empty="" if cells.any() else "no difference",
    )


def _largest(pair: Pair) -> str:
    place = pair.difference.largest if pair.difference else None
    if place is None:
        return ", 0 elsewhere" if pair.difference and pair.difference.mismatches else ""
    return f", at most {place.distance:.4g} at {list(place.position)}"


def _bins(plane: Plane, cells: Array) -> list[tuple[int, int]]:
    rows = [] if plane.rows is None else [(plane.rows, cells.shape[0])]
    return [*rows, (plane.columns, cells.shape[1])]


def _axis(plane: Plane, axis: int, layout: str | None) -> Axis:
    return Axis(name_axis(axis, layout), 0, plane.shape[axis], whole=True, centred=plane.shape[axis] < 40)


def name_axis(axis: int, layout: str | None) -> str:
    """An axis as people call it: its letter and what that means where it is known, else its number.

    >>> name_axis(1, "NHWC"), name_axis(1, None)
    ('H (height)', 'axis 1')
    """
    letter = layout[axis] if layout else "."
    return f"{letter} ({layouts.AXES[letter]})" if letter in layouts.AXES else f"axis {axis}"
