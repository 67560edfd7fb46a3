"""Sections of a page: every heading has one word, and a page is narrowed to what was asked for."""

from __future__ import annotations

import pytest

from lrn_cli.analysis.explanation.explain import explain, overview
from lrn_cli.commands.explain import command
from lrn_cli.conventions.registry import conventions, known
from lrn_cli.errors import LrnError
from lrn_cli.pages.convention import page, pages
from lrn_cli.pages.document import Block, Document, Heading, Items, Paragraph
from lrn_cli.pages.overview import side_by_side
from lrn_cli.pages.sections import SECTIONS, Section, find_section, keep, names, narrow

TRAPS = "What people get wrong"
PAGE: list[Block] = [
    Heading("a: a title", 1),
    Paragraph("of a"),
    Heading("Window"),
    Paragraph("window of a"),
    Heading("Sources"),
    Paragraph("sources of a"),
    Heading("Gain.prototxt", 1),
    Paragraph("of a model"),
    Heading("Elsewhere"),
    Paragraph("elsewhere"),
    Heading("Gain: a, b", 1),
    Paragraph("both"),
]


def find(*words: str) -> list[Section]:
    return [section for word in words if (section := find_section(word))]


# (words, the places in PAGE that are left)
KEPT = [
    (["window"], [0, 2, 3]),
    (["sources", "window"], [0, 2, 3, 4, 5]),
    (["elsewhere", "sources"], [0, 4, 5, 6, 8, 9]),
    (["gain"], [10, 11]),
    (["formula"], []),
]


@pytest.mark.parametrize(("words", "places"), KEPT)
def test_a_page_keeps_the_sections_that_are_wanted_under_its_title(words: list[str], places: list[int]) -> None:
    assert keep(PAGE, find(*words)) == [PAGE[place] for place in places]


def headings(document: Document) -> set[str]:
    return {block.text for block in document if isinstance(block, Heading) and block.level > 1}


def test_each_heading_of_every_page_belongs_to_one_section() -> None:
    everything = overview()
    found = headings(side_by_side(everything)).union(*(headings(page(one)) for one in everything))
    assert "What people get wrong" in found
    for heading in found:
        owners = [one.name for one in SECTIONS if heading in headings(keep([Heading(heading)], [one]))]
        assert len(owners) == 1, heading


# (what is typed, the heading that it finds)
WORDS = [
    ("traps", "What people get wrong"),
    ("TRAPS", "What people get wrong"),
    ("example", "Worked example"),
    ("Worked example", "Worked example"),
    ("worked-example", "Worked example"),
    ("how to call it", "How to call it"),
    ("back_ends", "What some back ends refuse"),
    ("gradient", "Backward pass"),
    ("defaults", "Parameters"),
]


@pytest.mark.parametrize(("word", "heading"), WORDS)
def test_a_section_is_found_by_its_word_or_its_heading(word: str, heading: str) -> None:
    assert headings(keep(page(explain("caffe")), find(word))) == {heading}


@pytest.mark.parametrize("word", ["", "-", "--", "caffe", "x.npy", "./window", "sources.prototxt", "no such"])
def test_other_words_are_no_sections(word: str) -> None:
    assert find_section(word) is None


def test_no_section_goes_by_the_name_of_a_convention() -> None:
    words = [word for section in SECTIONS for word in (section.name, *section.also)]
    assert len(set(words)) == len(words)
    assert not [word for word in words if known(word)]


def test_the_page_of_a_full_convention_has_every_section_that_the_help_of_explain_names() -> None:
    said = " ".join((command.help or "").split())
    assert f"a section of its page: {', '.join(names(page(explain('caffe'))))};" in said


def test_a_page_says_first_in_short_what_it_is_and_which_sections_it_has() -> None:
    for convention in conventions():
        blocks = page(explain(convention.name))
        short = blocks.index(Heading("In short"))
        assert blocks[short + 2] == Heading("Formula")
        items = blocks[short + 1]
        assert isinstance(items, Items)
        *_, last = items.items
        assert last.text.endswith(f" of {', '.join(names(blocks)[1:])}.")


# (word, what its summary says)
SHORT = [
    ("caffe", ["local_size is an odd width: 5 reaches along C 2 before and 2 after.", "alpha 1 is divided by 5"]),
    ("caffe:alpha=5e-4", ["alpha 0.0005 is divided by 5: the sum is multiplied by 0.0001."]),
    ("caffe:norm_region=WITHIN_CHANNEL,k=2", ["k is not read here, the bias is always 1"]),
    ("tf", ["depth_radius is a radius: 5 reaches along C 5 before and 5 after.", "alpha 1 is taken as it is"]),
    (
        "pytorch:size=4",
        ["4 reaches along C 2 before and 1 after.", "k is the bias, here 1; beta is the exponent, 0.75."],
    ),
]


@pytest.mark.parametrize(("word", "phrases"), SHORT)
def test_the_summary_has_the_numbers(word: str, phrases: list[str]) -> None:
    (items,) = (block for block in keep(page(explain(word)), find("summary")) if isinstance(block, Items))
    for phrase in phrases:
        assert any(phrase in item.text for item in items.items), phrase


def test_of_several_pages_each_keeps_its_title() -> None:
    both = narrow(pages([explain("tf"), explain("caffe")]), find("traps"), ["tf", "caffe"])
    found = [block.text for block in both if isinstance(block, Heading)]
    assert found == [
        "tf: TensorFlow tf.nn.local_response_normalization",
        TRAPS,
        "caffe: Caffe LRN layer (lrn_param)",
        TRAPS,
    ]


def test_a_section_that_a_page_has_not_is_refused_with_those_that_it_has() -> None:
    with pytest.raises(LrnError, match="the page of tf has no section quirks; it has summary, formula") as refusal:
        narrow(page(explain("tf")), find("quirks"), ["tf"])
    assert refusal.value.hint == "lrn explain tf summary"
