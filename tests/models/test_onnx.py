"""ONNX: nodes wherever they are, what the checker refuses by name, and PyTorch's layer by its parts."""

from __future__ import annotations

import pytest

from lrn_cli.errors import LrnError
from tests.models.onnx_bytes import attribute, exported, floats, integers, model, node
from tests.models.proto_bytes import inner
from tests.models.reading import only, read

FIVE = "pytorch:size=5,alpha=0.0001,beta=0.75,k=2"


def test_what_a_node_leaves_out_is_the_operators_default() -> None:
    layer = only(model(node("LRN", "x", "y", name="norm1", size=3)))
    assert layer.written == {"size": 3}
    assert layer.bound is not None
    # onnx/defs/nn/defs.cc: alpha 0.0001, beta 0.75, bias 1.0
    assert layer.bound.word == "onnx:size=3,alpha=0.0001,beta=0.75,bias=1"
    assert layer.defaults == ("alpha", "beta", "bias")


def test_a_node_of_another_domain_is_not_this_one() -> None:
    assert read(model(node("LRN", "x", "y", inner(7, "com.other"), size=3))).layers == ()
    assert len(read(model(node("LRN", "x", "y", inner(7, "ai.onnx"), size=3))).layers) == 1


def test_nodes_in_branches_and_functions_are_found_with_their_place() -> None:
    branch = inner(5, inner(1, "then_branch"), inner(6, inner(1, node("LRN", "x", "t", size=5))))
    function = inner(1, "Norm") + inner(7, node("LRN", "x", "y", size=7))
    found = read(model(node("If", "c", "z", branch, name="if0"), node("LRN", size=3), functions=(function,))).layers
    assert [(layer.written["size"], layer.place) for layer in found] == [
        (3, ""),
        (5, "graph of if0"),
        (7, "function Norm"),
    ]


# (node, why it has no convention)
FLAWED = [
    (node("LRN", size=5.5), "size is 5.5, a float; it must be an integer"),
    (node("LRN", alpha=0.5), "size (the whole window) is required"),
    (node("LRN", "x", "y", attribute("size", 3), size=5), "size is given twice"),
    (node("LRN", size=3, alpha=1), "alpha is 1, an integer; it must be a float"),
    (node("LRN", size=[3]), "size is a list; it must be an integer"),
    (node("LRN", "x", "y", inner(5, inner(1, "size"), inner(21, "n"))), "where its function is called, as n"),
]


@pytest.mark.parametrize(("flawed", "why"), FLAWED)
def test_what_the_checker_refuses_is_listed_with_the_reason_and_the_others_are_read(flawed: bytes, why: str) -> None:
    bad, good = read(model(flawed, node("LRN", "y", "z", size=3))).layers
    assert bad.bound is None
    assert why in bad.reason
    assert good.bound is not None


def test_a_layer_of_pytorch_is_found_by_its_parts() -> None:
    layer = only(exported((0, 0, 2, 0, 0, 0, 0, 2, 0, 0), [5, 1, 1]))
    assert (layer.name, layer.input, layer.bound and layer.bound.word) == ("div", "x", FIVE)


# (what is padded, the kernel, attributes of the pool, the word)
VARIANTS = [
    ((0, 0, 2, 0, 0, 0, 0, 1, 0, 0), [4, 1, 1], {}, "pytorch:size=4,alpha=0.0001,beta=0.75,k=2"),
    ((0, 0, 1, 0, 0, 0, 0, 2, 0, 0), [4, 1, 1], {}, "onnx:size=4,alpha=0.0001,beta=0.75,bias=2"),
    ((0, 0, 1, 0, 0, 0, 1, 0), [3, 1], {}, "pytorch:size=3,alpha=0.0001,beta=0.75,k=2"),
    (
        (0,) * 10,
        [3, 1, 1],
        {"pads": [1, 0, 0, 1, 0, 0], "count_include_pad": 1},
        "pytorch:size=3,alpha=0.0001,beta=0.75,k=2",
    ),
]


