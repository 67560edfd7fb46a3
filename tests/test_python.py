"""What the package offers in Python: a few functions, found without importing NumPy before they are used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import lrn_cli
from lrn_cli.conventions.registry import conventions


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
