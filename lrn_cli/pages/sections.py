"""Sections of a page: the words that name them, and a page without the others."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.pages.document import Block, Document, Heading


class Section(NamedTuple):
    """A part of a page that can be asked for.

    Attributes:
        name: The word for it.
        headings: How its headings begin: of a convention's page, of the page of all conventions, of a model's.
        also: Other words for it.
        keys: What JSON has of it.
    """

    name: str
    headings: tuple[str, ...]
    also: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


OF_A_CONVENTION = (
    Section("summary", ("In short",), ("short",), ("family", "window_is", "alpha_is_divided")),
    Section("formula", ("Formula",), (), ("formula",)),
    Section("numbers", ("With the numbers filled in",), (), ("numbers",)),
    Section("parameters", ("Parameters", "Defaults"), ("defaults",), ("declares", "parameters", "assumed")),
    Section("window", ("Window", "The window"), (), ("window", "window_is")),
    Section("canonical", ("Canonical form",), (), ("window", "scale", "bias", "beta")),
    Section("example", ("Worked example",), (), ("example",)),
    Section("gain", ("Gain",), ("gains",), ("scale", "bias", "beta")),
    Section("backward", ("Backward pass",), ("gradient",), ("backward",)),
    Section("traps", ("What people get wrong",), ("trap", "mistakes", "pitfalls"), ("traps",)),
    Section("engine", ("What was run",), ("run", "tolerance"), ("engine", "tolerance")),
    Section("quirks", ("What engines do against their word",), (), ("quirks",)),
    Section("lookalikes", ("What is read as this one",), (), ("lookalikes",)),
    Section("elsewhere", ("The same in every other convention", "Elsewhere"), ("translations",), ("translations",)),
    Section("backends", ("What some back ends refuse",), (), ("back_ends",)),
    Section("calls", ("How to call it",), ("call",), ("calls",)),
    Section("sources", ("Sources",), ("source",), ("sources",)),
)
"""In the order in which a convention's page has them."""
SECTIONS = (
    *OF_A_CONVENTION,
    Section("families", ("Who computes what",), ("family",), ("family",)),
    Section("titles", ("What the names stand for",), ("names",), ("framework",)),
    Section("channels", ("The bias, and the channel axis",), (), ("layouts",)),
    Section("next", ("What to type next",)),
    Section("remarks", ("To be known",)),
)
"""Also those of the page of all conventions alone; the last is only of models."""
_FULL = "caffe"
"""A convention whose page has every section that such a page can have."""


def find_section(word: str) -> Section | None:
    """The section of that name or heading, whatever its case and what stands between its words.

    >>> [find_section(word).name for word in ("traps", "Worked example", "back-ends")]
    ['traps', 'example', 'backends']
    """
    spelt = _spell(word)
    return next((one for one in SECTIONS if spelt in map(_spell, (one.name, *one.also, *one.headings))), None)


def names(document: Document) -> list[str]:
    """The words for the sections that a page has."""
    headings = [block for block in document if isinstance(block, Heading)]
    return [one.name for one in SECTIONS if any(_begins(heading, one) for heading in headings)]


def narrow(document: Document, sections: Sequence[Section], whose: Sequence[str]) -> Document:
    """A page with these sections alone; whole where there are none, and where nothing stands on it.

    Args:
        document: Of one page, or several.
        sections: That are wanted.
        whose: What the page was asked for by; nothing where it is of all conventions.

    Raises:
        LrnError: There is no such section on the page.
    """
    there = names(document)
    missing = [section.name for section in sections if section.name not in there]
    if not sections or not document:
        return document
    if missing:
        page = " and ".join(whose) or "all conventions"
        hint = advise(there[0], whose) if whose else advise(missing[0])
        raise LrnError(f"the page of {page} has no section {missing[0]}; it has {', '.join(there)}", hint)
    return keep(document, sections)


def advise(name: str, whose: Sequence[str] = ()) -> str:
    """What to type for a section of a page, by default of one that has it.

    >>> advise("traps", ["tf"]), advise("quirks")
    ('lrn explain tf traps', 'lrn explain caffe quirks')
    """
    page = whose or (["MODEL"] if name == SECTIONS[-1].name else [_FULL])
    return shlex.join(["lrn", "explain", *page, name])


def keep(document: Document, sections: Sequence[Section]) -> list[Block]:
    """A page, or several, with these sections alone, each under the title of its page."""
    kept: list[Block] = []
    title: list[Block] = []
    inside = False
    for block in document:
        if isinstance(block, Heading) and block.level <= 2:
            inside = any(_begins(block, one) for one in sections)
            if block.level == 1:
                title = [] if inside else [block]
            elif inside:
                kept += title
                title = []
        if inside:
            kept.append(block)
    return kept


def pick(data: Mapping[str, Any], sections: Sequence[Section]) -> dict[str, Any]:
    """What JSON has of these sections, under the name of whose it is; of none, all."""
    if not sections:
        return dict(data)
    wanted = ("convention", "title", *(key for one in sections for key in one.keys))
    return {key: data[key] for key in dict.fromkeys(wanted) if key in data}


def _begins(heading: Heading, section: Section) -> bool:
    # A title has names of files and of conventions in it, but for that of the gains of several.
    ends = ": " if heading.level == 1 else ""
    return heading.text.startswith(tuple(f"{beginning}{ends}" for beginning in section.headings))


def _spell(word: str) -> str:
    # Not what else a path has: ./window is a file.
    return word.lower().translate(dict.fromkeys(map(ord, " -_,")))
