"""What the package offers in Python: a few functions, found without importing NumPy before they are used."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lrn_cli
from lrn_cli.conventions.registry import conventions
from tests.models.onnx_bytes import model, node


def test_every_promised_name_is_there() -> None:
    assert all(getattr(lrn_cli, name) is not None for name in lrn_cli.__all__)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'normalise'"):
        lrn_cli.normalise  # noqa: B018


def test_importing_the_package_imports_no_numpy() -> None:
    code = "import sys; from lrn_cli import api; api.conventions(); print({'numpy', 'h5py', 'PIL'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_conventions_are_declared_as_data_with_sources_and_traps() -> None:
    declared = lrn_cli.api.conventions()
    assert [one["convention"] for one in declared] == [convention.name for convention in conventions()]
    for one in declared:
        assert one["sources"]
        assert all(trap["text"] and trap["source"] for trap in one["traps"])
    assert json.loads(json.dumps(declared)) == declared


def test_an_explanation_is_plain_data() -> None:
    explained = lrn_cli.explain("caffe", local_size=3, alpha=0.3)
    assert (explained["window"], explained["scale"]) == ({"C": [1, 1]}, 0.1)
    assert json.loads(json.dumps(explained)) == explained
    assert [one["convention"] for one in lrn_cli.explain()] == [convention.name for convention in conventions()]


def test_the_layers_of_a_model_are_plain_data(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(model(node("LRN", "x", "y", name="norm1", size=5)))
    found = lrn_cli.layers(path)
    assert [layer["convention"] for layer in found["layers"]] == ["onnx:size=5,alpha=0.0001,beta=0.75,bias=1"]
    assert lrn_cli.translate(f"{path}::norm1", to="tf")["word"] == "tf:depth_radius=2,bias=1,alpha=2e-05,beta=0.75"
    x = np.ones((1, 8, 2, 2))
    assert np.array_equal(lrn_cli.normalize(x, f"{path}::norm1"), lrn_cli.normalize(x, "onnx", size=5))
