"""Models that the onnx package makes: nodes in graphs, branches, loops and functions, as its own classes see them."""

from __future__ import annotations

from typing import Any

import pytest

from lrn_cli.models.model import Layer
from tests.models.reading import read

onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install -e '.[test-files]'")
FLOAT, BOOL, INT64 = 1, 9, 7


def lrn(source: str, target: str, name: str = "", **attributes: Any) -> Any:
    """An LRN node."""
    return onnx.helper.make_node("LRN", [source], [target], name=name, **attributes)


def value(name: str, kind: int = FLOAT, shape: tuple[int, ...] = (1, 8, 4, 4)) -> Any:
    """What a graph takes or gives."""
    return onnx.helper.make_tensor_value_info(name, kind, shape)


def model(*nodes: Any, functions: tuple[Any, ...] = (), initializers: tuple[Any, ...] = ()) -> bytes:
    """A model that the checker takes."""
    graph = onnx.helper.make_graph(
        list(nodes), "g", [value("x"), value("c", BOOL, ())], [value("y")], list(initializers)
    )
    opsets = [onnx.helper.make_opsetid("", 17), onnx.helper.make_opsetid("own", 1)]
    made = onnx.helper.make_model(graph, functions=list(functions), opset_imports=opsets)
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString())


def parameters(layer: Layer) -> tuple[str, str, dict[str, Any]]:
    """Name or output, place, and what is written."""
    return layer.name or layer.output, layer.place, dict(layer.written)


def test_every_node_is_found_wherever_it_is() -> None:
    def branch(target: str, **attributes: Any) -> Any:
        return onnx.helper.make_graph([lrn("x", target, **attributes)], "b", [], [value(target)])

    choice = onnx.helper.make_node(
        "If", ["c"], ["y"], name="choice", then_branch=branch("t", size=3), else_branch=branch("e", size=7, alpha=0.5)
    )
    function = onnx.helper.make_function(
        "own", "Norm", ["x"], ["y"], [lrn("x", "y", "inside", size=9)], [onnx.helper.make_opsetid("", 17)], []
    )
    found = [
        parameters(layer) for layer in read(model(lrn("x", "a", "top", size=5), choice, functions=(function,))).layers
    ]
    assert sorted(found) == [
        ("e", "graph of choice", {"size": 7, "alpha": 0.5}),
        ("inside", "function Norm", {"size": 9}),
        ("t", "graph of choice", {"size": 3}),
        ("top", "", {"size": 5}),
    ]


@pytest.mark.parametrize("number", [1e-4, 2e-5, 0.75, 1e-10, 3.4e38, 1 / 3])
def test_a_float_is_shown_so_that_it_is_the_same_in_the_file(number: float) -> None:
    (layer,) = read(model(lrn("x", "y", size=5, alpha=number))).layers
    written = layer.written["alpha"]
    assert isinstance(written, float)
    assert onnx.helper.make_attribute("a", written).f == onnx.helper.make_attribute("a", number).f


@pytest.mark.parametrize("rank", [3, 4])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 8])
def test_the_parts_that_pytorch_exports_are_its_layer(rank: int, size: int) -> None:
    """After torch/nn/functional.py, local_response_norm, and what `torch.onnx.export` makes of it."""
    node, helper = onnx.helper.make_node, onnx.numpy_helper
    import numpy as np

    inner = [0] * (rank - 2)
    pads = [0, 0, size // 2, *inner, 0, 0, (size - 1) // 2, *inner]
    constants = {
        "pads": np.array(pads),
        "one": np.array([1]),
        "alpha": np.float32(1e-3),
        "k": np.float32(2),
        "beta": np.float32(0.5),
    }
    data = model(
        node("Mul", ["x", "x"], ["s"]),
        node("Unsqueeze", ["s", "one"], ["r"]),
        node("Pad", ["r", "pads"], ["p"], mode="constant"),
        node("AveragePool", ["p"], ["m"], kernel_shape=[size, *[1] * (rank - 2)], strides=[1] * (rank - 1)),
        node("Squeeze", ["m", "one"], ["q"]),
        node("Mul", ["q", "alpha"], ["a"]),
        node("Add", ["a", "k"], ["b"]),
        node("Pow", ["b", "beta"], ["d"]),
        node("Div", ["x", "d"], ["y"]),
        initializers=tuple(helper.from_array(np.asarray(array), name) for name, array in constants.items()),
    )
    (layer,) = read(data).layers
    assert layer.bound is not None
    assert layer.bound.word == f"pytorch:size={size},alpha=0.001,beta=0.5,k=2"


def test_megabytes_of_weights_are_passed_over() -> None:
    import numpy as np

    weights = onnx.numpy_helper.from_array(np.ones(1 << 20, "f4"), "w")
    (layer,) = read(model(lrn("x", "y", size=5), initializers=(weights,))).layers
    assert layer.output == "y"
