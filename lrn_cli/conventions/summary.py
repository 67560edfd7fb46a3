"""What a convention declares, as data."""

from __future__ import annotations

from typing import Any

from lrn_cli.conventions.declaration import Convention


def summary(convention: Convention) -> dict[str, Any]:
    """A convention's declaration as JSON types."""
    return {
        "convention": convention.name,
        "aliases": list(convention.aliases),
        "title": convention.title,
        "declares": [
            {
                "name": parameter.name,
                "flag": parameter.flag,
                "role": parameter.role.value,
                "type": parameter.type_name,
                "default": parameter.default,
                "required": parameter.default is None,
                "limits": [str(limit) for limit in parameter.limits],
                "choices": list(parameter.choices),
                "meaning": parameter.meaning,
            }
            for parameter in convention.parameters
        ],
        "window_is": convention.window.value,
        "alpha_is_divided": convention.alpha_is_divided,
        "layouts": list(convention.layouts),
        "regions": [region.name for region in convention.regions],
        "sources": list(convention.sources),
        "traps": [trap._asdict() for trap in convention.traps],
    }
