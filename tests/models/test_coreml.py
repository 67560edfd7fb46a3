"""Core ML: layers of networks, operations of programs with their constants, packages that stay inside themselves."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path

import pytest

from lrn_cli.errors import LrnError
from lrn_cli.formula import ResponseNorm, Span
from lrn_cli.models.registry import read_model
from tests.models.proto_bytes import inner, integer, real, varint
from tests.models.reading import only, read

PARAMETERS = inner(180, real(1, 5e-4), real(2, 0.75), integer(3, 5), real(4, 2))
NETWORK = inner(1, inner(1, "conv"), inner(2, "x"), inner(140, bytes(3000))) + inner(
    1, inner(1, "norm1"), inner(2, "x"), inner(3, "y"), PARAMETERS
)
HEAD = integer(1, 4) + inner(2, inner(10, ""))
MODEL = HEAD + inner(500, NETWORK)
NORM = ResponseNorm({"C": Span(2, 2)}, scale=1e-4, bias=2.0, beta=0.75)


def value(number: int, data: bytes) -> bytes:
    """A Value: a tensor of the type that the number is of, immediate."""
    return inner(2, inner(3, inner(1, inner(number, data))))


def constant(name: str, number: int, data: bytes) -> bytes:
    """An operation that is a constant."""
    return inner(3, inner(1, "const"), inner(3, inner(1, name)), inner(5, inner(1, "val"), value(number, data)))


def operation(**arguments: str) -> bytes:
    """An operation that normalizes."""
    inputs = [
        inner(2, inner(1, key), inner(2, inner(1, inner(1, name)))) for key, name in {"x": "input", **arguments}.items()
    ]
    name = inner(5, inner(1, "name"), value(4, inner(1, "norm1")))
    return inner(3, inner(1, "local_response_norm"), *inputs, inner(3, inner(1, "y")), name)


def program(*operations: bytes) -> bytes:
    """A Model with a program of one block."""
    block = inner(3, inner(1, "CoreML5"), inner(2, *operations))
    return integer(1, 6) + inner(502, integer(1, 1), inner(2, inner(1, "main"), inner(2, block)))


@pytest.mark.parametrize("kind", [303, 403, 500])
def test_the_layers_of_each_kind_of_network_are_read(kind: int) -> None:
    layer = only(HEAD + inner(kind, NETWORK))
    assert (layer.name, layer.output, layer.bound and layer.bound.norm) == ("norm1", "y", NORM)


def test_those_of_the_models_of_a_pipeline_too() -> None:
    for nested in (inner(202, inner(1, MODEL)), inner(200, inner(1, inner(1, MODEL)))):
        assert only(HEAD + nested).place == "model 0 of the pipeline"


@pytest.mark.parametrize("k", [b"", real(4, 0)])
def test_a_k_of_0_or_none_means_1(k: bytes) -> None:
    # NeuralNetwork.proto, LRNLayerParams
    layer = only(HEAD + inner(500, inner(1, inner(1, "n"), inner(180, real(1, 1), real(2, 0.5), integer(3, 3), k))))
    assert layer.given is not None
    assert layer.given["k"] == 1


def test_a_program_has_its_parameters_in_constants_and_the_rest_are_defaults() -> None:
    size, alpha = constant("s", 2, inner(1, varint(3))), constant("a", 1, inner(1, struct.pack("<f", 0.5)))
    layer = only(program(size, alpha, operation(size="s", alpha="a")))
    assert (layer.name, layer.written) == ("norm1", {"size": 3, "alpha": 0.5})
    # coremltools, mil/ops/defs/iOS15/normalization.py
    assert layer.given == {"size": 3, "alpha": 0.5, "beta": 0.75, "k": 1.0}


def test_a_half_float_is_its_shortest_decimal() -> None:
    half = constant("a", 7, inner(1, struct.pack("<e", 1e-4)))
    layer = only(program(constant("s", 2, inner(1, varint(3))), half, operation(size="s", alpha="a")))
    assert layer.written["alpha"] == 1e-4


def test_what_is_no_constant_is_told() -> None:
    layer = only(program(operation(size="computed")))
    assert layer.reason == "size is computed, which is no constant"


def package(folder: Path, path: str) -> Path:
    """A package whose manifest names that path."""
    made = folder / "net.mlpackage"
    (made / "Data" / "com.apple.CoreML").mkdir(parents=True)
    (made / "Data" / "com.apple.CoreML" / "model.mlmodel").write_bytes(MODEL)
    entry = {"author": "com.apple.CoreML", "path": path}
    manifest = {"fileFormatVersion": "1.0.0", "rootModelIdentifier": "r", "itemInfoEntries": {"r": entry}}
    (made / "Manifest.json").write_text(json.dumps(manifest))
    return made


def test_a_package_is_read_as_a_folder_and_as_an_archive(tmp_path: Path) -> None:
    made = package(tmp_path, "com.apple.CoreML/model.mlmodel")
    packed = tmp_path / "net.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in made.rglob("*"):
            archive.write(file, file.relative_to(tmp_path))
    for path in (made, packed):
        assert [layer.name for layer in read_model(path).layers] == ["norm1"]


@pytest.mark.parametrize("path", ["../../outside.mlmodel", "/etc/hostname", "a/../../../outside.mlmodel"])
def test_a_package_that_leaves_itself_is_refused(path: str, tmp_path: Path) -> None:
    (tmp_path / "outside.mlmodel").write_bytes(MODEL)
    with pytest.raises(LrnError, match="outside of the package"):
        read_model(package(tmp_path, path))


def test_a_link_out_of_a_package_is_refused(tmp_path: Path) -> None:
    made = package(tmp_path, "linked.mlmodel")
    (tmp_path / "outside.mlmodel").write_bytes(MODEL)
    (made / "Data" / "linked.mlmodel").symlink_to(tmp_path / "outside.mlmodel")
    with pytest.raises(LrnError, match="outside of the package"):
        read_model(made)


def test_an_even_size_is_listed_and_no_other_convention_taken_for_it() -> None:
    layer = only(HEAD + inner(500, inner(1, inner(1, "n"), inner(180, real(1, 1), real(2, 0.5), integer(3, 4)))))
    assert all(name == "coreml" for name, _ in layer.words)
    assert read(MODEL).form.name == "coreml"
