"""What every convention declares, and what its framework's numbers become in canonical form."""

from __future__ import annotations

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
]


@pytest.mark.parametrize(("word", "span"), WINDOWS)
def test_a_window_reaches_to_the_frameworks_own_sides(word: str, span: tuple[int, int]) -> None:
    assert bound(word).norm.window["C"] == span


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
    for word in (convention.name, *convention.aliases):
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
    ("caffe:depth_radius=2", ["no depth_radius", "local_size", "is local_size 5"], "--local-size 5"),
    ("tf:local_size=5", ["no local_size", "depth_radius", "is depth_radius 2"], "--depth-radius 2"),
    ("tf:k=2", ["no k", "bias", "is bias 2"], "--bias 2"),
    ("caffe:bias=2", ["no bias", "is k 2"], "--k 2"),
    ("neupy:n=5", ["no n", "would be depth_radius 2", "odd"], "--depth-radius 3"),
    ("tf:norm_region=WITHIN_CHANNEL", ["no norm_region", "caffe"], "-c caffe"),
    ("tf:colour=red", ["no parameter colour", "depth_radius"], "lrn explain tf"),
    ("tf:alpha", ["'alpha' is not name=value"], "lrn explain tf"),
    ("tf:alpha=1,ALPHA=2", ["ALPHA is given twice"], "once"),
    ("cafe", ["unknown convention 'cafe'"], "-c caffe"),
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
