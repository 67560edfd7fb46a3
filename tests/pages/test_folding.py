"""Lines that are too long become several, and stay what they were."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrn_cli.analysis.explanation.explain import Explanation, overview
from lrn_cli.pages.folding import UNBROKEN, columns, fold, fold_code, table_row

WORDS = st.lists(st.text("ab/._-:", min_size=1, max_size=60), min_size=1).map(" ".join)


@given(WORDS, st.integers(12, 80))
def test_folded_text_fits_and_loses_nothing_but_blanks(text: str, width: int) -> None:
    lines = fold(text, width, first="- ", rest="  ")
    assert max(map(len, lines)) <= width
    assert "".join(line[2:] for line in lines).replace(" ", "") == text.replace(" ", "")


def test_a_long_path_is_broken_behind_a_separator() -> None:
    assert fold("caffe/src/layers/lrn_layer.cpp", 20) == ["caffe/src/layers/", "lrn_layer.cpp"]


def test_a_line_does_not_end_at_an_unbroken_blank() -> None:
    assert fold(f"one two{UNBROKEN}three", 10) == ["one", "two three"]


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=4), st.integers(40, 80))
def test_a_table_fits(rows: list[tuple[str, ...]], width: int) -> None:
    widths = columns(rows, width)
    assert all(len(line) <= width for row in rows for line in table_row(row, widths))


PYTHON = [explanation for explanation in overview() if "python" in explanation.programs]


@pytest.mark.parametrize("explanation", PYTHON, ids=lambda one: one.bound.convention.name)
@pytest.mark.parametrize("width", [60, 76])
def test_folded_python_is_the_same_program(explanation: Explanation, width: int) -> None:
    code = explanation.programs["python"]
    folded = fold_code(code, width)
    assert ast.dump(ast.parse(folded)) == ast.dump(ast.parse(code))
    assert max(map(len, folded.split("\n"))) <= width


def test_code_is_not_broken_in_a_string_or_outside_of_brackets() -> None:
    assert fold_code('y = f("one, two, three", four)', 26) == 'y = f("one, two, three",\n    four)'
    assert fold_code("a, b, c, d = e, f, g, h", 10) == "a, b, c, d = e, f, g, h"
