"""Archives of PyTorch, Keras and Deeplearning4j: little is inflated, nothing unpickled, and damage is an error."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from typing import Any

import pytest

from lrn_cli.errors import LrnError
from tests.models.reading import Seen, only, read, words

WORD = "pytorch:size=5,alpha=0.0001,beta=0.75,k=2"
MODULE = "__torch__.torch.nn.modules.normalization"


class Trap:
    """What a pickle does when it is read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("raise SystemExit('unpickled')",)


PICKLED = pickle.dumps(Trap())


def archive(members: dict[str, bytes | str], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return stream.getvalue()


# As torch.jit.save writes it (torch 2.14).
SCRIPTED = """class LocalResponseNorm(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : NoneType
  size : Final[int] = 5
  beta : Final[float] = 0.75
  alpha : Final[float] = 0.0001
  k : Final[float] = 2.
  def forward(self: __torch__.torch.nn.modules.normalization.LocalResponseNorm,
    input: Tensor) -> Tensor:
    _0 = __torch__.torch.nn.functional.local_response_norm
    return _0(input, 5, 0.0001, 0.75, 2., )
"""
TRACED = """class LocalResponseNorm(Module):
  __parameters__ = []
  def forward(self: __torch__.torch.nn.modules.normalization.___torch_mangle_0.LocalResponseNorm,
    x: Tensor) -> Tensor:
    div = torch.mul(x, x)
    input = torch.view(div, [_2, 1, _5, _8, -1])
    div0 = torch.pad(input, [0, 0, 0, 0, 2, 2])
    _11 = torch.avg_pool3d(div0, [5, 1, 1], [1, 1, 1], [0, 0, 0])
    div1 = torch.squeeze(_11, 1)
    div2 = torch.view(div1, [_1, _4, _7, _10])
    _12 = torch.add(torch.mul(div2, CONSTANTS.c0), CONSTANTS.c1)
    div3 = torch.pow(_12, 0.75)
    return torch.div(x, div3)
"""
NET = """class Net(Module):
  __parameters__ = []
  features : __torch__.torch.nn.modules.container.Sequential
"""
SEQUENTIAL = f"""class Sequential(Module):
  __annotations__["0"] = __torch__.torch.nn.modules.conv.Conv2d
  __annotations__["2"] = {MODULE}.LocalResponseNorm
"""
CALLED = """class Net(Module):
  def forward(self: __torch__.Net,
    x: Tensor) -> Tensor:
    _0 = __torch__.torch.nn.functional.local_response_norm
    _1 = __torch__.torch.nn.functional.relu
    return _0(x, 3, 0.5, 0.5, 1., )
"""


def torchscript(code: dict[str, str], constants: list[bytes] | None = None, kinds: bytes = b"") -> bytes:
    """An archive of TorchScript."""
    members: dict[str, bytes | str] = {"net/data.pkl": PICKLED, "net/constants.pkl": PICKLED + kinds}
    members |= {f"net/code/{name}.py": text for name, text in code.items()}
    members |= {f"net/constants/{number}": data for number, data in enumerate(constants or [])}
    return archive(members, zipfile.ZIP_STORED)


def test_a_scripted_module_has_its_constants_in_plain_text_and_its_name_in_those_around_it() -> None:
    code = {
        "__torch__": NET,
        "__torch__/torch/nn/modules/container": SEQUENTIAL,
        "__torch__/torch/nn/modules/normalization": SCRIPTED,
    }
    assert words(torchscript(code)) == [Seen("features.2", WORD)]


def test_a_call_of_the_function_is_a_layer_too() -> None:
    assert only(torchscript({"__torch__": CALLED})).written == {"size": 3, "alpha": 0.5, "beta": 0.5, "k": 1.0}


def test_traced_code_has_its_window_in_the_code_and_other_numbers_beside_it() -> None:
    code = {"__torch__/torch/nn/modules/normalization/___torch_mangle_0": TRACED}
    doubles = [struct.pack("<d", 1e-4), struct.pack("<d", 2.0)]
    layer = only(torchscript(code, doubles, b"DoubleStorage"))
    assert layer.bound is not None
    assert layer.bound.word == WORD
    # Of another type than doubles it is not said what they are.
    other = only(torchscript(code, doubles, b"FloatStorage"))
    assert other.reason == "it was traced, and alpha and k cannot be told from its code"


def test_what_is_pickled_is_named_and_never_unpickled() -> None:
    found = read(archive({"net/data.pkl": PICKLED, "net/data/0": b""}, zipfile.ZIP_STORED))
    assert found.layers == ()
    assert "never unpickled" in found.remark


def exported(pads: list[int]) -> bytes:
    """A program of torch.export, as its model.json has it."""

    def node(target: str, output: str, **arguments: Any) -> dict[str, Any]:
        inputs = [{"name": name, "arg": value} for name, value in arguments.items()]
        outputs = [{"as_tensor": {"name": output}}]
        stack = {"nn_module_stack": "L__self__,,__main__.N;L__self__norm1,norm1,LocalResponseNorm"}
        return {"target": f"torch.ops.aten.{target}", "inputs": inputs, "outputs": outputs, "metadata": stack}

    def tensor(name: str) -> dict[str, Any]:
        return {"as_tensor": {"name": name}}

    nodes = [
        node("mul.Tensor", "m", self=tensor("x"), other=tensor("x")),
        node("view.default", "v", self=tensor("m"), size={"as_ints": [2, 1, 16, 8, -1]}),
        node("pad.default", "p", self=tensor("v"), pad={"as_ints": pads}),
        node(
            "avg_pool3d.default", "a", self=tensor("p"), kernel_size={"as_ints": [5, 1, 1]}, stride={"as_ints": [1] * 3}
        ),
        node("squeeze.dim", "s", self=tensor("a"), dim={"as_int": 1}),
        node("mul.Tensor", "b", self=tensor("s"), other={"as_float": 1e-4}),
        node("add.Tensor", "c", self=tensor("b"), other={"as_float": 2.0}),
        node("pow.Tensor_Scalar", "d", self=tensor("c"), exponent={"as_float": 0.75}),
        node("div.Tensor", "e", self=tensor("x"), other=tensor("d")),
    ]
    return archive({"net/models/model.json": json.dumps({"graph_module": {"graph": {"nodes": nodes}}})})


def test_a_program_of_torch_export_has_the_parts_of_the_layer() -> None:
    assert words(exported([0, 0, 0, 0, 2, 2])) == [Seen("norm1", WORD)]
    assert read(exported([0, 0, 1, 0, 2, 2])).layers == ()


LAYER = {
    "class_name": "LRN",
    "registered_name": "my>LRN",
    "config": {"name": "norm1", "n": 5, "alpha": 1e-4, "trainable": True},
}
LAMBDA = {"class_name": "Lambda", "config": {"name": "f", "function": {"config": {"code": "4wEAAAA="}}}}
CONFIG = {
    "class_name": "Functional",
    "config": {"layers": [LAMBDA, {"class_name": "Sequential", "config": {"layers": [LAYER]}}]},
}


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(CONFIG).encode(),
        archive({"metadata.json": "{}", "config.json": json.dumps(CONFIG), "model.weights.h5": bytes(99)}),
        b"\x89HDF\r\n\x1a\n" + bytes(99) + b"model_config\0\0\0" + json.dumps(CONFIG).encode() + bytes(99),
    ],
    ids=["json", "keras", "h5"],
)
def test_a_layer_of_kerass_users_is_shown_and_its_meaning_asked_for(data: bytes) -> None:
    layer = only(data)
    assert (layer.name, layer.op, layer.written) == ("norm1", "my>LRN", {"n": 5, "alpha": 1e-4})
    assert (layer.filled, layer.canonical, layer.bound) == (None, None, None)
    assert "whether alpha is divided" in layer.reason


