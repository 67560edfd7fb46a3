"""What every convention declares, and what its framework's numbers become in canonical form."""

from __future__ import annotations

import numpy as np
import pytest

from lrn_cli.conventions.binding import bound
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import Role
from lrn_cli.conventions.registry import conventions, find
from lrn_cli.errors import LrnError
from lrn_cli.formula import ResponseNorm

EVERY = pytest.mark.parametrize("convention", conventions(), ids=lambda convention: convention.name)


def across(before: int, after: int, *, scale: float, bias: float, beta: float) -> ResponseNorm:
    return ResponseNorm({"C": (before, after)}, scale=scale, bias=bias, beta=beta)  # type: ignore[dict-item]


# Read from each framework's documentation and source: the defaults, and what they compute.
DEFAULTS = [
    ("tf", across(5, 5, scale=1.0, bias=1.0, beta=0.5)),
    ("caffe", across(2, 2, scale=0.2, bias=1.0, beta=0.75)),
    ("wolfram", across(2, 2, scale=0.2, bias=1.0, beta=0.5)),
    ("neupy", across(5, 5, scale=1e-4, bias=2.0, beta=0.75)),
    ("neupy-theano", across(2, 2, scale=1e-4, bias=2.0, beta=0.75)),
    ("alexnet", across(2, 2, scale=1e-4, bias=2.0, beta=0.75)),
    ("pytorch:size=5", across(2, 2, scale=2e-5, bias=1.0, beta=0.75)),
    ("onnx:size=5", across(2, 2, scale=2e-5, bias=1.0, beta=0.75)),
    ("mxnet:nsize=5", across(2, 2, scale=2e-5, bias=2.0, beta=0.75)),
    ("paddle:size=5", across(2, 2, scale=2e-5, bias=1.0, beta=0.75)),
    ("paddle-fluid", across(2, 2, scale=1e-4, bias=2.0, beta=0.75)),
    ("tfjs", across(5, 5, scale=1.0, bias=1.0, beta=0.5)),
    ("tflite", across(5, 5, scale=1.0, bias=1.0, beta=0.5)),
    ("tflearn", across(5, 5, scale=1e-4, bias=1.0, beta=0.75)),
    ("tensorlayer", across(5, 5, scale=1.0, bias=1.0, beta=0.5)),
    ("mindspore", across(5, 5, scale=1.0, bias=1.0, beta=0.5)),
    *((name, across(2, 2, scale=1e-4, bias=2.0, beta=0.75)) for name in ("keras", "lasagne", "pylearn2", "chainer")),
    *((name, across(2, 2, scale=1e-4, bias=2.0, beta=0.75)) for name in ("megengine", "dl4j")),
    ("caffe2:size=5", across(2, 2, scale=0.0, bias=1.0, beta=0.0)),
    ("opencv-caffe", across(2, 2, scale=2e-5, bias=1.0, beta=0.75)),
    ("opencv-onnx:size=5", across(2, 2, scale=2e-5, bias=1.0, beta=0.75)),
    ("opencv-tf", across(5, 5, scale=1.0, bias=1.0, beta=0.5)),
    ("openvino:axes=[1]", across(2, 2, scale=0.2, bias=1.0, beta=0.5)),
    ("ncnn", across(2, 2, scale=0.2, bias=1.0, beta=0.75)),
    ("tvm:size=5", across(2, 2, scale=2e-5, bias=2.0, beta=0.75)),
    ("nnef:size=[1,5,1,1]", across(2, 2, scale=0.2, bias=1.0, beta=0.5)),
    ("cudnn", across(2, 2, scale=2e-5, bias=2.0, beta=0.75)),
    ("coreml:size=5", across(2, 2, scale=2e-5, bias=1.0, beta=0.75)),
    ("directml:CrossChannel=TRUE,LocalSize=5", across(2, 2, scale=2e-5, bias=1.0, beta=0.75)),
    ("matlab:WindowChannelSize=5", across(2, 2, scale=2e-5, bias=2.0, beta=0.75)),
    ("matconvnet", across(2, 2, scale=1e-3, bias=2.0, beta=0.5)),
    ("cuda-convnet:size=5,scale=1e-4,pow=0.75", across(2, 2, scale=2e-5, bias=1.0, beta=0.75)),
    ("torch7:size=5", across(2, 2, scale=2e-5, bias=1.0, beta=0.75)),
    ("burn:size=5", across(2, 2, scale=2e-5, bias=1.0, beta=0.75)),
]


