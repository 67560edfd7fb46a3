"""What to say of a name that is no convention's: where it is known or like one, what to type; else which there are."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.oddity import Oddity
from lrn_cli.conventions.parameters import key
from lrn_cli.errors import LrnError

_CLOSE = 0.8
"""How alike a name must be to be taken for a slip: cafe for caffe, not jax for mxnet."""
_SHORTEST = 4
"""Letters of a name that can have a slip in it and still be told."""
_LIST = "lrn conventions lists them with their frameworks"


def unknown_convention(name: str, flag: str, conventions: Sequence[Convention], oddity: Oddity | None) -> LrnError:
    """The error for a name that no convention has.

    Args:
        name: As typed.
        flag: What a hint says to type one behind.
        conventions: All of them, the default one first.
        oddity: What goes by that name, if it is a mistake of an engine.
    """
    if oddity:
        return LrnError(
            f"{name} is described and not offered: {oddity.title}, a mistake of an engine and no convention",
            f"lrn explain {oddity.name} says what; {oddity.instead}",
        )
    names = [convention.name for convention in conventions]
    message = f"unknown convention {name!r}; there are {', '.join(names)}"
    if not name:
        return LrnError(message, f"{flag} {names[0]}")
    several = [other for other in names if key(other).startswith(key(name))]
    if len(several) > 1:
        return LrnError(message, f"{flag} {' or '.join(several)}")
    near = _nearest(name, conventions)
    return LrnError(message, f"{flag} {near}" if near else _LIST)


def _nearest(name: str, conventions: Sequence[Convention]) -> str | None:
    """The convention whose name or alias is so like that it must be meant: another number is another framework."""
    likeness = {
        convention.name: max(_likeness(key(name), key(word)) for word in convention.words) for convention in conventions
    }
    best = max(likeness, key=likeness.__getitem__)
    return best if likeness[best] >= _CLOSE else None


def _likeness(one: str, other: str) -> float:
    if len(one) < _SHORTEST or [sign for sign in one if sign.isdigit()] != [sign for sign in other if sign.isdigit()]:
        return 0.0
    return SequenceMatcher(None, one, other).ratio()
