"""The verbs on model files: layers in a table, in JSON, translated, and where a convention stands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Run
from tests.models.onnx_bytes import exported, model, node
from tests.models.proto_bytes import inner, integer, real

ALEXNET = model(
    node("LRN", "conv1", "norm1", name="n1", size=5),
    node("LRN", "conv2", "norm2", name="n2", size=5),
    node("LRN", "conv3", "norm3", name="n3", size=3, alpha=0.5),
)
WITHIN = inner(100, inner(1, "norm"), inner(2, "LRN"), inner(118, integer(1, 3), real(2, 1), integer(4, 1)))


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    """Models in the test's own folder."""
    Path(tmp_path, "net.onnx").write_bytes(ALEXNET)
    Path(tmp_path, "none.onnx").write_bytes(model(node("Relu")))
    Path(tmp_path, "within.caffemodel").write_bytes(WITHIN)
    Path(tmp_path, "torch.onnx").write_bytes(exported((0, 0, 2, 0, 0, 0, 0, 2, 0, 0), [5, 1, 1]))
    Path(tmp_path, "bad.onnx").write_bytes(model(node("LRN", name="evil\x1b[31m\n\u202e", size=2.5)))


def rows(out: bytes) -> list[list[str]]:
    """The cells of tab-separated lines."""
    return [line.split("\t") for line in out.decode().splitlines()]


