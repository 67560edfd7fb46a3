"""The LRN layers of a model as an answer: which of them are the same, and what becomes of them in other frameworks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

from lrn_cli.advice import spell
from lrn_cli.analysis.calls import find_call, program, write_call
from lrn_cli.analysis.translation import Translation, everywhere, translate
from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.declaration import Call, Convention
from lrn_cli.errors import one_line
from lrn_cli.models.addresses import address
from lrn_cli.models.model import Layer, Model, Written

_ANY_NAME = '"{y}"'
"""In a call: the name of a tensor is a string, and not a variable."""


class Group(NamedTuple):
    """Layers that are the same but for their names.

    Attributes:
        addresses: Of each.
        layers: Each.
    """

    addresses: tuple[str, ...]
    layers: tuple[Layer, ...]

    @property
    def layer(self) -> Layer:
        """One of them."""
        return self.layers[0]


def group(model: Model) -> list[Group]:
    """The layers of a model, those that are the same together, in the order of the first of each."""
    found: dict[object, list[Layer]] = {}
    for layer in model.layers:
        found.setdefault(_likeness(layer), []).append(layer)
    return [Group(tuple(address(model, layer) for layer in layers), tuple(layers)) for layers in found.values()]


def _likeness(layer: Layer) -> object:
    word = layer.bound.word if layer.bound else layer.reason
    return repr((layer.op, dict(layer.written), dict(layer.filled or {}), layer.defaults, layer.notes, word))


def translate_group(one: Group, targets: Sequence[Convention], among: Sequence[Convention]) -> list[Translation]:
    """What layers are in those targets, without one in all others `among`; nothing where no convention says them."""
    if one.layer.bound is None:
        return []
    return [translate(one.layer.bound, target) for target in targets] or everywhere(one.layer.bound, among)


def write_layers(one: Group, bound: Bound, language: str) -> str:
    """Code for layers in another convention: each under its own name where the language takes any, else for all alike.

    Raises:
        LrnError: The framework is not called from that language.
    """
    call = find_call(bound, language)
    if _ANY_NAME not in call.statement:
        code = program(bound, language, bound.convention.layouts[0])
        return f"{call.comment.format(text=one_line(', '.join(one.addresses)))}\n{code}"
    named = zip(one.addresses, one.layers, strict=True)
    lines = [_write_call(call, bound, layer.input or "x", layer.output or layer.name or own) for own, layer in named]
    return "\n".join(lines)


def _write_call(call: Call, bound: Bound, x: str, y: str) -> str:
    return write_call(call, bound, spell(x)[1:-1], spell(y)[1:-1])


def as_data(model: Model) -> dict[str, Any]:
    """A model and its layers as JSON types."""
    return {
        "file": model.path,
        "format": model.form.name,
        "layers": [_layer_data(model, layer) for layer in model.layers],
        "remark": model.remark or None,
    }


def _plain(values: Mapping[str, Written]) -> dict[str, Any]:
    """Parameters as JSON types, which have no number that is none."""
    numbers = {name: str(value) for name, value in values.items() if isinstance(value, float) and not isfinite(value)}
    return {**values, **numbers}


def _layer_data(model: Model, layer: Layer) -> dict[str, Any]:
    return {
        "address": address(model, layer),
        "index": layer.index,
        "name": layer.name or None,
        "output": layer.output or None,
        "type": layer.op,
        "place": layer.place or None,
        "written": _plain(layer.written),
        "filled": None if layer.filled is None else _plain(layer.filled),
        "defaults": list(layer.defaults),
        "canonical": layer.canonical.as_data() if layer.canonical else None,
        "convention": layer.bound.word if layer.bound else None,
        "reason": layer.reason or None,
        "notes": list(layer.notes),
    }
