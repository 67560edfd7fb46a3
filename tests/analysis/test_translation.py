"""A translation computes the same, or is refused for the right reason."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest

import lrn_cli
from lrn_cli import LrnError, normalize
from lrn_cli.analysis.translation import express, translate
from lrn_cli.conventions.binding import Bound, bound
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.parameters import Role
from lrn_cli.conventions.registry import conventions, find, usual
from lrn_cli.formula import ResponseNorm, Span

NUMBERS = list(product([1, 2, 3, 4, 5, 7, 8, 16], [1e-4, 0.3, 1.0, 2.5e-3], [1.0, 2.0, 1e-6], [0.5, 0.75, 0.31]))
PAIRS = [(one.name, other.name) for one in usual() for other in usual()]

# By hand: each framework's documentation says whether alpha is divided, and what the window parameter counts.
KNOWN = [
    ("tf:depth_radius=2", "nnef", "nnef size=[1,5,1,1] alpha=5 beta=0.5 bias=1"),
    (
        "caffe:norm_region=WITHIN_CHANNEL,local_size=3",
        "openvino",
        "openvino axes=[2,3] alpha=1 beta=0.75 bias=1 size=3",
    ),
    ("caffe:norm_region=WITHIN_CHANNEL,local_size=3", "nnef", "nnef size=[1,1,3,3] alpha=1 beta=0.75 bias=1"),
    ("openvino:axes=[2,3,4],size=3", "nnef", "nnef size=[1,1,3,3,3] alpha=1 beta=0.5 bias=1"),
    ("openvino:axes=[2],size=3", "onednn", "onednn alg=within local_size=3 alpha=1 beta=0.5 k=1"),
    # An even size covers one less, and alpha is divided by the even one.
    ("openvino:axes=[1],size=4,alpha=1", "tf", "tf depth_radius=1 bias=1 alpha=0.25 beta=0.5"),
    ("mnn:localSize=4,alpha=1,beta=1", "pytorch", "pytorch size=4 alpha=1 beta=1 k=1"),
    ("cuda-convnet-map:size=3,scale=9,pow=1", "ncnn", "ncnn region_type=1 local_size=3 alpha=9 beta=1 bias=1"),
    ("matconvnet:N=4", "onnx", "onnx size=4 alpha=0.004 beta=0.5 bias=2"),
    ("caffe:local_size=5,alpha=1e-4,beta=0.75", "tf", "tf depth_radius=2 bias=1 alpha=2e-05 beta=0.75"),
    ("tf:depth_radius=2,alpha=1e-4,beta=0.75", "caffe", "caffe local_size=5 alpha=0.0005 beta=0.75 k=1"),
    ("caffe:local_size=3,alpha=0.3", "tf", "tf depth_radius=1 bias=1 alpha=0.1 beta=0.75"),
    ("wolfram", "tf", "tf depth_radius=2 bias=1 alpha=0.2 beta=0.5"),
    ("alexnet", "pytorch", "pytorch size=5 alpha=0.0005 beta=0.75 k=2"),
    ("alexnet:n=4", "tf", "tf depth_radius=2 bias=2 alpha=0.0001 beta=0.75"),
    ("neupy", "neupy-theano", "neupy-theano alpha=0.0001 beta=0.75 k=2 n=11"),
    ("onnx:size=7,alpha=7e-4", "wolfram", "wolfram Alpha=0.0007 Beta=0.75 Bias=1 ChannelWindowSize=3"),
    # Odd numbers beyond 2^53 are no float64.
    (
        "pytorch:size=9007199254740993,alpha=0",
        "wolfram",
        "wolfram Alpha=0 Beta=0.75 Bias=1 ChannelWindowSize=4503599627",
    ),
    ("wolfram:ChannelWindowSize=4503599627370497,Alpha=0", "onnx", "onnx size=9007199254740995 alpha=0"),
    # A window of one element is the same across channels and within one.
    (
        "caffe:norm_region=WITHIN_CHANNEL,local_size=1,alpha=0.3,k=7",
        "tf",
        "tf depth_radius=0 bias=1 alpha=0.3 beta=0.75",
    ),
]

REFUSED = [
    ("pytorch:size=4", "tf", "its windows are odd", "depth_radius=1"),
    ("pytorch:size=4", "onnx", "reaches 2 before and 1 after", "size=3"),
    ("onnx:size=4", "caffe", "odd", "local_size=3"),
    ("onnx:size=4", "pytorch", "reaches 1 before and 2 after", "size=3"),
    ("caffe:norm_region=WITHIN_CHANNEL", "tf", "within a channel", "only caffe and "),
    ("nnef:size=[1,3,3,3]", "onednn", "the sum is over C and H and W", "only nnef and openvino can"),
    ("nnef:size=[1,1,3,5]", "onednn", "the window reaches differently far along H and W", ""),
    ("caffe:k=2", "opencv-caffe", "ACROSS_CHANNELS has the bias 1", "k=1"),
    ("onednn:alg=within,local_size=3,alpha=1,beta=1,k=5", "caffe", "WITHIN_CHANNEL has the bias 1", "k=1"),
    ("tf:depth_radius=8", "cudnn", "lrnN is 17, it must be 1 or more and 16 or less", "lrnN=16"),
    ("caffe", "neupy", "depth_radius is 2, it must be 1 or more and odd", "depth_radius=1"),
    ("tf:depth_radius=0", "wolfram", "ChannelWindowSize is 0", "ChannelWindowSize=1"),
    ("pytorch:size=4294967297", "tf", "depth_radius is 2147483648, it must be", ""),
    ("tf:alpha=1e308", "caffe", "beyond float64", ""),
]

WARNED = [
    ("tf:bias=1.5", "openvino", "OpenVINO's CPU plugin cuts the bias to an integer"),
    ("caffe:norm_region=WITHIN_CHANNEL,k=5", "onednn", "caffe ignores k 5 in WITHIN_CHANNEL: 1 is used"),
    ("caffe:norm_region=WITHIN_CHANNEL,k=5", "ncnn", "Caffe built with cuDNN honours k"),
    ("tf", "mnn", "mnnconvert does not rescale TensorFlow's alpha"),
    ("alexnet", "mnn", "mnnconvert loses Caffe's k and TensorFlow's bias"),
    ("caffe:alpha=1e-4", "opencv-caffe", "has changed the alpha of a prototxt that gives none"),
    ("tf", "matconvnet", "up to 5e-3 off"),
    ("tf:depth_radius=9,alpha=0.1", "caffe", "cuDNN engine wants local_size to be 16 or less, and it is 19"),
    ("caffe:k=1e-6", "tf", "on a GPU wants bias to be 1e-05 or more"),
    ("caffe:beta=0.001", "tf", "on a GPU wants beta to be 0.01 or more"),
    ("caffe:local_size=17", "tf", "on a GPU wants depth_radius to be 1 or more and 7 or less, and it is 8"),
    ("caffe:local_size=5", "wolfram", "5 channels or more"),
]


@pytest.mark.parametrize(("word", "target", "printed"), KNOWN)
def test_the_numbers_are_those_one_works_out_by_hand(word: str, target: str, printed: str) -> None:
    assert str(translate(bound(word), find(target)).bound).startswith(printed)


@pytest.mark.parametrize(("word", "target", "reason", "nearest"), REFUSED)
def test_what_cannot_be_exact_is_refused_with_the_reason_and_what_comes_nearest(
    word: str, target: str, reason: str, nearest: str
) -> None:
    answer = translate(bound(word), find(target))
    assert answer.bound is None
    assert answer.refusal is not None
    assert reason in answer.refusal.message
    assert nearest in (answer.refusal.hint or "")


@pytest.mark.parametrize(("word", "target", "warning"), WARNED)
def test_what_only_some_back_ends_refuse_is_a_warning(word: str, target: str, warning: str) -> None:
    answer = translate(bound(word), find(target))
    assert answer.bound is not None
    assert any(warning in text for text in answer.warnings)


def filled(convention: Convention, window: int, alpha: float, bias: float, beta: float) -> Bound | None:
    """A convention with these numbers; None where its framework takes no such window."""
    values = {Role.WINDOW: window, Role.ALPHA: alpha, Role.BIAS: bias, Role.BETA: beta}
    given: dict[str, object] = {p.name: values[p.role] for p in convention.parameters if p.role in values}
    given |= {p.name: p.example for p in convention.parameters if p.default is None and p.role not in values}
    if (own := convention.parameter(Role.WINDOW)).by_axis:
        given[own.name] = [1, window, 1, 1]
    try:
        return bound(convention.name, given)
    except LrnError:
        return None


def reach(norm: ResponseNorm) -> dict[str, Span]:
    """How far a window reaches, along the axes along which it does: one of the element alone is the same anywhere."""
    return {axis: span for axis, span in norm.window.items() if any(span)}


@pytest.mark.parametrize("seed", range(4))
def test_2000_random_numbers_are_translated_exactly_and_come_back_or_are_refused_with_a_reason(seed: int) -> None:
    rng, every, translated = np.random.default_rng(seed), conventions(), 0
    for _ in range(500):
        one, other = (every[index] for index in rng.integers(len(every), size=2))
        alpha, bias, beta = (float(f"{10 ** rng.uniform(-6, 1):.{rng.integers(1, 8)}g}") for _ in range(3))
        given = filled(one, int(rng.integers(1, 17)), alpha, max(bias, 1e-5), max(beta, 0.01))
        if given is None:
            continue
        answer = translate(given, other)
        if answer.bound is None:
            assert answer.refusal is not None
            assert answer.refusal.message.startswith(other.name)
            continue
        translated += 1
        assert reach(answer.bound.norm) == reach(given.norm)
        assert (answer.bound.norm.bias, answer.bound.norm.beta) == (given.norm.bias, given.norm.beta)
        assert answer.bound.norm.scale == given.norm.scale or any("rounded" in note for note in answer.warnings)
        back = translate(answer.bound, one).bound
        assert back is not None
        assert reach(back.norm) == reach(given.norm)
        # A sixth of a number need not be a fifth of any: then it is said that the scale is not the same float64.
        assert back.norm.scale == given.norm.scale or any(" is not " in note for note in answer.warnings)
        assert back.norm.scale == pytest.approx(given.norm.scale, rel=3e-16)
    assert translated > 100


EVERY_PAIR = [(one.name, other.name) for one in conventions() for other in conventions()]


def test_every_ordered_pair_translates_exactly_or_refuses_with_the_reason() -> None:
    for one, other in EVERY_PAIR:
        given = filled(find(one), 3, 1e-4, 1.0, 0.75)
        assert given is not None
        answer = translate(given, find(other))
        if answer.bound is not None:
            assert answer.bound.norm == given.norm
        else:
            assert answer.refusal is not None
            assert "within a channel" in answer.refusal.message or "across channels" in answer.refusal.message


@pytest.mark.parametrize("other", [convention.name for convention in conventions()])
def test_what_a_translation_computes_is_the_same_to_the_bit(other: str) -> None:
    x = np.random.default_rng(1).normal(size=(2, 8, 5, 6))
    given = bound("caffe:norm_region=WITHIN_CHANNEL,local_size=3,alpha=0.3")
    answer = translate(given, find(other)).bound or translate(bound("tf:depth_radius=1"), find(other)).bound
    if answer is None:
        pytest.skip(f"{other} has neither of the two windows")
    word = given.word if answer.norm == given.norm else "tf:depth_radius=1"
    np.testing.assert_array_equal(normalize(x, answer.word, layout="NCHW"), normalize(x, word, layout="NCHW"))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_translation_reduces_to_the_same_numbers_bit_for_bit_and_comes_back(one: str, other: str) -> None:
    x = np.random.default_rng(1).normal(size=(2, 33))
    translated = 0
    # Five divides none of the four lists, so that every one of their numbers is met.
    for numbers in NUMBERS[::5]:
        given = filled(find(one), *numbers)
        answer = translate(given, find(other)) if given else None
        if given is None or answer is None or answer.bound is None:
            continue
        translated += 1
        assert answer.bound.norm == given.norm
        back = translate(answer.bound, find(one)).bound
        assert back is not None
        assert back.norm == given.norm
        # The paper's even n covers one more: 4 comes back as 5, which is the same window.
        assert {**back.values, "n": 0} == {**given.values, "n": 0}
    assert translated > 0
    given = filled(find(one), 3, 1e-4, 2.0, 0.75)
    assert given is not None
    answer = translate(given, find(other))
    if answer.bound is not None:
        np.testing.assert_array_equal(normalize(x, given.word), normalize(x, answer.bound.word))


@cache
def windows_of(name: str) -> list[Any]:
    """The windows that a convention's parameter can say."""
    found = (filled(find(name), candidate, 1e-4, 2.0, 0.75) for candidate in range(1, 60))
    return [one.norm.window for one in found if one]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_refusal_is_right_no_number_of_the_other_has_that_window(one: str, other: str) -> None:
    reached = windows_of(other)
    for window in range(1, 18):
        given = filled(find(one), window, 1e-4, 2.0, 0.75)
        if given is None or translate(given, find(other)).bound is not None:
            continue
        assert given.norm.window not in reached


