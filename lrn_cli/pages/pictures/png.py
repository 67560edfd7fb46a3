"""A sheet as PNG, by Pillow: unless told, twice as large as it is measured, so that it is sharp in print."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING

from lrn_cli.pages.pictures.marks import Area, Ink, Mark, Point, Raster, Rect, Sheet, Strokes, Text
from lrn_cli.pages.pictures.plain import plain

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

DPI = 192
"""Dots per inch where no number is given."""
_MEASURED_IN = 96
"""To the inch: what a sheet's lengths count."""


def write(sheet: Sheet, dpi: int = DPI) -> bytes:
    """The sheet as a file, its title and description in it."""
    from PIL import Image, ImageDraw, PngImagePlugin

    scale = dpi / _MEASURED_IN
    size = (round(sheet.width * scale), round(sheet.height * scale))
    image = Image.new("RGB", size, Ink.PAPER.value[0])
    for mark in sheet.marks:
        _draw(mark, image, ImageDraw.Draw(image, "RGBA"), scale)
    said = PngImagePlugin.PngInfo()
    said.add_itxt("Title", sheet.title)
    said.add_itxt("Description", sheet.description)
    file = BytesIO()
    image.save(file, "PNG", dpi=(dpi, dpi), pnginfo=said, optimize=True)
    return file.getvalue()


def _draw(mark: Mark, image: Image, pen: ImageDraw, scale: float) -> None:
    match mark:
        case Rect(x, y, width, height, ink, opacity):
            box = [scale * x, scale * y, scale * (x + width) - 1, scale * (y + height) - 1]
            if box[2] >= box[0] and box[3] >= box[1]:
                pen.rectangle(box, fill=_rgba(ink, opacity))
        case Strokes(lines, ink, width, dash):
            for line in lines:
                for part in _dashes(line, dash) if dash else [line]:
                    points = [(scale * x, scale * y) for x, y in part]
                    pen.line(points, fill=ink.value[0], width=max(1, round(width * scale)), joint="curve")
        case Area(points, ink, opacity):
            if len(points) > 2:
                pen.polygon([(scale * x, scale * y) for x, y in points], fill=_rgba(ink, opacity))
        case Raster():
            _paste(mark, image, scale)
        case Text():
            _write(mark, image, pen, scale)


def _rgba(ink: Ink, opacity: float) -> tuple[int, int, int, int]:
    word = ink.value[0]
    red, green, blue = (int(word[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue, round(255 * opacity)


def _paste(raster: Raster, image: Image, scale: float) -> None:
    from PIL import Image as Images

    left, top, right, foot = (
        round(scale * edge) for edge in (raster.x, raster.y, raster.x + raster.width, raster.y + raster.height)
    )
    cells = Images.fromarray(raster.pixels)
    image.paste(cells.resize((max(right - left, 1), max(foot - top, 1)), Images.Resampling.NEAREST), (left, top))


def _write(text: Text, image: Image, pen: ImageDraw, scale: float) -> None:
    from PIL import Image as Images
    from PIL import ImageDraw, ImageFont

    font = ImageFont.load_default(text.size * scale)
    words, colour = plain(text.text), text.ink.value[0]
    stroke = max(1, round(0.35 * scale)) if text.bold else 0  # old releases of Pillow take whole dots alone
    share = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor]
    wide = font.getlength(words)
    if not text.turned:
        pen.text((scale * text.x - share * wide, scale * text.y), words, colour, font, "ls", stroke_width=stroke)
        return
    aside = Images.new("L", (round(wide) + 4, round(2 * scale * text.size)), 0)
    ImageDraw.Draw(aside).text((2, 1.4 * scale * text.size), words, 255, font, "ls")
    aside = aside.rotate(90, expand=True)
    left, middle = scale * text.x - 1.4 * scale * text.size, scale * text.y
    image.paste(colour, (round(left), round(middle - aside.height * (1 - share))), aside)


def _dashes(line: tuple[Point, ...], dash: tuple[float, ...]) -> list[tuple[Point, ...]]:
    """The parts of a line that its dashes draw; each goes on around corners."""
    parts: list[list[Point]] = [[line[0]]]
    index, left = 0, dash[0]
    for (x, y), (to_x, to_y) in pairwise(line):
        length = hypot(to_x - x, to_y - y)
        done = 0.0
        while length - done > left:
            done += left
            point = (x + (to_x - x) * done / length, y + (to_y - y) * done / length)
            if index % 2 == 0:
                parts[-1].append(point)
            else:
                parts.append([point])
            index += 1
            left = dash[index % len(dash)]
        left -= length - done
        if index % 2 == 0:
            parts[-1].append((to_x, to_y))
    return [tuple(part) for part in parts if len(part) > 1]
