"""The graph of torch.export, whose layer of LRN has the same parts as in ONNX: it is read as such a graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lrn_cli.models.model import Layer
from lrn_cli.models.onnx.graph import Graph, Node, Numbers, Value
from lrn_cli.models.onnx.layers import find_layers

_OPERATORS = {
    "mul": "Mul",
    "view": "Reshape",
    "reshape": "Reshape",
    "_unsafe_view": "Reshape",
    "squeeze": "Squeeze",
    "unsqueeze": "Unsqueeze",
    "pad": "Pad",
    "constant_pad_nd": "Pad",
    "avg_pool3d": "AveragePool",
    "avg_pool2d": "AveragePool",
    "add": "Add",
    "pow": "Pow",
    "div": "Div",
}
_SPATIAL_FROM = 2
"""The first axis that is padded and pooled, behind the batch and the axis that was put in."""


def read_export(program: object) -> Iterator[Layer]:
    """The layers of a program of torch.export.

    Args:
        program: As JSON has it.
    """
    constants: dict[str, Numbers] = {}
    nodes = []
    for item in _get(program, "graph_module", "graph", "nodes") or ():
        operator = str(_get(item, "target")).rpartition("aten.")[2].partition(".")[0]
        if operator in _OPERATORS:
            nodes.append(_read_node(item, _OPERATORS[operator], constants))
    yield from find_layers(Graph(nodes, constants))


def _read_node(item: object, op: str, constants: dict[str, Numbers]) -> Node:
    """A node as ONNX has it; its numbers become constants."""
    inputs: list[str] = []
    attributes: list[tuple[str, Value]] = []
    output = _name_output(item)
    for argument in _get(item, "inputs") or ():
        name, value = _get(argument, "name"), _get(argument, "arg")
        tensor, listed = _get(value, "as_tensor", "name"), _get(value, "as_ints")
        number = _get(value, "as_float") if _get(value, "as_float") is not None else _get(value, "as_int")
        if isinstance(tensor, str):
            inputs.append(tensor)
        elif isinstance(listed, list) and all(isinstance(each, int) for each in listed):
            attributes += _read_list(op, str(name), tuple(listed))
        elif isinstance(number, (int, float)) and op in ("Mul", "Add", "Pow"):
            constants[f"{output}.{name}"] = (number,)
            inputs.append(f"{output}.{name}")
    return Node(op, "", _name_module(item) or output, tuple(inputs), (output,), tuple(attributes))


def _read_list(op: str, name: str, listed: tuple[int, ...]) -> Iterator[tuple[str, Value]]:
    if op == "AveragePool" and name == "kernel_size":
        yield "kernel_shape", listed
    elif op == "Pad" and name == "pad":
        # Pairs from the last axis on, which ONNX has as all those before and all those after.
        before, after = listed[-2::-2], listed[-1::-2]
        yield "pads", (*(0,) * _SPATIAL_FROM, *before, *(0,) * _SPATIAL_FROM, *after)


def _name_output(item: object) -> str:
    outputs = _get(item, "outputs")
    name = _get(outputs[0], "as_tensor", "name") if isinstance(outputs, list) and outputs else None
    return name if isinstance(name, str) else ""


def _name_module(item: object) -> str:
    """The name of the module in which a node is, as PyTorch has it; empty where it is in none."""
    stack = str(_get(item, "metadata", "nn_module_stack") or "")
    return stack.rpartition(";")[2].split(",")[1] if stack.count(",") > 1 else ""


def _get(item: object, *keys: str) -> Any:
    """What lies that deep in an object of JSON; None where it does not."""
    for key in keys:
        item = item.get(key) if isinstance(item, Mapping) else None
    return item
