"""What a framework's window parameter counts, and over which axes its window lies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import NamedTuple

from lrn_cli.conventions.parameters import Value
from lrn_cli.formula import Span


class Half(NamedTuple):
    """How far a window reaches to one side.

    Attributes:
        reach: From the window parameter's value.
        words: The same in terms of the parameter called `{n}`.
    """

    reach: Callable[[int], int]
    words: str


_WHOLE = Half(lambda value: value, "{n}")
_HALF = Half(lambda value: (value - 1) // 2, "({n}−1)/2")
_LESSER = Half(lambda value: (value - 1) // 2, "⌊({n}−1)/2⌋")
# Chainer takes 0 and less, and sums the element's own square then.
_GREATER = Half(lambda value: max(value // 2, 0), "⌊{n}/2⌋")


class WindowRule(Enum):
    """How a framework turns its window parameter into a reach before and after the element.

    >>> WindowRule.EXTRA_BEFORE.span(4), WindowRule.EXTRA_AFTER.span(4), WindowRule.RADIUS.span(2)
    (Span(before=2, after=1), Span(before=1, after=2), Span(before=2, after=2))
    """

    RADIUS = "a radius", _WHOLE, _WHOLE
    ODD_WIDTH = "an odd width", _HALF, _HALF
    EXTRA_BEFORE = "a width, an even one reaching one further before", _GREATER, _LESSER
    EXTRA_AFTER = "a width, an even one reaching one further after", _LESSER, _GREATER
    ROUNDED_UP = "a width, an even one covering one more", _GREATER, _GREATER
    ROUNDED_DOWN = "a width, an even one covering one less", _LESSER, _LESSER

    before: Half
    after: Half

    def __new__(cls, words: str, before: Half, after: Half) -> WindowRule:
        """A rule whose value is what it counts, in words."""
        rule = object.__new__(cls)
        rule._value_, rule.before, rule.after = words, before, after
        return rule

    def span(self, value: int) -> Span:
        """The window that the parameter's `value` stands for."""
        return Span(self.before.reach(value), self.after.reach(value))

    def nominal_width(self, value: int) -> int:
        """The width by which a framework that divides alpha divides it."""
        return 2 * value + 1 if self is WindowRule.RADIUS else value

    @property
    def only_odd(self) -> bool:
        """Whether it has no even windows."""
        return self.before is self.after

    def reach_in_words(self, name: str) -> tuple[str, str]:
        """How far the window reaches before and after, in terms of the parameter called `name`.

        >>> WindowRule.EXTRA_BEFORE.reach_in_words("size")
        ('⌊size/2⌋', '⌊(size−1)/2⌋')
        """
        return self.before.words.format(n=name), self.after.words.format(n=name)

    def width_in_words(self, name: str) -> str:
        """The width by which alpha is divided, in terms of the parameter called `name`."""
        return f"(2·{name}+1)" if self is WindowRule.RADIUS else name

    def parameter_for(self, span: Span) -> int | None:
        """The parameter's value that covers `span`, or None where none does.

        >>> WindowRule.RADIUS.parameter_for(Span(2, 2)), WindowRule.RADIUS.parameter_for(Span(1, 2))
        (2, None)
        """
        candidate = span.before if self is WindowRule.RADIUS else span.width
        return candidate if self.span(candidate) == span else None


SPATIAL = ("...",)
"""The axes of a region that lies over all spatial axes of the tensor, however many there are."""


class Region(NamedTuple):
    """The axes over which the window lies.

    Attributes:
        name: The framework's own value for it; any word where it has only one region.
        axes: Layout letters of the window's axes, or `SPATIAL`.
        fixed_bias: The bias that the framework uses whatever its parameter says; None where it listens.
    """

    name: Value
    axes: tuple[str, ...]
    fixed_bias: float | None = None

    def over(self, layout: str) -> tuple[str, ...]:
        """The letters of its axes on a tensor of that layout.

        >>> Region("within", SPATIAL).over("NCDHW")
        ('D', 'H', 'W')
        """
        return tuple(axis for axis in layout if axis not in "NC") if self.axes == SPATIAL else self.axes

    def matches(self, axes: Iterable[str]) -> bool:
        """Whether these are its axes."""
        wanted = frozenset(axes)
        return wanted in _SPATIAL_AXES if self.axes == SPATIAL else wanted == frozenset(self.axes)


_SPATIAL_AXES = (frozenset("L"), frozenset("HW"), frozenset("DHW"))

ACROSS_CHANNELS = Region("ACROSS_CHANNELS", ("C",))
