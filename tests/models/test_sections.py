"""cuda-convnet's pairs of files, and Darknet's configurations, which are shown and not applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrn_cli.errors import LrnError
from lrn_cli.models.model import Layer, Model
from lrn_cli.models.registry import read_model
from tests.models.reading import only, read

LAYERS = """# layers
[data]
type=data
dataIdx=0

[rnorm1]
type={kind}
inputs=data
channels=64
size={size}

[cnorm2a]
type=cnorm
inputs=rnorm1
size=5
"""
PARAMETERS = "[conv1]\nepsW=dexp[base=0.01;tgtFactor=250]\n[rnorm1]\nscale=0.0005\npow=.75\n"


def pair(
    folder: Path, kind: str = "cmrnorm", size: int = 5, more: str = "", names: str = "layers-x.cfg layer-params-x.cfg"
) -> Model:
    """The model of both files, called so."""
    layers, parameters = (folder / name for name in names.split())
    layers.write_text(LAYERS.format(kind=kind, size=size))
    parameters.write_text(PARAMETERS + more)
    return read_model(layers)


# (kind, size, more parameters), (window, scale, bias): layer.py:1331, conv_util.cu of cuda-convnet2
COMPUTED = [
    (("cmrnorm", 5, ""), ({"C": [2, 2]}, 1e-4, 1)),
    (("cmrnorm", 5, "minDiv=2\n"), ({"C": [2, 2]}, 1e-4, 2)),
    (("cmrnorm", 4, ""), ({"C": [2, 1]}, 1.25e-4, 1)),
    (("rnorm", 5, ""), ({"H": [2, 2], "W": [2, 2]}, 2e-5, 1)),
    (("rnorm", 5, "minDiv=2"), ({"H": [2, 2], "W": [2, 2]}, 2e-5, 2)),
]


@pytest.mark.parametrize(("written", "computed"), COMPUTED)
def test_scale_is_divided_by_the_window_and_mindiv_is_the_bias(
    written: tuple[str, int, str], computed: tuple[dict[str, list[int]], float, float], tmp_path: Path
) -> None:
    (layer,) = pair(tmp_path, *written).layers
    norm = layer.canonical
    assert (layer.name, layer.op) == ("rnorm1", written[0])
    assert norm is not None
    window, scale, bias = computed
    assert (norm.as_data()["window"], norm.bias) == (window, bias)
    assert norm.scale == pytest.approx(scale)


@pytest.mark.parametrize("number", ["1" * 400, "1_0", "nan", "five", "-3"])
def test_a_size_that_is_none_is_said(number: str) -> None:
    layer = only(f"[n]\ntype=rnorm\ninputs=x\nsize={number}\nscale=1\npow=1\n".encode())
    assert (layer.bound, layer.canonical) == (None, None)
    assert "size is" in layer.reason


@pytest.mark.parametrize("names", ["a.cfg b.cfg", "v1_layers.cfg v1_layer-params.cfg"])
def test_the_parameters_are_found_by_their_name_or_by_what_is_in_them(names: str, tmp_path: Path) -> None:
    (layer,) = pair(tmp_path, names=names).layers
    assert layer.canonical is not None


def test_two_files_that_could_be_the_parameters_are_neither(tmp_path: Path) -> None:
    (tmp_path / "other.cfg").write_text(PARAMETERS.replace("0.0005", "1"))
    (layer,) = pair(tmp_path, names="a.cfg b.cfg").layers
    assert layer.bound is None
    assert "scale is in" in layer.reason


def test_layers_whose_parameters_are_not_there_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "layers-y.cfg").write_text(LAYERS.format(kind="rnorm", size=3))
    (layer,) = read_model(tmp_path / "layers-y.cfg").layers
    assert layer.reason == "scale is in layer-params-y.cfg, which is not there"


def test_the_oldest_files_have_all_in_one() -> None:
    layer = only(b"[n]\ntype=cmrnorm\ninputs=x\nsizeX=5\nscale=0.0005\npow=0.75\n")
    assert layer.canonical is not None
    assert layer.canonical.scale == pytest.approx(1e-4)


def test_the_file_of_parameters_says_that_the_layers_are_elsewhere() -> None:
    found = read(PARAMETERS.encode())
    assert found.layers == ()
    assert "layers*.cfg" in found.remark


def darknet(section: str) -> Layer:
    return only(f"# c\n\n[net]\nbatch=1\n\n[convolutional]\nfilters=16\n\n{section}\n[softmax]\n".encode())


@pytest.mark.parametrize("heading", ["[normalization]", "[lrn]"])
def test_a_layer_of_darknet_is_shown_with_its_defaults_and_the_reason_why_it_is_not_applied(heading: str) -> None:
    layer = darknet(f"{heading}\nkappa=2 # bias\n")
    # parser.c, parse_normalization
    assert layer.filled == {"alpha": 0.0001, "beta": 0.75, "kappa": 2, "size": 5}
    assert (layer.op, layer.place, layer.canonical) == (heading, "section 2", None)
    assert "kernel" in layer.reason


@pytest.mark.parametrize("line", ["what", "filters 16", "[unclosed"])
def test_a_line_that_is_none_is_damage(line: str) -> None:
    with pytest.raises(LrnError, match="damaged"):
        darknet(f"[lrn]\n{line}\n")
