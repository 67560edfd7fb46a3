"""Glossary: what a parameter, or a part of the formula, is called and means in each convention."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import Role, key
from lrn_cli.conventions.registry import conventions
from lrn_cli.conventions.suggestions import CALLED, Owner, owners
from lrn_cli.conventions.summary import declare


class Entry(NamedTuple):
    """What a word means in each convention.

    Attributes:
        word: As typed.
        role: The part of the formula that it names.
        owners: The conventions that have such a parameter, each with it.
    """

    word: str
    role: Role
    owners: tuple[Owner, ...]

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        rows = [
            {"convention": convention.name, **declare(own), **self._more(convention)} for convention, own in self.owners
        ]
        return {"word": self.word, "role": self.role.value, "conventions": rows}

    def _more(self, convention: Convention) -> dict[str, Any]:
        """What only a part of the formula has."""
        if self.role is Role.WINDOW:
            return {"window_is": convention.window.value}
        return {"alpha_is_divided": convention.alpha_is_divided} if self.role is Role.ALPHA else {}


def look_up(word: str, among: Iterable[Convention] | None = None) -> list[Entry]:
    """What a word means, an entry for each part of the formula that is called so somewhere.

    Args:
        word: A parameter's name in any convention, or the name of a part, whatever its case and separators.
        among: The conventions to be told of; all of them unless given. Entries that none of them has are left out.

    >>> [entry.role.value for entry in look_up("local_size")]
    ['window']
    >>> [parameter.name for _, parameter in look_up("bias")[0].owners][:3]
    ['bias', 'k', 'k']
    """
    some = conventions() if among is None else tuple(among)
    found = [Entry(word, role, tuple(_playing(role, word, some))) for role in _roles(word)]
    return [entry for entry in found if entry.owners]


def is_term(word: str) -> bool:
    """Whether a word is in the glossary."""
    return bool(_roles(word))


def terms() -> list[str]:
    """The parts of the formula, and the names of all parameters, each spelling once."""
    parts = [role.value for role in Role if role is not Role.NOTHING]
    names = [parameter.name for convention in conventions() for parameter in convention.parameters]
    found: dict[str, str] = {}
    for word in (*parts, *names):
        found.setdefault(key(word), word)
    return list(found.values())


def _roles(word: str) -> list[Role]:
    """The parts that a word names: by their own names and by parameters' names, else by what they are called."""
    spelt = key(word)
    parts = [role for role in Role if role is not Role.NOTHING and role.value == spelt]
    named = dict.fromkeys([*parts, *(parameter.role for _, parameter in owners(word))])
    # One letter could be anything, unless some framework has it.
    called = [role for role, words in CALLED.items() if len(spelt) > 1 and spelt in words.split()]
    return list(named) or called


def _playing(role: Role, word: str, among: Iterable[Convention]) -> Iterable[Owner]:
    for convention in among:
        # What feeds no part of the formula has nothing but its name in common.
        own = convention.named(word) if role is Role.NOTHING else convention.playing(role)
        if own is not None:
            yield convention, own
