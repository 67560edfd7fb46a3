"""A comparison to look at: for each pair how far apart they are channel by channel, and where in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lrn_cli import layouts
from lrn_cli.cells import cell
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
    sides = [f"{side.name}: {str(side.bound).partition(' ')[2]}" for side in found.sides if side.bound]
    differing = sum(pair.verdict.value != "equal" for pair in found.pairs)
    title = _verdict(pairs[0]) if len(found.pairs) == 1 else f"{differing} of {len(found.pairs)} pairs differ"
    top = highest(pairs)
    rows = [panels(pair, found.layout, top, alone=len(found.pairs) == 1) for pair in pairs]
    rows += [shown for pair in pairs if len(pairs) == 1 and (shown := pictures(pair, found.layout))]
    return Figure(
        title,
        (" and ".join(_tensors(found)), f"Equal where {RULE}{_rule(found)}", *sides),
        tuple(rows),
        ("All pairs are drawn on one scale.",) if len(pairs) > 1 else (),
    )


def _tensors(found: Comparison) -> list[str]:
    """What each tensor is: its shape, its type where it is compared as it is, its layout where that is known."""
    plain = {side.name: f" {side.type_name}" for side in found.sides if not (side.bound or side.refusal)}
    shapes = [found.sides[0].shape, found.sides[-1].shape]
    named = zip(found.tensors, shapes, strict=False)
    said = [f"{name}: {layouts.describe(shape)}{plain.get(name, '')}" for name, shape in named]
    return [f"{said[0]}{f' ({found.layout})' if found.layout else ''}", *said[1:]]


def _rule(found: Comparison) -> str:
    """The numbers of the rule, where all pairs have the same."""
    rules = {(pair.tolerance, pair.engine) for pair in found.pairs}
    if len(rules) > 1:
        return ""
    ((allowed, engine),) = rules
    return f", with rtol {cell(allowed.rtol)} and atol {cell(allowed.atol)}{f' ({engine})' if engine else ''}"


def highest(pairs: list[Pair]) -> float:
    """Where the scale of all pairs ends; 0 where no finite elements differ."""
    finite = [pair.where.grid[np.isfinite(pair.where.grid)] for pair in pairs if pair.where is not None]
    largest = max((float(cells.max()) for cells in finite if cells.size), default=0.0)
    return round_up(largest) if largest else 0.0


def panels(pair: Pair, layout: str | None, top: float, *, alone: bool) -> tuple[Panel, ...]:
    """The panels of one pair, whose scale ends at `top`; alone it needs no verdict, which the figure has."""
    assert pair.where is not None  # noqa: S101 - only such pairs are drawn
    shown = _map(pair, pair.where, layout, top)
    if pair.where.profile is None:
        return (shown if alone else shown._replace(title=f"{_verdict(pair)}. {shown.title}"),)
    return (_profile("How far apart, channel by channel" if alone else _verdict(pair), pair, pair.where, top), shown)


def pictures(pair: Pair, layout: str | None) -> tuple[Panel, ...]:
    """Both of a pair in the same colours, and what is between them with its sign; none where they are the same."""
    seen = pair.where.pictures if pair.where else None
    if seen is None or pair.where is None or not pair.where.grid.any():
        return ()
    frame = _map(pair, pair.where, layout, 0)
    both = scale_of("mean of the cell's elements", seen.a, seen.b)
    finite = seen.apart[np.isfinite(seen.apart)]
    end = round_up(float(np.abs(finite).max(initial=0))) if finite.any() else 0.0
    sides = (("a", pair.a, seen.a), ("b", pair.b, seen.b))
    return (
        *(
            frame._replace(title=f"{letter}: {side.name}", cells=cells, scale=both, empty="")
            for letter, side, cells in sides
        ),
        frame._replace(
            title="a - b",
            cells=seen.apart,
            scale=Scale("the a-b of the cell furthest from 0", -end, end, signed=True, missing=_MISSING),
        ),
    )


def scale_of(label: str, *cells: Array) -> Scale:
    """One scale for several pictures, from 0 unless something is negative: then zero is in its middle."""
    finite = np.concatenate([found[np.isfinite(found)] for found in cells])
    most = float(np.abs(finite).max(initial=0.0))
    signed = bool((finite < 0).any())
    end = round_up(most) if most else 1.0
    return Scale(label, -end if signed else 0.0, end, signed, "NaN or infinite")


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
    known = layout or (pair.layouts[0] if pair.layouts else None)
    layout = known or layouts.guess(plane.shape)
    others = [axis for axis in range(len(plane.shape)) if axis not in (plane.rows, plane.columns)]
    over = f", the largest over {' and '.join(name_axis(axis, layout) for axis in others)}" if others else ""
    read = f", the shape read as {layout}" if layout != known else ""
    blocks = [f"{plane.shape[axis] / bins:.3g}" for axis, bins in _bins(plane, cells) if bins < plane.shape[axis]]
    by = f", in blocks of {' by '.join(blocks)}" if blocks else ""
    return Map(
        f"Where they differ{over}{by}{read}",
        _axis(plane, plane.columns, layout),
        Axis("", 0, 1) if plane.rows is None else _axis(plane, plane.rows, layout),
        cells,
        Scale(f"largest |a-b|{_largest(pair)}", 0, top, missing=_MISSING),
        square=plane.rows is not None and (not layout or {layout[plane.rows], layout[plane.columns]} <= set("HWD")),
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
