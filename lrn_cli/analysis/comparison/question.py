"""Which conventions are compared, and with which numbers: their own, or the same typed into all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lrn_cli.conventions.binding import Asked, Bound, parse
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import Parameter, Role, key, read
from lrn_cli.errors import LrnError
from lrn_cli.models.words import ask

USUAL = ("tf", "caffe", "wolfram", "neupy")
"""The conventions that are compared where none is named."""

TYPED_HINT = "--typed window=5,alpha=1e-4,beta=0.75,bias=1"

_TYPED = (Role.WINDOW, Role.ALPHA, Role.BETA, Role.BIAS)

Typed = Mapping[Role, object]


class Question(NamedTuple):
    """What is asked.

    Attributes:
        words: The conventions, in words or as asked, or the only one; None for two tensors as they are, and for the
            usual ones of one tensor.
        typed: The same numbers for all conventions, as text or by name; None for each its own.
        reference: Compare all conventions with the first only.
        layout, axis: As typed, or None.
        rtol, atol: The tolerance; None for that of the convention's engine, else what is usual for the dtype.
        any_dtype: Whether tensors of two dtypes may be equal.
    """

    words: str | Sequence[str | Asked] | None = None
    typed: str | Mapping[str, object] | None = None
    reference: bool = False
    layout: str | None = None
    axis: int | None = None
    rtol: float | None = None
    atol: float | None = None
    any_dtype: bool = False


class Chosen(NamedTuple):
    """A convention that was asked for.

    Attributes:
        name: What answers call it: the convention's name, or the whole word where that would not tell it from another.
        convention: The declaration.
        bound: With its numbers; None where it refuses what was typed into all.
        refusal: Why it does; None where it does not.
    """

    name: str
    convention: Convention
    bound: Bound | None
    refusal: LrnError | None


def read_typed(given: str | Mapping[str, object]) -> Typed:
    """The numbers to type into every convention, by the part of the formula they seem to be.

    Args:
        given: As in `window=5,alpha=1e-4,beta=0.75,bias=1`, or by those names.

    Raises:
        LrnError: A name is none of these four, or its value is no number.
    """
    try:
        by_name = parse(f":{given}")[1] if isinstance(given, str) else given
    except LrnError as error:
        raise LrnError(error.message.removeprefix(":"), TYPED_HINT) from None
    roles = {role.value: role for role in _TYPED}
    found: dict[Role, object] = {}
    for name, value in by_name.items():
        role = roles.get(key(name))
        if role is None:
            raise LrnError(f"{name} is none of {', '.join(roles)}, which are typed into every convention", TYPED_HINT)
        try:
            found[role] = read(Parameter(role.value, role, 5 if role is Role.WINDOW else 1.0, ""), value)
        except LrnError as error:
            raise LrnError(error.message, TYPED_HINT) from None
    return found


def choose(words: Sequence[str | Asked], typed: Typed) -> list[Chosen]:
    """The conventions that are asked for, each with what was typed into all under its own names.

    Raises:
        LrnError: A word is malformed, a required number is missing, or one is in the word and typed into all.

    >>> [str(choice.bound) for choice in choose(["wolfram"], read_typed("window=3,alpha=0.1"))]
    ['wolfram Alpha=0.1 Beta=0.5 Bias=1 ChannelWindowSize=3']
    """
    asked = [ask(word) for word in words]
    times = Counter(one.convention.name for one in asked)
    return [
        Chosen(
            one.convention.name if times[one.convention.name] == 1 else one.word,
            one.convention,
            *_bind_with(one, typed),
        )
        for one in asked
    ]


def _bind_with(asked: Asked, typed: Typed) -> tuple[Bound | None, LrnError | None]:
    """A convention with what was typed into all, or why it refuses that."""
    own = {role: parameter for role in typed if (parameter := asked.convention.playing(role)) is not None}
    for role, parameter in own.items():
        try:
            read(parameter, typed[role])
        except LrnError as error:
            return None, error.about(asked.convention.name)
    return asked.add({parameter.name: typed[role] for role, parameter in own.items()}).bind(), None
