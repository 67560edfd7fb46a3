"""What a convention is: a declaration of a framework's parameters and of how they reduce to the canonical form.

Every number about a framework stands in that framework's own file in `frameworks`, with its source; nothing else in
the program knows a framework by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple

from lrn_cli.conventions.parameters import Limit, Parameter, Role, key
from lrn_cli.formula import Span


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

    @property
    def only_odd(self) -> bool:
        """Whether it has no even windows."""
        return self in (WindowRule.RADIUS, WindowRule.ODD_WIDTH, WindowRule.ROUNDED_UP)

    def reach_in_words(self, name: str) -> tuple[str, str]:
        """How far the window reaches before and after, in terms of the parameter called `name`.

        >>> WindowRule.EXTRA_BEFORE.reach_in_words("size")
        ('⌊size/2⌋', '⌊(size−1)/2⌋')
        """
        lesser, greater = f"⌊({name}−1)/2⌋", f"⌊{name}/2⌋"
        return {
            WindowRule.RADIUS: (name, name),
            WindowRule.ODD_WIDTH: (f"({name}−1)/2", f"({name}−1)/2"),
            WindowRule.EXTRA_BEFORE: (greater, lesser),
            WindowRule.EXTRA_AFTER: (lesser, greater),
            WindowRule.ROUNDED_UP: (greater, greater),
        }[self]

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
        notation: Its words for the tensors.
        sources: Where each number above comes from.
        traps: What people get wrong.
        calls: How it is called, in each language it can be called from.
        regions: Where it has more than one, the parameter of role REGION names which.
        window_fits_channels: Whether the framework refuses a window wider than the tensor has channels.
        back_ends: Implementations that take less.
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

    @property
    def languages(self) -> tuple[str, ...]:
        """What it can be called from."""
        return tuple(call.language for call in self.calls)

    def named(self, name: str) -> Parameter | None:
        """The parameter of that name, whatever its case and separators; None where there is none."""
        return next((parameter for parameter in self.parameters if parameter.key == key(name)), None)

    def playing(self, role: Role) -> Parameter | None:
        """The parameter that feeds that part of the formula; None where the framework fixes it."""
        return next((parameter for parameter in self.parameters if parameter.role is role), None)

    def parameter(self, role: Role) -> Parameter:
        """The parameter that feeds that part of the formula, of the four that every framework has."""
        return next(parameter for parameter in self.parameters if parameter.role is role)

    def divisor(self, region: Region, window: int) -> int:
        """What alpha is divided by where the window parameter is `window`."""
        return self.window.nominal_width(window) ** len(region.axes) if self.alpha_is_divided else 1


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


class Call(NamedTuple):
    """How the normalization is called: one statement each, in which `{x}` and `{y}` are names of tensors.

    Attributes:
        language: What `--format` calls it.
        statement: The call, with the parameters' names in braces.
        transpose: Moves axes; `{order}` is for each axis of the result where it comes from, counted from 0, `{places}`
            for each axis of the input where it goes, counted from 1.
        add_batch: Puts an axis of length 1 in front.
        drop_batch: Takes the first of a batch.
        setup: What comes before.
        comment: A comment, `{text}` in it.
        number: How the language writes a number.
        also: The same under other names, to be read where it is pasted: calls with `{x}` where the tensor stands,
            in which the parameters follow in the framework's order, `"tf.nn.lrn({x})"`.
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


EVERYWHERE = (
    Trap(
        "An even window cannot be centred. PyTorch, Paddle and cuda-convnet take the extra channel before, ONNX,"
        " cuDNN and MATLAB after, the AlexNet paper on both sides; Caffe and neupy refuse it.",
        "pytorch/pytorch#75722; apache/mxnet#11281",
    ),
    Trap(
        "With bias 0, scale 1 and beta 1/2 over all channels it is L2 normalization: every pixel gets length 1."
        " With any other numbers it is not.",
        "tensorflow: lite/kernels/local_response_norm_test.cc, SameAsL2Norm",
    ),
    Trap(
        "It is not batch normalization: nothing is subtracted, nothing is learnt, no mean or variance is kept, and"
        " no example depends on the others of its batch; training and inference compute the same.",
        "Ioffe and Szegedy 2015, Batch Normalization, section 3; Krizhevsky et al. 2012, section 3.3",
    ),
)
"""What people get wrong whatever the framework."""
