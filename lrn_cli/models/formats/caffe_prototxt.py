"""Caffe's nets as text: `layer` (V2), `layers` (V1), and of 2013 a `layer` in each `layers` (V0); solvers beside them.

BVLC/caffe@9b891540: src/caffe/proto/caffe.proto, src/caffe/util/upgrade_proto.cpp.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.models.content import Content
from lrn_cli.models.model import Layer, ModelFormat, Written
from lrn_cli.models.protobuf.gathering import Readers, gather, outline, reading
from lrn_cli.models.protobuf.text import Field, Text

_NETS = ("net_param", "train_net_param", "test_net_param")
"""Where a solver may have nets of its own."""
_NAMES = ("net:", "train_net:", "test_net:")
_V1_TYPES = ("LRN", "15")
_LRN_MAP = ("LRN_MAP", "1001")
"""For one day of March 2014 (42c9d6672), never released: named, not read."""
_REGIONS = {"0": "ACROSS_CHANNELS", "1": "WITHIN_CHANNEL"}


def _region(field: Field) -> str:
    return _REGIONS.get(field.word, field.word)


_V0_PARAMETERS: Readers = {
    "local_size": attrgetter("integer"),
    "alpha": attrgetter("number"),
    "beta": attrgetter("number"),
    "k": attrgetter("number"),
}
_PARAMETERS: Readers = {**_V0_PARAMETERS, "norm_region": _region, "engine": attrgetter("word")}


class _Entry(NamedTuple):
    """What one `layer` or `layers` says."""

    labels: dict[str, Field]
    parameters: list[tuple[dict[str, Written], str]]
    flat: list[Field]
    inner: list[_Entry]

    def label(self, name: str) -> str:
        """Its name, type, first input or output, or phase; empty where it has none."""
        return self.labels[name].shown if name in self.labels else ""


class CaffePrototxt(ModelFormat):
    """A net; of Caffe's three forms, entry by entry."""

    name = "caffe-prototxt"
    title = "a Caffe prototxt"

    def matches(self, content: Content) -> bool:
        """Whether the text has layers, or is a solver."""
        return bool({"layer", "layers", *_NETS} & outline(content)) or bool(_names(content))

    def layers(self, content: Content) -> Iterator[Layer]:
        """The layers of type LRN."""
        forms: set[str] = set()
        with reading(content) as text:
            yield from _net(text, forms)
        if {"layer", "layers"} <= forms:
            raise LrnError(
                f"{content.path}: has both `layer` and `layers`, which Caffe refuses to upgrade",
                "the file as Caffe's upgrade_net_proto_text writes it",
            )

    def remark(self, content: Content) -> str:
        """Which nets a solver names."""
        names = _names(content)
        return f"that is a solver: its net is {' and '.join(names)}" if names else super().remark(content)


def _names(content: Content) -> list[str]:
    """The nets that a solver names; empty where it is none."""
    if not set(_NAMES) & outline(content):
        return []
    with reading(content) as text:
        return [repr(field.shown) for field in text.fields(*(name.rstrip(":") for name in _NAMES))]


def _net(text: Text | Field, forms: set[str]) -> Iterator[Layer]:
    for field in text.fields("layer", "layers", *_NETS):
        if field.name in _NETS:
            yield from _net(field, forms)
            continue
        forms.add(field.name)
        entry = _entry(field)
        layer = _layer(entry, quoted=field.name == "layer")
        if layer is not None:
            yield layer


def _entry(message: Field) -> _Entry:
    entry = _Entry({}, [], [], [])
    for part in message.fields("name", "type", "bottom", "top", "include", "layer", "lrn_param", *_V0_PARAMETERS):
        match part.name:
            case "lrn_param":
                entry.parameters.append(gather(part.fields(*_PARAMETERS), _PARAMETERS))
            case "layer":
                entry.inner.append(_entry(part))
            case "include":
                entry.labels.update((phase.name, phase) for phase in part.fields("phase"))
            case "name" | "type" | "bottom" | "top":
                entry.labels.setdefault(part.name, part)
            case _:
                entry.flat.append(part)
    return entry


def _layer(entry: _Entry, *, quoted: bool) -> Layer | None:
    """The layer that an entry is, if it is LRN: its type is a string in V2 and V0, a word in V1."""
    if entry.inner:
        inner = entry.inner[0]._replace(labels=entry.labels | entry.inner[0].labels)
        return _judge(inner, "lrn", *gather(inner.flat, _V0_PARAMETERS)) if inner.label("type") == "lrn" else None
    kind = entry.label("type")
    if kind in _LRN_MAP:
        return _judge(entry, "LRN_MAP", {}, "LRN_MAP, of a Caffe that was never released, is not read")
    if kind != "LRN" and (quoted or kind not in _V1_TYPES):
        return None
    written, flaw = entry.parameters[0] if entry.parameters else ({}, "")
    if len(entry.parameters) > 1:
        flaw = f"lrn_param stands {len(entry.parameters)} times"
    if (entry.labels["type"].octets is not None) != quoted:
        flaw = f"the type LRN stands {'without' if quoted else 'in'} quotes, which Caffe refuses"
    return _judge(entry, "LRN", written, flaw)


def _judge(entry: _Entry, kind: str, written: dict[str, Written], flaw: str) -> Layer:
    phase = entry.label("phase")
    return Layer(
        kind,
        written,
        (("caffe", {name: value for name, value in written.items() if name != "engine"}),),
        name=entry.label("name"),
        output=entry.label("top"),
        input=entry.label("bottom"),
        place=f"phase {phase}" if phase else "",
        flaw=flaw,
    )


FORMATS = (CaffePrototxt(),)