@pytest.mark.parametrize(("padded", "kernel", "pool", "word"), VARIANTS)
def test_each_side_of_the_window_is_what_is_padded(
    padded: tuple[int, ...], kernel: list[int], pool: dict[str, object], word: str
) -> None:
    found = only(exported(padded, kernel, pool)).bound
    assert found is not None
    assert found.word == word


# What is no LRN though it has the same operators.
OTHERS = [
    exported((0, 0, 2, 1, 0, 0, 0, 2, 0, 0), [5, 1, 1]),  # padded elsewhere, too
    exported((0, 0, 2, 0, 0, 0, 0, 1, 0, 0), [5, 1, 1]),  # a pool over fewer than there are
    exported((0, 0, 2, 0, 0, 0, 0, 2, 0, 0), [5, 2, 1]),  # pooled over rows
    exported(
        (0,) * 10, [3, 1, 1], {"pads": [1, 0, 0, 1, 0, 0], "count_include_pad": 0}
    ),  # another divisor at the borders
]


@pytest.mark.parametrize("data", OTHERS)
def test_other_sums_are_no_layer(data: bytes) -> None:
    assert read(data).layers == ()


def test_the_parts_belong_to_the_same_tensor() -> None:
    data = exported((0, 0, 2, 0, 0, 0, 0, 2, 0, 0), [5, 1, 1])
    assert read(data.replace(node("Mul", "x x", "s"), node("Mul", "z z", "s"))).layers == ()


def test_the_older_exporter_computes_the_paddings_and_squeezes_in_a_condition() -> None:
    squeezed = inner(6, inner(1, node("Squeeze", "m", "branch")))
    data = model(
        node("Mul", "x x", "s"),
        node("Reshape", "s shape", "r"),
        node("Concat", "torch zeros", "c", axis=0),
        node("Reshape", "c minus", "c2"),
        node("Slice", "c2 a b", "c3"),
        node("Transpose", "c3", "c4"),
        node("Reshape", "c4 flat", "c5"),
        node("Cast", "c5", "c6"),
        node("Pad", "r c6", "p"),
        node("AveragePool", "p", "m", kernel_shape=[4, 1, 1]),
        node("Shape", "m", "m1"),
        node("Gather", "m1 i", "m2"),
        node("Equal", "m2 one", "m3"),
        node("If", "m3", "q", inner(5, inner(1, "then_branch"), squeezed)),
        node("Reshape", "q shape", "q2"),
        node("Mul", "q2 alpha", "qa"),
        node("Add", "qa k", "b"),
        node("Pow", "b beta", "d"),
        node("Div", "x d", "y"),
        tensors=(integers("torch", 0, 0, 0, 0, 2, 1), floats("alpha", 0.5), floats("k", 1), floats("beta", 0.5)),
    )
    found = only(data).bound
    assert found is not None
    assert found.word == "pytorch:size=4,alpha=0.5,beta=0.5,k=1"


def test_a_model_without_a_layer_says_what_it_is() -> None:
    found = read(model(node("Relu")))
    assert (found.layers, found.form.title, found.remark) == ((), "an ONNX model", "without an LRN layer")


def test_graphs_lie_at_most_so_deep() -> None:
    body = node("LRN", size=3)
    for _ in range(40):
        body = node("If", "c", "z", inner(5, inner(1, "g"), inner(6, inner(1, body))))
    with pytest.raises(LrnError, match="deep in each other"):
        read(model(body))


@pytest.mark.parametrize("op", ["Pow", "Sqrt", "Mul", "Add", "AveragePool", "Pad", "Squeeze", "Reshape", "Div"])
def test_a_node_without_inputs_is_no_part_of_a_layer(op: str) -> None:
    data = exported((0, 0, 2, 0, 0, 0, 0, 2, 0, 0), [5, 1, 1])
    for output in "srpmqd":
        assert isinstance(read(data + model(node(op, "", output))).layers, tuple)
