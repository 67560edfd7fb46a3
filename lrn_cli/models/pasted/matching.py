"""Which convention's call a pasted call is, and the numbers that it gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from lrn_cli.conventions.binding import Asked
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import Parameter, Role, key, show
from lrn_cli.conventions.suggestions import unknown_parameter
from lrn_cli.errors import LrnError
from lrn_cli.models.pasted.expressions import (
    DICTIONARY,
    Argument,
    Opaque,
    Seen,
    Value,
    as_float,
    describe,
    exact,
    is_number,
    shorten,
)
from lrn_cli.models.pasted.patterns import TENSOR, Pattern, patterns

_ALIAS = 2
"""Letters of a name that a module may have been imported as: `nn`, `F`, `L`."""
_IGNORED = ("name",)
"""Names of arguments that every framework has, and that are no parameters."""


class OtherCall(Exception):  # noqa: N818 - it is no error
    """A call that is another one: a constant is not the pattern's."""


def candidates(seen: Seen) -> list[Pattern]:
    """The patterns whose call it may be by its name, those that fit best."""
    if not seen.name:
        return [pattern for pattern in patterns() if _fits_unnamed(seen, pattern)]
    ranked = [(rank, pattern) for pattern in patterns() if (rank := _rank(seen, pattern))]
    best = max((rank for rank, _ in ranked), default=0)
    return [pattern for rank, pattern in ranked if rank == best]


def _fits_unnamed(seen: Seen, pattern: Pattern) -> bool:
    """Whether a list alone, or fields alone, can be what the pattern hands over."""
    value = seen.arguments[0].value
    if isinstance(value, list) and not seen.arguments[0].key:
        return 0 < len(value) == len(pattern.listed) and all(map(is_number, value))
    return pattern.is_message and all(pattern.keys.get(argument.key, TENSOR) != TENSOR for argument in seen.arguments)


def _rank(seen: Seen, pattern: Pattern) -> int:
    """How well what is called fits: 4 the same, 3 the end of it, 2 of the same package, 1 of a short alias."""
    name, (whole, written) = (seen.whole or seen.name).split("."), pattern.names
    # How a statement has imported what it calls is its own affair: F is another module elsewhere.
    by_alias = 2 if written == ".".join(name) else _compare(name, written.split("."), pattern)
    return max(_compare(name, whole.split("."), pattern), min(by_alias, 2))


def _compare(name: list[str], own: list[str], pattern: Pattern) -> int:
    if name == own and len(own) > 1:
        return 4
    if name == own[-len(name) :]:
        return 3
    if name[-1] != own[-1]:
        return 0
    if name[0] == own[0] and len(own) > 1:
        return 2
    return int(pattern.on_any or (len(name) == 2 and len(name[0]) <= _ALIAS and len(own) > 1))


def read_arguments(seen: Seen, pattern: Pattern) -> Asked:
    """What a call asks for, taken as one of that pattern.

    Raises:
        OtherCall: It is another call after all.
        LrnError: It has an argument that the convention has not, one twice, or one that is no literal.
    """
    assigned = list(_assign(seen, pattern))
    absent = pattern.fills.keys() - {name for name, _ in assigned}
    return ask(pattern.convention, [*assigned, *((name, exact(pattern.fills[name])) for name in absent)])


def ask(convention: Convention, values: Iterable[tuple[str, Value]]) -> Asked:
    """What these values ask for, by the names of their parameters.

    Raises:
        LrnError: As `read_arguments`.
    """
    given: dict[str, object] = {}
    for name, value in values:
        parameter = convention.named(name)
        if parameter is None:
            raise unknown_parameter(convention, shorten(name), describe(value))
        if parameter.name in given:
            raise LrnError(f"{convention.name}: {parameter.name} is given twice", f"give {parameter.name} once")
        given[parameter.name] = _literal(parameter, value, convention.name)
    return Asked(convention, given, _word(convention.name, given))


def _word(name: str, given: dict[str, object]) -> str:
    settings = ",".join(f"{parameter}={show(value)}" for parameter, value in given.items())  # type: ignore[arg-type]
    return f"{name}:{settings}" if settings else name


