"""What conventions make of one array, pair by pair: the numbers, the cause, and the advice."""

from __future__ import annotations

import json
from itertools import permutations

import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.conventions.binding import bound
from lrn_cli.errors import LrnError
from tests import golden
from tests.analysis.comparison.asked import compare

X = np.random.default_rng(0).standard_normal((2, 12, 9, 10)).astype("f4") * 3

# One for each convention and region, and windows of all kinds.
WORDS = [
    "tf",
    "tf:depth_radius=2,alpha=1e-4,beta=0.75",
    "caffe",
    "caffe:local_size=7,alpha=2,k=3",
    "caffe:norm_region=WITHIN_CHANNEL,local_size=3,k=7",
    "wolfram:ChannelWindowSize=3",
    "neupy:depth_radius=3,alpha=1",
    "neupy-theano:n=3,alpha=1",
    "alexnet:n=4,alpha=1",
    "pytorch:size=4,alpha=1",
    "onnx:size=4,alpha=1",
    "pytorch:size=40,alpha=1",
]


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "u1", "?"])
def test_what_is_compared_is_to_the_bit_what_normalize_gives(dtype: str) -> None:
    x = np.abs(X).astype(dtype)
    for word in WORDS:
        (pair,) = compare(x, normalize(x, word, layout="NCHW"), conventions=word, layout="NCHW").pairs
        assert pair.difference is not None
        assert (word, pair.difference.unequal, pair.notes) == (word, 0, ())


