"""A chart as marks: frame, numbers, legend, bars, curves and levels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from lrn_cli.pages.pictures.box import LABEL, NUMBER, TITLE, Box
from lrn_cli.pages.pictures.figure import Axis, Bars, Chart, Gaps, Line
from lrn_cli.pages.pictures.hatching import frame, hatch
from lrn_cli.pages.pictures.marks import Area, Ink, Mark, Point, Rect, Strokes, Text, measure, series, shorten, wrap
from lrn_cli.pages.pictures.ticks import say, share, ticks

_SWATCH = 28.0


def draw_title(title: str, box: Box) -> tuple[list[Mark], Box]:
    """A panel's title, and what is left of its box."""
    lines = wrap(title, TITLE, box.width, bold=True)[:3]
    marks: list[Mark] = [Text(box.x, box.y + 14 + 16 * row, line, TITLE, bold=True) for row, line in enumerate(lines)]
    used = 8 + 16 * len(lines)
    return marks, Box(box.x, box.y + used, box.width, box.height - used)


def draw_chart(chart: Chart, box: Box) -> Iterator[Mark]:
    """The marks of a chart in its box."""
    marks, left = draw_title(chart.title, box)
    legend, left = _legend(chart, left)
    plot = _plot(chart, left)
    yield from (*marks, *legend)
    yield from draw_axes(chart.x, chart.y, plot)
    for first, last in chart.gaps.stretches if chart.gaps else ():
        start, stop = plot.at(share(chart.x, first), 1)[0], plot.at(share(chart.x, last), 1)[0]
        yield from hatch(Box(start, plot.y, stop - start, plot.height))
    for number, bars in enumerate(chart.bars):
        yield from _bars(bars, chart, plot, number)
    for line in chart.lines:
        yield from _line(line, chart, plot)
    for level in chart.levels:
        up = share(chart.y, level.y)
        if 0 <= up <= 1:
            ends = plot.at(0, up), plot.at(1, up)
            yield Strokes((ends,), Ink.TEXT, 1.2, (3, 3))
            label, foot = shorten(level.label, NUMBER, plot.width - 8), max(ends[1][1] - 6, plot.y + 11)
            wide = measure(label, NUMBER) + 6
            yield Rect(ends[1][0] - wide - 1, foot - 11, wide, 14, Ink.PAPER, 0.85)
            yield Text(ends[1][0] - 4, foot, label, NUMBER, "end", Ink.QUIET)
    if chart.empty:
        yield from say_across(chart.empty, plot)


def say_across(text: str, plot: Box) -> Iterator[Mark]:
    """What is to be said where nothing is to be seen."""
    lines = wrap(text, LABEL, plot.width * 0.9)
    middle = plot.y + plot.height / 2 - 8 * (len(lines) - 1)
    for row, line in enumerate(lines):
        wide = measure(line, LABEL) + 12
        foot = middle + 16 * row
        yield Rect(plot.x + (plot.width - wide) / 2, foot - 13, wide, 18, Ink.PAPER, 0.85)
        yield Text(plot.x + plot.width / 2, foot, line, LABEL, "middle")


def _plot(chart: Chart, box: Box) -> Box:
    numbers = max((measure(say(at), NUMBER) for at in ticks(chart.y)), default=0)
    left = 26 + numbers
    return Box(box.x + left, box.y + 6, box.width - left - 14, box.height - 52)


