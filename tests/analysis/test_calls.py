"""Generated code computes what the convention says: run against the real libraries where they are installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lrn_cli import LrnError
from lrn_cli.analysis.calls import flags, languages, program
from lrn_cli.conventions.binding import Bound, bound
from lrn_cli.conventions.registry import conventions
from tests.arithmetic.exact import formula

SHAPES = {"NHWC": (2, 4, 3, 7), "NCHW": (2, 7, 4, 3), "CHW": (7, 4, 3), "HWC": (4, 3, 7), "WHCN": (3, 4, 7, 2)}
LAYOUTS = pytest.mark.parametrize("layout", SHAPES)
ANY_RANK = {
    **SHAPES,
    "NCL": (2, 7, 4),
    "NTC": (2, 4, 7),
    "TC": (4, 7),
    "NDHWC": (2, 2, 4, 3, 7),
    "NTCHW": (2, 2, 7, 4, 3),
}
NUMBERS = ["tf:depth_radius=2,bias=2,alpha=0.3,beta=0.75", "tf:depth_radius=1,bias=1,alpha=1e-4,beta=0.5"]


def run(code: str, x: Any) -> Any:
    """What the code leaves in y."""
    names = {"x": x}
    exec(code, names)  # noqa: S102 - it is what `lrn translate` prints for people to paste
    return names["y"]


def expected(x: NDArray[Any], word: str, layout: str) -> NDArray[Any]:
    norm = bound(word).norm
    reaches = {layout.index(axis): (span.before, span.after) for axis, span in norm.window.items()}
    return formula(x, reaches, scale=norm.scale, bias=norm.bias, beta=norm.beta)


def in_convention(word: str, target: str) -> Bound:
    from lrn_cli.analysis.translation import translate
    from lrn_cli.conventions.registry import find

    answer = translate(bound(word), find(target)).bound
    assert answer is not None
    return answer


@LAYOUTS
@pytest.mark.parametrize("word", NUMBERS)
def test_python_for_tensorflow_computes_the_same_in_tensorflow(word: str, layout: str) -> None:
    tf = pytest.importorskip("tensorflow")
    x = np.random.default_rng(2).normal(size=SHAPES[layout]).astype("f4")
    y = run(program(bound(word), "python", layout), tf.constant(x)).numpy()
    np.testing.assert_allclose(y, expected(x, word, layout), rtol=2e-6)


@pytest.mark.parametrize("layout", ANY_RANK)
@pytest.mark.parametrize("word", NUMBERS)
def test_python_for_pytorch_computes_the_same_in_pytorch(word: str, layout: str) -> None:
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(2).normal(size=ANY_RANK[layout]).astype("f4")
    y = run(program(in_convention(word, "pytorch"), "python", layout), torch.tensor(x)).numpy()
    np.testing.assert_allclose(y, expected(x, word, layout), rtol=1e-6)


@LAYOUTS
@pytest.mark.parametrize("word", NUMBERS)
def test_python_for_onnx_computes_the_same_in_onnxruntime(word: str, layout: str) -> None:
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    helper = pytest.importorskip("onnx.helper")
    x = np.random.default_rng(2).normal(size=SHAPES[layout]).astype("f4")
    names: dict[str, Any] = {}
    exec(program(in_convention(word, "onnx"), "python", layout), names)  # noqa: S102
    (given, made) = (helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, list(x.shape)) for name in "xy")
    graph = helper.make_graph(names["nodes"], "lrn", [given], [made])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(None, {"x": x})[0], expected(x, word, layout), rtol=6e-5)


@LAYOUTS
def test_python_for_the_paper_computes_the_same_with_lrn_itself(layout: str) -> None:
    x = np.random.default_rng(2).normal(size=SHAPES[layout])
    y = run(program(bound("alexnet:alpha=0.3"), "python", layout), x)
    np.testing.assert_allclose(y, expected(x, "alexnet:alpha=0.3", layout), rtol=1e-12)


# What the tests above have run where the libraries are; as text for where they are not.
PRINTED = [
    (
        "tf:depth_radius=2,alpha=2e-5",
        "NCHW",
        """import tensorflow as tf

# x and y are NCHW, tf takes NHWC
x1 = tf.transpose(x, [0, 2, 3, 1])
y1 = tf.nn.local_response_normalization(x1, depth_radius=2, bias=1.0, alpha=2e-05, beta=0.5)
y = tf.transpose(y1, [0, 3, 1, 2])""",
    ),
    (
        "pytorch:size=4",
        "NCHW",
        """import torch

y = torch.nn.functional.local_response_norm(x, size=4, alpha=0.0001, beta=0.75, k=1.0)""",
    ),
    (
        "onnx:size=4",
        "NHWC",
        """from onnx import helper

nodes = []

