"""TensorFlow.js and MXNet: JSON in which integers may be strings."""

from __future__ import annotations

import json

import pytest

from lrn_cli.conventions.binding import bound
from lrn_cli.errors import LrnError
from tests.models.reading import only, read


def tfjs(node: object, **more: object) -> bytes:
    """A graph model as tensorflowjs_converter writes it."""
    return json.dumps({"format": "graph-model", "modelTopology": {"node": [node], **more}}).encode()


LRN = {"name": "n", "op": "LRN", "attr": {"depth_radius": {"i": "2"}, "alpha": {"f": 2e-05}, "T": {"type": "DT_FLOAT"}}}


def test_a_graph_of_tensorflow_js_has_tensorflows_defaults() -> None:
    layer = only(tfjs(LRN))
    assert layer.written == {"depth_radius": 2, "alpha": 2e-05}
    assert layer.canonical == bound("tf:depth_radius=2,bias=1,alpha=2e-05,beta=0.5").norm


def test_functions_of_its_library_are_read() -> None:
    library = {"function": [{"signature": {"name": "f"}, "nodeDef": [LRN]}]}
    assert only(tfjs({}, library=library)).place == "function f"


@pytest.mark.parametrize("attribute", [{"i": "2.5"}, {"f": 2}, {"s": "2"}, {}, 5, [{"i": "2"}]])
def test_a_radius_of_another_kind_is_none(attribute: object) -> None:
    assert only(tfjs({**LRN, "attr": {"depth_radius": attribute}})).bound is None


def mxnet(attributes: dict[str, object], key: str = "attrs") -> bytes:
    """A symbol as `Symbol.save` writes it, of the age that calls the parameters so."""
    data = {"op": "null", "name": "data", "inputs": []}
    return json.dumps(
        {"nodes": [data, {"op": "LRN", "name": "n", key: attributes, "inputs": [[0, 0, 0]]}], "heads": [[1, 0, 0]]}
    ).encode()


@pytest.mark.parametrize("key", ["attrs", "attr", "param"])
def test_a_symbol_of_mxnet_has_mxnets_defaults_among_them_a_knorm_of_2(key: str) -> None:
    layer = only(mxnet({"nsize": "5", "alpha": "5e-05"}, key))
    assert layer.written == {"nsize": "5", "alpha": "5e-05"}
    # lrn-inl.h, LRNParam
    assert layer.filled == {"nsize": 5, "alpha": 5e-05, "beta": 0.75, "knorm": 2}
    assert layer.canonical == bound("caffe:local_size=5,alpha=5e-05,k=2").norm


# (attributes, what is said)
WRONG = [
    ({}, "nsize is not there"),
    ({"nsize": "five"}, "nsize is 'five'"),
    ({"nsize": "5.0"}, "nsize is '5.0'"),
    ({"nsize": "5", "alpha": "inf"}, "alpha is 'inf'"),
    ({"nsize": "1_1"}, "nsize is '1_1'"),
]


@pytest.mark.parametrize(("attributes", "said"), WRONG)
def test_what_is_no_number_of_mxnet_is_said(attributes: dict[str, object], said: str) -> None:
    layer = only(mxnet(attributes))
    assert layer.bound is None
    assert said in layer.reason


@pytest.mark.parametrize("broken", [b'{"nodes": [{"op": "LRN"}], "heads": [', b'{"nodes": "op heads"' + b"["])
def test_json_that_is_cut_gives_no_layers(broken: bytes) -> None:
    with pytest.raises(LrnError, match="damaged"):
        read(broken.replace(b'"op heads"', b'["op", "heads"]'))


@pytest.mark.parametrize("nodes", [5, {}, [[]], [5, None, "LRN"], [{"op": ["LRN"]}]])
def test_json_of_another_shape_has_no_layers(nodes: object) -> None:
    assert read(json.dumps({"nodes": nodes, "op": 0, "heads": 0}).encode()).layers == ()
