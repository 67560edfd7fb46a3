"""Parameters: what a framework calls them, which part of the formula they feed, and what it takes."""

from __future__ import annotations

import math
import numbers
from enum import Enum
from typing import NamedTuple

from lrn_cli.errors import LrnError

Value = int | float | str
"""A parameter's value: an integer window, a floating-point coefficient, or the name of a region."""


class Role(Enum):
    """Which part of the formula a parameter feeds, under whatever name its framework has for it."""

    WINDOW = "window"
    ALPHA = "alpha"
    BIAS = "bias"
    BETA = "beta"
    REGION = "region"


class AtLeast(NamedTuple):
    """The limit of a parameter that its framework wants no smaller than `least`."""

    least: int | float

    def refuses(self, value: int | float) -> bool:
        """Whether the framework refuses `value`."""
        return value < self.least

    def nearest_allowed(self, value: int | float) -> int | float:
        """The nearest value that it takes."""
        return max(value, self.least)

    def __str__(self) -> str:
        return f"{self.least} or more"


class AtMost(NamedTuple):
    """The limit of a parameter that its framework wants no greater than `most`."""

    most: int | float

    def refuses(self, value: int | float) -> bool:
        """Whether the framework refuses `value`."""
        return value > self.most

    def nearest_allowed(self, value: int | float) -> int | float:
        """The nearest value that it takes."""
        return min(value, self.most)

    def __str__(self) -> str:
        return f"{self.most} or less"


class Odd:
    """The limit of a parameter of which its framework takes only odd values."""

    def refuses(self, value: int | float) -> bool:
        """Whether the framework refuses `value`."""
        return value % 2 == 0

    def nearest_allowed(self, value: int | float) -> int | float:
        """The nearest value that it takes, the greater of two as near."""
        return value + 1 if self.refuses(value) else value

    def __str__(self) -> str:
        return "odd"


Limit = AtLeast | AtMost | Odd


class Parameter(NamedTuple):
    """One parameter, under its framework's own name.

    Attributes:
        name: As the framework spells it.
        role: The part of the formula it feeds.
        default: The framework's own; None where the framework requires a value.
        meaning: One clause, for help and explanations.
        limits: What the framework takes, in an order in which each keeps to those before it.
        choices: The names that a region may have.
    """

    name: str
    role: Role
    default: Value | None
    meaning: str
    limits: tuple[Limit, ...] = ()
    choices: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name without case and separators: what typed names are matched by."""
        return key(self.name)

    @property
    def type_name(self) -> str:
        """What values are: "integer", "number" or "name"."""
        return {Role.WINDOW: "integer", Role.REGION: "name"}.get(self.role, "number")

    @property
    def flag(self) -> str:
        """The command-line flag: `--local-size` for `local_size`, `--channel-window-size` for `ChannelWindowSize`."""
        inner = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in self.name)
        return "--" + inner.lstrip("-").replace("_", "-")


def key(name: str) -> str:
    """A name without case and separators, by which names are matched.

    >>> key("ChannelWindowSize") == key("channel-window-size") == key("channel_window_size")
    True
    """
    return name.lower().replace("_", "").replace("-", "")


_A_NUMBER = "a number, as 0.0001 or 1e-4"
_GREATEST = 2**63 - 1
"""The largest integer that any of the frameworks counts to."""


def read(parameter: Parameter, value: object) -> Value:
    """One parameter's value from text or from a Python number, checked against the framework's limits.

    Raises:
        LrnError: It is of another type, not finite, or beyond a limit.
    """
    if parameter.role is Role.REGION:
        return _choice(parameter, value)
    number = _integer(parameter, value) if parameter.role is Role.WINDOW else _finite(parameter, value)
    if any(limit.refuses(number) for limit in parameter.limits):
        wanted = " and ".join(str(limit) for limit in parameter.limits)
        message = f"{parameter.name} is {show(number)}, it must be {wanted}"
        raise LrnError(message, f"{parameter.flag} {show(_near(parameter, number))}")
    return number


def _integer(parameter: Parameter, value: object) -> int:
    try:
        # Python would read 1_0 as 10, which no framework's own file format does.
        if not isinstance(value, (str, numbers.Integral)) or isinstance(value, bool):
            raise ValueError
        if isinstance(value, str) and "_" in value:
            raise ValueError
        number = int(value)
    except ValueError:
        message = f"{parameter.name} is {value!r}, it must be an integer"
        raise LrnError(message, _meant(parameter, value, "a whole number, as 5")) from None
    if abs(number) > _GREATEST:
        message = f"{parameter.name} is beyond {_GREATEST}, which no framework's integers are"
        raise LrnError(message, "a window of the size that the framework was given")
    return number


def _finite(parameter: Parameter, value: object) -> float:
    try:
        if not isinstance(value, (str, numbers.Real)) or isinstance(value, bool) or "_" in str(value):
            raise ValueError
        number = float(value)
    except ValueError:
        message = f"{parameter.name} is {value!r}, it must be a number"
        raise LrnError(message, _meant(parameter, value, _A_NUMBER)) from None
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise LrnError(f"{parameter.name} is {value}, it must be a finite number", _A_NUMBER)
    return number


def _choice(parameter: Parameter, value: object) -> str:
    match = next((choice for choice in parameter.choices if choice.lower() == str(value).lower()), None)
    if match is None:
        raise LrnError(
            f"{parameter.name} is {value!r}, it must be {' or '.join(parameter.choices)}",
            _meant(parameter, value, f"{parameter.flag} with one of them"),
        )
    return match


def _meant(parameter: Parameter, value: object, otherwise: str) -> str:
    """What to type, where it is clear what was meant and the framework takes it; else what else to say."""
    from lrn_cli.conventions import slips

    number = slips.number(value)
    near: Value | None = number
    if parameter.role is Role.REGION:
        near = slips.choice(value, parameter.choices)
    elif parameter.role is Role.WINDOW and number is not None:
        near = int(number) if number == int(number) else None
    try:
        return otherwise if near is None else f"{parameter.flag} {show(read(parameter, near))}"
    except LrnError:
        return otherwise


def _near(parameter: Parameter, refused: int | float) -> int | float:
    """A value near the refused one that every limit allows."""
    for limit in parameter.limits:
        refused = limit.nearest_allowed(refused)
    return refused


def show(value: Value) -> str:
    """A parameter's value as people write it: the shortest decimal, and no `.0`.

    >>> show(1.0), show(1e-05), show(5), show("WITHIN_CHANNEL")
    ('1', '1e-05', '5', 'WITHIN_CHANNEL')
    """
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
