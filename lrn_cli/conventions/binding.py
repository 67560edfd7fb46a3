"""From what was typed to a convention with its numbers filled in, and to the axes of a tensor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from lrn_cli import layouts
from lrn_cli.conventions.bound import Bound
from lrn_cli.conventions.declaration import Convention, Lookalike
from lrn_cli.conventions.parameters import Parameter, Value, key, read, show
from lrn_cli.conventions.registry import find
from lrn_cli.errors import LrnError

__all__ = ["Asked", "Bound", "ask", "bind", "bound", "check_tensor", "parse", "resolve_layout"]


def bind(convention: Convention, given: Mapping[str, object]) -> Bound:
    """Fill in a convention's parameters from what was given, the rest from its defaults.

    Args:
        convention: The declaration.
        given: Values by the framework's names (case and separators do not matter), as text or as numbers.

    Raises:
        LrnError: A name the convention does not have, a value that is no number or that the framework refuses, or a
            required one missing.
    """
    chosen: dict[str, object] = {}
    for name, value in given.items():
        parameter = convention.named(name)
        if parameter is None:
            from lrn_cli.conventions.suggestions import unknown_parameter

            raise unknown_parameter(convention, name, value)
        if parameter.name in chosen:
            raise LrnError(f"{convention.name}: {parameter.name} is given twice", f"give {parameter.name} once")
        chosen[parameter.name] = value
    return Bound(convention, {p.name: _fill_in(convention, p, chosen) for p in convention.parameters})


def _fill_in(convention: Convention, parameter: Parameter, chosen: Mapping[str, object]) -> Value:
    if parameter.name in chosen:
        try:
            return read(parameter, chosen[parameter.name])
        except LrnError as error:
            raise error.about(convention.name) from None
    if parameter.default is None:
        raise LrnError(
            f"{convention.name}: {parameter.name} ({parameter.meaning}) is required and has no default",
            f"-c {convention.name} {parameter.flag} {show(parameter.example)}",
        )
    return parameter.default


def parse(word: str) -> tuple[str, dict[str, str]]:
    """The convention's name and the parameters, still as text.

    >>> parse("caffe:local_size=5,alpha=1e-4")
    ('caffe', {'local_size': '5', 'alpha': '1e-4'})
    """
    name, _, rest = word.partition(":")
    given: dict[str, str] = {}
    for item in filter(None, (piece.strip() for piece in _pieces(rest))):
        parameter, equals, value = (piece.strip() for piece in item.partition("="))
        if not (parameter and equals and value):
            from lrn_cli.conventions.suggestions import meant_by

            raise LrnError(f"{word}: {item!r} is not name=value", meant_by(name.strip(), rest, bind))
        if key(parameter) in map(key, given):
            raise LrnError(f"{word}: {parameter} is given twice", f"give {parameter} once")
        given[parameter] = value
    return name.strip(), given


def _pieces(text: str) -> Iterable[str]:
    if "[" not in text and "(" not in text:
        return text.split(",")
    from lrn_cli.conventions.lists import pieces

    return pieces(text)


class Asked(NamedTuple):
    """A convention that was asked for, with what was given for its parameters, not yet read as numbers.

    Attributes:
        convention: The declaration.
        given: Values by the names that were typed.
        word: All of it in one word, to be shown.
    """

    convention: Convention
    given: Mapping[str, object]
    word: str

    @property
    def lookalike(self) -> Lookalike | None:
        """What was named, where that is not the convention itself but what computes the same."""
        return self.convention.lookalike(self.word.partition(":")[0])

    def add(self, given: Mapping[str, object]) -> Asked:
        """The same with more parameters.

        Raises:
            LrnError: One of them was given already.
        """
        for parameter in given:
            if key(parameter) in map(key, self.given):
                own = self.convention.named(parameter)
                name = own.name if own else parameter
                raise LrnError(f"{name} is given twice, in {self.word!r} and beside it", f"give {name} once")
        more = ",".join(f"{name}={value}" for name, value in given.items())
        joint = ("," if ":" in self.word else ":") if more else ""
        return Asked(self.convention, {**self.given, **given}, f"{self.word}{joint}{more}")

    def bind(self) -> Bound:
        """The convention with its numbers; raises as the function `bind`."""
        return bind(self.convention, self.given)


def ask(word: str | Asked, given: Mapping[str, object] | None = None) -> Asked:
    """What a word asks for, or what was asked already, with the parameters `given` beside it.

    Raises:
        LrnError: The word is malformed, names no convention, or the same parameter is in it and beside it.

    >>> ask("AlexNet:n=3", {"k": 1}).given
    {'n': '3', 'k': 1}
    """
    if isinstance(word, str):
        name, parameters = parse(word)
        word = Asked(find(name), parameters, word)
    return word.add(given or {})


def bound(word: str, given: Mapping[str, object] | None = None) -> Bound:
    """The convention that a word names, with the word's parameters and those `given` beside it.

    Raises:
        LrnError: As `ask` and `bind`.

    >>> str(bound("alexnet:n=3", {"k": 1}))
    'alexnet k=1 n=3 alpha=0.0001 beta=0.75'
    """
    return ask(word, given).bind()


def resolve_layout(
    choice: Bound,
    shape: tuple[int, ...],
    *,
    layout: str | None = None,
    axis: int | None = None,
    fixed: str | None = None,
) -> str:
    """The layout of a tensor of that shape: the one given or fixed, else the convention's own for its rank.

    Raises:
        LrnError: The tensor has no axes, none of the convention's layouts has as many, or what was given does not fit;
            or the convention refuses the number of channels.
    """
    if not shape:
        raise LrnError("the tensor is a single number, without an axis for channels", "a tensor of rank 1 or more")
    fitted = layouts.choose(shape, layout=layout, axis=axis, fixed=fixed)
    if fitted is None:
        strict = len(shape) < choice.convention.least_rank
        fitted = None if strict else layouts.customary(choice.layouts, len(shape))
    return check_tensor(choice, fitted, shape)


def check_tensor(choice: Bound, layout: str | None, shape: tuple[int, ...]) -> str:
    """Refuse a tensor that the convention does not take with these numbers; else its layout.

    Args:
        choice: The convention with its numbers.
        layout: A letter for each axis; None where the convention has none for that rank.
        shape: Of the tensor.
    """
    if layout is None or choice.speaks_of_axes:
        from lrn_cli.conventions.refusals import check_axes

        layout = check_axes(choice, layout, shape)
    choice.check_channels(shape[layout.index("C")])
    return layout
