"""What a convention is: a declaration of a framework's parameters and of how they reduce to the canonical form.

Every number about a framework stands in that framework's own file beside this one, with its source; nothing else in
the program knows a framework by name.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from lrn_cli.formula import Span

Value = int | float | str
"""A parameter's value: an integer window, a floating-point coefficient, or the name of a region."""


class Role(Enum):
    """Which part of the formula a parameter feeds, under whatever name its framework has for it."""

    WINDOW = "window"
    ALPHA = "alpha"
    BIAS = "bias"
    BETA = "beta"
    REGION = "region"


class WindowRule(Enum):
    """How a framework turns its window parameter into a reach before and after the element.

    >>> WindowRule.EXTRA_BEFORE.span(4), WindowRule.EXTRA_AFTER.span(4), WindowRule.RADIUS.span(2)
    (Span(before=2, after=1), Span(before=1, after=2), Span(before=2, after=2))
    """

    RADIUS = "a radius"
    ODD_WIDTH = "an odd width"
    EXTRA_BEFORE = "a width, an even one reaching one further before"
    EXTRA_AFTER = "a width, an even one reaching one further after"
    ROUNDED_UP = "a width, an even one covering one more"

    def span(self, value: int) -> Span:
        """The window that the parameter's `value` stands for."""
        if self is WindowRule.RADIUS:
            return Span(value, value)
        lesser, greater = (value - 1) // 2, value // 2
        if self is WindowRule.EXTRA_BEFORE:
            return Span(greater, lesser)
        return Span(greater, greater) if self is WindowRule.ROUNDED_UP else Span(lesser, greater)

    def nominal_width(self, value: int) -> int:
        """The width by which a framework that divides alpha divides it."""
        return 2 * value + 1 if self is WindowRule.RADIUS else value

    def parameter_for(self, span: Span) -> int | None:
        """The parameter's value that covers `span`, or None where none does.

        >>> WindowRule.RADIUS.parameter_for(Span(2, 2)), WindowRule.RADIUS.parameter_for(Span(1, 2))
        (2, None)
        """
        candidate = span.before if self is WindowRule.RADIUS else span.width
        return candidate if self.span(candidate) == span else None


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
    def flag(self) -> str:
        """The command-line flag: `--local-size` for `local_size`, `--channel-window-size` for `ChannelWindowSize`."""
        inner = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in self.name)
        return "--" + inner.lstrip("-").replace("_", "-")


class Region(NamedTuple):
    """The axes over which the window lies.

    Attributes:
        name: The framework's own word for it; any word where it has only one region.
        axes: Layout letters of the window's axes.
        fixed_bias: The bias that the framework uses whatever its parameter says; None where it listens.
    """

    name: str
    axes: tuple[str, ...]
    fixed_bias: float | None = None


ACROSS_CHANNELS = Region("ACROSS_CHANNELS", ("C",))


class Convention(NamedTuple):
    """A framework's way of naming and reading the parameters of local response normalization.

    Attributes:
        name: What it is called on the command line.
        aliases: Other words that people would type.
        title: The function or layer it describes.
        parameters: In the framework's own order.
        window: What the window parameter counts.
        alpha_is_divided: Whether alpha is divided by the number of elements in the nominal window.
        layouts: The layouts the framework takes, one for each rank; the first is the usual one.
        sources: Where each number above comes from.
        regions: Where it has more than one, the parameter of role REGION names which.
        window_fits_channels: Whether the framework refuses a window wider than the tensor has channels.
    """

    name: str
    aliases: tuple[str, ...]
    title: str
    parameters: tuple[Parameter, ...]
    window: WindowRule
    alpha_is_divided: bool
    layouts: tuple[str, ...]
    sources: tuple[str, ...]
    regions: tuple[Region, ...] = (ACROSS_CHANNELS,)
    window_fits_channels: bool = False

    def __reduce__(self) -> tuple[Callable[[str], Convention], tuple[str]]:
        """Between processes a convention goes by its name."""
        from lrn_cli.conventions.registry import find

        return find, (self.name,)

    def named(self, name: str) -> Parameter | None:
        """The parameter of that name, whatever its case and separators; None where there is none."""
        return next((parameter for parameter in self.parameters if parameter.key == key(name)), None)

    def playing(self, role: Role) -> Parameter | None:
        """The parameter that feeds that part of the formula; None where the framework fixes it."""
        return next((parameter for parameter in self.parameters if parameter.role is role), None)


def key(name: str) -> str:
    """A name without case and separators, by which names are matched.

    >>> key("ChannelWindowSize") == key("channel-window-size") == key("channel_window_size")
    True
    """
    return name.lower().replace("_", "").replace("-", "")
