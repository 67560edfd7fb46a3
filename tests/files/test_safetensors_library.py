"""The safetensors library reads what `lrn` writes, and `lrn` takes what the library does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.listing import list_file
from lrn_cli.tensors.tensor import Reading
from tests.campaign.mutations import mutated
from tests.campaign.seeds import seeds
from tests.conftest import Run
from tests.tensors.test_safetensors_reading import INVALID, VALID

_REASON = "safetensors is not installed; the extra test-files has it"
library = pytest.importorskip("safetensors", reason=_REASON)
save: Callable[..., Any] = pytest.importorskip("safetensors.numpy", reason=_REASON).save

X = np.random.default_rng(0).standard_normal((2, 6, 4, 5)).astype("f4")
OTHERS = {"a.weight": X[0, 0].astype("f2"), "b": np.arange(7, dtype="i8"), "z": np.arange(5, dtype="u1")}


def is_read(data: bytes) -> bool:
    """Whether the library takes it."""
    try:
        library.deserialize(data)
    except Exception:
        return False
    return True


@pytest.mark.parametrize("name", VALID)
def test_the_library_reads_what_is_called_valid(name: str) -> None:
    assert is_read(VALID[name])


@pytest.mark.parametrize("name", INVALID)
def test_it_does_not_read_what_is_refused_but_where_a_name_stands_twice(name: str) -> None:
    assert is_read(INVALID[name][0]) == (name in ("a name twice", "a text twice"))


def test_of_a_thousand_damaged_files_none_is_read_that_the_library_does_not_read(tmp_path: Path) -> None:
    of = [seed for seed in seeds() if seed.suffix == ".safetensors"]
    path = tmp_path / "x.safetensors"
    taken = 0
    for number in range(1000):
        _, data = mutated(of, number)
        path.write_bytes(data)
        try:
            read = list_file(str(path), Reading()).format == "safetensors"
        except LrnError:
            continue
        taken += read
        assert not read or is_read(data) or b"-0" in data
    assert taken > 20


def test_without_texts_the_output_is_what_the_library_writes_byte_for_byte(tmp_path: Path, call: Run) -> None:
    values: dict[str, Array] = {"conv": X, **OTHERS}
    (tmp_path / "x.safetensors").write_bytes(save(values))
    assert call("apply", "x.safetensors::conv", "-o", "y.safetensors", "-c", "caffe").code == 0
    with library.safe_open(tmp_path / "y.safetensors", "np") as found:
        again = save({**values, "conv": normalize(X, "caffe")}, found.metadata())
    # The library writes texts in whatever order; all else is one after another as here.
    assert _without_texts(again) == _without_texts((tmp_path / "y.safetensors").read_bytes())


def _without_texts(data: bytes) -> bytes:
    return data.partition(b'"b":{')[2]  # what has the largest elements is the first


def test_the_library_finds_the_result_the_other_tensors_and_all_texts(tmp_path: Path, call: Run) -> None:
    about = {"format": "pt", "ü": 'a "b"\n\x01'}
    (tmp_path / "x.safetensors").write_bytes(save({"conv": X, **OTHERS}, about))
    assert call("apply", "x.safetensors::conv", "-o", "y.safetensors", "-c", "pytorch:size=3").code == 0
    with library.safe_open(tmp_path / "y.safetensors", "np") as found:
        assert set(found.keys()) == {"conv", *OTHERS}
        np.testing.assert_array_equal(found.get_tensor("conv"), normalize(X, "pytorch", size=3))
        for name, values in OTHERS.items():
            np.testing.assert_array_equal(found.get_tensor(name), values)
        assert about.items() <= found.metadata().items()
        assert found.metadata()["lrn_convention"] == "pytorch"


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_types_that_numpy_lacks_are_normalised_and_stay_what_they_are(name: str, tmp_path: Path, call: Run) -> None:
    types = pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")
    kind = np.dtype(getattr(types, name))
    values = X.astype(kind)
    (tmp_path / "x.safetensors").write_bytes(save({"conv": values, **OTHERS}))
    for output in ("y.safetensors", "y.npy"):
        assert call("apply", "x.safetensors::conv", "-o", output, "-c", "caffe").code == 0
    wanted = normalize(values.astype("f4"), "caffe").astype(kind).tobytes()
    found = dict(library.deserialize((tmp_path / "y.safetensors").read_bytes()))
    before = dict(library.deserialize((tmp_path / "x.safetensors").read_bytes()))
    assert found["conv"]["dtype"] == before["conv"]["dtype"]
    assert bytes(found["conv"]["data"]) == wanted
    assert {name: about for name, about in found.items() if name != "conv"} == {
        name: about for name, about in before.items() if name != "conv"
    }
    assert (tmp_path / "y.npy").read_bytes()[128:] == wanted
