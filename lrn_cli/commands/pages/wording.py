"""What conventions declare, in words."""

from __future__ import annotations

from lrn_cli import layouts
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import Parameter
from lrn_cli.conventions.values import show

_ORDINALS = ("first", "second", "third", "fourth", "fifth")


def default(parameter: Parameter) -> str:
    """A parameter's default, or that it has none."""
    return "required" if parameter.default is None else show(parameter.default)


def limit(parameter: Parameter) -> str:
    """What the framework takes."""
    return " or ".join(parameter.choices) or ", ".join(map(str, parameter.limits)) or "none"


def channel_axis(convention: Convention) -> str:
    """Which axis the channels are on, by layout."""
    return ", ".join(f"{_ordinal(layout)} ({layout})" for layout in convention.layouts)


def _ordinal(layout: str) -> str:
    before, _, after = layout.partition("C")
    return _ORDINALS[len(before)] if after and layouts.ANY not in before else "last"
