"""OpenVINO: axes that lie in a .bin, the older Norm, and XML of strangers."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from lrn_cli.errors import LrnError
from lrn_cli.models.model import Layer
from lrn_cli.models.registry import read_model
from tests.models.reading import only, read

DATA = 'alpha="0.0001" beta="0.75" bias="1" size="5"'
PORTS = "<port id='0'>{dims}</port><port id='1'><dim>1</dim></port>"


def net(data: str = DATA, axes: str = 'shape="1" offset="0" size="8"', *, rank: int = 4, body: str = "{}") -> str:
    """A net as OpenVINO writes it, its layers perhaps in the body of another."""
    dims = "<dim>8</dim>" * rank
    layers = f"""<layers>
        <layer id="1" name="c" type="Const"><data element_type="i64" {axes}/></layer>
        <layer id="2" name="n" type="LRN" version="opset1"><data {data}/>
        <input>{PORTS.format(dims=dims)}</input></layer>
      </layers><edges><edge from-layer="1" from-port="0" to-layer="2" to-port="1"/></edges>"""
    return f'<?xml version="1.0"?><net name="x" version="11">{body.format(layers)}</net>'


def read_pair(folder: Path, text: str, *axes: int, code: str = "q") -> Layer:
    """The one layer of a net with a .bin in which these axes lie."""
    (folder / "net.xml").write_text(text)
    (folder / "net.bin").write_bytes(struct.pack(f"<{len(axes)}{code}", *axes))
    (layer,) = read_model(folder / "net.xml").layers
    return layer


TWO = 'shape="2" offset="0" size="16"'

# (axes, how they are written, window, scale): size 5, alpha 1e-4; reference/lrn.hpp
AXES = [
    ((1,), 'shape="1" offset="0" size="8"', {"C": [2, 2]}, 2e-5),
    ((-3,), 'shape="1" offset="0" size="8"', {"C": [2, 2]}, 2e-5),
    ((2, 3), TWO, {"H": [2, 2], "W": [2, 2]}, 4e-6),
    ((3, 2), TWO, {"H": [2, 2], "W": [2, 2]}, 4e-6),
    ((3,), 'shape="1" offset="0" size="8"', {"W": [2, 2]}, 2e-5),
    ((1, 2, 3), 'shape="3" offset="0" size="24"', {"C": [2, 2], "H": [2, 2], "W": [2, 2]}, 8e-7),
]


@pytest.mark.parametrize(("axes", "written", "window", "scale"), AXES)
def test_axes_are_read_from_the_file_beside_it(
    axes: tuple[int, ...], written: str, window: dict[str, list[int]], scale: float, tmp_path: Path
) -> None:
    norm = read_pair(tmp_path, net(axes=written), *axes).canonical
    assert norm is not None
    assert norm.as_data()["window"] == window
    assert norm.scale == pytest.approx(scale, rel=1e-12)


def test_an_even_size_reaches_as_far_to_both_sides_and_is_divided_by_all_the_same(tmp_path: Path) -> None:
    norm = read_pair(tmp_path, net(DATA.replace('"5"', '"4"')), 1).canonical
    assert norm is not None
    assert (norm.as_data()["window"], norm.scale) == ({"C": [1, 1]}, 2.5e-5)


def test_without_the_file_the_number_of_axes_is_told_and_that_it_is_a_guess() -> None:
    layer = only(net().encode())
    assert layer.canonical is not None
    assert list(layer.canonical.window) == ["C"]
    assert "which is not there" in layer.notes[0]


@pytest.mark.parametrize("body", ["<layers><layer id='7' type='Loop'><body>{}</body></layer></layers>"])
def test_layers_in_bodies_have_ids_of_their_own(body: str, tmp_path: Path) -> None:
    layer = read_pair(tmp_path, net(body=body), 1)
    assert layer.canonical is not None


# (how the axes are written, what lies in the .bin, what is said)
FLAWS = [
    ('shape="1" offset="8" size="8"', (1,), "8 bytes are announced at byte 8"),
    ('shape="1" offset="0" size="80"', (1,), "80 bytes"),
    ('shape="99" offset="0" size="792"', (1,), "its axes are 99 numbers"),
    ('shape="1" offset="-8" size="8"', (1,), "-8"),
    ('shape="1" offset="0" size="8"', (7,), "its axes are"),
    (TWO, (1, 1), "its axes are"),
]


@pytest.mark.parametrize(("written", "axes", "said"), FLAWS)
def test_axes_that_are_none_are_said(written: str, axes: tuple[int, ...], said: str, tmp_path: Path) -> None:
    layer = read_pair(tmp_path, net(axes=written), *axes)
    assert layer.bound is None
    assert said in layer.reason


@pytest.mark.parametrize(
    "data", ['alpha="1" beta="1" bias="1"', DATA.replace("0.75", "x"), DATA.replace("0.75", "inf")]
)
def test_numbers_that_are_missing_or_none_are_said(data: str) -> None:
    layer = only(net(data).encode())
    assert (layer.bound, layer.canonical) == (None, None)
    assert layer.reason


# (data, window, scale, bias)
NORMS = [
    ('<data alpha="9.9999997e-05" beta="0.75" local-size="5" region="across"/>', ["C"], 9.9999997e-05 / 5, 1),
    ('<norm_data alpha="0.0001" beta="0.75" local-size="5" region="same" k="1"/>', ["H", "W"], 4e-6, 1),
    ('<data alpha="0.0005" beta="0.75" local-size="5" region="across" k="2"/>', ["C"], 1e-4, 2),
]


@pytest.mark.parametrize(("data", "window", "scale", "bias"), NORMS)
def test_norm_of_the_older_versions_says_its_region(data: str, window: list[str], scale: float, bias: float) -> None:
    port = "<port id='0'><dim>1</dim><dim>8</dim><dim>8</dim><dim>8</dim></port>"
    layer = f'<layer id="1" name="n" type="Norm">{data}<input>{port}</input></layer>'
    norm = only(f'<net name="m" version="6"><layers>{layer}</layers></net>'.encode()).canonical
    assert norm is not None
    assert (list(norm.window), norm.bias) == (window, bias)
    assert norm.scale == pytest.approx(scale, rel=1e-9)


# (text, what is said)
HOSTILE = [
    ('<!DOCTYPE net [<!ENTITY a "b">]><net name="&a;"><layers></layers></net>', "DOCTYPE"),
    ('<?xml version="1.0"?><!DOCTYPE net SYSTEM "file:///etc/hostname"><net></net>', "DOCTYPE"),
    ("<net>" + "<a>" * 100, "more than 64 deep"),
    (net()[:-6], "no element found"),
    ("<net>\0</net>", "its XML"),
]


@pytest.mark.parametrize(("text", "said"), HOSTILE)
def test_xml_that_no_model_has_is_refused(text: str, said: str) -> None:
    with pytest.raises(LrnError, match=said):
        read(text.encode())
