"""What to say when a parameter is given to a convention that does not have it: which it has, and the number there."""

from __future__ import annotations

from collections.abc import Iterator

from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import Parameter, Role, read, show
from lrn_cli.conventions.registry import conventions, nearest
from lrn_cli.errors import LrnError
from lrn_cli.formula import Span

Owner = tuple[Convention, Parameter]


def unknown_parameter(convention: Convention, name: str, value: object) -> LrnError:
    """The error for a parameter that `convention` does not have.

    It names the one that plays the same role there, and what the number would become.
    """
    found = list(owners(name))
    if not found:
        names = [parameter.name for parameter in convention.parameters]
        return LrnError(
            f"{convention.name} has no parameter {name}; it has {', '.join(names)}",
            f"lrn apply --help lists them; did you mean {nearest(name, names) or names[0]}?",
        )
    owner, parameter = found[0]
    own = convention.playing(parameter.role)
    belongs = f"{parameter.flag} belongs to {', '.join(other.name for other, _ in found)}"
    if own is None:
        return LrnError(
            f"{convention.name} has no {parameter.name} and no other {parameter.role.value}: {belongs}",
            f"-c {owner.name} {parameter.flag} {value}",
        )
    what = f"{own.name}, {convention.window.value}" if own.role is Role.WINDOW else own.name
    becomes, typed = _translate((convention, own), (owner, parameter), value)
    return LrnError(
        f"{convention.name} has no {parameter.name}; it has {what}{becomes}", f"{typed}, or -c {owner.name}"
    )


def owners(name: str) -> Iterator[Owner]:
    """The conventions that have a parameter of that name, whatever its case and separators, each with it."""
    for convention in conventions():
        parameter = convention.named(name)
        if parameter is not None:
            yield convention, parameter


def _translate(to: Owner, source: Owner, value: object) -> tuple[str, str]:
    """What the number becomes, as a clause and as a flag to type."""
    (convention, own), (owner, parameter) = to, source
    try:
        number = read(parameter, value)
    except LrnError:
        return "", _example(own)
    if isinstance(number, tuple) or own.by_axis:
        return "", _example(own)
    if parameter.role is Role.WINDOW:
        span: Span = owner.window.span(int(number))
        window = convention.window.parameter_for(span)
        if window is None:
            return f", and none is a window of {span.width} channels", f"{own.flag} {max(span)}"
        number = window
    try:
        read(own, number)
    except LrnError as error:
        return f": {parameter.name} {value} would be {own.name} {number}, but {error.message}", error.hint
    return f": {parameter.name} {value} is {own.name} {show(number)} there", f"{own.flag} {show(number)}"


def _example(own: Parameter) -> str:
    return f"{own.flag} {show(own.example if own.default is None else own.default)}"
