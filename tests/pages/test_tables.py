"""One writer of tables for every width from 40 columns: nothing is lost, no word is broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrn_cli.pages.tables import drawn

CELL = st.text("abc xyz./:=", min_size=1, max_size=60).map(str.strip).filter(bool)
TABLES = st.integers(2, 6).flatmap(
    lambda columns: st.lists(st.lists(CELL, min_size=columns, max_size=columns), min_size=2, max_size=5)
)


@given(TABLES, st.integers(40, 140))
def test_every_word_is_there_whole_and_lines_are_no_wider_than_their_longest_word_needs(
    cells: list[list[str]], width: int
) -> None:
    lines = drawn(cells, width)
    words = " ".join(lines).split()
    for row in cells[1:]:
        for cell in row:
            assert set(cell.split()) <= set(words)
    longest = max(len(word) for row in cells for cell in row for word in cell.split())
    names = max(len(cell) for row in cells for cell in row)
    assert max(map(len, lines)) <= max(width, names + 2 + max(longest, 20))


WIDE = [["file", "format", "chunks", "filters"], ["x.npy", "npy", "-", "-"], ["y.npy", "npy", "-", "-"]]


def test_columns_that_say_nothing_go_first() -> None:
    assert drawn(WIDE, 80)[0] == "file   format  chunks  filters"
    assert drawn(WIDE, 20) == ["file   format", "x.npy  npy", "y.npy  npy"]


TOLD = [["name", "verdict", "cause"], ["a.npy", "different", "one two three four five six seven eight"]]


def test_then_the_last_column_is_folded_where_it_has_room() -> None:
    assert drawn(TOLD, 50) == [
        "name   verdict    cause",
        "a.npy  different  one two three four five six",
        "                  seven eight",
    ]
    assert drawn(TOLD, 32)[0] == "name     a.npy"
    assert drawn([*TOLD, ["b.npy", "different", "x" * 40]], 50)[0] == "name     a.npy"  # which is never broken


def test_then_all_that_are_wide_are_folded() -> None:
    cells = [
        ["name", "cause", "advice"],
        ["a.npy", "one two three four five six", "seven eight nine ten eleven twelve"],
    ]
    assert drawn(cells, 52) == [
        "name   cause                  advice",
        "a.npy  one two three four     seven eight nine ten",
        "       five six               eleven twelve",
    ]


def test_then_a_row_becomes_a_record() -> None:
    assert drawn(WIDE, 10) == ["file    x.npy", "format  npy", "", "file    y.npy", "format  npy"]


@pytest.mark.parametrize("width", [40, 60, 79])
def test_two_columns_fold_the_second(width: int) -> None:
    lines = drawn([["what", "value"], ["note", "one two three " * 12]], width)
    assert max(map(len, lines)) <= width
    assert all(line.startswith("      ") for line in lines[2:])


def test_what_is_to_be_pasted_stays_in_one_piece() -> None:
    word = "caffe:local_size=5,alpha=5,beta=0.5,k=1,norm_region=ACROSS_CHANNELS"
    assert any(word in line for line in drawn([["what", "value"], ["caffe", word]], 40))