def test_info_shows_layers_that_are_the_same_in_one_line_with_defaults_marked(call: Run) -> None:
    ended = call("info", "net.onnx")
    table = rows(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert table[0] == ["file", "format", "layers", "parameters", "canonical form", "convention"]
    assert table[1] == [
        "net.onnx",
        "onnx",
        "n1, n2",
        "size=5 (default: alpha=0.0001 beta=0.75 bias=1)",
        "y = x / (1 + 2e-05 * sum of x^2 over c-2..c+2) ^ 0.75",
        "onnx:size=5,alpha=0.0001,beta=0.75,bias=1",
    ]
    assert table[2][2:4] == ["n3", "size=3 alpha=0.5 (default: beta=0.75 bias=1)"]


def test_under_it_stands_what_would_go_wrong_elsewhere(call: Run) -> None:
    table = rows(call("info", "torch.onnx").out)
    (to_tf,) = (row for row in table if row[2:3] == ["tf"])
    assert to_tf[3] == "depth_radius=2 bias=2 alpha=2e-05 beta=0.75"
    assert "pytorch divides alpha by size 5" in to_tf[4]
    assert "the window of tf is 11 channels, that of pytorch 5 channels" in to_tf[4]


def test_and_what_cannot_be_said_there(call: Run) -> None:
    table = rows(call("info", "within.caffemodel").out)
    assert [row[3][:20] for row in table if row[2:3] == ["tf"]] == ["cannot be said: tf: "]


@pytest.mark.parametrize("verb", ["info", "explain"])
def test_json_is_an_object_with_the_format_and_each_layer(verb: str, call: Run) -> None:
    data = json.loads(call(verb, "net.onnx", "--json").out)
    assert data["format"] == "onnx"
    assert [layer["address"] for layer in data["layers"]] == ["n1", "n2", "n3"]
    assert data["layers"][2] == {
        "address": "n3",
        "index": 2,
        "name": "n3",
        "output": "norm3",
        "type": "LRN",
        "place": None,
        "written": {"size": 3, "alpha": 0.5},
        "filled": {"size": 3, "alpha": 0.5, "beta": 0.75, "bias": 1.0},
        "defaults": ["beta", "bias"],
        "canonical": {"window": {"C": [1, 1]}, "scale": 0.5 / 3, "bias": 1.0, "beta": 0.75},
        "convention": "onnx:size=3,alpha=0.5,beta=0.75,bias=1",
        "reason": None,
        "notes": [],
    }


def test_tensors_and_models_are_shown_together(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones(3))
    ended = call("info", "x.npy", "net.onnx", "--json")
    assert [entry["format"] for entry in json.loads(ended.out)] == ["npy", "onnx"]


@pytest.mark.parametrize("words", [["info"], ["explain"], ["translate", "--to", "tf"]])
def test_a_model_without_a_layer_says_what_it_is_and_ends_with_1(words: list[str], call: Run) -> None:
    ended = call(*words, "none.onnx")
    assert (ended.code, ended.out) == (1, b"")
    assert ended.err == "lrn: error: none.onnx: is an ONNX model without an LRN layer\n"


def test_a_model_beside_one_that_fails_is_shown_all_the_same(call: Run, tmp_path: Path) -> None:
    Path(tmp_path, "cut.onnx").write_bytes(ALEXNET[:-20])
    ended = call("info", "cut.onnx", "net.onnx")
    assert ended.code == 2
    assert "cut.onnx: damaged: it ends early" in ended.err
    assert "cut.onnx" not in ended.out.decode()
    assert "n1, n2" in ended.out.decode()


def test_explain_makes_a_page_of_a_model_and_of_a_layer_that_of_its_convention(call: Run) -> None:
    assert b"An ONNX model with 3 LRN layers, of 2 kinds." in call("explain", "net.onnx").out
    assert b"onnx size=3 alpha=0.5 beta=0.75 bias=1" in call("explain", "net.onnx::n3").out


def test_all_layers_are_translated(call: Run) -> None:
    ended = call("translate", "net.onnx", "--to", "tf")
    assert (ended.code, rows(ended.out)[1]) == (0, ["n1, n2", "tf", "depth_radius=2 bias=1 alpha=2e-05 beta=0.75", "-"])
    words = call("translate", "net.onnx", "--to", "tf", "--format", "word").out.decode()
    assert words.splitlines()[0] == "n1, n2\ttf:depth_radius=2,bias=1,alpha=2e-05,beta=0.75"


def test_prototxt_is_written_layer_by_layer_with_the_names_of_the_tensors(call: Run) -> None:
    ended = call("translate", "net.onnx", "--to", "caffe", "--format", "prototxt")
    layers = ended.out.decode().split("layer {\n")[1:]
    assert len(layers) == 3
    assert layers[0].splitlines()[:4] == ['  name: "norm1"', '  type: "LRN"', '  bottom: "conv1"', '  top: "norm1"']


def test_other_languages_get_a_program_for_layers_that_are_the_same(call: Run) -> None:
    code = call("translate", "net.onnx", "--to", "pytorch", "--format", "python").out.decode()
    assert code.startswith("# n1, n2\nimport torch\n")
    assert code.count("local_response_norm") == 2


def test_what_cannot_be_translated_is_told_by_layer(call: Run) -> None:
    ended = call("translate", "within.caffemodel", "--to", "tf")
    assert ended.code == 1
    assert "within.caffemodel: norm: tf: the sum is within a channel" in ended.err


def test_json_of_a_translation_has_each_layer_with_what_it_is_elsewhere(call: Run) -> None:
    data = json.loads(call("translate", "net.onnx", "--to", "tf", "--json").out)
    assert [layer["translations"][0]["word"][:17] for layer in data["layers"]] == [
        "tf:depth_radius=2",
        "tf:depth_radius=2",
        "tf:depth_radius=1",
    ]


def test_a_layer_is_applied_and_compared_like_any_convention(call: Run, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(1, 8, 4, 4)).astype("f4")
    np.save(tmp_path / "x.npy", x)
    assert call("apply", "x.npy", "-o", "y.npy", "-c", "net.onnx::n3").code == 0
    assert call("apply", "x.npy", "-o", "z.npy", "-c", "onnx:size=3,alpha=0.5").code == 0
    assert np.array_equal(np.load(tmp_path / "y.npy"), np.load(tmp_path / "z.npy"))
    ended = call("compare", "x.npy", "-c", "net.onnx::n3", "-c", "torch.onnx", "--json")
    assert [side["name"] for side in json.loads(ended.out)["sides"]] == ["onnx", "pytorch"]
    told = call("compare", "x.npy", "--against", "y.npy", "-c", "net.onnx::n3")
    assert told.code == 0


def test_what_a_torch_user_and_a_tensorflow_user_have_differs_by_what_one_command_says(
    call: Run, tmp_path: Path
) -> None:
    x = np.random.default_rng(0).normal(size=(1, 16, 4, 4)).astype("f4")
    np.save(tmp_path / "x.npy", x)
    call("apply", "x.npy", "-o", "tf.npy", "-c", "tf:depth_radius=5,alpha=1e-4,beta=0.75,bias=2", "--layout", "NCHW")
    ended = call("compare", "x.npy", "--against", "tf.npy", "-c", "torch.onnx")
    assert ended.code == 1


def test_several_layers_that_differ_are_listed_where_one_is_wanted(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((1, 8, 4, 4)))
    ended = call("apply", "x.npy", "-o", "y.npy", "-c", "net.onnx")
    ended.assert_refused("net.onnx: 3 LRN layers that differ: n1, n2, n3", "-c net.onnx::n1")


def test_a_model_comes_from_standard_input_too(lrn: Run) -> None:
    assert lrn("translate", "-", "--to", "tf", "--format", "word", stdin=WITHIN).code == 1
    ended = lrn("translate", "-", "--to", "onnx", stdin=ALEXNET)
    assert rows(ended.out)[1][0] == "n1, n2"


@pytest.mark.parametrize("words", [["info"], ["explain"], ["info", "--json"], ["translate", "--to", "tf"]])
def test_nothing_of_a_name_reaches_the_terminal_raw(words: list[str], call: Run) -> None:
    ended = call(*words, "bad.onnx")
    said = ended.out.decode() + ended.err
    assert "evil" in said
    assert not {"\x1b", "\u202e"} & set(said)


def test_a_layer_that_no_convention_says_is_told_with_the_reason(call: Run) -> None:
    ended = call("info", "bad.onnx")
    assert ended.code == 0
    assert "no word for -c: size is 2.5, a float; it must be an integer" in ended.err


def test_a_file_that_is_neither_is_refused_as_before(call: Run, tmp_path: Path) -> None:
    Path(tmp_path, "x.txt").write_text("hello there")
    call("info", "x.txt").assert_refused("x.txt: is none of")


def test_the_words_of_conventions_are_what_they_were(call: Run, tmp_path: Path) -> None:
    Path(tmp_path, "caffe:local_size=5").write_bytes(b"")
    assert call("translate", "caffe:local_size=5", "--to", "tf").code == 0
    call("translate", "caffee", "--to", "tf").assert_refused("unknown convention 'caffee'")
    call("translate", "no.onnx", "--to", "tf").assert_refused("no.onnx: no such file")
    call("compare", "x.npy", "-c", "no.prototxt", "-c", "tf").assert_refused("no.prototxt: no such file")


def test_a_tensor_of_a_framework_to_which_the_numbers_were_copied_is_told(call: Run, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(1, 32, 4, 4)).astype("f4") * 20
    np.save(tmp_path / "x.npy", x)
    # size 5, alpha 1e-4, k 2 of the model, typed into tf as depth_radius, alpha and bias
    wrong = "tf:depth_radius=5,alpha=1e-4,beta=0.75,bias=2"
    assert call("apply", "x.npy", "-o", "tf.npy", "-c", wrong, "--layout", "NCHW").code == 0
    (pair,) = json.loads(call("compare", "x.npy", "--against", "tf.npy", "-c", "torch.onnx", "--json").out)["pairs"]
    assert pair["cause"] == (
        "tf.npy is what tf gives with the numbers of pytorch copied as they are: pytorch divides alpha by size 5:"
        " alpha 0.0001 there equals 2e-05 in tf; the window of tf is 11 channels, that of pytorch 5 channels"
    )
    assert call("compare", "x.npy", "--against", "tf.npy", *pair["advice"].split()).code == 0
