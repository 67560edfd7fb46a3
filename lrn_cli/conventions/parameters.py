"""Parameters: what a framework calls them, which part of the formula they feed, and what it takes."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

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

    def allowed_near(self, value: int | float) -> int | float:
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

    def allowed_near(self, value: int | float) -> int | float:
        """The nearest value that it takes."""
        return min(value, self.most)

    def __str__(self) -> str:
        return f"{self.most} or less"


class Odd:
    """The limit of a parameter of which its framework takes only odd values."""

    def refuses(self, value: int | float) -> bool:
        """Whether the framework refuses `value`."""
        return value % 2 == 0

    def allowed_near(self, value: int | float) -> int | float:
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
