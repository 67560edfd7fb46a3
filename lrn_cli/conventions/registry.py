"""Which conventions there are, found by looking at the files of `frameworks`: a new framework is one new file."""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import lrn_cli.conventions.frameworks as package
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import key
from lrn_cli.declarations import Declarations

if TYPE_CHECKING:
    from lrn_cli.conventions.oddity import Oddity

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
    # Only their files say so, and the others need not be read for that.
    declared = _DECLARED.mentioning("order=", str)
    return tuple(sorted((one for one in declared if one.order <= USUAL), key=lambda one: (one.order, one.name)))


def find(name: str, flag: str = "-c") -> Convention:
    """The convention of that name or alias, whatever its case; `flag` is what a hint says to type it behind.

    Raises:
        LrnError: There is none; the hint has the nearest name.

    >>> find("TensorFlow").name
    'tf'
    """
    found = known(name) or _find_among(name, conventions())
    if found is None:
        from lrn_cli.conventions.unknown import unknown_convention

        raise unknown_convention(name, flag, conventions(), find_oddity(name))
    return found


def known(name: str) -> Convention | None:
    """The convention of that name or alias as far as that is told without reading all of them; else None."""
    # The file that is called so first, then those whose text has the name in quotes.
    looks = (_DECLARED.in_file, lambda word: _DECLARED.mentioning(f'"{word}"', key))
    return next((found for look in looks if name and (found := _find_among(name, look(key(name))))), None)


@cache
def oddities() -> tuple[Oddity, ...]:
    """What engines compute by mistakes, by name."""
    from lrn_cli.conventions.oddity import Oddity

    return tuple(sorted(Declarations[Oddity](package, "ODDITIES").everywhere(), key=lambda oddity: oddity.name))


Named = TypeVar("Named", Convention, "Oddity")


def _find_among(name: str, among: Iterable[Named]) -> Named | None:
    return next((one for one in among if key(name) in map(key, one.words)), None)


def find_oddity(name: str) -> Oddity | None:
    """What an engine computes by a mistake, by its name; None where there is none of that name."""
    return _find_among(name, oddities())


def nearest(name: str, words: Iterable[str]) -> str | None:
    """The word most like `name`, or None where none is like it."""
    from difflib import get_close_matches

    by_key = {key(word): word for word in words}
    return next((by_key[match] for match in get_close_matches(key(name), by_key, n=1, cutoff=0.5)), None)


def _by_name(convention: Convention) -> tuple[Callable[[str], Convention], tuple[str]]:
    return find, (convention.name,)


# Between processes a convention goes by its name: a declaration holds functions.
copyreg.pickle(Convention, _by_name)
