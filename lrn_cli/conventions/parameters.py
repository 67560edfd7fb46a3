"""Parameters: what a framework calls them, which part of the formula they feed, and what it takes."""

from __future__ import annotations

import math
import numbers
import re
from enum import Enum
from functools import reduce
from typing import NamedTuple

from lrn_cli.errors import LrnError

Value = int | float | str | tuple[int, ...]
"""A parameter's value: an integer window, a floating-point coefficient, the name of a region, or a list of integers."""


class Role(Enum):
    """Which part of the formula a parameter feeds, under whatever name its framework has for it."""

    WINDOW = "window"
    ALPHA = "alpha"
    BIAS = "bias"
    BETA = "beta"
    REGION = "region"
    LAYOUT = "layout"
    """It says where the channels are."""
    NOTHING = "nothing"
    """It says how the same numbers are computed or stored."""


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


class MoreThan(NamedTuple):
    """The limit of a parameter that its framework wants greater than `bound`."""

    bound: int | float

    def refuses(self, value: int | float) -> bool:
        """Whether the framework refuses `value`."""
        return value <= self.bound

    def nearest_allowed(self, value: int | float) -> int | float:
        """A value that it takes, a round one."""
        return self.bound + 1 if self.refuses(value) else value

    def __str__(self) -> str:
        return f"more than {self.bound}"


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


Limit = AtLeast | MoreThan | AtMost | Odd


class Parameter(NamedTuple):
    """One parameter, under its framework's own name.

    Attributes:
        name: As the framework spells it.
        role: The part of the formula it feeds.
        default: The framework's own; None where the framework requires a value.
        meaning: One clause, for help and explanations.
        limits: What the framework takes, in an order in which each keeps to those before it; of a list each number.
        choices: The values there are, where they are few.
        by_axis: Whether it is a list, one number for each axis of the tensor.
    """

    name: str
    role: Role
    default: Value | None
    meaning: str
    limits: tuple[Limit, ...] = ()
    choices: tuple[Value, ...] = ()
    by_axis: bool = False

    @property
    def key(self) -> str:
        """The name without case and separators: what typed names are matched by."""
        return key(self.name)

    @property
    def type_name(self) -> str:
        """What values are: "integer", "number", "name" or "list"."""
        if self.by_axis or any(isinstance(choice, tuple) for choice in self.choices):
            return "list"
        if self.choices:
            return "integer" if isinstance(self.choices[0], int) else "name"
        return "integer" if self.role is Role.WINDOW else "number"

    @property
    def example(self) -> Value:
        """A value to take where one is required and none is given."""
        if self.choices or self.by_axis:
            return self.choices[0] if self.choices else (1, 5, 1, 1)
        return {Role.ALPHA: 1e-4, Role.BETA: 0.75, Role.BIAS: 1.0}.get(self.role, 5)

    @property
    def flag(self) -> str:
        """The command-line flag: `--local-size` for `local_size`, `--channel-window-size` for `ChannelWindowSize`."""
        return "--" + re.sub("(?<=[a-z])(?=[A-Z])", "-", self.name).replace("_", "-").lower()


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
    if parameter.choices:
        return _choice(parameter, value)
    if parameter.by_axis:
        from lrn_cli.conventions.lists import items

        found = tuple(int(_number(parameter, item)) for item in items(value))
        if not found:
            message = f"{parameter.name} is {value!r}, it must be a list with one number for each axis of the tensor"
            raise LrnError(message, f"{parameter.flag} {show(parameter.example)}")
        return found
    return _number(parameter, value)


def _number(parameter: Parameter, value: object) -> int | float:
    number = _integer(parameter, value) if parameter.role is Role.WINDOW else _finite(parameter, value)
    if any(limit.refuses(number) for limit in parameter.limits):
        wanted = " and ".join(str(limit) for limit in parameter.limits)
        allowed = reduce(lambda near, limit: limit.nearest_allowed(near), parameter.limits, number)
        near = parameter.example if parameter.by_axis else allowed
        raise LrnError(f"{parameter.name} is {show(number)}, it must be {wanted}", f"{parameter.flag} {show(near)}")
    return number


def _integer(parameter: Parameter, value: object) -> int:
    try:
        # Python would read 1_0 as 10, which no framework's own file format does.
        if not isinstance(value, (str, numbers.Integral)) or isinstance(value, bool) or "_" in str(value):
            raise ValueError
        number = int(value)
    except ValueError:
        raise _unread(parameter, value, "an integer", "a whole number, as 5") from None
    if abs(number) > _GREATEST:
        hint = "a window of the size that the framework was given"
        raise LrnError(f"{parameter.name} is beyond {_GREATEST}, which no framework's integers are", hint)
    return number


def _finite(parameter: Parameter, value: object) -> float:
    try:
        if not isinstance(value, (str, numbers.Real)) or isinstance(value, bool) or "_" in str(value):
            raise ValueError
        number = float(value)
    except ValueError:
        raise _unread(parameter, value, "a number", _A_NUMBER) from None
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise LrnError(f"{parameter.name} is {value}, it must be a finite number", _A_NUMBER)
    return number


def _choice(parameter: Parameter, value: object) -> Value:
    from lrn_cli.conventions.lists import spell

    typed = spell(value) if parameter.type_name == "list" else str(value).lower()
    match = next((choice for choice in parameter.choices if show(choice).lower() == typed), None)
    if match is None:
        *shown, last = map(show, parameter.choices)
        wanted = f"{', '.join(shown)} or {last}" if shown else last
        raise _unread(parameter, value, wanted, f"{parameter.flag} with one of them")
    return match


def _unread(parameter: Parameter, value: object, wanted: str, otherwise: str) -> LrnError:
    """The error for a value that is not what is wanted, with what was meant where that is clear."""
    from lrn_cli.conventions.slips import meant

    kind, names = parameter.type_name, map(show, parameter.choices)
    hint = meant(value, kind, names, lambda near: f"{parameter.flag} {show(read(parameter, near))}") or otherwise
    return LrnError(f"{parameter.name} is {value!r}, it must be {wanted}", hint)


def show(value: Value) -> str:
    """A parameter's value as people write it: the shortest decimal, and no `.0`.

    >>> show(1.0), show(1e-05), show(5), show("WITHIN_CHANNEL"), show((2, 3))
    ('1', '1e-05', '5', 'WITHIN_CHANNEL', '[2,3]')
    """
    if isinstance(value, tuple):
        return f"[{','.join(map(str, value))}]"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
