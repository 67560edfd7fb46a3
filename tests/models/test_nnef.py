"""NNEF: a size for each axis, in graphs and fragments, in a file or its folder."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from lrn_cli.errors import LrnError
from lrn_cli.models.content import Content
from lrn_cli.models.registry import read_content, read_model
from tests.models.reading import only, read

GRAPH = "version 1.0;\n\ngraph net(x) -> (y)\n{{\n    x = external(shape = [1,16,8,8]);\n    y = {};\n}}\n"


def graph(arguments: str) -> bytes:
    return GRAPH.format(f"local_response_normalization({arguments})").encode()


# (arguments, window, scale, bias): nnef 1.0.10 computes the same, an even size reaching one further after
CALLS = [
    ("x, size = [1,5,1,1], alpha = 0.0001, beta = 0.75, bias = 2.0", {"C": [2, 2]}, 2e-5, 2),
    ("x, [1,5,1,1], 0.0001, 0.75, 2.0", {"C": [2, 2]}, 2e-5, 2),
    ("x, size = [1,3,1,1]", {"C": [1, 1]}, 1 / 3, 1),
    ("x, size = [1,4,1,1]", {"C": [1, 2]}, 1 / 4, 1),
    ("x, size = [1,1,3,3], alpha = 9.0e-5", {"H": [1, 1], "W": [1, 1]}, 1e-5, 1),
    ("x, size = [1,3,1,5], alpha = 1.5", {"C": [1, 1], "W": [2, 2]}, 0.1, 1),
]


@pytest.mark.parametrize(("arguments", "window", "scale", "bias"), CALLS)
def test_a_call_is_read(arguments: str, window: dict[str, list[int]], scale: float, bias: float) -> None:
    layer = only(graph(arguments))
    assert layer.name == "y"
    norm = layer.canonical
    assert norm is not None
    assert norm.as_data()["window"] == window
    assert norm.bias == bias
    assert norm.scale == pytest.approx(scale)


def test_calls_in_fragments_say_so_and_comments_are_none() -> None:
    text = """version 1.0;
    # local_response_normalization(x, size = [1,9,1,1])
    fragment block(x: tensor<scalar>) -> (y: tensor<scalar>)
    { y = local_response_normalization(x, size = [1,5,1,1]); }
    graph net(x) -> (y) { x = external(shape = [1,4,8,8]); y = block(x); }
    """
    assert only(text.encode()).place == "fragment block"


@pytest.mark.parametrize(
    "arguments",
    ["x", "x, size = 5", "x, size = n", "x, size = [0,1]", "x, size = [1,5,1,1], sigma = 1", "x, size = [], size = []"],
)
def test_a_call_whose_arguments_are_none_is_shown_with_the_reason(arguments: str) -> None:
    layer = only(graph(arguments))
    assert (layer.bound, layer.canonical) == (None, None)
    assert layer.reason


@pytest.mark.parametrize("text", [graph("x, size = [1,5").replace(b")", b""), graph("x, size = [1,5,1,1]")[:-3]])
def test_a_graph_that_is_cut_gives_no_layers(text: bytes) -> None:
    with pytest.raises(LrnError, match="damaged"):
        read(text)


def test_the_folder_of_a_graph_stands_for_it(tmp_path: Path) -> None:
    (tmp_path / "graph.nnef").write_bytes(graph("x, size = [1,5,1,1]"))
    assert len(read_model(tmp_path).layers) == 1


def archive(mode: str, *members: tuple[str, bytes]) -> bytes:
    """A tar archive as Python's own library writes it."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as tar:  # type: ignore[call-overload]  # of a mode that it takes
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


FOUND = graph("x, size = [1,5,1,1]")


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize("name", ["graph.nnef", "./graph.nnef", "model/graph.nnef"])
def test_a_graph_is_found_in_an_archive_behind_its_weights(mode: str, name: str) -> None:
    data = archive(mode, ("conv1.dat", bytes(300_000)), (name, FOUND))
    assert only(data).name == "y"


OTHERS = [
    archive("w", ("other.txt", b"x")),
    archive("w:gz", ("other.txt", b"x")),
    archive("w", ("graph.nnef", FOUND))[:600],
    archive("w:gz", ("graph.nnef", FOUND))[:-60],
    archive("w", ("graph.nnef", FOUND)).replace(b"%011o" % len(FOUND), b"99999999999"),
    archive("w", ("graph.nnef", FOUND)).replace(b"%011o" % len(FOUND), b"77777777777"),
]


@pytest.mark.parametrize("data", OTHERS)
def test_an_archive_that_is_damaged_or_of_something_else_is_no_model(data: bytes) -> None:
    assert read_content(Content.of_bytes(Path("x.tgz"), data)) is None
