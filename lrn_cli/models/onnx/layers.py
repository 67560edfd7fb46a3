"""The LRN layers in a graph of ONNX."""

from __future__ import annotations

from collections.abc import Iterator

from lrn_cli.models.kinds import find_flaw
from lrn_cli.models.model import Layer, Written
from lrn_cli.models.onnx.decomposed import Decomposed
from lrn_cli.models.onnx.graph import Graph, Node, Reference, Value

_KINDS = {"size": int, "alpha": float, "beta": float, "bias": float}


def find_layers(graph: Graph) -> Iterator[Layer]:
    """The LRN nodes of a graph, and the layers of PyTorch that stand there as their parts, in order."""
    parts = Decomposed(graph)
    for node in graph.nodes:
        if node.op == "LRN" and node.is_own:
            yield _layer(node, graph.place)
        elif node.op == "Div" and (found := parts.layer_of(node)):
            yield found


def _layer(node: Node, place: str) -> Layer:
    written = {name: _show(value) for name, value in node.attributes if name in _KINDS}
    return Layer(
        "LRN",
        written,
        words=(("onnx", written),),
        name=node.name,
        output=node.output,
        input=node.input,
        place=place,
        flaw=_flaw(node),
    )


def _show(value: Value) -> Written:
    return f"@{value.name}" if isinstance(value, Reference) else value


def _flaw(node: Node) -> str:
    """What the checker of ONNX refuses in the attributes."""
    for name, value in node.attributes:
        if name in _KINDS and isinstance(value, Reference):
            return f"{name} is given where its function is called, as {value.name}"
    return find_flaw(node.attributes, _KINDS)
