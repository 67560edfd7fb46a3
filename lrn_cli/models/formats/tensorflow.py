"""TensorFlow's graphs in binary: GraphDef (.pb), MetaGraphDef (.meta) and SavedModel, with their function libraries.

Field numbers: tensorflow 2.21.0, tensorflow/core/framework/{graph,node_def,function,attr_value}.proto and
tensorflow/core/protobuf/{meta_graph,saved_model}.proto.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrn_cli.models.content import Content
from lrn_cli.models.model import Layer, ModelFormat, Written
from lrn_cli.models.protobuf import wire
from lrn_cli.models.protobuf.wire import BYTES, VARINT, Field, Message, outline
from lrn_cli.models.tensorflow import ATTRIBUTES, lrn_layer

_GRAPH = {1: BYTES, 2: BYTES, 3: VARINT, 4: BYTES, 5: BYTES}
_NODE = {1: BYTES, 2: BYTES, 3: BYTES, 4: BYTES, 5: BYTES, 6: BYTES, 7: BYTES}
_VERSION = 5
"""In a MetaInfoDef the field of TensorFlow's version, a string; in a NodeDef that of its attributes."""


class GraphDef(ModelFormat):
    """A graph by itself, frozen or not."""

    name = "tensorflow-graph"
    title = "a TensorFlow graph"

    def matches(self, content: Content) -> bool:
        """Whether its fields are a GraphDef's, the first of them a node."""
        return _is_graph(content, outline(content))

    def layers(self, content: Content) -> Iterator[Layer]:
        """Those of the graph and of its functions."""
        yield from _read_graph(Message.whole(content))


class MetaGraphDef(ModelFormat):
    """A graph and what is known of it."""

    name = "tensorflow-meta-graph"
    title = "a TensorFlow MetaGraph"

    def matches(self, content: Content) -> bool:
        """Whether its fields are a MetaGraphDef's."""
        return _is_meta_graph(content, outline(content))

    def layers(self, content: Content) -> Iterator[Layer]:
        """Those of its graph."""
        yield from _read_meta_graph(Message.whole(content))


class SavedModel(ModelFormat):
    """Meta graphs in a folder, or the file in it."""

    name = "tensorflow-saved-model"
    title = "a TensorFlow SavedModel"
    members = ("saved_model.pb",)

    def matches(self, content: Content) -> bool:
        """Whether its fields are a SavedModel's: the version of its form, and meta graphs."""
        fields = outline(content)
        meta_graphs = [field for field in fields if field.number == 2]
        if {(field.number, field.kind) for field in fields} != {(1, VARINT), (2, BYTES)}:
            return False
        return _is_meta_graph(content, outline(content, meta_graphs[0].start, meta_graphs[0].end))

    def layers(self, content: Content) -> Iterator[Layer]:
        """Those of all its graphs."""
        for field in Message.whole(content).of(2):
            yield from _read_meta_graph(field.message())


def _is_graph(content: Content, fields: list[Field]) -> bool:
    if not fields or not all(_GRAPH.get(field.number) == field.kind for field in fields):
        return False
    node = next((field for field in fields if field.number == 1), None)
    if node is None:
        return any(field.number == 2 for field in fields) and fields[-1].number in (2, 3, 4)
    inner = outline(content, node.start, node.end)
    known = all(_NODE.get(field.number) == field.kind for field in inner)
    return known and [field.number for field in inner[:2]] == [1, 2] and not _is_text(content, node)


def _is_meta_graph(content: Content, fields: list[Field]) -> bool:
    """Whether the first field is a MetaInfoDef, which says of what version it is, or the graph comes without one."""
    numbers = [field.number for field in fields]
    if not fields or 2 not in numbers or any(field.kind != BYTES for field in fields) or max(numbers) > 8:
        return False
    graph = fields[numbers.index(2)]
    if not _is_graph(content, outline(content, graph.start, graph.end)):
        return False
    if numbers[0] != 1:
        return True
    return not _is_text(content, fields[0]) and any(
        field.number == _VERSION and field.kind == BYTES and _is_text(content, field)
        for field in outline(content, fields[0].start, fields[0].end)
    )


def _is_text(content: Content, field: Field) -> bool:
    return content.read(field.start, min(field.end - field.start, 64)).decode("utf-8", "replace").isprintable()


def _read_meta_graph(message: Message) -> Iterator[Layer]:
    for field in message.of(2):
        yield from _read_graph(field.message())


def _read_graph(message: Message) -> Iterator[Layer]:
    for field in message:
        match field.number, field.kind:
            case 1, wire.BYTES:
                yield from _read_node(field.message(), "")
            case 2, wire.BYTES:
                for function in field.message().of(1):
                    yield from _read_function(function.message())


def _read_function(message: Message) -> Iterator[Layer]:
    signature = message.last(1)
    place = f"function {signature.message().string(1)}" if signature else "a function"
    for node in message.of(3):
        yield from _read_node(node.message(), place)


def _read_node(message: Message, place: str) -> Iterator[Layer]:
    name = op = source = ""
    attributes = []
    for field in message:
        match field.number, field.kind:
            case 1, wire.BYTES:
                name = field.text
            case 2, wire.BYTES:
                op = field.text
            case 3, wire.BYTES:
                source = source or field.text
            case 5, wire.BYTES:
                attributes.append(field)
    if op == "LRN":
        found = [pair for attribute in attributes for pair in _read_attribute(attribute.message())]
        yield lrn_layer(name, found, place=place, source=source)


def _read_attribute(message: Message) -> Iterator[tuple[str, Written]]:
    key, value = message.string(1), message.last(2)
    if key in ATTRIBUTES and value is not None:
        for field in value.message():
            match field.number, field.kind:
                case 3, wire.VARINT:
                    yield key, field.integer
                case 4, wire.FIXED32:
                    yield key, field.float32
                case 1, _:
                    yield key, ()
                case _, wire.BYTES:
                    yield key, field.text
                case _:
                    yield key, str(field.value)


FORMATS = (GraphDef(), MetaGraphDef(), SavedModel())
