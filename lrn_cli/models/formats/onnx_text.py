"""ONNX's models as protobuf text (.textproto, .pbtxt), of which the library writes one with `serialize_format`.

Field names: onnx 1.23.2, onnx/onnx.proto.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from struct import calcsize, iter_unpack

from lrn_cli.errors import LrnError
from lrn_cli.models.content import Content
from lrn_cli.models.decimals import from_float32
from lrn_cli.models.model import Layer, ModelFormat
from lrn_cli.models.onnx.decomposed import WANTED
from lrn_cli.models.onnx.graph import Graph, Node, Numbers, Reference, Value
from lrn_cli.models.onnx.layers import find_layers
from lrn_cli.models.protobuf.gathering import outline, reading
from lrn_cli.models.protobuf.text import Field

_TEXTS = ("op_type", "domain", "name", "input", "output")
_SCALARS = {"f": attrgetter("number"), "i": attrgetter("integer"), "s": attrgetter("string")}
_ELEMENTS = {"float_data": attrgetter("number"), "double_data": attrgetter("number")} | dict.fromkeys(
    ("int32_data", "int64_data"), attrgetter("integer")
)
_RAW = {"1": "<f", "FLOAT": "<f", "6": "<i", "INT32": "<i", "7": "<q", "INT64": "<q", "11": "<d", "DOUBLE": "<d"}
_SMALL = 64
"""Elements of the largest tensor that is looked at: paddings, and single numbers."""


class OnnxText(ModelFormat):
    """A ModelProto, or a graph alone."""

    name = "onnx-text"
    title = "an ONNX model as text"

    def matches(self, content: Content) -> bool:
        """Whether it has a graph with nodes of ONNX, or says of which version its form is."""
        found = outline(content)
        return "node.op_type" in found or "graph.node" in found or {"ir_version:", "graph"} <= found

    def layers(self, content: Content) -> Iterator[Layer]:
        """Those of the graph, of all graphs in it, and of the functions."""
        with reading(content) as text:
            bare: list[Node] = []
            for field in text.fields("graph", "functions", "node"):
                if field.name == "node":
                    bare.append(_read_node(field, []))
                    continue
                for graph in _read_graph(field, is_function=field.name == "functions"):
                    yield from find_layers(graph)
            yield from find_layers(Graph(bare, {}))


def _read_node(node: Field, inner: list[Graph]) -> Node:
    """A node; the graphs in its attributes are put into the list."""
    texts: dict[str, list[str]] = {name: [] for name in _TEXTS}
    attributes: list[tuple[str, Value]] = []
    bodies: list[Graph] = []
    for field in node.fields(*_TEXTS, "attribute"):
        if field.name == "attribute":
            attributes += _read_attribute(field, bodies)
        else:
            texts[field.name].append(field.shown)
    op, domain, name = (texts[key][-1] if texts[key] else "" for key in _TEXTS[:3])
    called = name or next(iter(texts["output"]), "") or op
    for body in bodies:
        place = ", ".join(filter(None, (f"graph of {called}", body.place)))
        inner.append(Graph(body.nodes, body.constants, place))
    wanted = op == "LRN" or op in WANTED
    pairs = tuple(attributes) if wanted else ()
    return Node(op, domain, name, tuple(texts["input"]) if wanted else (), tuple(texts["output"]), pairs)


def _read_attribute(attribute: Field, bodies: list[Graph]) -> Iterator[tuple[str, Value]]:
    name = ""
    integers: list[int] = []
    for field in attribute.fields("name", *_SCALARS, "t", "g", "graphs", "ints", "ref_attr_name"):
        match field.name:
            case "name":
                name = field.shown
            case "ref_attr_name":
                yield name, Reference(field.shown)
            case "g" | "graphs":
                bodies += _read_graph(field)
            case "t":
                elements = _read_tensor(field)[1]
                yield from [(name, elements)] if elements else ()
            case "ints" if len(integers) < _SMALL:
                integers.append(field.integer)
            case "f" | "i" | "s":
                yield name, _read_scalar(field)
    if integers:
        yield name, tuple(integers)


def _read_scalar(field: Field) -> Value:
    """The value, or as it is written where it is of another type, which the layer then refuses."""
    try:
        value: Value = _SCALARS[field.name](field)
    except LrnError:
        return field.shown
    return value


def _read_graph(graph: Field, *, is_function: bool = False) -> Iterator[Graph]:
    """A graph, and behind it those that lie in its nodes, which know its constants."""
    nodes: list[Node] = []
    inner: list[Graph] = []
    constants: dict[str, Numbers] = {}
    place = ""
    for field in graph.fields("node", "initializer", "name"):
        if field.name == "node":
            nodes.append(_read_node(field, inner))
        elif field.name == "initializer":
            name, elements = _read_tensor(field)
            constants.update({name: elements} if elements else {})
        elif is_function:
            place = f"function {field.shown}"
    yield Graph(nodes, constants, place)
    for one in inner:
        yield Graph(one.nodes, {**constants, **one.constants}, ", ".join(filter(None, (place, one.place))))


def _read_tensor(tensor: Field) -> tuple[str, Numbers | None]:
    """Name and elements; None where it is large or of no type of numbers that matters here."""
    name, kind, raw = "", "", b""
    elements: list[int | float] = []
    for field in tensor.fields("name", "data_type", "raw_data", *_ELEMENTS):
        match field.name:
            case "name":
                name = field.shown
            case "data_type":
                kind = field.shown
            case "raw_data":
                raw = field.octets or b""
            case _ if len(elements) <= _SMALL:
                elements.append(_ELEMENTS[field.name](field))
    code = _RAW.get(kind)
    if raw and code and len(raw) <= 8 * _SMALL and len(raw) % calcsize(code) == 0:
        elements = [element for (element,) in iter_unpack(code, raw)]
        elements = [from_float32(element) for element in elements] if code == "<f" else elements
    return name, tuple(elements) if 0 < len(elements) <= _SMALL else None


FORMATS = (OnnxText(),)
