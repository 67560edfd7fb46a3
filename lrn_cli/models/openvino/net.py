"""The layers, constants and edges of an OpenVINO net, read as a stream: what is not wanted is not kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from xml.parsers import expat

from lrn_cli.models.content import DEPTH, Content

_MOST = 200_000
"""Layers, and edges between them."""
_KEPT = ("LRN", "Norm", "Const")
_PORTS = 8
"""Inputs of a layer that are looked at: LRN has two."""
_DATA = ("data", "norm_data")
"""What holds a layer's numbers; the latter in files of version 2."""


class Node(NamedTuple):
    """A layer of a net.

    Attributes:
        kind: `LRN`, `Norm` or `Const`.
        name: Its own.
        data: Its numbers, as written.
        inputs: For each input port its id and how many dimensions it has.
        scope: The net it is in, of those that lie in each other.
        key: Its id, within its scope.
        order: Where it stands in the file.
    """

    kind: str
    name: str
    data: dict[str, str]
    inputs: list[tuple[str, int]]
    scope: int
    key: str
    order: int


class Net:
    """What was found in a file.

    Attributes:
        norms: Its LRN and Norm layers, in order.
        constants: The constants by scope and id.
        sources: For a scope, a layer and one of its ports the id of the layer that the port is fed from.
    """

    def __init__(self) -> None:
        self.norms: list[Node] = []
        self.constants: dict[tuple[int, str], Node] = {}
        self.sources: dict[tuple[int, str, str], str] = {}


def read_net(content: Content) -> Net:
    """Read a file.

    Raises:
        LrnError: It is no well-formed XML, has a DOCTYPE, which no such file has, or lies too deep.
    """
    handler = _Handler(content)
    parser = expat.ParserCreate()
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.StartDoctypeDeclHandler = handler.refuse_doctype
    try:
        parser.Parse(content.whole, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if handler.refusal:
            raise handler.refusal from None
        raise content.damaged(f"its XML: {error}") from None
    handler.net.norms.sort(key=lambda node: node.order)
    return handler.net


class _Handler:
    """Takes in elements as they come.

    Args:
        content: The file, for errors.
    """

    def __init__(self, content: Content) -> None:
        self.net = Net()
        self.refusal: Exception | None = None
        self._content = content
        self._path: list[str] = []
        self._nodes: list[Node | None] = []  # the layers that are open
        self._scopes = [0]
        self._count = 0

    def refuse_doctype(self, *_: object) -> None:
        """End at once: entities could grow without bound, and be read from other files."""
        self._refuse("it has a DOCTYPE, which no OpenVINO model has")

    def _refuse(self, what: str) -> None:
        self.refusal = self._content.damaged(what)
        raise self.refusal

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if len(self._path) >= DEPTH:
            self._refuse(f"elements lie more than {DEPTH} deep")
        node = self._nodes[-1] if self._nodes else None
        if name == "layer":
            self._count += 1
            if self._count > _MOST:
                self._refuse(f"more than {_MOST:,} layers")
            self._nodes.append(self._begin(attributes))
        elif name == "layers":
            self._scopes.append(self._count + 1)
        elif name == "edge":
            self._connect(attributes)
        elif node and name in _DATA and self._path[-1] == "layer":
            node.data.update(attributes)
        elif node and name == "port" and self._path[-1] == "input" and len(node.inputs) < _PORTS:
            node.inputs.append((attributes.get("id", ""), 0))
        elif node and name == "dim" and node.inputs and self._path[-2:] == ["input", "port"]:
            port, rank = node.inputs[-1]
            node.inputs[-1] = (port, rank + 1)
        self._path.append(name)

    def end(self, name: str) -> None:
        """An element ends."""
        self._path.pop()
        if name == "layer" and self._nodes:
            node = self._nodes.pop()
            if node and node.kind == "Const":
                self.net.constants[node.scope, node.key] = node
            elif node:
                self.net.norms.append(node)
        elif name in ("net", "body") or name.endswith("_body"):
            del self._scopes[-1 if len(self._scopes) > 1 else len(self._scopes) :]

    def _begin(self, attributes: Mapping[str, str]) -> Node | None:
        kind, key = attributes.get("type", ""), attributes.get("id", "")
        if kind not in _KEPT:
            return None
        return Node(kind, attributes.get("name", ""), {}, [], self._scopes[-1], key, self._count)

    def _connect(self, attributes: Mapping[str, str]) -> None:
        start, layer, port = (attributes.get(key, "") for key in ("from-layer", "to-layer", "to-port"))
        self.net.sources[self._scopes[-1], layer, port] = start
        if len(self.net.sources) > _MOST:
            self._refuse(f"more than {_MOST:,} edges")
