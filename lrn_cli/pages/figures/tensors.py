"""Tensors to look at: a picture of each channel, the channels' numbers, a histogram; of two one beside the other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lrn_cli import layouts
from lrn_cli.analysis.survey.survey import Survey
from lrn_cli.dtypes import Array
from lrn_cli.pages.figures.comparison import name_axis, scale_of
from lrn_cli.pages.pictures.figure import Axis, Chart, Figure, Line, Map, Montage, Panel, Scale
from lrn_cli.pages.pictures.ticks import round_up

_BINS = 64
_NONE = 0.5
"""Where no elements stand on an axis by powers of ten."""
_POINTS = 512
"""The most channels of a profile; more are taken together."""


def draw(found: Sequence[Survey]) -> Figure:
    """The figure of one tensor, or of two: before and after."""
    scale = scale_of("mean of the cell's elements", *(one.tiles for one in found))
    names = ["", ""] if len(found) == 1 else ["Before: ", "After: "]
    pictures = tuple(_pictures(one, scale, said) for one, said in zip(found, names, strict=False))
    below = tuple(panel for panel in (_profile(found), _histogram(found)) if panel is not None)
    notes = ("Both are drawn on one scale.",) if len(found) == 2 else ()
    title = f"{found[0].name} before, {found[1].name} after" if len(found) == 2 else found[0].name
    return Figure(title, tuple(map(describe, found)), (pictures, below), notes)


def describe(found: Survey) -> str:
    """A tensor in one line: its shape, type and range."""
    layout = f" ({found.layout})" if found.layout else ""
    said = [f"{found.name}: {layouts.describe(found.shape)}{layout} {found.type_name}"]
    if found.least is not None and found.most is not None and found.mean is not None:
        said.append(f"{found.least:.5g} to {found.most:.5g}, mean {found.mean:.5g}, RMS {found.rms:.5g}")
    said += [f"{found.nan:,} NaN"] if found.nan else []
    said += [f"{found.infinite:,} infinite"] if found.infinite else []
    return "; ".join(said)


def _pictures(found: Survey, scale: Scale, said: str) -> Panel:
    rows, columns = found.axes
    plane = f"{_letter(rows, found)} by {_letter(columns, found)}" if rows is not None else _letter(columns, found)
    shape, others = found.shape, _others(found)
    first = (
        f", the first {' and '.join(f'of {shape[axis]} {_letter(axis, found)}' for axis in others)}" if others else ""
    )
    tiles = tuple(found.tiles)
    if found.apart:
        channels = len(found.profile.count)
        some = f"the first {len(tiles)} of {channels}" if len(tiles) < channels else f"all {channels}"
        return Montage(f"{said}{some} channels, {plane}{first}", tiles, tuple(map(str, range(len(tiles)))), scale)
    x = Axis(name_axis(columns, found.layout), 0, shape[columns], whole=True, centred=True)
    y = (
        Axis("", 0, 1)
        if rows is None
        else Axis(name_axis(rows, found.layout), 0, shape[rows], whole=True, centred=True)
    )
    return Map(f"{said}{plane}{first}", x, y, tiles[0], scale)


def _others(found: Survey) -> list[int]:
    """The axes of which only the first index is in the pictures."""
    shown = {*found.axes, found.layout.index("C") if found.layout and found.apart else None}
    return [axis for axis, length in enumerate(found.shape) if axis not in shown and length > 1]


def _letter(axis: int | None, found: Survey) -> str:
    if axis is None:
        return ""
    return name_axis(axis, found.layout).partition(" ")[0] if found.layout else f"axis {axis}"


def _profile(found: Sequence[Survey]) -> Chart | None:
    """How large each channel is."""
    if any(one.layout is None for one in found):
        return None
    lines = [_sizes(one, number, len(found)) for number, one in enumerate(found)]
    values = np.concatenate([line.y for line in lines])
    most = float(values[np.isfinite(values)].max(initial=0.0))
    channels = max(len(one.profile.count) for one in found)
    return Chart(
        "Channel by channel: root mean square",
        Axis("channel", 0, channels, whole=True, centred=True),
        Axis("RMS", 0, round_up(most)),
        lines=tuple(lines),
    )


def _sizes(found: Survey, number: int, count: int) -> Line:
    profile, channels = found.profile, len(found.profile.count)
    bins = min(channels, _POINTS)
    starts = np.arange(bins) * channels // bins
    with np.errstate(all="ignore"):
        rms = np.sqrt(np.add.reduceat(profile.squares, starts) / np.add.reduceat(profile.count, starts))
    edges = np.append(starts, channels).astype(np.float64)
    return Line(found.name if count > 1 else "", np.repeat(edges, 2)[1:-1], np.repeat(rms, 2), number)


def _histogram(found: Sequence[Survey]) -> Chart | None:
    """How many elements have which values, all over one axis."""
    ends = [end for one in found for end in (one.least, one.most) if end is not None]
    if not ends:
        return None
    low, high = min(ends), max(ends)
    if low == high:
        low, high = low - abs(low or 1) / 2, high + abs(high or 1) / 2
    lines = [_steps(one, low, high, number, len(found)) for number, one in enumerate(found)]
    most = 10.0 ** math.ceil(math.log10(max(float(line.y.max()) for line in lines) + 1))
    y = Axis("elements, by powers of ten", _NONE, most, log=True)
    return Chart("Histogram of the elements", Axis("value", low, high), y, lines=tuple(lines))


def _steps(found: Survey, low: float, high: float, number: int, count: int) -> Line:
    counts, edges = found.histogram.between(low, high, _BINS)
    x: Array = np.repeat(edges, 2)
    y = np.concatenate(([_NONE], np.repeat(np.maximum(counts, _NONE), 2), [_NONE]))
    return Line(found.name if count > 1 else "", x, y, number)
