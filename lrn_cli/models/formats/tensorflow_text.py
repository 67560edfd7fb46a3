"""TensorFlow's graphs as text: GraphDef (.pbtxt), MetaGraphDef and SavedModel, with their function libraries."""

from __future__ import annotations

from collections.abc import Iterator

from lrn_cli.errors import LrnError
from lrn_cli.models.content import Content
from lrn_cli.models.model import Layer, ModelFormat, Written
from lrn_cli.models.protobuf.gathering import outline, reading
from lrn_cli.models.protobuf.text import Field, Text
from lrn_cli.models.tensorflow import ATTRIBUTES, lrn_layer

_GRAPHS = ("meta_graphs", "graph_def")
"""What graphs lie in: a SavedModel has meta graphs, and a meta graph has one graph."""


class TensorflowText(ModelFormat):
    """A graph, whatever it lies in."""

    name = "tensorflow-text"
    title = "a TensorFlow graph as text"
    members = ("saved_model.pbtxt",)

    def matches(self, content: Content) -> bool:
        """Whether it has nodes with operations, or holds graphs."""
        found = outline(content)
        return bool({"node.op", "library.function", "graph_def.node", "meta_graphs.graph_def"} & found)

    def layers(self, content: Content) -> Iterator[Layer]:
        """Those of the graphs and of their functions."""
        with reading(content) as text:
            yield from _read(text)


def _read(parent: Text | Field) -> Iterator[Layer]:
    for field in parent.fields("node", "library", *_GRAPHS):
        match field.name:
            case "node":
                yield from _node(field, "")
            case "library":
                for function in field.fields("function"):
                    yield from _function(function)
            case _:
                yield from _read(field)


def _function(function: Field) -> Iterator[Layer]:
    place = "a function"
    for field in function.fields("signature", "node_def"):
        if field.name == "signature":
            place = next((f"function {name.shown}" for name in field.fields("name")), place)
        else:
            yield from _node(field, place)


def _node(node: Field, place: str) -> Iterator[Layer]:
    labels = {"name": "", "op": "", "input": ""}
    attributes: list[tuple[str, Written]] = []
    for field in node.fields(*labels, "attr"):
        if field.name == "attr":
            attributes += _attribute(field)
        else:
            labels[field.name] = labels[field.name] or field.shown
    if labels["op"] == "LRN":
        yield lrn_layer(labels["name"], attributes, place=place, source=labels["input"])


def _attribute(attribute: Field) -> Iterator[tuple[str, Written]]:
    key = ""
    for field in attribute.fields("key", "value"):
        if field.name == "key":
            key = field.shown
        elif key in ATTRIBUTES:
            for value in field.fields():
                yield key, _value(value)


def _value(field: Field) -> Written:
    """The value in the field that its kind has; of another kind as it is written, which the layer then refuses."""
    try:
        return {"i": lambda: field.integer, "f": lambda: field.number}.get(field.name, lambda: field.shown)()
    except LrnError:
        return field.shown


FORMATS = (TensorflowText(),)
