"""The same sheet as SVG, PNG and PDF: readable by those who own the formats, the same each time, and safe."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from lrn_cli.pages.pictures import pdf, png, svg
from lrn_cli.pages.pictures.figure import Axis, Chart, Figure, Level, Line, Map, Montage, Scale
from lrn_cli.pages.pictures.marks import Sheet
from lrn_cli.pages.pictures.sheet import arrange

HOSTILE = "<script>alert('x')</script> & \"]]> \x1b[31m \\(a) 漢 .npy"
X = np.arange(5.0)
FIGURE = Figure(
    HOSTILE,
    (HOSTILE,),
    (
        (
            Chart(HOSTILE, Axis("x", 0, 4), Axis("y", 0, 4), lines=(Line(HOSTILE, X, X),), levels=(Level("rtol", 2),)),
            Map(HOSTILE, Axis("W", 0, 2), Axis("H", 0, 2), np.array([[0.0, 1.0], [2.0, np.nan]]), Scale("s", 0, 2)),
        ),
        (Montage("m", (np.eye(3),) * 5, tuple(map(str, range(5))), Scale("s", -1, 1, signed=True)),),
    ),
    (HOSTILE,),
)
SHEET = arrange(FIGURE)
WRITERS = pytest.mark.parametrize("write", [svg.write, png.write, pdf.write], ids=["svg", "png", "pdf"])


@WRITERS
def test_the_same_sheet_gives_the_same_bytes(write: Callable[[Sheet], bytes]) -> None:
    assert write(SHEET) == write(arrange(FIGURE))


def test_svg_is_well_formed_and_hostile_names_stay_text() -> None:
    drawn = ElementTree.fromstring(svg.write(SHEET))  # noqa: S314 - our own file
    tags = {element.tag.partition("}")[2] for element in drawn.iter()}
    assert tags == {"svg", "title", "style", "rect", "path", "text", "image"}
    assert "<script>alert('x')</script>" in "".join(drawn.itertext())
    assert "\x1b" not in "".join(drawn.itertext())


def test_svg_loads_nothing_from_elsewhere() -> None:
    source = svg.write(SHEET).decode()
    links = re.findall(r'href="([^"]*)"', source)
    assert links
    assert all(link.startswith("data:image/png;base64,") for link in links)
    assert re.findall(r"\S*//\S*", re.sub(r'href="[^"]*"', "", source)) == ['xmlns="http://www.w3.org/2000/svg"']
    assert "url(" not in source


def test_svg_says_in_words_what_it_shows() -> None:
    drawn = ElementTree.fromstring(svg.write(SHEET))  # noqa: S314 - our own file
    assert drawn.attrib["role"] == "img"
    assert "y over x" in drawn.attrib["aria-label"]


def test_svg_has_colours_for_dark_pages() -> None:
    assert b"@media(prefers-color-scheme:dark)" in svg.write(SHEET)


def test_png_has_the_cells_of_a_map_in_colours_that_rise_in_lightness() -> None:
    cells = np.array([[0.0, 1.0], [2.0, 3.0]])
    whole = Map("", Axis("", 0, 2), Axis("", 0, 2), cells, Scale("", 0, 3))
    with Image.open(BytesIO(png.write(arrange(Figure("", (), ((whole,),)))))) as image:
        found = {colour for _, colour in image.convert("RGB").getcolors(maxcolors=1 << 24) or ()}
        assert image.info["dpi"] == pytest.approx((192, 192), abs=0.1)
    assert {(68, 1, 84), (253, 231, 37)} <= found, "the ends of viridis"


# (dots per inch, dots to each unit of the sheet, of which an inch has 96)
DOTS = [(24, 0.25), (96, 1), (192, 2), (300, 3.125), (600, 6.25)]


@pytest.mark.parametrize(("dpi", "scale"), DOTS)
def test_png_has_as_many_dots_per_inch_as_are_wanted_and_says_so(dpi: int, scale: float) -> None:
    with Image.open(BytesIO(png.write(SHEET, dpi))) as image:
        assert image.size == (round(SHEET.width * scale), round(SHEET.height * scale))
        assert image.info["dpi"] == pytest.approx((dpi, dpi), abs=0.1)


def test_png_has_192_dots_per_inch_unless_told() -> None:
    assert png.write(SHEET) == png.write(SHEET, 192)


def test_pdf_has_its_objects_where_its_table_says() -> None:
    data = pdf.write(SHEET)
    start = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    assert data[start : start + 4] == b"xref"
    entries = re.findall(rb"^(\d{10}) 00000 n ", data[start:], re.MULTILINE)
    assert len(entries) > 7
    for number, place in enumerate(entries, 1):
        assert data[int(place) :].startswith(b"%d 0 obj\n" % number)


def test_pdf_has_the_words_as_text_with_brackets_escaped() -> None:
    data = pdf.write(SHEET)
    (content,) = re.findall(
        rb"4 0 obj\n<<  /Filter /FlateDecode /Length \d+ >>\nstream\n(.*?)\nendstream", data, re.DOTALL
    )
    words = zlib.decompress(content).decode("ascii")
    assert r"\\\(a\) ? .npy" in words
    assert words.count("BT ") == words.count(" ET")
