"""What is arranged: nothing leaves the sheet, and what the panels say is drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrn_cli.dtypes import Array
from lrn_cli.pages.pictures.figure import Axis, Bars, Chart, Figure, Gaps, Line, Map, Montage, Panel, Scale
from lrn_cli.pages.pictures.marks import Area, Ink, Mark, Raster, Rect, Sheet, Strokes, Text
from lrn_cli.pages.pictures.sheet import arrange, arrange_panel

NUMBERS = st.floats(0, 1e6) | st.sampled_from([0.0, float("nan"), float("inf"), 1e-300, 1e300])


def points(mark: Mark) -> Iterator[tuple[float, float]]:
    match mark:
        case Rect(x, y, width, height) | Raster(x, y, width, height):
            yield from ((x, y), (x + width, y + height))
        case Strokes(lines):
            yield from (point for line in lines for point in line)
        case Area(corners):
            yield from corners
        case Text(x, y):
            yield x, y


def words(sheet: Sheet) -> list[str]:
    return [mark.text for mark in sheet.marks if isinstance(mark, Text)]


def assert_inside(sheet: Sheet) -> None:
    for mark in sheet.marks:
        for x, y in points(mark):
            assert -0.01 <= x <= sheet.width + 0.01, mark
            assert -0.01 <= y <= sheet.height + 0.01, mark


@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_a_chart_stays_on_its_sheet_whatever_its_numbers(values: list[float]) -> None:
    y = np.array(values)
    line = Line("line", np.arange(len(values)) + 0.5, y)
    axis = Axis("channel", 0, len(values), whole=True, centred=True)
    assert_inside(arrange_panel(Chart("title", axis, Axis("y", 0, 1e6), lines=(line,), bars=(Bars("bars", y),))))


@given(st.integers(1, 70), st.integers(1, 70), st.data())
def test_a_map_stays_on_its_sheet_whatever_its_shape(rows: int, columns: int, data: st.DataObject) -> None:
    cells = np.array(data.draw(st.lists(NUMBERS, min_size=4, max_size=4)))
    field = np.resize(cells, (rows, columns))
    x, y = (Axis("W", 0, columns, whole=True, centred=True), Axis("H", 0, rows, whole=True, centred=True))
    assert_inside(arrange_panel(Map("title", x, y, field, Scale("label", 0, 1e6), square=True)))


@pytest.mark.parametrize("count", [1, 2, 7, 64])
@pytest.mark.parametrize("shape", [(3, 3), (1, 50), (50, 1), (48, 48)])
def test_a_montage_has_all_its_tiles_on_the_sheet(count: int, shape: tuple[int, int]) -> None:
    tiles = tuple(np.full(shape, float(at)) for at in range(count))
    sheet = arrange_panel(Montage("m", tiles, tuple(f"C {at}" for at in range(count)), Scale("s", 0, count)))
    assert_inside(sheet)
    assert sum(isinstance(mark, Raster) for mark in sheet.marks) == count + 1  # and the bar of the scale


def hatched(panel: Panel) -> list[Rect]:
    """The areas that are hatched, but for the sample in the legend."""
    grey = [mark for mark in arrange_panel(panel).marks if isinstance(mark, Rect) and mark.ink is Ink.MISSING]
    return grey[1:]


def square(cells: Array) -> Map:
    rows, columns = cells.shape
    return Map("t", Axis("W", 0, columns), Axis("H", 0, rows), cells, Scale("|a-b|", 0, 1, missing="NaN"), square=True)


def test_cells_without_a_number_are_hatched_and_named_in_the_legend() -> None:
    cells = np.zeros((4, 8))
    cells[1:3, 2:6] = np.inf
    (area,) = hatched(square(cells))
    assert area.width / area.height == pytest.approx(4 / 2)
    assert "NaN" in words(arrange_panel(square(cells)))
    assert "NaN" not in words(arrange_panel(square(np.zeros((4, 8)))))


def test_a_square_map_has_steps_of_one_length() -> None:
    (image,) = (mark for mark in arrange_panel(square(np.eye(4, 8))).marks[:6] if isinstance(mark, Raster))
    assert image.width / image.height == pytest.approx(2)


def test_stretches_of_a_chart_without_numbers_are_hatched() -> None:
    chart = Chart("t", Axis("channel", 0, 4), Axis("y", 0, 1), gaps=Gaps("NaN in one only", ((1, 2),)))
    (area,) = hatched(chart)
    assert area.height > 100
    assert "NaN in one only" in words(arrange_panel(chart))


def test_long_names_are_folded_or_shortened() -> None:
    name = "/a/very/long/path/" * 30
    sheet = arrange(Figure(f"DIFFERENT: {name} against {name}", (name,), ((square(np.eye(2)),),)))
    assert all("..." in word for word in words(sheet) if word.startswith("/a/very"))
    assert max(map(len, words(sheet))) < 200