def test_the_exact_product_of_a_typed_number_is_preferred_to_a_shorter_one() -> None:
    # 11 times 0.586141258503371; 6.44755384353708 divided by 11 is the same float64.
    answer = translate(bound("tf:depth_radius=5,alpha=0.586141258503371"), find("caffe"))
    assert answer.bound is not None
    assert answer.bound.values["alpha"] == 6.447553843537081
    assert answer.warnings == ()


@pytest.mark.parametrize("target", ["tf", "alexnet", "onnx"])
def test_a_window_of_one_element_gives_the_same_bits_in_either_region(target: str) -> None:
    x = np.random.default_rng(1).normal(size=(2, 3, 4, 5))
    within = bound("caffe:norm_region=WITHIN_CHANNEL,local_size=1,alpha=0.3")
    across = translate(within, find(target)).bound
    assert across is not None
    np.testing.assert_array_equal(
        normalize(x, within.word, layout="NCHW"), normalize(x, across.word, layout="NCHW"), strict=True
    )


@pytest.mark.parametrize("window", ["9" * 400, "9223372036854775808"])
def test_a_window_beyond_every_frameworks_integers_is_refused(window: str) -> None:
    with pytest.raises(LrnError, match="size is beyond 9223372036854775807"):
        bound(f"pytorch:size={window}")