@pytest.mark.parametrize(("word", "norm"), DEFAULTS, ids=[word for word, _ in DEFAULTS])
def test_the_defaults_are_the_frameworks_own(word: str, norm: ResponseNorm) -> None:
    assert bound(word).norm == norm


WINDOWS = [
    ("tf:depth_radius=0", (0, 0)),
    ("pytorch:size=4", (2, 1)),
    ("onnx:size=4", (1, 2)),
    ("alexnet:n=4", (2, 2)),
    ("pytorch:size=1", (0, 0)),
    ("neupy:depth_radius=3", (3, 3)),
    ("wolfram:ChannelWindowSize=3", (3, 3)),
    ("paddle:size=4", (2, 1)),
    ("ncnn:local_size=4", (2, 1)),
    ("mnn:localSize=4,alpha=1,beta=1", (2, 1)),
    ("cuda-convnet:size=4,scale=1,pow=1", (2, 1)),
    ("caffe2:size=4", (1, 2)),
    ("cudnn:lrnN=10", (4, 5)),
    ("matlab:WindowChannelSize=4", (1, 2)),
    ("matconvnet:N=4", (1, 2)),
    ("burn:size=4", (1, 2)),
    ("nnef:size=[1,4,1,1]", (1, 2)),
    ("onednn:alg=across,local_size=4,alpha=1,beta=1,k=1", (1, 1)),
    ("openvino:axes=[1],size=2", (0, 0)),
    ("chainer:n=4", (2, 2)),
    ("chainer:n=0", (0, 0)),
    ("chainer:n=-3", (0, 0)),
    ("dl4j:n=4", (2, 2)),
    ("mindspore:depth_radius=4", (4, 4)),
]


@pytest.mark.parametrize(("word", "span"), WINDOWS)
def test_a_window_reaches_to_the_frameworks_own_sides(word: str, span: tuple[int, int]) -> None:
    assert bound(word).norm.window["C"] == span


LISTS = [
    ("openvino:axes=[2,3],size=3,alpha=0.9", {"H": (1, 1), "W": (1, 1)}, 0.1),
    ("openvino:axes=[2, 3],size=4,alpha=16", {"H": (1, 1), "W": (1, 1)}, 1.0),
    ("openvino:size=3,axes=[2],alpha=3", {"L": (1, 1)}, 1.0),
    ("openvino:axes=[2,3,4],size=3,alpha=27", {"D": (1, 1), "H": (1, 1), "W": (1, 1)}, 1.0),
    ("openvino:axes=[1,2,3],size=3,alpha=27", {"C": (1, 1), "H": (1, 1), "W": (1, 1)}, 1.0),
    ("nnef:size=[1,1,3,5],alpha=15", {"H": (1, 1), "W": (2, 2)}, 1.0),
    ("nnef:size=[1,4,1,1],alpha=4", {"C": (1, 2)}, 1.0),
    ("nnef:size=(2, 3, 1),alpha=6", {"N": (0, 1), "C": (1, 1)}, 1.0),
    ("nnef:size=[1,1,1,1],alpha=3", {"C": (0, 0)}, 3.0),
    ("ncnn:region_type=1,local_size=4,alpha=16,bias=3", {"H": (2, 1), "W": (2, 1)}, 1.0),
]


@pytest.mark.parametrize(("word", "window", "scale"), LISTS)
def test_a_window_lies_over_the_axes_that_a_list_names(
    word: str, window: dict[str, tuple[int, int]], scale: float
) -> None:
    norm = bound(word).norm
    assert ({axis: tuple(span) for axis, span in norm.window.items()}, norm.scale) == (window, scale)


def test_the_places_in_a_list_are_those_of_the_frameworks_layout_whatever_the_tensors() -> None:
    for word in ("nnef:size=[1,5,1,1]", "openvino:axes=[1]"):
        assert set(bound(word).over("NHWC").norm.window) == {"C"}


def test_lists_are_lists_and_tuples_from_python() -> None:
    for axes in ([2, 3], (2, 3), np.array([2, 3]), "[2,3]", "(2, 3)"):
        assert bound("openvino", {"axes": axes}).word == "openvino:axes=[2,3],alpha=1,beta=0.5,bias=1,size=5"
    assert bound("nnef", {"size": (1, 5, 1, 1)}).parameters["size"] == [1, 5, 1, 1]


