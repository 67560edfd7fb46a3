"""What a convention is: a declaration of a framework's parameters and of how they reduce to the canonical form.

Every number about a framework stands in that framework's own file in `frameworks`, with its source; nothing else in
the program knows a framework by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import prod
from types import MappingProxyType
from typing import Any, NamedTuple

from lrn_cli.conventions.parameters import Limit, Parameter, Role, Value, key
from lrn_cli.conventions.windows import ACROSS_CHANNELS, SPATIAL, Region, WindowRule
from lrn_cli.formula import ResponseNorm

__all__ = [
    "ACROSS_CHANNELS",
    "SPATIAL",
    "BackEnd",
    "Call",
    "Convention",
    "Engine",
    "Lookalike",
    "Notation",
    "Quirk",
    "Region",
    "Trap",
    "WindowRule",
]


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
        notation: Its words for the tensors.
        sources: Where each number above comes from.
        traps: What people get wrong.
        calls: How it is called, in each language it can be called from.
        regions: Where it has more than one, the parameter of role REGION names which.
        window_fits_channels: Whether the framework refuses a window wider than the tensor has channels.
        back_ends: Implementations that take less.
        framework: Whose it is, as people write it.
        engine: The engine whose outputs it was held to; None where nobody has run one.
        quirks: What engines do against their own documentation.
        lookalikes: What only reads like another framework, and computes this.
        layouts_by: For each value of the parameter of role LAYOUT, the layouts it stands for.
        dtypes: The only types of elements that the framework takes, by name; empty where it takes all floating-point.
        least_rank: Of the tensors that it takes, where it is strict about vectors and matrices too.
        backward_traps: What people and the framework get wrong in the backward pass.
        order: Which are listed and offered first: 0 for the default, 1 for the usual ones.
    """

    name: str
    aliases: tuple[str, ...]
    title: str
    parameters: tuple[Parameter, ...]
    window: WindowRule
    alpha_is_divided: bool
    layouts: tuple[str, ...]
    notation: Notation
    sources: tuple[str, ...]
    traps: tuple[Trap, ...]
    calls: tuple[Call, ...]
    regions: tuple[Region, ...] = (ACROSS_CHANNELS,)
    window_fits_channels: bool = False
    back_ends: tuple[BackEnd, ...] = ()
    framework: str = ""
    engine: Engine | None = None
    quirks: tuple[Quirk, ...] = ()
    lookalikes: tuple[Lookalike, ...] = ()
    layouts_by: Mapping[Value, tuple[str, ...]] = MappingProxyType({})
    dtypes: tuple[str, ...] = ()
    least_rank: int = 1
    backward_traps: tuple[Trap, ...] = ()
    order: int = 2

    @property
    def languages(self) -> tuple[str, ...]:
        """What it can be called from."""
        return tuple(call.language for call in self.calls)

    @property
    def words(self) -> tuple[str, ...]:
        """All names it goes by."""
        return (self.name, *self.aliases, *(other.name for other in self.lookalikes))

    def lookalike(self, name: str) -> Lookalike | None:
        """What goes by that name and only reads like a framework of its own."""
        return next((other for other in self.lookalikes if key(other.name) == key(name)), None)

    def named(self, name: str) -> Parameter | None:
        """The parameter of that name, whatever its case and separators; None where there is none."""
        return next((parameter for parameter in self.parameters if parameter.key == key(name)), None)

    def playing(self, role: Role) -> Parameter | None:
        """The parameter that feeds that part of the formula; None where the framework fixes it."""
        return next((parameter for parameter in self.parameters if parameter.role is role), None)

    def parameter(self, role: Role) -> Parameter:
        """The parameter that feeds that part of the formula, of the four that every framework has."""
        return next(parameter for parameter in self.parameters if parameter.role is role)

    def divisor(self, windows: Iterable[int]) -> int:
        """What alpha is divided by where the window parameter is this along each axis of the window."""
        return prod(map(self.window.nominal_width, windows)) if self.alpha_is_divided else 1


class Notation(NamedTuple):
    """The framework's own words for the tensors and for the channel at hand.

    Attributes:
        output: The result.
        input: The activations.
        channel: The index of the channel at hand.
    """

    output: str
    input: str
    channel: str


class Trap(NamedTuple):
    """What people get wrong.

    Attributes:
        text: One or two sentences.
        source: Where it is told or can be seen.
    """

    text: str
    source: str


class BackEnd(NamedTuple):
    """An implementation that takes less than the convention says.

    Attributes:
        name: As in "TensorFlow on a GPU".
        limits: What it takes of the parameter in each role.
        source: Where that stands.
    """

    name: str
    limits: Mapping[Role, tuple[Limit, ...]]
    source: str


class Engine(NamedTuple):
    """An engine whose outputs a convention was held to.

    Attributes:
        release: Which one ran.
        tolerance: How far its outputs are from the exact formula, relative, by their dtype's name.
    """

    release: str
    tolerance: Mapping[str, float]


class Quirk(NamedTuple):
    """What an engine does against its documentation, or against what it stands in for.

    Attributes:
        engine: Whose it is.
        text: What it does, as a clause behind the engine's name.
        source: Where that was seen.
        bites: Whether the engine computes something else with these values; never by values alone where it is None.
        shown_by: Whether an output that has this canonical form shows it, given whether its channels come last; None
            where none could, or where some convention gives the same by its word.
        converting: Whether it is a converter's, which bites only who comes from another framework.
    """

    engine: str
    text: str
    source: str
    bites: Callable[[Mapping[str, Any]], bool] | None = None
    shown_by: Callable[[ResponseNorm, bool], bool] | None = None
    converting: bool = False

    def __str__(self) -> str:
        return f"{self.engine} {self.text}"


class Lookalike(NamedTuple):
    """A framework that computes what another convention says.

    Attributes:
        name: What people would type.
        note: How it is the same, what was run or was not, and what it takes less.
    """

    name: str
    note: str


class Call(NamedTuple):
    """How the normalization is called: one statement each, in which `{x}` and `{y}` are names of tensors.

    Attributes:
        language: What `--format` calls it.
        statement: The call, with the parameters' names in braces.
        transpose: Moves axes; `{order}` is for each axis of the result where it comes from, counted from 0, or from 1
            as `{order_from_1}`; `{places}` for each axis of the input where it goes, counted from 1.
        add_batch: Puts an axis of length 1 in front.
        drop_batch: Takes the first of a batch.
        setup: What comes before.
        comment: A comment, `{text}` in it.
        number: How the language writes a number.
        also: The same under other names, to be read where it is pasted: calls with `{x}` where the tensor stands,
            in which the parameters follow in the framework's order, `"tf.nn.lrn({x})"`.
        fills: What the call has for a number that is left out, where that is not the framework's own default.
    """

    language: str
    statement: str
    transpose: str
    add_batch: str
    drop_batch: str
    setup: str = ""
    comment: str = "# {text}"
    number: Callable[[float], str] = repr
    also: tuple[str, ...] = ()
    fills: Mapping[str, float] = MappingProxyType({})