def test_within_a_channel_another_bias_than_1_is_refused() -> None:
    norm = ResponseNorm({"H": (1, 1), "W": (1, 1)}, scale=0.1, bias=2.0, beta=0.75)  # type: ignore[dict-item]
    answer = express(norm, find("caffe"))
    assert answer.refusal is not None
    assert "has the bias 1" in answer.refusal.message


ROUNDED = [
    # A third has no decimal, but the nearest float64 is the same scale.
    ("caffe:local_size=3,alpha=1", "tf", "alpha 0.3333333333333333 is rounded", "the same float64"),
    # Three times this number lies between two float64, and a third of neither is it.
    ("tf:depth_radius=1,alpha=1.6715318501887002", "caffe", "alpha 5.0145955505661", "is not 1.6715318501887002"),
]


@pytest.mark.parametrize(("word", "target", "rounded", "effect"), ROUNDED)
def test_a_rounded_number_is_said_to_be_rounded(word: str, target: str, rounded: str, effect: str) -> None:
    (note, *_) = translate(bound(word), find(target)).warnings
    assert rounded in note
    assert effect in note


def test_an_exact_number_is_not_said_to_be_rounded() -> None:
    assert translate(bound("caffe:local_size=3,alpha=0.3"), find("tf")).warnings == ()


def test_python_gets_the_same_as_json() -> None:
    assert lrn_cli.translate("caffe:alpha=1e-4", to="tf") == {
        "convention": "tf",
        "parameters": {"depth_radius": 2, "bias": 1.0, "alpha": 2e-05, "beta": 0.75},
        "word": "tf:depth_radius=2,bias=1,alpha=2e-05,beta=0.75",
        "warnings": [],
        "refusal": None,
        "nearest": None,
    }
    assert [answer["convention"] for answer in lrn_cli.translate("tf", depth_radius=2)] == [
        convention.name for convention in conventions() if convention.name != "tf"
    ]