@pytest.mark.parametrize(
    "layer",
    [
        {"localResponseNormalization": {"layerName": "lrn1", "n": 5.0, "alpha": 0.5}},
        {
            "@class": "org.deeplearning4j.nn.conf.layers.LocalResponseNormalization",
            "layerName": "lrn1",
            "n": 5.0,
            "alpha": 0.5,
        },
    ],
)
def test_both_forms_of_deeplearning4j_are_read(layer: dict[str, Any]) -> None:
    found = only(archive({"configuration.json": json.dumps({"confs": [{"layer": layer}]})}))
    assert (found.name, found.given) == ("lrn1", {"n": 5, "k": 2.0, "beta": 0.75, "alpha": 0.5})


def test_a_bomb_is_refused_by_what_it_says_it_is() -> None:
    with pytest.raises(LrnError, match="20,971,520 bytes inflated, the limit is"):
        read(archive({"metadata.json": "{}", "config.json": bytes(20 << 20)}))


def test_and_by_what_it_really_is_when_it_says_less() -> None:
    data = archive({"metadata.json": "{}", "config.json": bytes(20 << 20)})
    size = struct.pack("<I", 20 << 20)
    with pytest.raises(LrnError, match=r"damaged|more than"):
        read(data.replace(size, struct.pack("<I", 1000)))


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_as_no_framework_packs_it_is_not_unpacked(packing: int) -> None:
    with pytest.raises(LrnError, match="packed as no framework does"):
        read(archive({"configuration.json": "{}"}, packing))


def test_names_that_lead_outside_are_only_names() -> None:
    data = archive({"../../evil/code/x.py": "import os", "../data.pkl": PICKLED, "/configuration.json": "{}"})
    assert read(data).layers == ()


def test_json_that_is_too_deep_is_an_error() -> None:
    with pytest.raises(LrnError, match="too deep"):
        read(archive({"configuration.json": "[" * 100_000 + "]" * 100_000}))
