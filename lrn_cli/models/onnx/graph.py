"""A graph of ONNX as far as it matters here, without what is passed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lrn_cli.models.model import Written

Numbers = tuple[int | float, ...]
"""The elements of a small tensor."""


class Reference(NamedTuple):
    """An attribute that a function takes from where it is called.

    Attributes:
        name: Of the function's attribute.
    """

    name: str


Value = Written | Reference
"""Of an attribute; of a tensor its elements."""


class Node(NamedTuple):
    """A node.

    Attributes:
        op: `LRN`, `Mul`, ...
        domain: Empty for ONNX's own operators.
        name: Often empty.
        inputs, outputs: Names of values.
        attributes: Name and value of each, of a tensor its elements; also one that is there twice.
    """

    op: str
    domain: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: tuple[tuple[str, Value], ...]

    @property
    def is_own(self) -> bool:
        """Whether its operator is ONNX's and not another domain's of the same name."""
        return self.domain in ("", "ai.onnx")

    @property
    def input(self) -> str:
        """Its first input."""
        return self.inputs[0] if self.inputs else ""

    @property
    def second(self) -> str:
        """Its second input."""
        return self.inputs[1] if len(self.inputs) > 1 else ""

    @property
    def output(self) -> str:
        """Its first output."""
        return self.outputs[0] if self.outputs else ""

    def attribute(self, name: str) -> Value | None:
        """The value of an attribute; None where it is not there."""
        return dict(self.attributes).get(name)


class Graph(NamedTuple):
    """A graph, or the body of a function or of a branch.

    Attributes:
        nodes: In the file's order; those of other operators than `decomposed.WANTED` and `LRN` may be left out.
        constants: The elements of small tensors by name, those that are initializers.
        place: Where it is, as `Layer` says it.
    """

    nodes: Sequence[Node]
    constants: Mapping[str, Numbers]
    place: str = ""
