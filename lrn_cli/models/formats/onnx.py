"""ONNX's .onnx: a ModelProto with its weights in it or beside it.

Field numbers: onnx 1.23.2, onnx/onnx.proto.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from struct import calcsize, iter_unpack

from lrn_cli.models.content import Content
from lrn_cli.models.decimals import from_float32
from lrn_cli.models.model import Layer, ModelFormat
from lrn_cli.models.onnx.decomposed import WANTED
from lrn_cli.models.onnx.graph import Graph, Node, Numbers, Reference, Value
from lrn_cli.models.onnx.layers import find_layers
from lrn_cli.models.protobuf import wire
from lrn_cli.models.protobuf.wire import BYTES, FIXED32, VARINT, Field, Message, outline

_MODEL = {1: VARINT, 2: BYTES, 3: BYTES, 4: BYTES, 5: VARINT, 6: BYTES, 7: BYTES, 8: BYTES, 14: BYTES, 20: BYTES}
_MODEL |= {25: BYTES, 26: BYTES}
_SMALL = 512
"""Bytes of the largest tensor whose elements are looked at: paddings, and single numbers."""
LOOKED_AT = WANTED | {"LRN"}
"""The operators that matter."""
_TYPES = {1: "<f", 6: "<i", 7: "<q", 10: "<e", 11: "<d"}


class Onnx(ModelFormat):
    """A binary ModelProto."""

    name = "onnx"
    title = "an ONNX model"

    def matches(self, content: Content) -> bool:
        """Whether its fields are a ModelProto's, the graph among them."""
        fields = outline(content)
        known = all(_MODEL.get(field.number) == field.kind for field in fields)
        numbers = {field.number for field in fields}
        return known and 7 in numbers and bool(numbers & {1, 8})

    def layers(self, content: Content) -> Iterator[Layer]:
        """Those of the graph, of all graphs in it, and of the functions.

        Raises:
            LrnError: It is damaged.
        """
        for field in Message.whole(content):
            match field.number, field.kind:
                case 7, wire.BYTES:
                    yield from _read_graph(field.message(), {}, "")
                case 25, wire.BYTES:
                    function = field.message()
                    yield from _read_graph(function, {}, f"function {function.string(1)}", node_number=7)


def _read_graph(message: Message, outer: Mapping[str, Numbers], place: str, *, node_number: int = 1) -> Iterator[Layer]:
    nodes, inner, tensors = [], [], []
    for field in message:
        if field.kind == BYTES and field.number == node_number:
            node, graphs = _read_node(field.message())
            if node.op in LOOKED_AT:
                nodes.append(node)
            inner += [(graph, f"graph of {node.name or node.output or node.op}") for graph in graphs]
        elif field.kind == BYTES and field.number == 5 and node_number == 1:
            tensors.append(field)
    pools = inner or any(node.op == "AveragePool" for node in nodes)
    constants = {**outer, **(dict(_read_tensors(tensors)) if pools else {})}
    yield from find_layers(Graph(nodes, constants, place))
    for graph, where in inner:
        yield from _read_graph(graph.message(), constants, f"{place}, {where}".removeprefix(", "))


def _read_node(message: Message) -> tuple[Node, list[Field]]:
    """A node and the graphs in its attributes; of one whose operator is not looked at there is little in it."""
    fields: dict[int, list[Field]] = {1: [], 2: [], 3: [], 4: [], 5: [], 7: []}
    for field in message:
        if field.kind == BYTES and field.number in fields:
            fields[field.number].append(field)
    op = fields[4][-1].text if fields[4] else ""
    graphs: list[Field] = []
    read = [_read_attribute(field.message(), graphs) for field in fields.pop(5)]
    attributes = tuple((name, value) for name, value in read if value is not None)
    if op not in LOOKED_AT and not graphs:
        return Node(op, "", "", (), (), ()), graphs
    texts = {number: tuple(field.text for field in found) for number, found in fields.items()}
    domain, own = texts[7][-1:], texts[3][-1:]
    return Node(op, "".join(domain), "".join(own), texts[1], texts[2], attributes), graphs


def _read_attribute(message: Message, graphs: list[Field]) -> tuple[str, Value | None]:
    """Name and value; graphs are put into the list."""
    name = ""
    value: Value | None = None
    integers: list[int] = []
    for field in message:
        match field.number, field.kind:
            case 1, wire.BYTES:
                name = field.text
            case 2, wire.FIXED32:
                value = field.float32
            case 3, wire.VARINT:
                value = field.integer
            case 4, wire.BYTES if field.end - field.start <= _SMALL:
                value = field.text
            case 5, wire.BYTES:
                value = _read_tensor(field.message())[1]
            case 6 | 11, wire.BYTES:
                graphs.append(field)
            case 8, _ if field.end - field.start <= _SMALL and len(integers) <= _SMALL:
                integers += field.varints()
            case 21, wire.BYTES if field.end > field.start:
                value = Reference(field.text)
    return name, tuple(integers) if integers else value


def _read_tensors(fields: list[Field]) -> Iterator[tuple[str, Numbers]]:
    for field in fields:
        name, elements = _read_tensor(field.message())
        if elements is not None:
            yield name, elements


def _read_tensor(message: Message) -> tuple[str, Numbers | None]:
    """Name and elements; None where it is large or of no type of numbers that matters here."""
    name, kind, raw = "", 0, b""
    elements: list[int | float] = []
    for field in message:
        if field.number == 8 and field.kind == BYTES:
            name = field.text
        elif field.number == 2 and field.kind == VARINT:
            kind = field.value
        elif field.end - field.start > _SMALL or len(elements) > _SMALL:
            kind = 0
        elif field.number == 9 and field.kind == BYTES:
            raw = field.bytes()
        elif field.number == 4 and field.kind in (BYTES, FIXED32):
            elements += field.floats()
        elif field.number in (5, 7) and field.kind in (BYTES, VARINT):
            elements += field.varints()
    code = _TYPES.get(kind)
    if code is None:
        return name, None
    if raw and len(raw) % calcsize(code) == 0:
        elements = [element for (element,) in iter_unpack(code, raw)]
        elements = [from_float32(element) for element in elements] if code == "<f" else elements
    return name, tuple(elements) or None


FORMATS = (Onnx(),)
