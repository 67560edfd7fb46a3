"""ncnn's binary nets: numbers by keys, arrays passed over, and counts that are more than there is."""

from __future__ import annotations

import struct

import pytest

from lrn_cli.errors import LrnError
from tests.models.reading import only, read

MAGIC, LRN, END = 7767517, 18, -233


def bits(number: float) -> int:
    """A float as the int of the same bits."""
    return int(struct.unpack("<i", struct.pack("<f", number))[0])


def net(*parameters: int, kind: int = LRN) -> bytes:
    """An Input with an array, and a layer of that kind."""
    first = (16, 0, 1, 0, -23330, 4, 3, 55, 55, 96, END)
    numbers = (MAGIC, 2, 2, *first, kind, 1, 1, 0, 1, *parameters, END)
    return struct.pack(f"<{len(numbers)}i", *numbers)


def test_the_parameters_are_found_by_their_keys_and_the_rest_are_ncnns_defaults() -> None:
    layer = only(net(1, 3, 2, bits(5e-5)))
    assert layer.written == {"1": 3, "2": 5e-5}
    # src/layer/lrn.cpp, LRN::load_param
    assert layer.filled == {"region_type": 0, "local_size": 3, "alpha": 5e-5, "beta": 0.75, "bias": 1}
    assert layer.defaults == ("region_type", "beta", "bias")


# (parameters, window, scale, bias), of ncnn 1.0.20261020, run
COMPUTED = [
    ((1, 5, 2, bits(1e-4)), {"C": (2, 2)}, 2e-5, 1),
    ((1, 4, 2, bits(1e-3)), {"C": (2, 1)}, 2.5e-4, 1),
    ((0, 1, 1, 3, 2, bits(9e-5), 4, bits(2)), {"H": (1, 1), "W": (1, 1)}, 1e-5, 2),
]


@pytest.mark.parametrize(("parameters", "window", "scale", "bias"), COMPUTED)
def test_what_it_computes_is_known(
    parameters: tuple[int, ...], window: dict[str, tuple[int, int]], scale: float, bias: float
) -> None:
    norm = only(net(*parameters)).canonical
    assert norm is not None
    assert norm.as_data()["window"] == {axis: list(reach) for axis, reach in window.items()}
    assert norm.scale == pytest.approx(scale, rel=1e-6)
    assert norm.bias == bias


def test_a_net_without_the_layer_has_none() -> None:
    assert read(net(kind=6)).layers == ()


@pytest.mark.parametrize("number", [3, 7])
def test_a_count_that_is_more_than_there_is_is_damage(number: int) -> None:
    data = bytearray(net())
    data[4 * number + 4 : 4 * number + 8] = struct.pack("<i", 2**31 - 1)
    with pytest.raises(LrnError, match="are announced at byte"):
        read(bytes(data))


def test_a_cut_net_gives_no_layers() -> None:
    with pytest.raises(LrnError, match="damaged"):
        read(net()[:-4])
