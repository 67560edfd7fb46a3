"""Models of ONNX as bytes, by the numbers of onnx.proto."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from tests.models.proto_bytes import inner, integer, real, varint


def attribute(name: str, value: object) -> bytes:
    """An AttributeProto: an int, a float, a string or ints."""
    match value:
        case int():
            return inner(5, inner(1, name), integer(3, value), integer(20, 2))
        case float():
            return inner(5, inner(1, name), real(2, value), integer(20, 1))
        case str():
            return inner(5, inner(1, name), inner(4, value), integer(20, 3))
        case list():
            return inner(5, inner(1, name), *(integer(8, each) for each in value), integer(20, 7))
    raise TypeError(value)


def node(op: str, inputs: str = "x", outputs: str = "y", *more: bytes, name: str = "", **attributes: Any) -> bytes:
    """A NodeProto, without the tag of the field that it is in."""
    values = [inner(1, each) for each in inputs.split()] + [inner(2, each) for each in outputs.split()]
    named = [inner(3, name)] if name else []
    return b"".join([*values, *named, inner(4, op), *(attribute(*pair) for pair in attributes.items()), *more])


def floats(name: str, *values: float) -> bytes:
    """A TensorProto of raw floats, or without a dimension of one."""
    return inner(8, name) + integer(2, 1) + inner(9, struct.pack(f"<{len(values)}f", *values))


def integers(name: str, *values: int) -> bytes:
    """A TensorProto of int64 in the field for such."""
    return integer(1, len(values)) + integer(2, 7) + inner(7, *map(varint, values)) + inner(8, name)


def model(*nodes: bytes, tensors: tuple[bytes, ...] = (), functions: tuple[bytes, ...] = ()) -> bytes:
    """A ModelProto."""
    graph = [*(inner(1, each) for each in nodes), inner(2, "g"), *(inner(5, each) for each in tensors)]
    return integer(1, 8) + inner(7, *graph) + inner(8, integer(2, 13)) + b"".join(inner(25, each) for each in functions)


def exported(padded: Sequence[int], kernel: list[int], pool: Mapping[str, Any] = MappingProxyType({})) -> bytes:
    """The nodes that `torch.onnx.export` makes of nn.LocalResponseNorm(n, alpha=1e-4, k=2), after its functional.py.

    Args:
        padded: The paddings of all axes.
        kernel: Of the pool over channels.
        pool: More attributes of the pool.
    """
    return model(
        node("Mul", "x x", "s"),
        node("Reshape", "s shape", "r"),
        node("Pad", "r pads", "p"),
        node("AveragePool", "p", "m", kernel_shape=kernel, **pool),
        node("Squeeze", "m one", "q"),
        node("Mul", "q alpha", "qa"),
        node("Add", "qa k", "b"),
        node("Pow", "b beta", "d"),
        node("Div", "x d", "y", name="div"),
        tensors=(
            integers("pads", *padded),
            floats("alpha", 1e-4),
            floats("k", 2),
            floats("beta", 0.75),
            integers("shape", 1, 1, 8, 4, -1),
        ),
    )
