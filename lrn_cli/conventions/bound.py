"""A convention with its numbers, and the canonical form that they reduce to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrn_cli import layouts
from lrn_cli.conventions.declaration import SPATIAL, Convention, Quirk, Region
from lrn_cli.conventions.parameters import Role, Value, show
from lrn_cli.errors import LrnError
from lrn_cli.formula import ResponseNorm, Span


class Bound:
    """A convention and a value for each of its parameters.

    Args:
        convention: The declaration.
        given: Value by parameter name, in the framework's order, defaults filled in.
        layout: Of the tensor, where its spatial axes count; None for the framework's usual one.

    Attributes:
        values: Those that are used: where the framework ignores its bias, the one that it takes instead.
        norm: The canonical form.

    >>> from lrn_cli.conventions.binding import bound
    >>> bound("caffe:alpha=1e-4").norm
    ResponseNorm(window={'C': (2, 2)}, scale=2e-05, bias=1.0, beta=0.75)
    """

    def __init__(self, convention: Convention, given: Mapping[str, Value], layout: str | None = None) -> None:
        self.convention, self.layout, self._given = convention, layout, given
        fixed = self.region_of(given).fixed_bias
        self.values = given if fixed is None else {**given, convention.parameter(Role.BIAS).name: fixed}
        self.norm = self._reduce()

    def __reduce__(self) -> tuple[type[Bound], tuple[Convention, dict[str, Value], str | None]]:
        return Bound, (self.convention, dict(self._given), self.layout)

    def over(self, layout: str) -> Bound:
        """The same on a tensor of that layout, which says which axes are spatial."""
        return Bound(self.convention, self._given, layout) if self.region.axes == SPATIAL else self

    @property
    def speaks_of_axes(self) -> bool:
        """Whether its numbers are for tensors with certain axes, or with a certain number of them."""
        region = self.region
        by_place = self.convention.parameter(Role.WINDOW).by_axis or isinstance(region.name, tuple)
        return by_place or region.axes == SPATIAL

    def number(self, role: Role) -> float:
        """The value of the parameter that plays `role`, a number."""
        value = self.value(role)
        assert isinstance(value, (int, float))  # noqa: S101 - as its declaration says
        return float(value)

    def value(self, role: Role) -> Value:
        """The value of the parameter that plays `role`."""
        return self.values[self.convention.parameter(role).name]

    @property
    def reach(self) -> dict[str, int]:
        """What the window parameter says of each axis of the window, by its letter."""
        value = self.value(Role.WINDOW)
        if isinstance(value, tuple):
            lying = {axis: number for axis, number in zip(self.list_layout, value, strict=False) if number != 1}
            return lying or {"C": 1}
        return dict.fromkeys(self.region.over(self.layout or self._usual_layout), int(value))

    @property
    def list_layout(self) -> str:
        """A letter for each number of a window that is a list, which is one for each axis in the framework's layout."""
        value = self.value(Role.WINDOW)
        rank = len(value) if isinstance(value, tuple) else USUAL_RANK
        return layouts.customary(self.layouts, rank) or "." * rank

    @property
    def divisor(self) -> int:
        """What alpha is divided by."""
        return self.convention.divisor(self.reach.values())

    @property
    def layouts(self) -> tuple[str, ...]:
        """Those that the framework takes with these values."""
        chooser = self.convention.playing(Role.LAYOUT)
        return self.convention.layouts_by[self.values[chooser.name]] if chooser else self.convention.layouts

    @property
    def _usual_layout(self) -> str:
        return layouts.customary(self.layouts, USUAL_RANK) or "NCHW"

    @property
    def region(self) -> Region:
        """The region that was chosen, or the only one there is."""
        return self.region_of(self._given)

    def region_of(self, values: Mapping[str, Value]) -> Region:
        """The region that these values choose."""
        chooser, regions = self.convention.playing(Role.REGION), self.convention.regions
        return next(one for one in regions if one.name == values[chooser.name]) if chooser else regions[0]

    def _reduce(self) -> ResponseNorm:
        return ResponseNorm(
            window={axis: self.convention.window.span(value) for axis, value in self.reach.items()},
            scale=_divide(self.number(Role.ALPHA), self.divisor),
            bias=self.number(Role.BIAS),
            beta=self.number(Role.BETA),
        )

    def check_channels(self, channels: int) -> None:
        """Refuse a tensor with fewer channels than the framework wants for this window."""
        span = self.norm.window.get("C", Span(0, 0))
        if not self.convention.window_fits_channels or span.width <= channels:
            return
        name, parameter = self.convention.name, self.convention.parameter(Role.WINDOW)
        largest = self.convention.window.parameter_for(span.within((channels + 1) // 2))
        raise LrnError(
            f"{name}: {parameter.name} {show(self.value(Role.WINDOW))} makes a window of {span.width} channels"
            f" and the tensor has {channels}; {name} takes at most as many as there are",
            f"{parameter.flag} {largest}" if largest else "a tensor with 3 channels or more, or --layout",
        )

    @property
    def remarks(self) -> tuple[str, ...]:
        """What there is to know of these numbers: one that is ignored, and what engines make of others."""
        bias = self.convention.parameter(Role.BIAS).name
        found = [str(quirk) for quirk in self.biting if not quirk.converting]
        if self._given[bias] != self.values[bias]:
            where = f" in {self.region.name}" if len(self.convention.regions) > 1 else ""
            ignored, used = show(self._given[bias]), show(self.values[bias])
            found.insert(0, f"{self.convention.name} ignores {bias} {ignored}{where}: {used} is used")
        return tuple(found)

    @property
    def biting(self) -> list[Quirk]:
        """By what engines compute something else with these numbers."""
        return [quirk for quirk in self.convention.quirks if quirk.bites and quirk.bites(self._given)]

    @property
    def parameters(self) -> dict[str, Any]:
        """Its parameters as JSON types."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in self.values.items()}

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


USUAL_RANK = 4
"""Of a tensor that is not there yet."""


def _divide(alpha: float, divisor: int) -> float:
    if divisor == 1:
        return alpha
    from lrn_cli.conventions.decimals import divide

    return divide(alpha, divisor)
