"""Models that the libraries themselves print as text are read as the same models in binary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lrn_cli.models.model import Layer
from lrn_cli.models.registry import read_model

onnx = pytest.importorskip("onnx", reason="writes the models, binary and as text")
text_format = pytest.importorskip("google.protobuf.text_format", reason="prints them")

FORMS: list[dict[str, bool]] = [
    {},
    {"as_one_line": True},
    {"use_short_repeated_primitives": True},
    {"as_utf8": True},
    {"pointy_brackets": True},
]


def _model() -> Any:
    """LRN in a graph, in a branch of a branch, and in a function."""
    helper = onnx.helper

    def graph(name: str, *nodes: Any) -> Any:
        return helper.make_graph(nodes, name, [], [helper.make_tensor_value_info("o", 1, None)])

    lrn = helper.make_node("LRN", ["x"], ["o"], size=5, alpha=3e-5, bias=2.0)
    branch = graph(
        "b", helper.make_node("If", ["c"], ["o"], name="deep", then_branch=graph("d", lrn), else_branch=graph("e", lrn))
    )
    nodes = (
        helper.make_node("LRN", ["x"], ["y"], name="größe\n", size=4, beta=0.5),
        helper.make_node("If", ["c"], ["o"], name="outer", then_branch=branch, else_branch=graph("f", lrn)),
    )
    function = helper.make_function("d", "F", ["x"], ["o"], [helper.make_node("LRN", ["x"], ["o"], size=3)], [])
    weights = helper.make_tensor("w", 1, [1000], [0.1] * 1000)
    whole = graph("g", *nodes)
    whole.initializer.append(weights)
    return helper.make_model(whole, functions=[function])


def _say(layer: Layer) -> object:
    return layer.name, layer.output, layer.place, dict(layer.written), layer.canonical


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_model_of_onnx_is_the_same_as_text(form: dict[str, bool], tmp_path: Path) -> None:
    model = _model()
    binary, text = tmp_path / "m.onnx", tmp_path / "m.textproto"
    binary.write_bytes(model.SerializeToString())
    text.write_text(text_format.MessageToString(model, **form), encoding="utf-8")
    expected = [_say(layer) for layer in read_model(binary).layers]
    assert len(expected) == 5
    assert [_say(layer) for layer in read_model(text).layers] == expected