def draw_axes(x: Axis, y: Axis, plot: Box) -> Iterator[Mark]:
    """A frame with numbers and names."""
    yield Rect(*plot, Ink.GRID, 0.25)
    across = ticks(x, max(2, int(plot.width // 60)))
    up = ticks(y, max(2, int(plot.height // 32)))
    yield Strokes(tuple((plot.at(0, share(y, at)), plot.at(1, share(y, at))) for at in up), Ink.GRID)
    yield from label_across(x, plot, across)
    for at in up:
        foot = plot.at(0, share(y, at))
        yield Text(foot[0] - 6, foot[1] + 4, say(at), NUMBER, "end", Ink.QUIET)
    yield Strokes((((plot.x, plot.y), plot.at(0, 0), plot.at(1, 0)),), Ink.QUIET)
    label = shorten(y.label, LABEL, plot.height + 30)
    yield Text(
        plot.x - 12 - max(measure(say(at), NUMBER) for at in up),
        plot.at(0, 0.5)[1],
        label,
        LABEL,
        "middle",
        turned=True,
    )


def label_across(x: Axis, plot: Box, places: Sequence[float]) -> Iterator[Mark]:
    """Ticks, numbers and the name of the axis below a plot."""
    shares = [share(x, at + (0.5 if x.centred else 0)) for at in places]
    feet = [plot.at(across, 0) for across in shares if across <= 1 + 1e-9]
    yield Strokes(tuple((foot, (foot[0], foot[1] + 4)) for foot in feet), Ink.QUIET)
    for at, foot in zip(places, feet, strict=False):
        yield Text(foot[0], foot[1] + 16, say(at), NUMBER, "middle", Ink.QUIET)
    middle = plot.at(0.5, 0)
    yield Text(middle[0], middle[1] + 34, shorten(x.label, LABEL, plot.width + 40), LABEL, "middle")


def _legend(chart: Chart, box: Box) -> tuple[list[Mark], Box]:
    """Names of what is drawn, in rows; a single curve needs none where it has no name."""
    entries: list[Line | Bars | Gaps] = [
        *(one for one in chart.bars if one.label),
        *(one for one in chart.lines if one.label),
        *([chart.gaps] if chart.gaps else []),
    ]
    marks: list[Mark] = []
    across, down = 0.0, 0.0
    for entry in entries:
        label = shorten(entry.label, NUMBER, box.width - _SWATCH - 8)
        wide = _SWATCH + measure(label, NUMBER) + 18
        if across and across + wide > box.width + 18:
            across, down = 0.0, down + 16
        foot = (box.x + across, box.y + down + 10)
        marks += [*_swatch(entry, foot), Text(foot[0] + _SWATCH, foot[1], label, NUMBER)]
        across += wide
    used = down + 18 if entries else 0
    return marks, Box(box.x, box.y + used, box.width, box.height - used)


def _swatch(entry: Line | Bars | Gaps, foot: Point) -> list[Mark]:
    if isinstance(entry, Gaps):
        sample = Box(foot[0] + 4, foot[1] - 10, 18, 11)
        return [*hatch(sample), *frame(sample)]
    ink, dash = series(entry.series)
    if isinstance(entry, Bars):
        return [*_bar(Box(foot[0] + 6, foot[1] - 9, 14, 10), entry.series)]
    return [Strokes((((foot[0], foot[1] - 4), (foot[0] + _SWATCH - 5, foot[1] - 4)),), ink, 2, dash)]


def _bar(box: Box, number: int) -> Iterator[Mark]:
    """A bar, full in the first series; in the others an outline over a lighter area, so that grey tells them apart."""
    ink, _ = series(number)
    yield Rect(*box, ink, 0.9 if number == 0 else 0.35)
    if number and box.width > 2:
        x, y, right, foot = box.x, box.y, box.x + box.width, box.y + box.height
        yield Strokes((((x, foot), (x, y), (right, y), (right, foot), (x, foot)),), ink, 1.2)


def _bars(bars: Bars, chart: Chart, plot: Box, number: int) -> Iterator[Mark]:
    places = max(chart.x.last - chart.x.first, 1)
    slot = plot.width / places
    wide = slot * 0.8 / len(chart.bars)
    zero = plot.at(0, min(max(share(chart.y, 0), 0), 1))[1]
    for place, value in enumerate(bars.y.tolist()):
        if math.isfinite(value):
            foot = plot.at(0, min(max(share(chart.y, value), 0), 1))[1]
            left = plot.x + (place - chart.x.first + 0.1) * slot + number * wide
            yield from _bar(Box(left, min(foot, zero), wide, abs(zero - foot)), bars.series)


def _line(line: Line, chart: Chart, plot: Box) -> Iterator[Mark]:
    ink, dash = series(line.series)
    strokes = [*_strokes(line.x.tolist(), line.y.tolist(), chart, plot)]
    if line.low is not None:
        for top, bottom in zip(strokes, _strokes(line.x.tolist(), line.low.tolist(), chart, plot), strict=False):
            yield Area((*top, *reversed(bottom)), ink, 0.25)
    yield Strokes(tuple(strokes), ink, 2, dash)
    if line.marked:
        yield from (Rect(x - 2.5, y - 2.5, 5, 5, ink) for stroke in strokes for x, y in stroke)


def _strokes(xs: Sequence[float], ys: Sequence[float], chart: Chart, plot: Box) -> Iterator[tuple[Point, ...]]:
    """The runs of points that have a place in the plot."""

    def place(pair: tuple[float, float]) -> Point | None:
        x, y = pair
        if not math.isfinite(y) or (chart.y.log and y <= 0):
            return None
        up = share(chart.y, y)
        return plot.at(share(chart.x, x), min(max(up, 0), 1)) if -1e-6 <= up <= 1 + 1e-6 else None

    points = map(place, zip(xs, ys, strict=True))
    for there, run in groupby(points, key=lambda point: point is not None):
        if there:
            yield tuple(point for point in run if point is not None)
