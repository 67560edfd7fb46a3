"""What `lrn explain` is asked for: conventions, models, sections of their pages, and words of the glossary."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from lrn_cli.commands.terminal.convention_options import ConventionOptions, ask_all, given_parameters
from lrn_cli.commands.terminal.models import find_model
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.analysis.explanation.explain import Explanation
    from lrn_cli.analysis.explanation.glossary import Entry
    from lrn_cli.conventions.binding import Bound
    from lrn_cli.conventions.oddity import Oddity
    from lrn_cli.models.model import Model
    from lrn_cli.pages.sections import Section

_CLOSE = 0.75
"""How alike a word must be to the name of a section or a parameter to be taken for a slip."""


class Topics(NamedTuple):
    """What was asked for: conventions, models, or mistakes of engines, which are no conventions.

    Attributes:
        names: Of them, as typed; without any the explanations are of all conventions.
        sections: What is wanted of their pages; all where there are none.
        entries: Of the glossary.
    """

    names: Sequence[str]
    explanations: Sequence[Explanation] = ()
    models: Sequence[Model] = ()
    oddities: Sequence[Oddity] = ()
    sections: Sequence[Section] = ()
    entries: Sequence[Entry] = ()

    @property
    def bounds(self) -> list[Bound]:
        """The conventions whose gains are drawn: those that were named, those of the models' layers, or the usual."""
        from lrn_cli.analysis.layers import group

        layers = [one.layer.bound for model in self.models for one in group(model) if one.layer.bound]
        return [*layers, *(one.bound for one in self.explanations if self.names or one.is_usual)]


class _Words(NamedTuple):
    """The words of a line: names of conventions and models, sections, and words of the glossary."""

    names: tuple[str, ...]
    sections: tuple[Section, ...]
    terms: tuple[str, ...]


def find_topics(words: Sequence[str], conventions: ConventionOptions) -> Topics:
    """What the words of a line, and what stands behind its `-c`, ask for.

    Raises:
        LrnError: A word names nothing, or nothing of what the others name.
    """
    from lrn_cli.analysis.explanation.explain import explain, overview

    sorted_words = _sort(words, conventions.words)
    names, sections = (*sorted_words.names, *conventions.words), sorted_words.sections
    oddities = _find_oddities(names)
    if oddities:
        return Topics(names, oddities=oddities, sections=sections)
    try:
        found = [find_model(word) for word in names] if not given_parameters(conventions) else list(names)
        asked = ask_all(conventions._replace(words=tuple(one for one in found if isinstance(one, str))))
    except LrnError as error:
        raise _slip(error, names, words) from None
    models = [one for one in found if not isinstance(one, str)]
    explanations = [explain(one) for one in asked]
    entries = _look_up(sorted_words.terms, explanations, models)
    if entries and not sections:
        return Topics(names, entries=entries)
    return Topics(names, explanations if names else overview(), models, sections=sections, entries=entries)


def _sort(words: Sequence[str], beside: Sequence[str]) -> _Words:
    """Tell names from sections and from words of the glossary; beside a name, what could be both is a section."""
    from lrn_cli.analysis.explanation.glossary import is_term
    from lrn_cli.conventions.registry import known
    from lrn_cli.pages.sections import find_section

    kinds = {
        word: (None, False) if known(word) else (find_section(word), is_term(word)) for word in dict.fromkeys(words)
    }
    names = tuple(word for word in words if kinds[word] == (None, False))
    sections = {word: section for word, (section, term) in kinds.items() if section and (names or beside or not term)}
    terms = tuple(word for word, (_, term) in kinds.items() if term and word not in sections)
    return _Words(names, tuple(sections.values()), terms)


def _look_up(terms: Sequence[str], explanations: Sequence[Explanation], models: Sequence[Model]) -> list[Entry]:
    """What words mean in the conventions that are named, or in all."""
    from lrn_cli.analysis.explanation.glossary import look_up

    if terms and models:
        raise LrnError(f"{terms[0]} is no section of what is said of a model", f"lrn explain {terms[0]}")
    among = [one.bound.convention for one in explanations] or None
    found: list[Entry] = []
    for term in terms:
        entries = look_up(term, among)
        if not entries:
            names = " nor ".join(one.name for one in among or ())
            raise LrnError(
                f"{term} is no parameter of {names}, and nothing plays its part there", f"lrn explain {term}"
            )
        found += entries
    return found


def _slip(error: LrnError, names: Sequence[str], words: Sequence[str]) -> LrnError:
    """The error for a word that names nothing, whose hint has the section or the parameter that is spelt nearly so."""
    from lrn_cli.analysis.explanation.glossary import terms
    from lrn_cli.conventions.registry import known
    from lrn_cli.pages.sections import SECTIONS, advise

    sections = [word for one in SECTIONS for word in (one.name, *one.also)]
    whose = [name for name in names if known(name.partition(":")[0])][:1]
    for word in words:
        if word not in names or known(word.partition(":")[0]) or f"{word!r}" not in error.message:
            continue
        near = next(iter(get_close_matches(word.lower(), [*sections, *terms()], n=1, cutoff=_CLOSE)), None)
        if near:
            line = advise(near, whose) if near in sections else f"lrn explain {near}"
            return LrnError(error.message, f"{line}; {error.hint}")
    return error


def _find_oddities(words: Sequence[str]) -> list[Oddity]:
    """What was asked for, where all of it is mistakes of engines, which are no conventions."""
    from lrn_cli.conventions.registry import find_oddity, known

    found = [None if known(name) else find_oddity(name) for name in (word.partition(":")[0] for word in words)]
    return [oddity for oddity in found if oddity] if all(found) else []
