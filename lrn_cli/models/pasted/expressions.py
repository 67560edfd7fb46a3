"""The values in pasted text: numbers, exactly as typed, and what else may stand where a number does."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import isfinite
from typing import NamedTuple

from lrn_cli.errors import LrnError

DICTIONARY = "dict"
"""What a dictionary is called, which is read as the call that makes one."""
_SHOWN = 60
"""Characters of a text in a message."""
_BITS = 2200
"""Of the longest numerator or denominator."""


class Opaque(NamedTuple):
    """What is no literal: a variable, another call; never evaluated.

    Attributes:
        text: As it stands there, or what is known of it.
    """

    text: str


class Argument(NamedTuple):
    """One argument of a call.

    Attributes:
        key: Its name; empty where it goes by its place.
        value: A number, a string, a list, a call or something else.
        chained: Whether it is that of a method called on the result, `Builder().n(5)`.
    """

    key: str
    value: Value
    chained: bool = False


class Seen(NamedTuple):
    """A call that stands in a text.

    Attributes:
        name: What is called, with dots whatever the language joins names by: `tf.nn.lrn`.
        arguments: As they stand there.
        whole: The name with its imports resolved, as far as they stand there too: `tensorflow.nn.lrn`.
        cut: Whether the text ends inside of its brackets.
    """

    name: str
    arguments: tuple[Argument, ...]
    whole: str = ""
    cut: bool = False


Value = int | Fraction | str | list["Value"] | Seen | Opaque
"""A literal integer, a number with a fraction, a string, a list, a call, or what is none of them."""

_OPERATIONS: Mapping[str, Callable[[Fraction, Fraction], int | Fraction]] = {
    "/": operator.truediv,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
}


def exact(number: float) -> Fraction | Opaque:
    """The decimal that was typed, of the float that was read; infinity and NaN are no literals.

    >>> exact(1e-4)
    Fraction(1, 10000)
    """
    return Fraction(repr(number)) if isfinite(number) else Opaque(str(number))


def is_number(value: Value) -> bool:
    """Whether it is one that arithmetic can go on with."""
    return isinstance(value, (int, Fraction))


def combine(sign: str, left: Value, right: Value) -> Value:
    """Two numbers with an operator between them, computed exactly; opaque where they are none, or it is no number.

    >>> combine("/", exact(0.001), 9), combine("**", 10, -4), combine("*", 2, Opaque("n"))
    (Fraction(1, 9000), Fraction(1, 10000), Opaque(text='an expression'))
    """
    if not isinstance(left, (int, Fraction)) or not isinstance(right, (int, Fraction)):
        return Opaque("an expression")
    if sign in ("**", "^"):
        return _power(left, right)
    if right == 0 and sign in ("/", "//"):
        return Opaque("a division by zero")
    result = Fraction(_OPERATIONS[sign](Fraction(left), Fraction(right)))
    whole = isinstance(left, int) and isinstance(right, int) and sign != "/"
    return _bounded(int(result) if whole else result)


def _power(base: int | Fraction, power: int | Fraction) -> Value:
    exponent = int(power)
    if exponent != power or (base == 0 and exponent < 0) or abs(exponent) * max(1, _bits(base)) > _BITS:
        return Opaque("a power that is no number of a framework")
    raised = Fraction(base) ** exponent
    return int(raised) if isinstance(base, int) and exponent >= 0 else raised


def _bits(value: int | Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _bounded(value: int | Fraction) -> Value:
    return value if _bits(value) <= _BITS else Opaque("beyond any number of a framework")


def shorten(text: str) -> str:
    """As much of a text as a message has room for."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def describe(value: Value) -> str:
    """What a value is, for messages.

    >>> describe(Opaque("alpha")), describe("5"), describe([1, Fraction(1, 4)])
    ('alpha', "'5'", '[1, 0.25]')
    """
    match value:
        case Opaque():
            shown = value.text
        case Seen():
            shown = f"{value.name}(...)"
        case Fraction():
            shown = repr(as_float(value)).removesuffix(".0")
        case list():
            shown = f"[{', '.join(map(describe, value[:_SHOWN]))}]"
        case _:
            shown = repr(value)
    return shorten(shown)


def as_float(number: Fraction) -> float:
    """The float64 nearest to an exact number; raises LrnError where it is beyond them."""
    try:
        return number.numerator / number.denominator
    except OverflowError:
        raise LrnError("a number is beyond float64") from None


def nested(calls: list[Seen]) -> Iterator[Seen]:
    """These calls, and those that stand among their arguments, from the outside in."""
    for call in calls:
        yield call
        yield from nested([argument.value for argument in call.arguments if isinstance(argument.value, Seen)])
