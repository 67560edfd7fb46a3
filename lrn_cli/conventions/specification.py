"""The one-word form of a convention and its parameters: `caffe:local_size=5,alpha=1e-4`."""

from __future__ import annotations

from collections.abc import Mapping

from lrn_cli.conventions.binding import Bound, bind
from lrn_cli.conventions.parameters import key
from lrn_cli.conventions.registry import find
from lrn_cli.errors import LrnError


def parse(word: str) -> tuple[str, dict[str, str]]:
    """The convention's name and the parameters, still as text.

    >>> parse("caffe:local_size=5,alpha=1e-4")
    ('caffe', {'local_size': '5', 'alpha': '1e-4'})
    """
    name, _, rest = word.partition(":")
    given: dict[str, str] = {}
    for item in filter(None, (piece.strip() for piece in rest.split(","))):
        parameter, equals, value = (piece.strip() for piece in item.partition("="))
        if not (parameter and equals and value):
            raise LrnError(f"{word}: {item!r} is not name=value", f"-c {name.strip()}:{parameter or 'alpha'}=5")
        if key(parameter) in map(key, given):
            raise LrnError(f"{word}: {parameter} is given twice", f"give {parameter} once")
        given[parameter] = value
    return name.strip(), given


def bound(word: str, given: Mapping[str, object] | None = None) -> Bound:
    """The convention that a word names, with the word's parameters and those `given` beside it.

    Raises:
        LrnError: The word is malformed, or the same parameter is in the word and beside it.

    >>> str(bound("alexnet:n=3", {"k": 1}))
    'alexnet k=1 n=3 alpha=0.0001 beta=0.75'
    """
    name, parameters = parse(word)
    convention = find(name)
    for parameter in given or {}:
        if key(parameter) in map(key, parameters):
            own = convention.named(parameter)
            name = own.name if own else parameter
            raise LrnError(f"{name} is given twice, in {word!r} and beside it", f"give {name} once")
    return bind(convention, {**parameters, **(given or {})})
