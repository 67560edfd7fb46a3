"""The glossary: what a word means in each convention."""

from __future__ import annotations

import pytest

from lrn_cli.analysis.explanation.glossary import look_up, terms
from lrn_cli.conventions.parameters import Role
from lrn_cli.conventions.registry import conventions, find, known
from lrn_cli.pages.document import Table
from lrn_cli.pages.glossary import COLUMNS, page, rows

# (word, the part of the formula)
PARTS = [
    ("alpha", Role.ALPHA),
    ("Alpha", Role.ALPHA),
    ("scale", Role.ALPHA),
    ("local_size", Role.WINDOW),
    ("local-size", Role.WINDOW),
    ("window", Role.WINDOW),
    ("n", Role.WINDOW),
    ("bias", Role.BIAS),
    ("k", Role.BIAS),
    ("kappa", Role.BIAS),
    ("beta", Role.BETA),
    ("exponent", Role.BETA),
    ("norm_region", Role.REGION),
    ("data_format", Role.LAYOUT),
    ("implementation", Role.NOTHING),
]


@pytest.mark.parametrize(("word", "role"), PARTS)
def test_a_word_names_a_part_of_the_formula(word: str, role: Role) -> None:
    assert [entry.role for entry in look_up(word)] == [role]


@pytest.mark.parametrize("word", ["", "-", "caffe", "c", "traps", "x.npy", "alpha=2"])
def test_other_words_are_not_in_the_glossary(word: str) -> None:
    assert look_up(word) == []


# (word, convention, its name there, what it is as far as it matters, the default): from the frameworks' documentation
CELLS = [
    ("alpha", "tf", "alpha", "undivided", "1"),
    ("alpha", "caffe", "alpha", "divided by local_size", "1"),
    ("alpha", "pytorch", "alpha", "divided by size", "0.0001"),
    ("alpha", "cuda-convnet", "scale", "divided by size", "required"),
    ("local_size", "tf", "depth_radius", "a radius", "5"),
    ("local_size", "caffe", "local_size", "an odd width", "5"),
    ("local_size", "pytorch", "size", "a width, an even one reaching one further before", "required"),
    ("k", "tf", "bias", "added to the sum", "1"),
    ("bias", "alexnet", "k", "added to the sum", "2"),
    ("beta", "tf", "beta", "the exponent", "0.5"),
    ("beta", "caffe", "beta", "the exponent", "0.75"),
    ("region", "caffe", "norm_region", "square", "ACROSS_CHANNELS"),
]


@pytest.mark.parametrize(("word", "convention", "name", "what", "default"), CELLS)
def test_the_table_has_name_meaning_and_default(word: str, convention: str, name: str, what: str, default: str) -> None:
    (table,) = (block for block in page(look_up(word)[0]) if isinstance(block, Table))
    (row,) = (row for row in table.rows if row[0] == convention)
    assert (row[1], row[3]) == (name, default)
    assert what in row[2]


@pytest.mark.parametrize("word", ["window", "alpha", "bias", "beta"])
def test_the_parts_that_every_framework_has_are_told_of_every_convention(word: str) -> None:
    (entry,) = look_up(word)
    assert [convention for convention, _ in entry.owners] == list(conventions())
    assert [row[2] for row in rows(entry)] == [convention.name for convention in conventions()]
    assert all(len(row) == len(COLUMNS) for row in rows(entry))


def test_among_some_conventions_only_these_are_told_of() -> None:
    (entry,) = look_up("window", [find("tf"), find("caffe")])
    assert [parameter.name for _, parameter in entry.owners] == ["depth_radius", "local_size"]
    assert look_up("norm_region", [find("tf")]) == []


def test_what_feeds_no_part_of_the_formula_is_told_of_its_own_conventions_alone() -> None:
    assert [convention.name for entry in look_up("format") for convention, _ in entry.owners] == ["onednn"]


def test_every_parameter_is_a_term_and_none_goes_by_the_name_of_a_convention() -> None:
    assert {"window", "alpha", "local_size", "ChannelWindowSize", "k"} <= set(terms())
    assert all(look_up(term) for term in terms())
    assert not [term for term in terms() if known(term)]
