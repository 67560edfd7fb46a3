"""TensorFlow's graphs: nodes of the graph and of functions, defaults that are stripped, attributes of a wrong type."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrn_cli.models.registry import read_model
from tests.models.proto_bytes import inner, integer, real
from tests.models.reading import Seen, only, read, words


def attribute(key: str, *value: bytes) -> bytes:
    """An entry of a NodeDef's attributes."""
    return inner(5, inner(1, key), inner(2, *value))


def node(name: str, op: str, *attributes: bytes) -> bytes:
    """A NodeDef."""
    return b"".join([inner(1, name), inner(2, op), inner(3, "x:0"), *attributes, attribute("T", integer(6, 1))])


WRITTEN = (
    attribute("depth_radius", integer(3, 2)),
    attribute("bias", real(4, 1)),
    attribute("alpha", real(4, 2e-5)),
    attribute("beta", real(4, 0.75)),
)
WORD = "tf:depth_radius=2,bias=1,alpha=2e-05,beta=0.75"
# tensorflow/core/ops/nn_ops.cc, REGISTER_OP("LRN")
DEFAULT = "tf:depth_radius=5,bias=1,alpha=1,beta=0.5"
CONSTANT = node("w", "Const", attribute("value", inner(8, inner(4, bytes(5000)))))
GRAPH = inner(1, CONSTANT) + inner(1, node("norm1", "LRN", *WRITTEN)) + inner(1, node("g", "LRNGrad"))
LIBRARY = inner(2, inner(1, inner(1, inner(1, "call_7")), inner(3, node("lrn", "LRN"))))
META = inner(1, inner(4, "serve"), inner(5, "2.21.0"), inner(6, "v2.21.0-rc0")) + inner(2, GRAPH + LIBRARY)


@pytest.mark.parametrize(
    ("data", "form", "expected"),
    [
        (GRAPH, "tensorflow-graph", [Seen("norm1", WORD)]),
        (GRAPH + LIBRARY, "tensorflow-graph", [Seen("norm1", WORD), Seen("lrn", DEFAULT)]),
        (META, "tensorflow-meta-graph", [Seen("norm1", WORD), Seen("lrn", DEFAULT)]),
        (integer(1, 1) + inner(2, META), "tensorflow-saved-model", [Seen("norm1", WORD), Seen("lrn", DEFAULT)]),
    ],
)
def test_each_form_gives_the_nodes_of_its_graphs_and_functions(data: bytes, form: str, expected: list[Seen]) -> None:
    assert read(data).form.name == form
    assert words(data) == expected


def test_a_function_is_the_place_of_its_nodes() -> None:
    assert [layer.place for layer in read(GRAPH + LIBRARY).layers] == ["", "function call_7"]


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ([attribute("depth_radius", real(4, 2.5))], "depth_radius is 2.5, a float; it must be an integer"),
        ([attribute("alpha", inner(2, "big"))], "alpha is 'big', a string; it must be a float"),
        ([attribute("alpha", real(4, 1)), attribute("alpha", real(4, 2))], "alpha is given twice"),
        ([attribute("depth_radius", integer(3, -1))], "depth_radius is -1, it must be 0 or more"),
    ],
)
def test_an_attribute_of_a_wrong_type_is_not_read_as_something_near_it(attributes: list[bytes], why: str) -> None:
    layer = only(inner(1, node("n", "LRN", *attributes)))
    assert layer.bound is None
    assert why in layer.reason


def test_a_saved_model_is_read_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(integer(1, 1) + inner(2, META))
    assert len(read_model(tmp_path).layers) == 2
