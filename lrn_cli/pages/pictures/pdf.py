"""A sheet as PDF of one page, in vectors, with the font that every reader of PDF has."""

from __future__ import annotations

import zlib

from lrn_cli.pages.pictures.marks import Area, Ink, Mark, Raster, Rect, Sheet, Strokes, Text, measure
from lrn_cli.pages.pictures.plain import plain

_POINTS = 0.75
"""Points in a pixel: 72 of them to an inch of 96 pixels."""


def write(sheet: Sheet) -> bytes:
    """The sheet as a file: undated, so that the same sheet gives the same bytes."""
    page = _Page(sheet)
    content = "\n".join(page.draw(mark) for mark in sheet.marks)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page.describe().encode(),
        _stream("", content.encode("latin-1")),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        f"<< /Title ({_string(sheet.title)}) /Subject ({_string(sheet.description)}) /Producer (lrn) >>".encode(),
        *page.images,
    ]
    return _file(objects)


def _file(objects: list[bytes]) -> bytes:
    """The objects one after the other, and the table that says where each begins."""
    data, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, written in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    start = len(data)
    entries = b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(places) + 1, entries)
    trailer = b"<< /Size %d /Root 1 0 R /Info 7 0 R >>" % (len(places) + 1)
    return data + b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (trailer, start)


def _stream(entries: str, data: bytes) -> bytes:
    packed = zlib.compress(data, 9)
    head = f"<< {entries} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n"
    return head.encode() + packed + b"\nendstream"


class _Page:
    """The page while it is drawn: which images and which transparencies it has used so far."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self.images: list[bytes] = []
        self._opacities: list[float] = []

    def describe(self) -> str:
        """The page's own object."""
        size = f"{self._sheet.width * _POINTS:.2f} {self._sheet.height * _POINTS:.2f}"
        images = " ".join(f"/I{number} {number + 8} 0 R" for number in range(len(self.images)))
        states = " ".join(f"/G{at} << /ca {opacity:g} >>" for at, opacity in enumerate(self._opacities))
        resources = f"/Font << /F 5 0 R /B 6 0 R >> /XObject << {images} >> /ExtGState << {states} >>"
        box = f"/MediaBox [0 0 {size}]"
        return f"<< /Type /Page /Parent 2 0 R {box} /Contents 4 0 R /Resources << {resources} >> >>"

    def draw(self, mark: Mark) -> str:
        """What draws a mark."""
        match mark:
            case Rect(x, y, width, height, ink, opacity):
                box = f"{self._at(x, y + height)} {width * _POINTS:.2f} {height * _POINTS:.2f} re f"
                return self._faint(f"{_rgb(ink)} rg {box}", opacity)
            case Strokes(lines, ink, width, dash):
                dashes = f"[{' '.join(f'{part * _POINTS:.2f}' for part in dash)}] 0 d"
                paths = " ".join(self._path(line) for line in lines if line)
                return f"q {_rgb(ink)} RG {width * _POINTS:.2f} w {dashes} {paths} S Q"
            case Area(points, ink, opacity):
                return self._faint(f"{_rgb(ink)} rg {self._path(points)} h f", opacity)
            case Raster(x, y, width, height, pixels):
                self.images.append(_image(pixels))
                place = f"{width * _POINTS:.2f} 0 0 {height * _POINTS:.2f} {self._at(x, y + height)} cm"
                return f"q {place} /I{len(self.images) - 1} Do Q"
            case Text():
                return self._write(mark)

    def _write(self, text: Text) -> str:
        words = plain(text.text)
        share = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor]
        back = share * measure(words, text.size, bold=text.bold)
        x, y = (text.x, text.y + back) if text.turned else (text.x - back, text.y)
        turn = "0 1 -1 0" if text.turned else "1 0 0 1"
        font = f"/{'B' if text.bold else 'F'} {text.size * _POINTS:.2f} Tf"
        return f"BT {_rgb(text.ink)} rg {font} {turn} {self._at(x, y)} Tm ({_string(words)}) Tj ET"

    def _faint(self, drawn: str, opacity: float) -> str:
        if opacity >= 1:
            return drawn
        if opacity not in self._opacities:
            self._opacities.append(opacity)
        return f"q /G{self._opacities.index(opacity)} gs {drawn} Q"

    def _path(self, points: tuple[tuple[float, float], ...]) -> str:
        first, *others = points
        return " ".join([f"{self._at(*first)} m", *(f"{self._at(*point)} l" for point in others)])

    def _at(self, x: float, y: float) -> str:
        """A point counted from the lower left, as PDF has it."""
        return f"{x * _POINTS:.2f} {(self._sheet.height - y) * _POINTS:.2f}"


def _image(pixels: Raster | object) -> bytes:
    import numpy as np

    cells = np.ascontiguousarray(pixels)
    high, wide, _ = cells.shape
    size = f"/Width {wide} /Height {high} /ColorSpace /DeviceRGB /BitsPerComponent 8"
    return _stream(f"/Type /XObject /Subtype /Image {size} /Interpolate false", cells.tobytes())


def _rgb(ink: Ink) -> str:
    word = ink.value[0]
    return " ".join(f"{int(word[at : at + 2], 16) / 255:.3f}" for at in (1, 3, 5))


def _string(text: str) -> str:
    r"""The text between brackets of PDF.

    >>> print(_string("a (b) \\"))
    a \(b\) \\
    """
    return plain(text).replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
