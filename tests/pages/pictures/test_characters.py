"""The picture in characters: where its marks are, and what stands beside them."""

from __future__ import annotations

import numpy as np

from lrn_cli.conventions.binding import bound
from lrn_cli.pages.figures.explanation import gain_chart
from lrn_cli.pages.pictures.characters import drawing
from lrn_cli.pages.pictures.figure import Axis, Bars, Chart, Map, Montage, Scale

AXIS = 9
"""Columns before the field."""


def drawn(*words: str) -> list[str]:
    return drawing(gain_chart([bound(word) for word in words]))


def rows_of(mark: str, column: int, lines: list[str]) -> list[int]:
    """The rows of the field, from the top, in which a column has that mark."""
    field = [line[AXIS:] for line in lines[1:18]]
    return [row for row, line in enumerate(field) if line[column : column + 1] == mark]


def test_a_gain_of_one_is_a_line_along_the_top() -> None:
    lines = drawn("tf:beta=0")
    assert lines[1] == "      1 ┤" + "*" * 65
    assert all("*" not in line for line in lines[2:18])


def test_marks_are_in_the_row_of_the_gain() -> None:
    # Between 0 and 1 there are 16 rows: a gain of 1/10 is in row 14.4, here at the last sum, which is 1000.
    lines = drawn("tf:bias=1,alpha=0.099")
    assert rows_of("*", 64, lines) == [14]
    # The first of 65 columns begins at the sum 0.1, where the gain is 0.995; it falls through every row.
    assert rows_of("*", 0, lines) == [0]
    assert {row for column in range(65) for row in rows_of("*", column, lines)} == set(range(15))


def test_each_curve_has_its_own_mark_and_a_line_in_the_legend() -> None:
    lines = drawn("pytorch:size=5", "onnx:size=5", "tf", "alexnet")
    assert lines[-3:] == [
        "* pytorch, onnx: 1/(1 + 2e-05 s)^0.75",
        "o tf: 1/(1 + 1 s)^0.5",
        "+ alexnet: 1/(2 + 0.0001 s)^0.75",
    ]
    # In the middle of 0.01 to 10^7 the sum is about 316: gains of 0.995, 0.056 and 0.588.
    assert (rows_of("*", 32, lines), rows_of("o", 32, lines), rows_of("+", 32, lines)) == ([0], [15], [7])


def test_the_axes_have_names_numbers_and_units() -> None:
    lines = drawn("tf")
    assert lines[0] == "gain y/x (a factor, no unit)"
    assert [line.split()[0] for line in lines[1:18] if "┤" in line] == ["1", "0.75", "0.5", "0.25", "0"]
    assert lines[19].split() == ["0.01", "0.1", "1", "10", "100"]
    assert lines[20].strip() == "s: sum of squares in the window (unit of x, squared)"


def test_a_curve_without_numbers_says_so() -> None:
    assert drawn("tf:bias=-1000,alpha=-1")[-1].endswith("(no number here)")
    assert drawn("tf:bias=0")[-1] == "* tf: 1/(0 + 1 s)^0.5"


SCALE = Scale("|a-b|", 0, 4, missing="NaN in one only")
CELLS = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, np.nan]])


def test_a_map_has_a_legend_of_its_shades_and_shows_what_is_missing() -> None:
    lines = drawing(Map("Where", Axis("W", 0, 3), Axis("H", 0, 2), CELLS, SCALE))
    assert lines == [
        "Where: W across, H down",
        "|a-b|: · 0  ░ >0  ▒ >1  ▓ >2  █ >3  x NaN in one only",
        "·░▒",
        "▓█x",
    ]


def test_a_map_in_ascii_has_no_other_signs() -> None:
    lines = drawing(Map("Where", Axis("W", 0, 3), Axis("H", 0, 2), CELLS, SCALE), plain=True)
    assert (lines[-2:], "".join(lines).isascii()) == ([".-+", "#@x"], True)


def test_what_differs_at_all_is_not_shown_as_nothing() -> None:
    tiny = np.array([[0.0, 1e-9]])
    assert drawing(Map("", Axis("W", 0, 2), Axis("", 0, 1), tiny, SCALE))[-1] == "·░"


def test_a_large_map_keeps_its_largest_cell() -> None:
    cells = np.zeros((500, 700))
    cells[333, 444] = 4
    lines = drawing(Map("", Axis("W", 0, 700), Axis("H", 0, 500), cells, SCALE), 40)[-16:]
    assert [(row, line.index("█")) for row, line in enumerate(lines) if "█" in line] == [(10, 25)]
    assert {len(line) for line in lines} == {40}


def test_a_montage_has_its_tiles_beside_each_other_with_their_names() -> None:
    lines = drawing(Montage("Two", (CELLS, CELLS[::-1]), ("C 0", "C 1"), SCALE))
    assert lines[2:] == ["C 0 C 1", "·░▒ ▓█x", "▓█x ·░▒"]


def test_bars_stand_as_high_as_their_numbers() -> None:
    chart = Chart("", Axis("channel", 0, 2, whole=True), Axis("y", 0, 4), bars=(Bars("x", np.array([4.0, 1.0])),))
    lines = drawing(chart)
    heights = [sum(line[AXIS + column : AXIS + column + 1] == "*" for line in lines[1:18]) for column in (8, 40)]
    assert heights == [17, 5]
