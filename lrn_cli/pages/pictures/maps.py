"""Maps and montages as marks: cells in colours, hatching where there is no number, and the bar of their scale."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrn_cli.pages.pictures.box import LABEL, NUMBER, Box
from lrn_cli.pages.pictures.charts import draw_title, label_across, say_across
from lrn_cli.pages.pictures.colours import bar, colour
from lrn_cli.pages.pictures.figure import Axis, Map, Montage, Scale
from lrn_cli.pages.pictures.hatching import frame, hatch, hatch_cells
from lrn_cli.pages.pictures.marks import Ink, Mark, Raster, Rect, Strokes, Text, measure, shorten
from lrn_cli.pages.pictures.ticks import say, share, ticks

_BAR = 14.0


def draw_map(found: Map, box: Box) -> Iterator[Mark]:
    """The marks of a map in its box."""
    marks, left = draw_title(found.title, box)
    legend, left, right = _legend(found.scale, left, hatched=not np.isfinite(found.cells).all())
    rows = ticks(found.y, 6)
    numbers = max((measure(say(at), NUMBER) for at in rows), default=0) if found.y.label else 0
    plot = Box(left.x + 24 + numbers, left.y + 6, left.width - 24 - numbers - right, left.height - 52)
    plot = _fit(found, plot)
    yield from (*marks, *legend)
    flat = found.empty or found.scale.high == found.scale.low  # of which no bar says what its colour is
    yield Rect(*plot, Ink.GRID) if flat else Raster(*plot, colour(found.cells, found.scale))
    yield from hatch_cells(found.cells, plot)
    yield from frame(plot)
    yield from label_across(found.x, plot, ticks(found.x, max(3, int(plot.width // 40))))
    if found.y.label:
        yield from _label_down(found.y, plot)
    if found.empty:
        yield from say_across(found.empty, plot)
    elif _has_bar(found.scale):
        yield from _draw_bar(found.scale, Box(plot.x + plot.width + 14, plot.y, _BAR, plot.height))


def draw_montage(found: Montage, box: Box) -> Iterator[Mark]:
    """The marks of a montage in its box."""
    marks, left = draw_title(found.title, box)
    hatched = any(not np.isfinite(tile).all() for tile in found.tiles)
    legend, left, right = _legend(found.scale, left, hatched=hatched)
    yield from (*marks, *legend)
    field = Box(left.x, left.y + 4, left.width - right, left.height - 10)
    for tile, name, place in zip(found.tiles, found.names, _places(found, field), strict=False):
        yield Text(place.x, place.y - 3, shorten(name, 9, place.width), 9, ink=Ink.QUIET)
        yield Raster(*place, colour(tile, found.scale))
        yield from hatch_cells(tile, place)
    if _has_bar(found.scale):
        yield from _draw_bar(found.scale, Box(field.x + field.width + 14, field.y + 12, _BAR, field.height - 12))


def _places(found: Montage, field: Box) -> Iterator[Box]:
    """Where each tile stands: in as many columns as make the tiles largest."""
    count = len(found.tiles)
    rows, columns = map(int, found.tiles[0].shape)
    ratio = min(max(columns / rows, 1 / 6), 6)
    gap, head = 6.0, 12.0

    def width(across: int) -> float:
        down = -(-count // across)
        return min((field.width - gap * (across - 1)) / across, (field.height / down - head - gap) * ratio)

    across = max(range(1, count + 1), key=width)
    wide = max(width(across), 2)
    for number in range(count):
        row, column = divmod(number, across)
        yield Box(
            field.x + column * (wide + gap), field.y + head + row * (wide / ratio + head + gap), wide, wide / ratio
        )


def _fit(found: Map, plot: Box) -> Box:
    """The box with one step as long on both axes, but for planes so long that nothing would be seen."""
    if not found.square:
        return plot
    ratio = min(max((found.x.last - found.x.first) / ((found.y.last - found.y.first) or 1), 1 / 8), 8)
    wide = min(plot.width, plot.height * ratio)
    return Box(plot.x, plot.y, wide, wide / ratio)


def _label_down(y: Axis, plot: Box) -> Iterator[Mark]:
    widest = 0.0
    for at in ticks(y, max(2, int(plot.height // 28))):
        down = share(y, at + (0.5 if y.centred else 0))
        if down <= 1:
            foot = plot.at(0, 1 - down)
            widest = max(widest, measure(say(at), NUMBER))
            yield Strokes((((foot[0] - 4, foot[1]), foot),), Ink.QUIET)
            yield Text(foot[0] - 6, foot[1] + 4, say(at), NUMBER, "end", Ink.QUIET)
    yield Text(plot.x - 14 - widest, plot.at(0, 0.5)[1], y.label, LABEL, "middle", turned=True)


def _legend(scale: Scale, box: Box, *, hatched: bool) -> tuple[list[Mark], Box, float]:
    """What colours and hatching mean; what is left of the box, and the room to the right that the bar takes."""
    marks: list[Mark] = [Text(box.x, box.y + 10, shorten(scale.label, NUMBER, box.width), NUMBER)]
    used = 18.0
    if scale.ends:
        marks, across = [], box.x
        for name, pixels in zip(scale.ends, bar(scale, 2)[::-1], strict=True):
            marks += [Raster(across, box.y + 1, 16, 11, pixels[None]), Text(across + 22, box.y + 11, name, NUMBER)]
            across += 42 + measure(name, NUMBER)
    if hatched:
        sample = Box(box.x, box.y + used + 2, 18, 11)
        marks += [*hatch(sample), *frame(sample)]
        marks += [Text(box.x + 24, box.y + used + 11, shorten(scale.missing, NUMBER, box.width - 24), NUMBER)]
        used += 18
    numbers = max(measure(say(at), NUMBER) for at in ticks(_bar_axis(scale)))
    right = 14 + _BAR + 8 + numbers if _has_bar(scale) else 8.0
    return marks, Box(box.x, box.y + used, box.width, box.height - used), right


def _has_bar(scale: Scale) -> bool:
    return scale.ends is None and scale.high > scale.low


def _bar_axis(scale: Scale) -> Axis:
    return Axis(scale.label, scale.low, scale.high)


def _draw_bar(scale: Scale, box: Box) -> Iterator[Mark]:
    yield Raster(*box, bar(scale))
    yield from frame(box)
    for at in ticks(_bar_axis(scale), max(2, int(box.height // 28))):
        foot = box.at(1, share(_bar_axis(scale), at))
        yield Text(foot[0] + 6, foot[1] + 4, say(at), NUMBER, ink=Ink.QUIET)