# x and y are NHWC, onnx takes NCHW
nodes.append(helper.make_node("Transpose", ["x"], ["x1"], perm=[0, 3, 1, 2]))
nodes.append(helper.make_node("LRN", ["x1"], ["y1"], size=4, alpha=0.0001, beta=0.75, bias=1.0))
nodes.append(helper.make_node("Transpose", ["y1"], ["y"], perm=[0, 2, 3, 1]))""",
    ),
]


@pytest.mark.parametrize(("word", "layout", "text"), PRINTED)
def test_the_printed_python_is_what_was_run(word: str, layout: str, text: str) -> None:
    assert program(bound(word), "python", layout) == text


def test_a_prototxt_has_every_parameter_in_the_words_of_caffe_proto() -> None:
    code = program(bound("caffe:norm_region=within_channel,local_size=3,alpha=5e-5"), "prototxt", "NCHW")
    assert code.splitlines() == [
        "layer {",
        '  name: "y"',
        '  type: "LRN"',
        '  bottom: "x"',
        '  top: "y"',
        "  lrn_param {",
        "    local_size: 3",
        "    alpha: 5e-05",
        "    beta: 0.75",
        "    k: 1.0",
        "    norm_region: WITHIN_CHANNEL",
        "  }",
        "}",
    ]


def test_wolfram_code_has_its_exponents_and_its_order_of_axes() -> None:
    code = program(bound("wolfram:Alpha=1e-4,Beta=0.75"), "wolfram", "NHWC").splitlines()
    # Transpose[x, {1, 3, 4, 2}] makes level 2 (H) the third, level 3 (W) the fourth, level 4 (C) the second.
    assert code[1] == "x1 = Transpose[x, {1, 3, 4, 2}];"
    assert code[2].startswith('y1 = LocalResponseNormalizationLayer["Alpha" -> 0.0001, "Beta" -> 0.75, "Bias" -> 1.,')
    assert code[3] == "y = Transpose[y1, {1, 4, 2, 3}];"


def test_wolfram_has_no_letter_e_in_its_numbers() -> None:
    assert '"Alpha" -> 2*^-5' in program(bound("wolfram:Alpha=2e-5"), "wolfram", "CHW")


def test_a_language_that_the_framework_is_not_called_from_is_an_error_that_names_the_one_it_is() -> None:
    with pytest.raises(LrnError, match="caffe is not called from python, but from prototxt"):
        program(bound("caffe"), "python", "NCHW")


def test_axes_that_the_framework_cannot_take_are_an_error() -> None:
    with pytest.raises(LrnError, match="tf has no layout with the axes of NCDHW"):
        program(bound("tf"), "python", "NCDHW")


@pytest.mark.parametrize("layout", ["C", "NC", "CN", "C..."])
def test_a_tensor_without_spatial_axes_is_refused_where_the_framework_refuses_it(layout: str) -> None:
    with pytest.raises(LrnError, match=r"pytorch has no layout .* only NC\.\.\., where \.\.\. is one axis or more"):
        program(bound("pytorch:size=5"), "python", layout)


@pytest.mark.parametrize(("layout", "order"), [("NTC", "0, 2, 1"), ("NTHWC", "0, 4, 1, 2, 3"), ("WHCN", "3, 2, 0, 1")])
def test_axes_behind_the_channels_keep_their_order_whatever_their_letters(layout: str, order: str) -> None:
    assert f"x1 = x.permute({order})" in program(bound("pytorch:size=5"), "python", layout)


def test_neupy_on_theano_has_the_input_layer_without_which_it_refuses_to_compute() -> None:
    code = program(bound("neupy-theano"), "python", "NCHW")
    assert code.splitlines()[-1] == (
        "y = layers.join(layers.Input((None, None, None)),"
        " layers.LocalResponseNorm(alpha=0.0001, beta=0.75, k=2.0, n=5)).output(x)"
    )


FLAGS = [
    ("tf:depth_radius=2", "NHWC", "-c tf --depth-radius 2 --bias 1 --alpha 1 --beta 0.5"),
    ("tf:depth_radius=2", "NCHW", "-c tf --depth-radius 2 --bias 1 --alpha 1 --beta 0.5 --layout NCHW"),
    ("pytorch:size=5", "NC...", "-c pytorch --size 5 --alpha 0.0001 --beta 0.75 --k 1"),
    ("nnef:size=[1,5,1,1]", "NHWC", "-c nnef --size [1,5,1,1] --alpha 1 --beta 0.5 --bias 1 --layout NHWC"),
    ("tvm:size=5", "NCHW", "-c tvm --size 5 --alpha 0.0001 --beta 0.75 --bias 2"),
    ("paddle:size=5,data_format=NHWC", "NHWC", "-c paddle --size 5 --alpha 0.0001 --beta 0.75 --k 1"),
    (
        "wolfram",
        "NHWC",
        "-c wolfram --alpha 1 --beta 0.5 --bias 1 --channel-window-size 2 --layout NHWC",
    ),
]


@pytest.mark.parametrize(("word", "layout", "typed"), FLAGS)
def test_flags_name_the_layout_where_it_is_not_the_conventions_own(word: str, layout: str, typed: str) -> None:
    assert flags(bound(word), layout) == typed


# (layouts that one convention takes, those that another takes, what has to be typed)
BY_RANK = [
    # A tensor of three axes is CHW in Caffe and NCL in PyTorch.
    ("caffe", "pytorch:size=5", " --layout NCHW"),
    ("wolfram", "onnx:size=5", " --layout CHW"),
    ("pytorch:size=5", "caffe", " --layout NC..."),
    ("caffe", "alexnet", ""),
    ("caffe", "wolfram", ""),
    ("onnx:size=5", "pytorch:size=5", ""),
    ("tf", "neupy", ""),
]


@pytest.mark.parametrize(("word", "target", "typed"), BY_RANK)
def test_flags_name_the_layout_where_a_tensor_of_some_rank_would_be_read_with_other_axes(
    word: str, target: str, typed: str
) -> None:
    *_, after = flags(bound(target), *bound(word).convention.layouts).partition(" --layout")
    assert (" --layout" + after if after else "") == typed


def test_every_convention_is_called_from_some_language() -> None:
    assert {language for convention in conventions() for language in convention.languages} == set(languages())
    assert all(convention.calls for convention in conventions())
