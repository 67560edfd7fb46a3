"""The page of a word: what each convention calls a part of the formula, what it means there, and its default."""

from __future__ import annotations

from lrn_cli.analysis.explanation.glossary import Entry
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import Parameter, Role, key
from lrn_cli.pages.convention import default, limit
from lrn_cli.pages.document import Block, Heading, Paragraph, Table

COLUMNS = ("word", "role", "convention", "parameter", "type", "default", "limit", "meaning", "which is")

_SAID = {
    Role.WINDOW: "The window: over how many elements the squares are summed. Some frameworks count its width, others"
    " how far it reaches to each side: 5 is five channels in the ones and eleven in the others.",
    Role.ALPHA: "Alpha: by what the sum of squares is multiplied. Some frameworks take it as it is, others divide it by"
    " the number of elements in the window first: the same number is another function there.",
    Role.BIAS: "The bias, k in the paper: what is added to the scaled sum, before the power is taken.",
    Role.BETA: "Beta: the exponent of the biased sum, by which each activation is divided.",
    Role.REGION: "The region: over which axes the window lies. What is not listed has one region only.",
    Role.LAYOUT: "The layout: which axis the channels are on. What is not listed has no parameter for it; --layout"
    " says it.",
    Role.NOTHING: "It says how the same numbers are computed or stored, and changes none.",
}
_FEW = 8
"""Conventions that are worth a list beside the table."""


def page(entry: Entry) -> list[Block]:
    """What the word stands for, and what that is in each convention."""
    own = [convention.name for convention, parameter in entry.owners if parameter.key == key(entry.word)]
    among = f" It is called {entry.word} in {', '.join(own)}." if 0 < len(own) <= _FEW else ""
    return [
        Heading(f"{entry.word}, convention by convention", 1),
        Paragraph(f"{_SAID[entry.role]}{among}"),
        Table(("convention", "name there", "what it is", "default"), tuple(_cells(*owner) for owner in entry.owners)),
    ]


def rows(entry: Entry) -> list[tuple[str, ...]]:
    """The same as cells under `COLUMNS`."""
    return [
        (
            *(entry.word, entry.role.value, convention.name, own.name, own.type_name, default(own), limit(own)),
            *(own.meaning, convention.window.value if entry.role is Role.WINDOW else "-"),
        )
        for convention, own in entry.owners
    ]


def _cells(convention: Convention, own: Parameter) -> tuple[str, ...]:
    what = convention.window.value if own.role is Role.WINDOW else own.meaning
    return convention.name, own.name, what, default(own)