def test_within_a_channel_the_axes_are_the_tensors_own_spatial_ones() -> None:
    within = bound("onednn:alg=within,local_size=3,alpha=27,beta=1,k=2")
    assert [(set(within.over(layout).norm.window), within.over(layout).divisor) for layout in ("NCL", "NCDHW")] == [
        ({"L"}, 3),
        ({"D", "H", "W"}, 27),
    ]


def test_within_a_channel_caffe_divides_by_the_square_and_ignores_k() -> None:
    norm = bound("caffe:norm_region=WITHIN_CHANNEL,local_size=3,alpha=0.9,k=5").norm
    assert norm == ResponseNorm({"H": (1, 1), "W": (1, 1)}, scale=0.1, bias=1.0, beta=0.75)  # type: ignore[dict-item]


@EVERY
def test_a_convention_declares_a_window_three_coefficients_and_a_source(convention: Convention) -> None:
    assert all(convention.playing(role) for role in (Role.WINDOW, Role.ALPHA, Role.BETA, Role.BIAS))
    assert all(convention.sources)
    assert len({parameter.key for parameter in convention.parameters}) == len(convention.parameters)


@EVERY
def test_names_and_aliases_are_matched_without_regard_to_case(convention: Convention) -> None:
    for word in convention.words:
        assert find(word.upper()) is convention
        assert find(word.replace("-", "_")) is convention


@pytest.mark.parametrize(
    ("alias", "name"),
    [("tensorflow", "tf"), ("torch", "pytorch"), ("mathematica", "wolfram"), ("TensorFlow", "tf")],
)
def test_what_people_would_type_is_understood(alias: str, name: str) -> None:
    assert find(alias).name == name


