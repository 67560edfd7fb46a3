"""TensorFlow.js: the graph in a model.json."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lrn_cli.models.content import Content
from lrn_cli.models.model import Layer, ModelFormat, Written
from lrn_cli.models.tensorflow import ATTRIBUTES, lrn_layer
from lrn_cli.models.trees import has_keys, items, mapping, text


class Tfjs(ModelFormat):
    """A graph model; a layers model is Keras's, which has no LRN layer of its own."""

    name = "tfjs"
    title = "a TensorFlow.js graph model"

    def matches(self, content: Content) -> bool:
        """Whether it is an object with a graph in it."""
        return has_keys(content, "modelTopology") and not has_keys(content, "class_name")

    def layers(self, content: Content) -> Iterator[Layer]:
        """Those of the graph and of its functions."""
        topology = mapping(mapping(content.json).get("modelTopology"))
        for node in items(topology.get("node")):
            yield from _node(node, "")
        for function in items(mapping(topology.get("library")).get("function")):
            name = text(mapping(mapping(function).get("signature")).get("name"))
            for node in items(mapping(function).get("nodeDef", mapping(function).get("node_def"))):
                yield from _node(node, f"function {name}" if name else "a function")


def _node(node: Any, place: str) -> Iterator[Layer]:
    node = mapping(node)
    if node.get("op") == "LRN":
        attributes = mapping(node.get("attr"))
        found = [(key, _value(value)) for key, value in attributes.items() if key in ATTRIBUTES]
        source = text(next(iter(items(node.get("input"))), ""))
        yield lrn_layer(text(node.get("name")), found, place=place, conventions=("tfjs", "tf"), source=source)


def _value(value: Any) -> Written:
    """The value in the field that its kind has: an int64 is a string in JSON."""
    value = mapping(value)
    if set(value) == {"i"} and str(value["i"]).lstrip("-").isdecimal():
        return int(str(value["i"])[:400])
    if set(value) == {"f"} and isinstance(value["f"], (int, float)) and not isinstance(value["f"], bool):
        return float(value["f"])
    return str(next(iter(value.values()), ""))[:40]


FORMATS = (Tfjs(),)
