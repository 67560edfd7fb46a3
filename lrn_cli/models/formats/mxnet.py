"""MXNet's -symbol.json.

Defaults: apache/mxnet@v1.9.1:src/operator/nn/lrn-inl.h, LRNParam.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lrn_cli.models.content import Content
from lrn_cli.models.kinds import find_flaw, read_number
from lrn_cli.models.model import Layer, ModelFormat, Written
from lrn_cli.models.trees import has_keys, items, mapping, text

_KINDS: dict[str, type[int] | type[float]] = {"nsize": int, "alpha": float, "beta": float, "knorm": float}
_DEFAULTS: Mapping[str, Written] = {"alpha": 1e-4, "beta": 0.75, "knorm": 2.0}
_ATTRIBUTES = ("attrs", "attr", "param")
"""Where the parameters are, by the age of the file."""


class Mxnet(ModelFormat):
    """A symbol."""

    name = "mxnet"
    title = "an MXNet symbol"

    def matches(self, content: Content) -> bool:
        """Whether it is an object with nodes, each of which has an `op`."""
        return has_keys(content, "nodes", "op", "heads")

    def layers(self, content: Content) -> Iterator[Layer]:
        """The nodes whose operator is LRN, also those of subgraphs."""
        graphs = [mapping(content.json)]
        while graphs:
            nodes = [*map(mapping, items(graphs.pop().get("nodes")))]
            for node in nodes:
                if node.get("op") == "LRN":
                    yield _layer(node, _source(nodes, node))
                graphs += map(mapping, items(node.get("subgraphs")))


def _source(nodes: Sequence[Mapping[str, Any]], node: Mapping[str, Any]) -> str:
    """The name of the node that feeds it: inputs are lists that begin with its index."""
    first = next(iter(items(next(iter(items(node.get("inputs"))), None))), None)
    return text(nodes[first].get("name")) if isinstance(first, int) and 0 <= first < len(nodes) else ""


def _layer(node: Mapping[str, Any], source: str) -> Layer:
    attributes = next((mapping(node[key]) for key in _ATTRIBUTES if mapping(node.get(key))), {})
    written: dict[str, Written] = {key: str(value) for key, value in attributes.items() if key in _KINDS}
    filled: dict[str, Written] = {**_DEFAULTS, **{key: _number(key, str(value)) for key, value in written.items()}}
    flaw = find_flaw(filled.items(), _KINDS) or ("" if "nsize" in filled else "nsize is not there, and required")
    caffe = {"local_size": filled.get("nsize"), "alpha": filled["alpha"], "beta": filled["beta"], "k": filled["knorm"]}
    words = () if flaw else (("mxnet", filled), ("caffe", caffe))
    return Layer("LRN", written, words, name=text(node.get("name")), input=source, given=filled, flaw=flaw)


def _number(key: str, written: str) -> Written:
    try:
        return read_number(written, _KINDS[key])
    except ValueError:
        return written[:40]


FORMATS = (Mxnet(),)