# (what was typed, what the message must name, what the hint must hold)
REFUSED = [
    ("caffe:local_size=4", ["local_size is 4", "odd"], "--local-size 5"),
    ("caffe:local_size=0", ["local_size is 0", "1 or more"], "--local-size 1"),
    ("tf:depth_radius=-1", ["depth_radius is -1", "0 or more"], "--depth-radius 0"),
    ("neupy:depth_radius=2", ["depth_radius is 2", "odd"], "--depth-radius 3"),
    ("neupy-theano:n=4", ["n is 4", "odd"], "--n 5"),
    ("wolfram:ChannelWindowSize=0", ["ChannelWindowSize is 0", "1 or more"], "--channel-window-size 1"),
    ("pytorch", ["size", "required"], "--size 5"),
    ("onnx", ["size", "required"], "--size 5"),
    ("tf:depth_radius=2.5", ["'2.5'", "integer"], "a whole number, as 5"),
    ("tf:alpha=much", ["'much'", "number"], "a number, as 0.0001 or 1e-4"),
    ("tf:alpha=nan", ["nan", "finite"], "a number, as 0.0001 or 1e-4"),
    ("tf:alpha=1e999", ["1e999", "finite"], "a number, as 0.0001 or 1e-4"),
    ("tf:beta=-inf", ["-inf", "finite"], "a number, as 0.0001 or 1e-4"),
    ("caffe:norm_region=SIDEWAYS", ["SIDEWAYS", "WITHIN_CHANNEL"], "--norm-region with one of them"),
    ("caffe:depthRadius=2", ["no depth_radius", "is local_size 5"], "--local-size 5"),
    ("caffe:depth_radius=2", ["no depth_radius", "local_size", "is local_size 5"], "--local-size 5"),
    ("tf:local_size=5", ["no local_size", "depth_radius", "is depth_radius 2"], "--depth-radius 2"),
    ("tf:k=2", ["no k", "bias", "is bias 2"], "--bias 2"),
    ("caffe:bias=2", ["no bias", "is k 2"], "--k 2"),
    ("neupy:n=5", ["no n", "would be depth_radius 2", "odd"], "--depth-radius 3"),
    (
        "tf:lrnAlpha=1e-4",
        ["it has alpha, which is not divided by the window"],
        "did you mean alpha, which is not divided",
    ),
    ("tf:scale=1e-4", ["it has alpha, which is not divided by the window"], "did you mean alpha, which"),
    ("cudnn:alpha=1e-4", ["lrnAlpha, which is divided by the window"], "did you mean lrnAlpha, which is divided"),
    ("caffe:lrnAlpha=1e-4", ["lrnAlpha 1e-4 is alpha 0.0001 there"], "--alpha 0.0001, or -c cudnn"),
    ("tf:local_size=4", ["it has depth_radius, a radius"], "did you mean depth_radius, a radius?"),
    ("caffe:size=4", ["it has local_size, an odd width"], "did you mean local_size, an odd width?"),
    ("tf:size=[1,5,1,1]", ["it has depth_radius, a radius"], "did you mean depth_radius, a radius?"),
    ("caffe:axes=[2,3]", ["axes [2,3] is norm_region WITHIN_CHANNEL"], "--norm-region WITHIN_CHANNEL"),
    ("ncnn:norm_region=WITHIN_CHANNEL", ["is region_type 1 there"], "--region-type 1"),
    ("caffe:axis=1", ["no parameter axis"], "--axis 1"),
    ("onnx:layout=NHWC", ["no parameter layout"], "--layout NHWC"),
    ("tf:norm_region=WITHIN_CHANNEL", ["no norm_region", "caffe"], "-c caffe"),
    ("tf:colour=red", ["no parameter colour", "depth_radius"], "lrn explain tf"),
    ("tf:alpha", ["'alpha' is not name=value"], "lrn explain tf"),
    ("tf:alpha=1,ALPHA=2", ["ALPHA is given twice"], "once"),
    ("cafe", ["unknown convention 'cafe'"], "-c caffe"),
    ("opencv", ["unknown convention 'opencv'"], "-c opencv-caffe or opencv-onnx or opencv-tf"),
    ("jax", ["unknown convention 'jax'; there are tf, alexnet,", "mxnet", "tvm"], "lrn conventions lists"),
    ("keras3", ["unknown convention 'keras3'"], "lrn conventions lists"),
    ("darknet", ["described and not offered"], "lrn explain darknet"),
    ("nn.CrossMapLRN2d", ["described and not offered"], "lrn explain crossmaplrn2d"),
    ("mxnet:nsize=4", ["nsize is 4", "odd"], "--nsize 5"),
    ("matlab:WindowChannelSize=17", ["WindowChannelSize is 17", "16 or less"], "--window-channel-size 16"),
    ("cudnn:lrnK=0", ["lrnK is 0", "1e-05 or more"], "--lrn-k 1e-05"),
    ("cudnn:lrnBeta=0", ["lrnBeta is 0", "0.01 or more"], "--lrn-beta 0.01"),
    ("tensorrt:window=17,alpha=1,beta=1,k=1", ["window is 17", "15 or less and odd"], "--window 15"),
    ("cuda-convnet:size=1,scale=1,pow=1", ["size is 1", "2 or more"], "--size 2"),
    ("coreml:size=4", ["size is 4", "odd"], "--size 5"),
    ("paddle-fluid:k=0", ["k is 0", "more than 0"], "--k 1"),
    ("paddle:size=3,data_format=NWHC", ["data_format is 'NWHC'", "NHWC"], "--data-format NHWC"),
    ("nnef:size=5", ["size is '5'", "one number for each axis"], "--size [1,5,1,1]"),
    ("nnef:size=[1,0,1,1]", ["size is 0", "1 or more"], "--size [1,5,1,1]"),
    ("openvino:axes=[3]", ["axes is '[3]'", "[1], [2], [2,3]"], "--axes with one of them"),
    ("openvino", ["axes", "required"], "--axes [1]"),
    ("onednn:alg=around", ["alg is 'around'", "across or within"], "--alg with one of them"),
    ("tensroflow", ["unknown convention"], "-c tf"),
]


@pytest.mark.parametrize(("word", "fragments", "hint"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_the_framework_refuses_is_refused_with_a_way_out(word: str, fragments: list[str], hint: str) -> None:
    with pytest.raises(LrnError) as caught:
        bound(word)
    for fragment in fragments:
        assert fragment in caught.value.message
    assert hint in caught.value.hint


def test_a_parameter_in_the_word_and_beside_it_is_refused() -> None:
    with pytest.raises(LrnError, match="local_size is given twice"):
        bound("caffe:local_size=5", {"localsize": 3})


def test_wolfram_refuses_a_window_wider_than_the_channels() -> None:
    with pytest.raises(LrnError, match="window of 5 channels and the tensor has 4") as caught:
        bound("wolfram").check_channels(4)
    assert caught.value.hint == "--channel-window-size 1"
    bound("wolfram").check_channels(5)


def test_a_window_that_is_no_integer_is_refused_from_python() -> None:
    for value in (2.0, True, None):
        with pytest.raises(LrnError, match="must be an integer"):
            bound("tf", {"depth_radius": value})