def _assign(seen: Seen, pattern: Pattern) -> Iterator[tuple[str, Value]]:
    """The parameter of each argument, or the name that it has where it is none."""
    places, arguments = list(pattern.places), _flatten(seen, pattern)
    keys = {key(name): slot for name, slot in pattern.keys.items()}
    tensor = TENSOR in places or TENSOR in keys.values()
    while arguments:
        argument = arguments.pop(0)
        if not argument.key and arguments and _names(argument, arguments[0], keys):
            argument = arguments.pop(0)._replace(key=str(argument.value))
        if not argument.key:
            yield from _by_place(argument.value, places, pattern)
            continue
        slot = keys.get(key(argument.key), "")
        if slot == TENSOR or key(argument.key) in _IGNORED or _is_other_method(argument, slot, pattern):
            continue
        if not slot and tensor and isinstance(argument.value, Opaque):
            tensor = False  # the tensor, whatever the framework calls it
            continue
        yield slot or argument.key, argument.value


def _is_other_method(argument: Argument, slot: str, pattern: Pattern) -> bool:
    """Whether it is that of a method which has nothing to do with the parameters: build, forward, cuda."""
    parameters = [parameter.key for parameter in pattern.convention.parameters if len(parameter.key) > _ALIAS]
    return argument.chained and not slot and not any(name in key(argument.key) for name in parameters)


def _names(argument: Argument, following: Argument, keys: dict[str, str]) -> bool:
    """Whether it is the name of the argument behind it, as in MATLAB."""
    return isinstance(argument.value, str) and not following.key and key(argument.value) in (*keys, *_IGNORED)


def _by_place(value: Value, places: list[str], pattern: Pattern) -> Iterator[tuple[str, Value]]:
    if isinstance(value, list) and pattern.listed:
        if len(value) != len(pattern.listed):
            wanted = ", ".join(pattern.listed)
            name = pattern.convention.name
            raise LrnError(f"{name}: a list of {len(value)} numbers; it has {wanted}", f"lrn explain {name}")
        yield from zip(pattern.listed, value, strict=True)
        return
    place = places.pop(0) if places else ""
    while place == TENSOR and is_number(value):  # the tensor is left out
        place = places.pop(0) if places else ""
    if place.startswith('"'):
        if place.strip('"') != value:
            raise OtherCall
    elif place == "":
        names = ", ".join(parameter.name for parameter in pattern.convention.parameters)
        name = pattern.convention.name
        raise LrnError(f"{name}: {describe(value)} is one argument too many; it has {names}", f"lrn explain {name}")
    elif place != TENSOR:
        yield place, value


def _flatten(seen: Seen, pattern: Pattern) -> list[Argument]:
    """Its arguments, with those of dictionaries among them: `lrn_param=dict(local_size=5)`."""
    found: list[Argument] = []
    for argument in seen.arguments:
        inner = (
            argument.value.arguments if isinstance(argument.value, Seen) and argument.value.name == DICTIONARY else ()
        )
        found += inner or [argument]
    return found


def _literal(parameter: Parameter, value: Value, convention: str) -> object:
    """The value of an argument, for the convention to judge."""
    names = [choice for choice in parameter.choices if isinstance(choice, str)]
    if isinstance(value, Opaque) and names:
        found = [choice for choice in names if choice.lower() in value.text.lower()]  # P.LRN.WITHIN_CHANNEL
        return found[0] if len(found) == 1 else value.text
    if isinstance(value, int) and names and parameter.role is Role.REGION:
        return names[value] if 0 <= value < len(names) else value  # an enumeration, by its number
    if isinstance(value, Fraction):
        return as_float(value)
    if isinstance(value, (Opaque, Seen)) or (isinstance(value, str) and not parameter.choices):
        kind = "an integer" if parameter.role is Role.WINDOW else "a number"
        said = f"{convention}: {parameter.name} is {describe(value)}, {kind} is wanted; names are not looked up"
        raise LrnError(said, "write the number there")
    return [_literal(parameter, item, convention) for item in value] if isinstance(value, list) else value
