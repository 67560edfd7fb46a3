"""A layer is called by its name, else its output's, else its index; what several have is no address."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lrn_cli.conventions.binding import Asked
from lrn_cli.errors import LrnError
from lrn_cli.models.addresses import address, select
from lrn_cli.models.registry import read_model
from lrn_cli.models.words import ask, bound, find_model, split
from tests.models.onnx_bytes import model, node
from tests.models.reading import read

TWICE = model(
    node("LRN", "x", "a", size=5),
    node("LRN", "a", "b", name="norm", size=5, bias=2.0),
    node("LRN", "b", "c", name="norm", size=7),
    node("LRN", "c", "d", name="ns::norm", size=9),
    node("LRN", "d", "", name="#1", size=11),
)
SAME = model(node("LRN", "x", "a", name="n", size=5), node("LRN", "a", "b", name="n", size=5))


def test_each_layer_has_an_address_that_selects_it() -> None:
    found = read(TWICE)
    addresses = [address(found, layer) for layer in found.layers]
    assert addresses == ["a", "#1", "#2", "ns::norm", "#4"]
    assert [select(found, one).index for one in addresses] == [0, 1, 2, 3, 4]


def test_an_output_is_an_address_as_well() -> None:
    assert select(read(TWICE), "c").index == 2


def test_layers_of_one_name_that_are_the_same_are_one() -> None:
    found = read(SAME)
    assert [address(found, layer) for layer in found.layers] == ["n", "n"]
    assert select(found, "n").index == select(found, "").index == 0


# (address, what the error says, the hint)
REFUSED = [
    ("norm", "2 LRN layers are called 'norm': #1, #2", "-c 'x.bin::#1'"),
    ("", "5 LRN layers that differ: a, #1, #2, ns::norm, #4", "-c x.bin::a"),
    ("nrom", "has no LRN layer 'nrom'", "-c x.bin::"),
    ("#9", "has no LRN layer '#9'", "-c"),
]


@pytest.mark.parametrize(("wanted", "said", "hint"), REFUSED)
def test_what_is_no_address_is_refused_with_those_there_are(wanted: str, said: str, hint: str) -> None:
    with pytest.raises(LrnError) as refused:
        select(read(TWICE), wanted)
    assert said in refused.value.message
    assert refused.value.hint.startswith(hint)


def test_a_model_and_its_layer_stand_where_a_convention_does(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(TWICE)
    assert bound(f"{path}::#1").word == "onnx:size=5,alpha=0.0001,beta=0.75,bias=2"
    assert bound(f"{path}::ns::norm").norm.window["C"].width == 9
    assert ask(f"{path}::a").word == f"{path}::a"
    with pytest.raises(LrnError, match="layers that differ"):
        bound(str(path))


def test_a_parameter_beside_a_layer_is_added_unless_the_file_has_it(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(SAME)
    assert bound(str(path), {"bias": 3}).norm.bias == 3
    with pytest.raises(LrnError, match="size is given twice"):
        bound(str(path), {"size": 3})


def test_the_name_of_a_convention_is_never_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("caffe").write_bytes(SAME)
    assert bound("caffe").convention.name == "caffe"
    assert find_model("caffe") is None
    assert find_model("./caffe") == read_model(Path("caffe"))


def test_the_path_is_the_shortest_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a::b").write_bytes(SAME)
    assert split("a::b::n") == ("a::b", "n")
    assert split("no.onnx::n") == ("no.onnx", "n")


@pytest.mark.parametrize("word", ["no.onnx::norm1", "no.prototxt", "x/y::n", "x/no", "no.pt"])
def test_a_file_that_is_missing_is_said_to_be(word: str) -> None:
    with pytest.raises(LrnError, match="no such file"):
        ask(word)


def test_what_was_asked_already_stays() -> None:
    assert isinstance(ask(ask("tf")), Asked)


def test_a_layer_without_a_convention_says_why(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(model(node("LRN", name="n", size=5.5)))
    with pytest.raises(LrnError, match=r"n: is no convention with numbers: size is 5\.5"):
        ask(f"{path}::n")


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LrnError, match="is no regular file"):
        read_model(tmp_path / "pipe")


def test_a_folder_without_a_model_and_an_empty_file_are_told(tmp_path: Path) -> None:
    (tmp_path / "empty.onnx").write_bytes(b"")
    with pytest.raises(LrnError, match=r"the file is empty \(0 bytes\)"):
        read_model(tmp_path / "empty.onnx")
    with pytest.raises(LrnError, match="is a folder without a model"):
        read_model(tmp_path)
