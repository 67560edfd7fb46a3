"""What a picture is made of. Panels say what is shown; where it stands on the sheet is the affair of `sheet.py`."""

from __future__ import annotations

from typing import NamedTuple

from lrn_cli.dtypes import Array


class Axis(NamedTuple):
    """One direction of a panel.

    Attributes:
        label: What is measured, with its unit.
        first, last: Its ends.
        log: Whether it is by powers of ten.
        whole: Whether only whole numbers mean anything: channels, rows.
        centred: Whether each whole number stands in the middle of its place, as an index does.
    """

    label: str
    first: float
    last: float
    log: bool = False
    whole: bool = False
    centred: bool = False


class Line(NamedTuple):
    """A curve; NaN breaks it.

    Attributes:
        label: What it is called in the legend.
        x, y: Its points.
        series: Which colour and dash it has.
        low: With it the area between `low` and `y` is shaded; None for a bare curve.
        marked: Whether its points are few, and are marked.
    """

    label: str
    x: Array
    y: Array
    series: int = 0
    low: Array | None = None
    marked: bool = False


class Bars(NamedTuple):
    """One bar for each place of the axis x, which counts from 0; several such stand side by side."""

    label: str
    y: Array
    series: int = 0


class Level(NamedTuple):
    """A dashed line across, as a tolerance."""

    label: str
    y: float


class Gaps(NamedTuple):
    """Stretches of the axis x for which there is no number, and what that means; they are hatched."""

    label: str
    stretches: tuple[tuple[float, float], ...]


class Chart(NamedTuple):
    """Curves, bars and levels over two axes; `empty` is what to say where there is nothing to see."""

    title: str
    x: Axis
    y: Axis
    lines: tuple[Line, ...] = ()
    bars: tuple[Bars, ...] = ()
    levels: tuple[Level, ...] = ()
    gaps: Gaps | None = None
    empty: str = ""


class Scale(NamedTuple):
    """How numbers become colours.

    Attributes:
        label: What is shown.
        low, high: The ends; `low` is 0 but where numbers may be negative. Where both are the same all is of one colour.
        signed: Whether zero stands in the middle.
        missing: What a hatched cell means.
        ends: What both ends are called where nothing lies between them.
    """

    label: str
    low: float
    high: float
    signed: bool = False
    missing: str = "NaN"
    ends: tuple[str, str] | None = None


class Map(NamedTuple):
    """Cells of a plane, in rows from the top; what is not finite is hatched.

    Attributes:
        title: Above it.
        x, y: Its axes.
        cells: Two axes of float64.
        scale: Their colours.
        square: Whether both axes measure the same, so that one step of each is as long.
        empty: What to say across it where there is nothing to see.
    """

    title: str
    x: Axis
    y: Axis
    cells: Array
    scale: Scale
    square: bool = False
    empty: str = ""


class Montage(NamedTuple):
    """Small maps of one scale beside each other, each with its name."""

    title: str
    tiles: tuple[Array, ...]
    names: tuple[str, ...]
    scale: Scale


Panel = Chart | Map | Montage


class Figure(NamedTuple):
    """A sheet of panels.

    Attributes:
        title: What it says, the verdict first.
        lines: What belongs to it: names, numbers, tolerance.
        rows: Panels from the left to the right, row by row.
        notes: What else to know, below.
    """

    title: str
    lines: tuple[str, ...]
    rows: tuple[tuple[Panel, ...], ...]
    notes: tuple[str, ...] = ()
