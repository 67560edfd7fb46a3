"""The picture in characters: where its marks are, and what stands beside them."""

from __future__ import annotations

from lrn_cli.analysis.explanation.gain import curves
from lrn_cli.conventions.binding import bound
from lrn_cli.pages.chart import drawing

AXIS = 9
"""Columns before the field."""


def drawn(*words: str) -> list[str]:
    return drawing(curves([bound(word) for word in words]))


def rows_of(mark: str, column: int, lines: list[str]) -> list[int]:
    """The rows of the field, from the top, in which a column has that mark."""
    field = [line[AXIS:] for line in lines[1:18]]
    return [row for row, line in enumerate(field) if line[column : column + 1] == mark]


def test_a_gain_of_one_is_a_line_along_the_top() -> None:
    lines = drawn("tf:beta=0")
    assert lines[1] == "      1 ┤" + "*" * 65
    assert all("*" not in line for line in lines[2:18])


def test_marks_are_in_the_row_of_the_gain() -> None:
    # Between 0 and 1 there are 16 rows: a gain of 1/10 is in row 14.4, here between sums of 984.6 and 1000.
    lines = drawn("tf:bias=1,alpha=0.099")
    assert rows_of("*", 64, lines) == [14]
    # Within the first of 65 columns the sum goes from 0 to 15.4, the gain from 1 to 0.63: rows 0 to 6.
    assert rows_of("*", 0, lines) == [0, 1, 2, 3, 4, 5, 6]


def test_each_curve_has_its_own_mark_and_a_line_in_the_legend() -> None:
    lines = drawn("pytorch:size=5", "onnx:size=5", "tf", "alexnet")
    assert lines[-3:] == [
        "* pytorch, onnx: 1/(1 + 2e-05 s)^0.75",
        "o tf: 1/(1 + 1 s)^0.5",
        "+ alexnet: 1/(2 + 0.0001 s)^0.75",
    ]
    assert (rows_of("*", 64, lines), rows_of("o", 64, lines), rows_of("+", 64, lines)) == ([0], [15], [7])


def test_the_axes_have_names_numbers_and_units() -> None:
    lines = drawn("tf")
    assert lines[0] == "gain y/x (a factor, no unit)"
    assert [line.split()[0] for line in lines[1:18] if "┤" in line] == ["1", "0.75", "0.5", "0.25", "0"]
    assert lines[19].split() == ["0", "250", "500", "750", "1000"]
    assert lines[20].strip() == "s: sum of squares in the window (unit of x, squared)"


def test_a_curve_without_numbers_says_so() -> None:
    assert drawn("tf:bias=-1000")[-1].endswith("(no number here)")
    assert drawn("tf:bias=0")[-1] == "* tf: 1/(0 + 1 s)^0.5"
