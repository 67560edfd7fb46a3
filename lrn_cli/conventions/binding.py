"""A convention with its numbers filled in: from what was typed to the canonical form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lrn_cli import layouts
from lrn_cli.conventions.decimals import divide
from lrn_cli.conventions.declaration import Convention, Region
from lrn_cli.conventions.parameters import Parameter, Role, Value, key, read, show
from lrn_cli.conventions.registry import find
from lrn_cli.errors import LrnError
from lrn_cli.formula import ResponseNorm


class Bound:
    """A convention and a value for each of its parameters.

    Args:
        convention: The declaration.
        values: Value by parameter name, in the framework's order, defaults filled in.

    Attributes:
        norm: The canonical form.

    >>> from lrn_cli.conventions.registry import find
    >>> bind(find("caffe"), {"alpha": "1e-4"}).norm
    ResponseNorm(window={'C': (2, 2)}, scale=2e-05, bias=1.0, beta=0.75)
    """

    def __init__(self, convention: Convention, values: Mapping[str, Value]) -> None:
        self.convention, self.values = convention, values
        self.norm = self._reduce()

    def __reduce__(self) -> tuple[type[Bound], tuple[Convention, dict[str, Value]]]:
        return Bound, (self.convention, dict(self.values))

    def number(self, role: Role) -> float:
        """The value of the parameter that plays `role`."""
        return float(self._value(role))

    @property
    def window(self) -> int:
        """The value of the window parameter, whatever its framework counts with it."""
        return int(self._value(Role.WINDOW))

    @property
    def divisor(self) -> int:
        """What alpha is divided by."""
        return self.convention.divisor(self.region, self.window)

    def _value(self, role: Role) -> Value:
        return self.values[self.convention.parameter(role).name]

    @property
    def region(self) -> Region:
        """The region that was chosen, or the only one there is."""
        chooser = self.convention.playing(Role.REGION)
        if chooser is None:
            return self.convention.regions[0]
        return next(region for region in self.convention.regions if region.name == self.values[chooser.name])

    def _reduce(self) -> ResponseNorm:
        region = self.region
        return ResponseNorm(
            window=dict.fromkeys(region.axes, self.convention.window.span(self.window)),
            scale=divide(self.number(Role.ALPHA), self.divisor),
            bias=self.number(Role.BIAS) if region.fixed_bias is None else region.fixed_bias,
            beta=self.number(Role.BETA),
        )

    def check_channels(self, channels: int) -> None:
        """Refuse a tensor with fewer channels than the framework wants for this window."""
        width = self.norm.window["C"].width if "C" in self.norm.window else 0
        if not self.convention.window_fits_channels or width <= channels:
            return
        parameter = self.convention.parameter(Role.WINDOW)
        largest = self.convention.window.parameter_for(self.norm.window["C"].within((channels + 1) // 2))
        raise LrnError(
            f"{self.convention.name}: {parameter.name} {self.values[parameter.name]} makes a window of {width} channels"
            f" and the tensor has {channels}; {self.convention.name} takes at most as many as there are",
            f"{parameter.flag} {largest}" if largest else "a tensor with 3 channels or more, or --layout",
        )

    @property
    def word(self) -> str:
        """The convention and all its parameters in one word, as behind `-c`."""
        return f"{self.convention.name}:{','.join(self._settings)}"

    @property
    def numbers(self) -> str:
        """All its parameters."""
        return " ".join(self._settings)

    @property
    def _settings(self) -> list[str]:
        return [f"{name}={show(value)}" for name, value in self.values.items()]

    def __str__(self) -> str:
        return f"{self.convention.name} {self.numbers}"


def bind(convention: Convention, given: Mapping[str, object]) -> Bound:
    """Fill in a convention's parameters from what was given, the rest from its defaults.

    Args:
        convention: The declaration.
        given: Values by the framework's names (case and separators do not matter), as text or as numbers.

    Raises:
        LrnError: A name the convention does not have, a value that is no number or that the framework refuses, or a
            required one missing.
    """
    chosen: dict[str, object] = {}
    for name, value in given.items():
        parameter = convention.named(name)
        if parameter is None:
            from lrn_cli.conventions.suggestions import unknown_parameter

            raise unknown_parameter(convention, name, value)
        if parameter.name in chosen:
            raise LrnError(f"{convention.name}: {parameter.name} is given twice", f"give {parameter.name} once")
        chosen[parameter.name] = value
    return Bound(convention, {p.name: _fill_in(convention, p, chosen) for p in convention.parameters})


def _fill_in(convention: Convention, parameter: Parameter, chosen: Mapping[str, object]) -> Value:
    if parameter.name in chosen:
        try:
            return read(parameter, chosen[parameter.name])
        except LrnError as error:
            raise error.about(convention.name) from None
    if parameter.default is None:
        raise LrnError(
            f"{convention.name}: {parameter.name} ({parameter.meaning}) is required and has no default",
            f"-c {convention.name} {parameter.flag} 5",
        )
    return parameter.default


def parse(word: str) -> tuple[str, dict[str, str]]:
    """The convention's name and the parameters, still as text.

    >>> parse("caffe:local_size=5,alpha=1e-4")
    ('caffe', {'local_size': '5', 'alpha': '1e-4'})
    """
    name, _, rest = word.partition(":")
    given: dict[str, str] = {}
    for item in filter(None, (piece.strip() for piece in rest.split(","))):
        parameter, equals, value = (piece.strip() for piece in item.partition("="))
        if not (parameter and equals and value):
            from lrn_cli.conventions.suggestions import meant_by

            raise LrnError(f"{word}: {item!r} is not name=value", meant_by(name.strip(), rest, bind))
        if key(parameter) in map(key, given):
            raise LrnError(f"{word}: {parameter} is given twice", f"give {parameter} once")
        given[parameter] = value
    return name.strip(), given


class Asked(NamedTuple):
    """A convention that was asked for, with what was given for its parameters, not yet read as numbers.

    Attributes:
        convention: The declaration.
        given: Values by the names that were typed.
        word: All of it in one word, to be shown.
    """

    convention: Convention
    given: Mapping[str, object]
    word: str

    def add(self, given: Mapping[str, object]) -> Asked:
        """The same with more parameters.

        Raises:
            LrnError: One of them was given already.
        """
        for parameter in given:
            if key(parameter) in map(key, self.given):
                own = self.convention.named(parameter)
                name = own.name if own else parameter
                raise LrnError(f"{name} is given twice, in {self.word!r} and beside it", f"give {name} once")
        more = ",".join(f"{name}={value}" for name, value in given.items())
        joint = ("," if ":" in self.word else ":") if more else ""
        return Asked(self.convention, {**self.given, **given}, f"{self.word}{joint}{more}")

    def bind(self) -> Bound:
        """The convention with its numbers; raises as the function `bind`."""
        return bind(self.convention, self.given)


def ask(word: str | Asked, given: Mapping[str, object] | None = None) -> Asked:
    """What a word asks for, or what was asked already, with the parameters `given` beside it.

    Raises:
        LrnError: The word is malformed, names no convention, or the same parameter is in it and beside it.

    >>> ask("AlexNet:n=3", {"k": 1}).given
    {'n': '3', 'k': 1}
    """
    if isinstance(word, str):
        name, parameters = parse(word)
        word = Asked(find(name), parameters, word)
    return word.add(given or {})


def bound(word: str, given: Mapping[str, object] | None = None) -> Bound:
    """The convention that a word names, with the word's parameters and those `given` beside it.

    Raises:
        LrnError: As `ask` and `bind`.

    >>> str(bound("alexnet:n=3", {"k": 1}))
    'alexnet k=1 n=3 alpha=0.0001 beta=0.75'
    """
    return ask(word, given).bind()


def resolve_layout(
    choice: Bound,
    shape: tuple[int, ...],
    *,
    layout: str | None = None,
    axis: int | None = None,
    fixed: str | None = None,
) -> str:
    """The layout of a tensor of that shape: the one given or fixed, else the convention's own for its rank.

    Raises:
        LrnError: The tensor has no axes, none of the convention's layouts has as many, or what was given does not fit;
            or the convention refuses the number of channels.
    """
    name = choice.convention.name
    if not shape:
        raise LrnError("the tensor is a single number, without an axis for channels", "a tensor of rank 1 or more")
    fitted = layouts.choose(shape, layout=layout, axis=axis, fixed=fixed) or layouts.customary(
        choice.convention.layouts, len(shape)
    )
    if fitted is None:
        raise LrnError(
            f"{name} has no layout for rank {len(shape)} ({layouts.describe(shape)}), only"
            f" {', '.join(choice.convention.layouts)}",
            f"--layout {(like := layouts.alike(choice.convention.layouts, len(shape)))},"
            f" or another one; or --axis {'-1' if like.endswith('C') else like.index('C')}",
        )
    choice.check_channels(shape[fitted.index("C")])
    return fitted
