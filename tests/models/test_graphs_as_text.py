"""TensorFlow's, ONNX's and Caffe2's graphs as protobuf text, typed as their libraries print them."""

from __future__ import annotations

import pytest

from lrn_cli.conventions.binding import bound
from lrn_cli.errors import LrnError
from tests.models.reading import only, read, words

_ATTRIBUTES = "attr {{ key: 'depth_radius' value {{ i: {r} }} }} attr {{ key: 'alpha' value {{ f: 2e-05 }} }}"
NODE = f"name: 'n' op: 'LRN' input: 'x' {_ATTRIBUTES.format(r=2)}"
TF = "tf:depth_radius=2,bias=1,alpha=2e-05,beta=0.5"
"""With the defaults of tensorflow's nn_ops.cc."""

# (text, where the layer is)
GRAPHS = [
    (f"node {{ name: 'c' op: 'Const' attr {{ key: 'value' value {{ tensor {{ }} }} }} }} node {{ {NODE} }}", ""),
    (f"versions {{ }} library {{ function {{ signature {{ name: 'f' }} node_def {{ {NODE} }} }} }}", "function f"),
    (f"meta_info_def {{ tags: 'serve' }} graph_def {{ node {{ {NODE} }} }}", ""),
    (f"saved_model_schema_version: 1 meta_graphs {{ graph_def {{ node {{ {NODE} }} }} }}", ""),
]


@pytest.mark.parametrize(("text", "place"), GRAPHS)
def test_a_graph_of_tensorflow_is_read_whatever_it_lies_in(text: str, place: str) -> None:
    layer = only(text.encode())
    assert (layer.name, layer.place) == ("n", place)
    assert layer.bound is not None
    assert layer.bound.word == TF


# (attributes, what is said)
WRONG = [
    ("attr { key: 'depth_radius' value { f: 2.5 } }", "depth_radius is 2.5"),
    ("attr { key: 'alpha' value { s: '1e-4' } }", "alpha is '1e-4'"),
    ("attr { key: 'alpha' value { f: 1 } } attr { key: 'alpha' value { f: 2 } }", "alpha is given twice"),
    ("attr { key: 'beta' value { f: half } }", "beta is 'half'"),
]


@pytest.mark.parametrize(("attributes", "said"), WRONG)
def test_attributes_of_another_kind_are_no_numbers(attributes: str, said: str) -> None:
    layer = only(f"node {{ name: 'n' op: 'LRN' {attributes} }}".encode())
    assert layer.bound is None
    assert said in layer.reason


def onnx(attributes: str, around: str = "ir_version: 8 graph {{ {} }}") -> bytes:
    node = f"node {{ input: 'x' output: 'y' op_type: 'LRN' {attributes} }}"
    return around.format(node).encode()


SIZE = "attribute { name: 'size' i: 5 type: INT } "


def test_an_onnx_model_is_read_with_onnxs_defaults() -> None:
    assert words(onnx(SIZE)) == [("y", "onnx:size=5,alpha=0.0001,beta=0.75,bias=1")]


# (what the node lies in, what is said of the place)
PLACES = [
    ("graph {{ node {{ op_type: 'If' name: 'if' attribute {{ name: 'then_branch' g {{ {} }} }} }} }}", "graph of if"),
    ("ir_version: 8 functions {{ name: 'F' {} }} graph {{ }}", "function F"),
]


@pytest.mark.parametrize(("around", "place"), PLACES)
def test_nodes_of_onnx_in_branches_and_functions_say_where_they_are(around: str, place: str) -> None:
    assert only(onnx(SIZE, around)).place == place


def test_a_node_of_another_domain_is_another_operator() -> None:
    assert read(onnx(f"{SIZE} domain: 'com.microsoft'")).layers == ()


def test_an_attribute_that_a_function_is_given_is_not_known() -> None:
    layer = only(
        onnx("attribute { name: 'size' ref_attr_name: 'n' }", "ir_version: 8 functions {{ name: 'F' {} }} graph {{}}")
    )
    assert "given where its function is called" in layer.reason


# (arguments, word): pytorch v1.8.1, local_response_normalization_op.h
CAFFE2 = [
    ("", "onnx:size=5,alpha=0.0005,beta=0.75,bias=1"),
    ("arg { name: 'order' s: 'NHWC' }", "tf:depth_radius=2,bias=1,alpha=0.0001,beta=0.75"),
]


@pytest.mark.parametrize(("more", "word"), CAFFE2)
def test_an_operator_of_caffe2_is_read_with_its_order(more: str, word: str) -> None:
    arguments = "arg { name: 'size' i: 5 } arg { name: 'alpha' f: 5e-4 } arg { name: 'beta' f: .75 }"
    text = f"name: 'net' op {{ input: 'a' output: 'b' output: 'b_scale' type: 'LRN' {arguments} {more} }}"
    layer = only(text.encode())
    assert layer.output == "b"
    assert layer.canonical is not None
    assert layer.canonical == bound(word).norm


@pytest.mark.parametrize(
    "text", ["node { op: 'LRN' ", "ir_version: 8 graph { node { op_type: 'LRN'", "op { type: 'LRN' arg {"]
)
def test_a_graph_that_is_cut_gives_no_layers(text: str) -> None:
    with pytest.raises(LrnError, match="damaged"):
        read(text.encode())
