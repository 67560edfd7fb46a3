"""ncnn's nets in lines: keys and values, arrays passed over, and counts that must be true."""

from __future__ import annotations

import pytest

from lrn_cli.errors import LrnError
from tests.models.reading import only, read

NET = """7767517
3 3
Input data 0 1 data -23330=4,3,8,8,16 0=8
LRN norm1 1 1 data blob {}
Softmax prob 1 1 blob prob 3=2.0,3.0
"""


def net(parameters: str) -> bytes:
    return NET.format(parameters).encode()


# (parameters, window, scale, bias): ncnn 1.0.20261020, run
LAYERS = [
    ("", {"C": (2, 2)}, 0.2, 1),
    ("-23330=4,3,8,8,16 2=1.000000e-04", {"C": (2, 2)}, 2e-5, 1),
    ("0=1 1=3 2=9e-05 4=2.0", {"H": (1, 1), "W": (1, 1)}, 1e-5, 2),
    ("1=4 2=1e-3", {"C": (2, 1)}, 2.5e-4, 1),
]


@pytest.mark.parametrize(("parameters", "window", "scale", "bias"), LAYERS)
def test_a_layer_is_read_with_ncnns_defaults(
    parameters: str, window: dict[str, tuple[int, int]], scale: float, bias: float
) -> None:
    layer = only(net(parameters))
    assert (layer.name, layer.output) == ("norm1", "blob")
    norm = layer.canonical
    assert norm is not None
    assert norm.as_data()["window"] == {axis: list(reach) for axis, reach in window.items()}
    assert norm.bias == bias
    assert norm.scale == pytest.approx(scale, rel=1e-12)


@pytest.mark.parametrize("parameters", ["1=five", "1=5.0", "1=3 1=5", "2=inf", "2=nan", "1=0", "0=2"])
def test_a_layer_whose_numbers_are_none_is_shown_with_the_reason(parameters: str) -> None:
    layer = only(net(parameters))
    assert layer.bound is None
    assert layer.canonical is None
    assert layer.reason


# (what is changed, into what)
DAMAGE = [
    ("3 3", "4 3"),
    ("3 3", "2 3"),
    ("3 3", "many"),
    ("LRN norm1 1 1", "LRN norm1 1 one"),
    ("LRN norm1 1 1", "LRN norm1 1 9"),
    ("Softmax prob 1 1 blob prob 3=2.0,3.0\n", ""),
    ("LRN norm1 1 1 data blob", "LRN norm1 1 1 data blob 2"),
]


@pytest.mark.parametrize(("before", "after"), DAMAGE)
def test_a_net_that_is_not_what_it_announces_gives_no_layers(before: str, after: str) -> None:
    with pytest.raises(LrnError, match="damaged"):
        read(NET.format("").replace(before, after).encode())
