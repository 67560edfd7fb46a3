"""Numbers that the frameworks' own tests and documentation publish."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrn_cli import normalize

TFLITE = [-1.1, 0.6, 0.7, 1.2, -0.7, 0.1]

# (claim with its source, convention, parameters, channels in, channels out, relative tolerance of what is printed)
PUBLISHED: list[tuple[str, str, dict[str, Any], list[float], list[float], float]] = [
    (
        "TFLite SameAsL2Norm (local_response_norm_test.cc)",
        "tf",
        {"depth_radius": 20, "bias": 0, "alpha": 1, "beta": 0.5},
        TFLITE,
        [-0.55, 0.3, 0.35, 0.6, -0.35, 0.05],
        1e-6,
    ),
    (
        "TFLite WithAlpha",
        "tf",
        {"depth_radius": 20, "bias": 0, "alpha": 4, "beta": 0.5},
        TFLITE,
        [-0.275, 0.15, 0.175, 0.3, -0.175, 0.025],
        1e-6,
    ),
    (
        "TFLite WithBias",
        "tf",
        {"depth_radius": 20, "bias": 9, "alpha": 4, "beta": 0.5},
        TFLITE,
        [-0.22, 0.12, 0.14, 0.24, -0.14, 0.02],
        1e-6,
    ),
    (
        "TFLite SmallRadius",
        "tf",
        {"depth_radius": 2, "bias": 9, "alpha": 4, "beta": 0.5},
        TFLITE,
        [-0.264926, 0.125109, 0.140112, 0.267261, -0.161788, 0.0244266],
        4e-6,
    ),
    (
        "TensorRT's documentation of LRN: window 3, alpha 1, beta 1, k .1, which divides alpha as ONNX does",
        "onnx",
        {"size": 3, "alpha": 1, "beta": 1, "bias": 0.1},
        [0, 1, 2, 3, 4],
        [0, 0.56603765, 0.4195804, 0.3071672, 0.47430828],
        1.2e-7,
    ),
    (
        "burn nn::LocalResponseNorm, an even window reaching after, as in ONNX (local_response.rs:301-320)",
        "onnx",
        {"size": 2, "alpha": 1, "beta": 1, "bias": 0},
        [1, 2, 4],
        [0.4, 0.2, 0.5],
        1e-7,
    ),
]


@pytest.mark.parametrize(
    ("convention", "parameters", "x", "expected", "rtol"),
    [row[1:] for row in PUBLISHED],
    ids=[row[0] for row in PUBLISHED],
)
def test_a_published_vector_comes_out_as_printed(
    convention: str, parameters: dict[str, Any], x: list[float], expected: list[float], rtol: float
) -> None:
    np.testing.assert_allclose(
        normalize(np.array(x, np.float32), convention, **parameters), np.array(expected), rtol=rtol
    )


def test_tensorflows_own_test_of_depth_16_comes_out() -> None:
    # tensorflow/core/kernels/lrn_op_test.cc: radius 5, bias 1, alpha .1, beta 2 over 1..16.
    y = normalize(np.arange(1.0, 17.0).reshape(1, 1, 1, 16), "tf", depth_radius=5, bias=1, alpha=0.1, beta=2)
    np.testing.assert_allclose(y[0, 0, 0, [0, 5, 15]], [1 / 10.1**2, 6 / 51.6**2, 16 / 112.1**2], rtol=1e-12)


def test_mindspores_documented_example_comes_out() -> None:
    # mindspore.cn ops.LRN, defaults, NCHW (1, 2, 2, 1).
    x = np.array([[[[0.1], [0.2]], [[0.3], [0.4]]]], dtype=np.float32)
    expected = [0.09534626, 0.1825742, 0.2860388, 0.3651484]
    np.testing.assert_allclose(normalize(x, "tf", layout="NCHW").ravel(), expected, rtol=2e-7)


# An even window of 4 over 10, 20, ..., 70 with alpha 1e-4, beta .75 and k 1, as each framework's own code computes it.
EVEN = {
    "onnx": [9.745289, 18.944086, 27.281884, 34.564301, 40.716992, 50.005596, 60.581041],
    "pytorch": [9.907264, 19.490579, 28.416128, 36.375845, 43.205377, 48.860391, 58.339863],
}


@pytest.mark.parametrize("convention", EVEN)
def test_an_even_window_leans_to_the_frameworks_own_side(convention: str) -> None:
    y = normalize(np.arange(10.0, 80.0, 10.0), convention, size=4)
    np.testing.assert_allclose(y, EVEN[convention], rtol=1e-7)


def test_the_papers_even_window_covers_one_more() -> None:
    # i - n/2 to i + n/2 has five terms for n = 4: the published line of the paper's reading.
    expected = [9.064031, 16.427538, 21.595958, 24.716945, 26.343235, 32.551419, 40.126711]
    np.testing.assert_allclose(normalize(np.arange(10.0, 80.0, 10.0), "alexnet", n=4, k=1), expected, rtol=1e-7)


# The same numbers typed into the frameworks that lean to one side or the other, or cover one more or one less.
BEFORE = EVEN["pytorch"]
AFTER = EVEN["onnx"]
SHRUNK = [9.907264, 19.490579, 28.465792, 36.618083, 43.815343, 50.005596, 60.581041]
GROWN = [9.064031, 16.427538, 21.595958, 24.716945, 26.343235, 32.551419, 40.126711]
WHOLE_AFTER = [9.064031, 16.427538, 21.701048, 25.114543, 27.126182, 34.394324, 44.128508]
ODD_DIVIDED = [9.795016, 19.144790, 27.741441, 35.330394, 41.794315, 50.693001, 60.301507]
ODD_WHOLE = GROWN
LINES = [
    ("cudnn:lrnN=4,lrnK=1", AFTER),
    ("matlab:WindowChannelSize=4,K=1", AFTER),
    ("burn:size=4", AFTER),
    ("nnef:size=[1,4,1,1],alpha=1e-4,beta=0.75", AFTER),
    ("paddle:size=4", BEFORE),
    ("cuda-convnet:size=4,scale=1e-4,pow=0.75", BEFORE),
    ("onednn:alg=across,local_size=4,alpha=1e-4,beta=0.75,k=1", SHRUNK),
    ("openvino:axes=[1],size=4,alpha=1e-4,beta=0.75", SHRUNK),
    ("dl4j:n=4,k=1", GROWN),
    ("chainer:n=4,k=1", GROWN),
    ("matconvnet:N=4,KAPPA=1,ALPHA=1e-4,BETA=0.75", WHOLE_AFTER),
    ("torch7:size=5", ODD_DIVIDED),
    ("tensorrt:window=5,alpha=1e-4,beta=0.75,k=1", ODD_DIVIDED),
    ("coreml:size=5", ODD_DIVIDED),
    ("directml:CrossChannel=TRUE,LocalSize=5", ODD_DIVIDED),
    ("mxnet:nsize=5,knorm=1", ODD_DIVIDED),
    ("tvm:size=5,bias=1", ODD_DIVIDED),
    ("opencv-caffe:alpha=1e-4", ODD_DIVIDED),
    ("lasagne:k=1", ODD_WHOLE),
    ("pylearn2:k=1", ODD_WHOLE),
    ("keras:k=1", ODD_WHOLE),
    ("paddle-fluid:k=1", ODD_WHOLE),
    ("megengine:k=1", ODD_WHOLE),
    ("tfjs:depthRadius=2,alpha=1e-4,beta=0.75", ODD_WHOLE),
]


@pytest.mark.parametrize(("word", "expected"), LINES, ids=[word for word, _ in LINES])
def test_every_frameworks_line_of_the_table_comes_out(word: str, expected: list[float]) -> None:
    x = np.arange(10.0, 80.0, 10.0).reshape(1, 7, 1, 1)
    np.testing.assert_allclose(normalize(x, word, layout="NCHW").ravel(), expected, rtol=1e-7)


def test_the_vectors_of_tensorrt_burn_coreml_and_mindspore_come_out_under_their_own_names() -> None:
    # docs.nvidia.com, operators/docs/LRN.html; burn, local_response.rs:301-320; coremltools,
    # test_simple_nn_inference.py; mindspore.cn, ops.LRN.
    trt = normalize(np.arange(5.0, dtype="f4").reshape(1, 5, 1, 1), "tensorrt", window=3, alpha=1, beta=1, k=0.1)
    np.testing.assert_allclose(trt.ravel(), [0, 0.56603765, 0.4195804, 0.3071672, 0.47430828], rtol=2e-7)
    burn = normalize(np.array([[[1.0], [2.0], [4.0]]]), "burn", size=2, alpha=1, beta=1, k=0)
    np.testing.assert_allclose(burn.ravel(), [0.4, 0.2, 0.5], rtol=1e-15)
    ones = normalize(np.ones((3, 2, 2)), "coreml", size=1, alpha=2, beta=3, k=8)
    np.testing.assert_allclose(ones, 1e-3, rtol=1e-15)
    x = np.array([[[[0.1], [0.2]], [[0.3], [0.4]]]], dtype=np.float32)
    expected = [0.09534626, 0.1825742, 0.2860388, 0.3651484]
    np.testing.assert_allclose(normalize(x, "mindspore").ravel(), expected, rtol=2e-7)


def test_within_a_map_scale_is_divided_by_the_square_and_an_even_square_leans_before() -> None:
    # cuda-convnet2: layer.py:1331 and conv_util.cu:871-928: a square of 2 from px-1 to px.
    x = np.arange(1.0, 10.0).reshape(1, 3, 3)
    y = normalize(x, "cuda-convnet-map", size=2, scale=4, pow=1, minDiv=0.5)
    np.testing.assert_allclose(y[0, 1, 1], 5 / (0.5 + 1 + 4 + 16 + 25))
    np.testing.assert_allclose(y[0, 0, 0], 1 / 1.5)