@pytest.mark.parametrize("shape", [(1, 96, 60, 70), (2, 3, 300, 400), (1500, 300)])
def test_blocks_and_threads_do_not_show(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(1).standard_normal(shape).astype("f4")
    words = [word for word in WORDS if len(shape) == 4 or "WITHIN" not in word]
    words = [word for word in words if word != "wolfram:ChannelWindowSize=3" or shape[1] > 6]
    layout = "NCHW" if len(shape) == 4 else "NC"
    results = [normalize(x, word, layout=layout).astype("f8") for word in words]
    found = compare(np.asfortranarray(x), conventions=words, layout=layout, threads=3)
    pairs = [(later, earlier) for later in range(len(words)) for earlier in range(later)]
    assert sorted((pair.a.name, pair.b.name) for pair in found.pairs) == sorted(
        (found.sides[later].name, found.sides[earlier].name) for later, earlier in pairs
    )
    names = [side.name for side in found.sides]
    for pair in found.pairs:
        a, b = (results[names.index(side.name)] for side in (pair.a, pair.b))
        assert pair.difference is not None
        assert (pair.difference.largest.distance if pair.difference.largest else 0) == np.abs(a - b).max()


@pytest.mark.parametrize("case", golden.cases(), ids=lambda case: case.name)
def test_a_real_engines_output_is_recognised(case: golden.Case) -> None:
    word = f"{case.convention}:{','.join(f'{name}={value}' for name, value in case.parameters.items())}"
    found = compare(case.x, case.y, conventions=word, layout=case.layout, rtol=case.tolerance, atol=0)
    assert found.equal, found.pairs[0].cause


@pytest.mark.parametrize(("one", "other"), list(permutations(WORDS, 2)))
def test_typing_what_is_advised_makes_every_pair_equal(one: str, other: str) -> None:
    (pair,) = compare(X, conventions=[other, one], layout="NCHW").pairs
    assert pair.a.name in {one, bound(one).convention.name}
    if pair.verdict.value == "equal":
        assert bound(one).norm == bound(other).norm
    elif pair.advice:
        then = compare(X, conventions=[other, pair.advice.removeprefix("-c ")], layout="NCHW", rtol=1e-6)
        assert then.equal
        assert "the formula is the same" in then.pairs[0].cause
    else:
        assert pair.impossible


# (a, b, what the sentence says)
CAUSES = [
    (
        "caffe:alpha=1e-4,beta=0.5",
        "tf:depth_radius=2,alpha=1e-4",
        "caffe divides alpha by local_size 5: alpha 0.0005 there equals 0.0001 in tf; the windows are the same",
    ),
    (
        "tf:depth_radius=2,alpha=1e-4",
        "caffe:alpha=1e-4,beta=0.5",
        "caffe divides alpha by local_size 5: alpha 0.0001 there equals 2e-05 in tf; the windows are the same",
    ),
    ("caffe", "wolfram", "beta is 0.75 in caffe and 0.5 in wolfram; the windows are the same"),
    (
        "neupy:alpha=1",
        "tf",
        "k is 2 in neupy and bias 1 in tf; beta is 0.75 in neupy and 0.5 in tf; the windows are the same",
    ),
    (
        "pytorch:size=4",
        "onnx:size=4",
        "the window of pytorch is 4 channels (2 before, 1 after), that of onnx 4 channels (1 before, 2 after)",
    ),
    ("alexnet:n=4", "neupy-theano", "the formula is the same"),
    (
        "tf:depth_radius=11",
        "tf:depth_radius=40",
        "the formula is the same; the windows cover the same on this tensor",
    ),
    (
        "caffe:norm_region=WITHIN_CHANNEL,alpha=9,k=3",
        "tf:depth_radius=2,alpha=9,beta=0.75,bias=2",
        "caffe divides alpha by local_size 5, for the window of tf: alpha 45 there equals 9 in tf; the window of caffe"
        " is 5x5 over H and W within a channel, that of tf 5 channels; caffe ignores k within a channel, where it is 1,"
        " and 2 in tf",
    ),
    (
        "caffe:local_size=3",
        "caffe:local_size=5",
        "caffe:local_size=3 divides alpha by local_size 3 and caffe:local_size=5 by local_size 5; the window of"
        " caffe:local_size=3 is 3 channels, that of caffe:local_size=5 5 channels",
    ),
    (
        "caffe:local_size=3",
        "tf:depth_radius=0,beta=0.75",
        "caffe divides alpha by local_size 3 and tf by nothing; the window of caffe is 3 channels, that of tf 1"
        " channel",
    ),
    (
        "pytorch:size=7",
        "caffe",
        "pytorch divides alpha by size 7 and caffe by local_size 5: alpha is 0.0001 in pytorch and 1 in caffe; the"
        " window of pytorch is 7 channels, that of caffe 5 channels",
    ),
    ("caffe:alpha=3", "caffe:alpha=2", "alpha is 3 in caffe:alpha=3 and 2 in caffe:alpha=2; the windows are the same"),
]


@pytest.mark.parametrize(("one", "other", "sentence"), CAUSES)
def test_the_cause_is_read_from_the_canonical_forms(one: str, other: str, sentence: str) -> None:
    (pair,) = compare(X, conventions=[other, one], layout="NCHW").pairs
    assert pair.cause == sentence


def test_by_default_every_later_convention_is_compared_with_every_earlier_one() -> None:
    pairs = [(pair.a.name, pair.b.name) for pair in compare(X).pairs]
    assert pairs == [
        ("caffe", "tf"),
        ("wolfram", "tf"),
        ("neupy", "tf"),
        ("wolfram", "caffe"),
        ("neupy", "caffe"),
        ("neupy", "wolfram"),
    ]
    assert [(pair.a.name, pair.b.name) for pair in compare(X, reference=True).pairs] == pairs[:3]


def test_one_layout_serves_all_conventions_the_first_ones_own() -> None:
    found = compare(X, conventions=["tf", "caffe:norm_region=WITHIN_CHANNEL"])
    assert found.layout == "NHWC"
    assert compare(X, conventions=["caffe", "tf"]).layout == "NCHW"
    assert compare(X, conventions=["tf", "caffe"], axis=1).layout == "NCHW"


def test_the_same_numbers_typed_into_all_go_under_each_ones_own_names() -> None:
    found = compare(X, typed="window=3,alpha=1e-4,beta=0.75,bias=2", axis=1)
    assert [str(side.bound) for side in found.sides] == [
        "tf depth_radius=3 bias=2 alpha=0.0001 beta=0.75",
        "caffe local_size=3 alpha=0.0001 beta=0.75 k=2 norm_region=ACROSS_CHANNELS",
        "wolfram Alpha=0.0001 Beta=0.75 Bias=2 ChannelWindowSize=3",
        "neupy alpha=0.0001 beta=0.75 k=2 depth_radius=3",
    ]
    (pair,) = compare(X, conventions=["pytorch", "onnx"], typed={"window": 3}).pairs
    assert pair.verdict.value == "equal"


def test_a_convention_that_refuses_its_numbers_is_a_row_that_says_so() -> None:
    x = X[:, :3]
    found = compare(x, typed="window=5", layout="NCHW")
    rows = {(pair.a.name, pair.b.name): pair for pair in found.pairs}
    refused = rows["wolfram", "tf"]
    assert (refused.verdict.value, refused.difference, found.equal) == ("refused", None, False)
    assert "ChannelWindowSize 5 makes a window of 11 channels and the tensor has 3" in refused.cause
    assert rows["neupy", "tf"].difference is not None
    (even,) = compare(x, conventions=["tf", "caffe"], typed="window=4", layout="NCHW").pairs
    assert even.cause == "caffe: local_size is 4, it must be 1 or more and odd"


# (arguments, what the error says)
REFUSED: list[tuple[dict[str, object], str]] = [
    ({"conventions": ["tf"]}, "tf alone has nothing to be compared with"),
    ({"conventions": ["tf", "pytorch"]}, "pytorch: size .* is required"),
    ({"conventions": ["tf", "caffe:local_size=4"]}, "local_size is 4, it must be 1 or more and odd"),
    ({"typed": "width=5"}, "width is none of window, alpha, beta, bias"),
    ({"typed": "window=five"}, "window is 'five', it must be an integer"),
    ({"typed": "window"}, "'window' is not name=value"),
    ({"conventions": ["tf:alpha=1", "caffe"], "typed": "alpha=2"}, "alpha is given twice"),
    ({"layout": "NHWC", "axis": 1}, "both say where the channels are"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_what_cannot_be_meant_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(LrnError, match=message):
        compare(X, **arguments)  # type: ignore[arg-type]


def test_the_answer_as_data_is_json_without_nan_or_infinity() -> None:
    y = X.copy()
    y[0, 0, 0, :3] = np.nan, np.inf, 0
    for found in (compare(X, y), compare(X, y, conventions="caffe"), compare(X[:, :3], typed="window=5", axis=1)):
        data = json.loads(json.dumps(found.as_data(), allow_nan=False))
        assert data["equal"] is False
        assert data["rule"] == "|a-b| <= atol + rtol*|b|"
    pair = compare(X, y).as_data()["pairs"][0]
    assert (pair["nan_mismatches"], pair["infinity_mismatches"], pair["rtol_needed"]) == (1, 1, None)
    assert pair["largest"]["index"] == [0, 0, 0, 2]
