"""What to say when a parameter is given to a convention that does not have it: which it has, and the number there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from shlex import quote

from lrn_cli.conventions import slips
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import Parameter, Role, Value, key, read, show
from lrn_cli.conventions.registry import conventions, find
from lrn_cli.errors import LrnError

Owner = tuple[Convention, Parameter]


def unknown_parameter(convention: Convention, name: str, value: object) -> LrnError:
    """The error for a parameter that `convention` does not have.

    It names the one that plays the same role there, and what the number would become.
    """
    if key(name) in _OPTIONS:
        return LrnError(
            f"{convention.name} has no parameter {name}: which axis is which is said beside it",
            f"--{key(name)} {value}",
        )
    found = list(owners(name))
    if not found:
        names = [parameter.name for parameter in convention.parameters]
        near = _meant(convention, name)
        hint = f"did you mean {near.name}, {convention.window.value}?" if near and near.role is Role.WINDOW else ""
        return LrnError(
            f"{convention.name} has no parameter {name}; it has {', '.join(names)}",
            hint or (f"did you mean {near.name}?" if near else f"lrn explain {convention.name} says what each is"),
        )
    owner, parameter = found[0]
    own = convention.playing(parameter.role)
    if own is None:
        belongs = f"{parameter.flag} belongs to {', '.join(other.name for other, _ in found)}"
        return LrnError(
            f"{convention.name} has no {parameter.name} and no other {parameter.role.value}: {belongs}",
            f"-c {owner.name} {parameter.flag} {value}",
        )
    what = f"{own.name}, {convention.window.value}" if own.role is Role.WINDOW else own.name
    if own.role is Role.ALPHA:
        what += f", which is {'' if convention.alpha_is_divided else 'not '}divided by the window"
    meant = _translate((convention, own), found, value)
    if meant is None:
        return LrnError(f"{convention.name} has no {parameter.name}; it has {what}", f"did you mean {what}?")
    said = f"{convention.name} has no {parameter.name}; it has {what.partition(', which')[0]}: {parameter.name} {value}"
    becomes = f"{own.name} {show(meant)}"
    try:
        read(own, meant)
    except LrnError as error:
        return LrnError(f"{said} would be {becomes}, but {error.message}", error.hint)
    return LrnError(f"{said} is {becomes} there", f"{own.flag} {show(meant)}, or -c {owner.name}")


_OPTIONS = ("axis", "layout")
"""What is the tensor's, whatever the convention."""
CALLED = {
    Role.WINDOW: "window windowsize size nsize normsize n c width radius depthradius localsize localregion lrnn",
    Role.BIAS: "bias k knorm kappa delta epsilon eps offset lrnk",
    Role.ALPHA: "alpha scale a coefficient lrnalpha normalpha",
    Role.BETA: "beta power pow exponent b lrnbeta normbeta",
    Role.REGION: "region normregion mode lrnmode across acrossspatial",
}
"""What the parts of the formula are called here and there, as `parameters.key` spells it."""


def _meant(convention: Convention, name: str) -> Parameter | None:
    """The convention's parameter that is spelt nearly so, or plays the part that elsewhere is called so."""
    names = {parameter.key: parameter for parameter in convention.parameters}
    role = next((role for role, words in CALLED.items() if key(name) in words.split()), None)
    if role is not None and (own := convention.playing(role)):
        return own
    near = get_close_matches(key(name), names, n=1, cutoff=0.7)
    return names[near[0]] if near else None


def meant_by(name: str, rest: str, bind: Callable[[Convention, Mapping[str, object]], object]) -> str:
    """What to type instead of a word that cannot be read, once that has been tried; else where to look.

    Args:
        name: Of the convention.
        rest: What stands behind the colon.
        bind: Raises where the convention does not take the numbers.
    """
    try:
        convention = find(name)
    except LrnError as error:
        return error.hint
    given = slips.settings(rest)
    if given is None and slips.number(rest.strip()) is not None:
        given = {convention.parameter(Role.WINDOW).name: rest.strip()}
    found = {own: _plain(value) for own, value in (given or {}).items()}
    try:
        if found:
            bind(convention, found)
            return f"-c {quote(f'{name}:' + ','.join(f'{own}={value}' for own, value in found.items()))}"
    except LrnError:
        pass
    return f"lrn explain {convention.name} shows its parameters"


def _plain(value: str) -> str:
    """A number as it is read; what is none as it stands."""
    number = slips.number(value)
    return value if number is None else show(number)


def owners(name: str) -> Iterator[Owner]:
    """The conventions that have a parameter of that name, whatever its case and separators, each with it."""
    for convention in conventions():
        parameter = convention.named(name)
        if parameter is not None:
            yield convention, parameter


def _translate(to: Owner, sources: Sequence[Owner], value: object) -> Value | None:
    """What the value becomes; None where it becomes nothing, or whoever has the parameter means another thing by it."""
    convention, own = to
    meant = set()
    for owner, parameter in sources:
        with suppress(LrnError):
            meant.add(_same(convention, own, owner, read(parameter, value)))
    if len(meant) != 1 or None in meant:
        return None
    return meant.pop()


def _same(convention: Convention, own: Parameter, owner: Convention, number: Value) -> Value | None:
    """The value of a convention's parameter that says what a value of another's in the same role says, if one does."""
    if own.role is Role.REGION:
        theirs = next((region.over("NCHW") for region in owner.regions if region.name == number), None)
        return next((region.name for region in convention.regions if theirs and region.matches(theirs)), None)
    if isinstance(number, tuple) or own.by_axis:
        return None
    if own.role is Role.WINDOW:
        return convention.window.parameter_for(owner.window.span(int(number)))
    return None if own.role is Role.ALPHA and convention.alpha_is_divided != owner.alpha_is_divided else number
