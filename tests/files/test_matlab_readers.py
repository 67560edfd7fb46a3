"""MATLAB's arrays: results made of them, as a library for such files reads them."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.tensors.cf_files import normalise

hdf5storage = pytest.importorskip("hdf5storage", reason="hdf5storage is not installed")


@pytest.mark.parametrize("noted", [True, False], ids=["with Python's types", "as MATLAB"])
@pytest.mark.parametrize("dtype", ["i1", "u2", "i4", "?", "f4", "f8"])
def test_results_are_not_turned_back_into_the_type_of_the_input(tmp_path: Path, dtype: str, noted: bool) -> None:
    values = np.random.default_rng(0).integers(0, 2, (2, 6, 7, 8)).astype(dtype)
    name = str(tmp_path / "x.mat")
    hdf5storage.savemat(name, {"feats": values}, format="7.3", store_python_metadata=noted)
    half = "tf:depth_radius=0,bias=1,alpha=1,beta=1"
    report = normalise(tmp_path / "x.mat", tmp_path / "y.mat", None, half, output_format="h5")
    assert report.notices == (
        f"{name}::/feats: MATLAB shows 2x6x7x8; here the axes are 8x7x6x2, and --layout and --axis go by these",
    )
    with h5py.File(tmp_path / "y.mat") as file:
        assert file["feats"].attrs["MATLAB_class"] == (b"double" if dtype in ("i4", "f8") else b"single")
    np.testing.assert_array_equal(hdf5storage.read(path="/feats", filename=str(tmp_path / "y.mat")), values / 2)
