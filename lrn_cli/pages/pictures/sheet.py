"""From a figure to the marks of a sheet."""

from __future__ import annotations

from collections.abc import Iterator

from lrn_cli.pages.pictures.box import Box
from lrn_cli.pages.pictures.charts import draw_chart
from lrn_cli.pages.pictures.figure import Bars, Chart, Figure, Level, Line, Map, Panel
from lrn_cli.pages.pictures.maps import draw_map, draw_montage
from lrn_cli.pages.pictures.marks import Ink, Mark, Rect, Sheet, Text, wrap

WIDTH = 960.0
_HIGH = 330.0
_MARGIN, _GAP = 20.0, 28.0
_TITLE, _LINE = 17.0, 12.0


def arrange(figure: Figure, width: float = WIDTH) -> Sheet:
    """The whole figure on one sheet: title, what belongs to it, panels row by row, notes."""
    inner = width - 2 * _MARGIN
    marks: list[Mark] = []
    down = _MARGIN
    for line in wrap(figure.title, _TITLE, inner, bold=True):
        down += 20
        marks.append(Text(_MARGIN, down - 4, line, _TITLE, bold=True))
    marks += _write(figure.lines, inner, down)
    down += _high(figure.lines, inner) + 8
    for row in figure.rows:
        wide = (inner - _GAP * (len(row) - 1)) / len(row)
        for place, panel in enumerate(row):
            marks += draw_panel(panel, Box(_MARGIN + place * (wide + _GAP), down, wide, _HIGH))
        down += _HIGH + 16
    marks += _write(figure.notes, inner, down)
    down += _high(figure.notes, inner) + _MARGIN - 8
    return _on_paper(width, down, marks, figure.title, describe(figure))


def arrange_panel(panel: Panel, width: float = 460.0) -> Sheet:
    """One panel alone, for pages that set the rest themselves."""
    marks = draw_panel(panel, Box(8, 4, width - 16, _HIGH))
    return _on_paper(width, _HIGH + 10, [*marks], panel.title, describe_panel(panel))


def _on_paper(width: float, height: float, marks: list[Mark], title: str, description: str) -> Sheet:
    return Sheet(width, height, [Rect(0, 0, width, height, Ink.PAPER), *marks], title, description)


def draw_panel(panel: Panel, box: Box) -> Iterator[Mark]:
    """The marks of a panel in its box."""
    if isinstance(panel, Chart):
        return draw_chart(panel, box)
    return draw_map(panel, box) if isinstance(panel, Map) else draw_montage(panel, box)


def describe(figure: Figure) -> str:
    """The figure in words, for those who do not see it."""
    panels = (describe_panel(panel) for row in figure.rows for panel in row)
    return " ".join(f"{part.rstrip('.')}." for part in (*figure.lines, *panels, *figure.notes) if part)


def describe_panel(panel: Panel) -> str:
    """A panel in words."""
    if isinstance(panel, Chart):
        drawn: list[Bars | Line | Level] = [*panel.bars, *panel.lines, *panel.levels]
        names = [one.label for one in drawn if one.label]
        of = f": {', '.join(names)}" if names else ""
        return f"{panel.title}. {panel.y.label} over {panel.x.label}{of}. {panel.empty}".strip()
    said = f"{panel.title}. {panel.scale.label}, from {panel.scale.low:g} to {panel.scale.high:g}"
    return f"{said}. {panel.empty}".strip() if isinstance(panel, Map) else said


def _lines(texts: tuple[str, ...], inner: float) -> list[str]:
    return [line for text in texts for line in wrap(text, _LINE, inner)]


def _high(texts: tuple[str, ...], inner: float) -> float:
    return 17.0 * len(_lines(texts, inner))


def _write(texts: tuple[str, ...], inner: float, down: float) -> list[Mark]:
    return [
        Text(_MARGIN, down + 13 + 17 * row, line, _LINE, ink=Ink.QUIET) for row, line in enumerate(_lines(texts, inner))
    ]
