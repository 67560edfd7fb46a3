"""Caffe2's nets as text: a NetDef, as of predict_net.pbtxt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter

from lrn_cli.errors import LrnError
from lrn_cli.models.caffe2 import lrn_layer
from lrn_cli.models.content import Content
from lrn_cli.models.model import Layer, ModelFormat, Written
from lrn_cli.models.protobuf.gathering import outline, reading
from lrn_cli.models.protobuf.text import Field

_VALUES: Mapping[str, Callable[[Field], Written]] = {
    "f": attrgetter("number"),
    "i": attrgetter("integer"),
    "s": attrgetter("string"),
}


class Caffe2Text(ModelFormat):
    """A NetDef."""

    name = "caffe2-text"
    title = "a Caffe2 net as text"

    def matches(self, content: Content) -> bool:
        """Whether it has operators with types."""
        return "op.type" in outline(content)

    def layers(self, content: Content) -> Iterator[Layer]:
        """Its LRN operators."""
        with reading(content) as text:
            for field in text.fields("op"):
                yield from _operator(field)


def _operator(operator: Field) -> Iterator[Layer]:
    labels = {"name": "", "type": "", "input": "", "output": ""}
    arguments: list[tuple[str, Written]] = []
    for field in operator.fields(*labels, "arg"):
        if field.name == "arg":
            arguments += _argument(field)
        else:
            labels[field.name] = labels[field.name] or field.shown
    if labels["type"] == "LRN":
        yield lrn_layer(labels["name"], labels["output"], arguments, labels["input"])


def _argument(argument: Field) -> Iterator[tuple[str, Written]]:
    name = ""
    for field in argument.fields("name", *_VALUES):
        if field.name == "name":
            name = field.shown
            continue
        try:
            yield name, _VALUES[field.name](field)
        except LrnError:
            yield name, field.shown


FORMATS = (Caffe2Text(),)
