"""What a sheet is drawn with: a few kinds of marks that every writer of pictures knows."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from lrn_cli.dtypes import Array

Point = tuple[float, float]


class Ink(Enum):
    """What a colour is for. The values are its colours on white and on black paper.

    The series are those of Okabe and Ito, which the colour-blind tell apart, lightened for black paper; where they
    meet in one panel dashes tell them apart in grey, too.
    """

    PAPER = ("#ffffff", "#15181c")
    TEXT = ("#1b1f24", "#e8eaed")
    QUIET = ("#57606a", "#a7afb9")
    GRID = ("#dfe3e8", "#333a42")
    MISSING = ("#c9ced6", "#565f6a")
    HATCH = ("#57606a", "#c3cad3")
    FIRST = ("#0072b2", "#56b4e9")
    SECOND = ("#d55e00", "#ff8f4a")
    THIRD = ("#009e73", "#35cfa2")
    FOURTH = ("#aa4499", "#e79ac6")
    FIFTH = ("#8a6d00", "#f0c040")
    SIXTH = ("#332288", "#a99bf5")

    @property
    def word(self) -> str:
        """Its name where a page names it."""
        return self.name.lower()


SERIES = (Ink.FIRST, Ink.SECOND, Ink.THIRD, Ink.FOURTH, Ink.FIFTH, Ink.SIXTH)
DASHES: tuple[tuple[float, ...], ...] = ((), (7, 3), (2, 2.5), (9, 3, 2, 3), (12, 4), (5, 2, 1, 2, 1, 2))


def series(number: int) -> tuple[Ink, tuple[float, ...]]:
    """The colour and the dashes of a series; the seventh has the first colour in other dashes.

    >>> series(0)[1], series(1)[1]
    ((), (7, 3))
    """
    turn = number // len(SERIES)
    return SERIES[number % len(SERIES)], DASHES[(number + turn) % len(DASHES)]


class Rect(NamedTuple):
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    ink: Ink
    opacity: float = 1.0


class Strokes(NamedTuple):
    """Lines of one pen, each through points."""

    lines: tuple[tuple[Point, ...], ...]
    ink: Ink
    width: float = 1.0
    dash: tuple[float, ...] = ()


class Area(NamedTuple):
    """A filled polygon."""

    points: tuple[Point, ...]
    ink: Ink
    opacity: float


class Text(NamedTuple):
    """A line of text whose foot is at a point: its `anchor` "start", "middle" or "end"."""

    x: float
    y: float
    text: str
    size: float = 12
    anchor: str = "start"
    ink: Ink = Ink.TEXT
    bold: bool = False
    turned: bool = False


class Raster(NamedTuple):
    """Coloured cells: uint8 of rows by columns by red, green and blue."""

    x: float
    y: float
    width: float
    height: float
    pixels: Array


Mark = Rect | Strokes | Area | Text | Raster


class Sheet(NamedTuple):
    """A picture as marks, which are drawn one over the other."""

    width: float
    height: float
    marks: Sequence[Mark]
    title: str
    description: str


# Widths of the signs from blank to ~ in Helvetica, in thousandths of its size; the metrics are Adobe's.
_WIDTHS = (
    *(278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278),
    *(556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556),
    *(1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778),
    *(667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556),
    *(333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556),
    *(556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584),
)


def measure(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is, near enough in every writer's font."""
    units = sum(_WIDTHS[ord(sign) - 32] if " " <= sign <= "~" else 600 if ord(sign) < 0x2E80 else 1000 for sign in text)
    return units / 1000 * size * (1.07 if bold else 1)


def shorten(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """The text, its middle left out where it is wider than that.

    >>> shorten("a-long-name-of-a-file.npy", 10, 70)
    'a-long...le.npy'
    """
    kept = len(text)
    short = text
    while measure(short, size, bold=bold) > width and kept > 4:
        kept -= 1
        short = f"{text[: (kept + 1) // 2]}...{text[len(text) - kept // 2 :]}"
    return short


def wrap(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """The text in lines of at most that width, words that are wider shortened."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(shorten(word, size, width, bold=bold))
    return lines
