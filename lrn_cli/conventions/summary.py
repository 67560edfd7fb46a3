"""What a convention declares, as data."""

from __future__ import annotations

from typing import Any

from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import Parameter, Value, show
from lrn_cli.conventions.registry import conventions, usual


def summary(convention: Convention) -> dict[str, Any]:
    """A convention's declaration as JSON types."""
    return {
        "convention": convention.name,
        "aliases": list(convention.aliases),
        "title": convention.title,
        "declares": list(map(declare, convention.parameters)),
        "window_is": convention.window.value,
        "alpha_is_divided": convention.alpha_is_divided,
        "layouts": list(convention.layouts),
        "regions": [_as_json(region.name) for region in convention.regions],
        "framework": convention.framework,
        "family": family(convention),
        "engine": convention.engine.release if convention.engine else None,
        "tolerance": dict(convention.engine.tolerance) if convention.engine else None,
        "lookalikes": [other._asdict() for other in convention.lookalikes],
        "quirks": [{"text": str(quirk), "source": quirk.source} for quirk in convention.quirks],
        "sources": list(convention.sources),
        "traps": [trap._asdict() for trap in convention.traps],
    }


def declare(parameter: Parameter) -> dict[str, Any]:
    """A parameter's declaration as JSON types."""
    return {
        "name": parameter.name,
        "flag": parameter.flag,
        "role": parameter.role.value,
        "type": parameter.type_name,
        "default": parameter.default,
        "required": parameter.default is None,
        "limits": [str(limit) for limit in parameter.limits],
        "choices": list(map(_as_json, parameter.choices)),
        "meaning": parameter.meaning,
    }


def _as_json(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value


def listing() -> list[dict[str, Any]]:
    """Every convention in short, those that are used most first."""
    return [
        {
            "name": one.name,
            "framework": one.framework,
            "family": family(one),
            "confirmed": one.engine is not None,
            "engine": one.engine.release if one.engine else UNCONFIRMED,
            "tolerance": dict(one.engine.tolerance) if one.engine else None,
            "usual": one in usual(),
            "aliases": list(one.aliases),
            "lookalikes": [other._asdict() for other in one.lookalikes],
        }
        for one in conventions()
    ]


UNCONFIRMED = "not confirmed by a run"
"""What is said of a convention whose engine nobody has run."""


def family(convention: Convention) -> str:
    """What its window parameter counts and whether it divides alpha: those of one family compute the same.

    >>> from lrn_cli.conventions.registry import find
    >>> family(find("tf")), family(find("caffe"))
    ('a radius, alpha whole', 'an odd width, alpha divided')
    """
    across = any("C" in region.axes for region in convention.regions)
    within, fixed = "" if across else ", within a channel", convention.regions[0].fixed_bias
    bias = "" if fixed is None else f", bias {show(fixed)}"
    return f"{convention.window.value}, alpha {'divided' if convention.alpha_is_divided else 'whole'}{within}{bias}"
