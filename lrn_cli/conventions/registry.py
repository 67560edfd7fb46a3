"""Which conventions there are, found by looking at the files of `frameworks`: a new framework is one new file."""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Iterable
from functools import cache

import lrn_cli.conventions.frameworks as package
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import key
from lrn_cli.declarations import Declarations
from lrn_cli.errors import LrnError

_DECLARED = Declarations[Convention](package, "CONVENTIONS")

DEFAULT = "tf"
"""The convention where none is given."""
USUAL = 1
"""The last order that is usual."""


@cache
def conventions() -> tuple[Convention, ...]:
    """All conventions, those that are used most first."""
    return tuple(sorted(_DECLARED.everywhere(), key=lambda convention: (convention.order, convention.name)))


@cache
def usual() -> tuple[Convention, ...]:
    """The conventions that are shown where all would be too many."""
    return tuple(convention for convention in conventions() if convention.order <= USUAL)


def find(name: str, flag: str = "-c") -> Convention:
    """The convention of that name or alias, whatever its case; `flag` is what a hint says to type it behind.

    Raises:
        LrnError: There is none; the hint has the nearest name.

    >>> find("TensorFlow").name
    'tf'
    """
    # The file that is called so, then those whose text has the name: the others need not be read for that.
    for look in (_DECLARED.in_file, lambda word: _DECLARED.mentioning(word, key), lambda _: conventions()):
        if found := _find_among(name, look(key(name))):
            return found
    names = [convention.name for convention in conventions()]
    words = {word: convention.name for convention in reversed(conventions()) for word in convention.words}
    near = nearest(name, words)
    hint = "lrn conventions, which lists them with their frameworks"
    if near or not name:
        hint = f"{flag} {words[near] if near else DEFAULT}"
    raise LrnError(f"unknown convention {name!r}; there are {', '.join(names)}", hint)


def _find_among(name: str, among: Iterable[Convention]) -> Convention | None:
    """The convention of that name or alias."""
    return next((one for one in among if key(name) in map(key, one.words)), None)


def nearest(name: str, words: Iterable[str]) -> str | None:
    """The word most like `name`, or None where none is like it."""
    from difflib import get_close_matches

    by_key = {key(word): word for word in words}
    return next((by_key[match] for match in get_close_matches(key(name), by_key, n=1, cutoff=0.6)), None)


def _by_name(convention: Convention) -> tuple[Callable[[str], Convention], tuple[str]]:
    return find, (convention.name,)


# Between processes a convention goes by its name: a declaration holds functions.
copyreg.pickle(Convention, _by_name)
