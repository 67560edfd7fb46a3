"""The LRN layers of a model as an answer: which of them are the same, and what becomes of them in other frameworks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

from lrn_cli.advice import spell
from lrn_cli.analysis.calls import find_call, program, write_call
from lrn_cli.analysis.comparison.cause import Named, cause
from lrn_cli.analysis.translation import Translation, everywhere, translate
from lrn_cli.conventions.binding import Bound, bind
from lrn_cli.conventions.declaration import Call, Convention
from lrn_cli.conventions.parameters import Role
from lrn_cli.conventions.registry import find
from lrn_cli.errors import LrnError, one_line
from lrn_cli.models.addresses import address
from lrn_cli.models.model import Layer, Model, Written

USUAL = ("tf", "caffe", "pytorch", "onnx")
"""The conventions to which people take the numbers of a model."""

_COPIED = (Role.WINDOW, Role.ALPHA, Role.BETA, Role.BIAS)
_ANY_NAME = '"{y}"'
"""In a call: the name of a tensor is a string, and not a variable."""
_FAR = 1 << 30
"""More channels than any window: it is compared as it is."""


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


class Elsewhere(NamedTuple):
    """What becomes of a layer in another framework.

    Attributes:
        answer: The same there, or why it cannot be said there.
        copied: What goes wrong where the numbers are copied as they are; empty where nothing does.
    """

    answer: Translation
    copied: str


def group(model: Model) -> list[Group]:
    """The layers of a model, those that are the same together, in the order of the first of each."""
    found: dict[object, list[Layer]] = {}
    for layer in model.layers:
        found.setdefault(_likeness(layer), []).append(layer)
    return [Group(tuple(address(model, layer) for layer in layers), tuple(layers)) for layers in found.values()]


def _likeness(layer: Layer) -> object:
    word = layer.bound.word if layer.bound else layer.reason
    return repr((layer.op, dict(layer.written), dict(layer.filled or {}), layer.defaults, layer.notes, word))


def usual_elsewhere(bound: Bound) -> list[Elsewhere]:
    """What becomes of the numbers in the usual conventions.

    >>> from lrn_cli.conventions.binding import bound
    >>> [there.copied for there in usual_elsewhere(bound("caffe:alpha=1e-4")) if there.answer.target.name == "onnx"]
    ['']
    """
    targets = (find(name) for name in USUAL)
    answers = [translate(bound, target) for target in targets if target is not bound.convention]
    return [Elsewhere(answer, _copy(bound, answer)) for answer in answers]


def _copy(bound: Bound, answer: Translation) -> str:
    """What goes wrong where a number of each role is copied to the parameter of the same role."""
    copied = dict(_pairs(bound, answer.target))
    try:
        there = bind(answer.target, copied)
    except LrnError as error:
        return f"refused: {error.message}"
    if there.norm == bound.norm:
        return ""
    lengths = dict.fromkeys((*bound.norm.window, *there.norm.window), _FAR)
    return cause(Named(answer.target.name, there), Named(bound.convention.name, bound), lengths, answer.bound)


def _pairs(bound: Bound, target: Convention) -> Iterator[tuple[str, object]]:
    for role in _COPIED:
        own, other = bound.convention.playing(role), target.playing(role)
        if own is not None and other is not None:
            yield other.name, bound.values[own.name]
    region = target.playing(Role.REGION)
    alike = (one.name for one in target.regions if set(one.axes) == set(bound.norm.window))
    if region is not None and (name := next(alike, None)) is not None:
        yield region.name, name


def translate_group(one: Group, targets: Sequence[Convention]) -> list[Translation]:
    """What layers are in those conventions, or in every other one; nothing where no convention says them."""
    if one.layer.bound is None:
        return []
    return [translate(one.layer.bound, target) for target in targets] or everywhere(one.layer.bound)


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
