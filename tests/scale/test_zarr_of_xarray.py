"""Stores of xarray, before and after `lrn`, as xarray reads them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrn_cli import normalize
from tests.conftest import Run
from tests.scale.zarr_files import maps

xarray = pytest.importorskip("xarray", reason="xarray is not installed: pip install -e '.[test-cluster]'")

DIMS = ("time", "band", "lat", "lon")


def dataset(path: Path, version: int, values: Any, encoding: dict[str, Any] | None = None) -> None:
    """A variable with coordinates."""
    made = xarray.Dataset({"maps": (DIMS, values, {"units": "K"})}, coords={"lat": np.arange(values.shape[2]) * 2.0})
    made.maps.encoding = encoding or {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.to_zarr(path, zarr_format=version)


def opened(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return xarray.open_zarr(path, chunks=None).load()


@pytest.mark.parametrize("version", [2, 3])
def test_a_variable_is_taken_among_its_coordinates_and_keeps_them(call: Run, tmp_path: Path, version: int) -> None:
    dataset(tmp_path / "x.zarr", version, maps())
    assert call("apply", "x.zarr", "-o", "y.zarr", "-c", "caffe").code == 0
    found = opened(tmp_path / "y.zarr").maps
    np.testing.assert_array_equal(found.values, normalize(maps(), "caffe", layout="NCHW"))
    assert (found.dims, found.attrs["units"], found.lat.values.tolist()) == (DIMS, "K", [0.0, 2.0, 4.0, 6.0, 8.0])


@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
@pytest.mark.parametrize("version", [2, 3])
def test_missing_numbers_are_asked_for_whatever_their_type(call: Run, tmp_path: Path, version: int, dtype: str) -> None:
    values = maps()
    values[1, 2, 3, 4] = np.nan
    dataset(tmp_path / "x.zarr", version, values, {"dtype": dtype, "_FillValue": -99})
    call("apply", "x.zarr", "-o", "y.zarr", "-c", "caffe").assert_refused("1 of 800 values are missing (_FillValue -99")
    assert call("apply", "x.zarr", "-o", "y.zarr", "-c", "caffe", "--cf", "unpack").code == 0
    wanted = normalize(opened(tmp_path / "x.zarr").maps.values, "caffe", layout="NCHW")
    np.testing.assert_array_equal(opened(tmp_path / "y.zarr").maps.values, wanted)
    assert np.isnan(wanted).sum() == 5
    assert call("apply", "x.zarr", "-o", "raw.zarr", "-c", "caffe", "--cf", "raw").code == 0
    assert opened(tmp_path / "raw.zarr").maps.encoding["_FillValue"] == -99


@pytest.mark.parametrize("version", [2, 3])
def test_packed_numbers_and_missing_ones_are_what_xarray_takes_them_for(
    call: Run, tmp_path: Path, version: int
) -> None:
    values = maps()
    values[1, 2, 3, 4] = np.nan
    dataset(tmp_path / "x.zarr", version, values, {"dtype": "i2", "scale_factor": 0.01, "_FillValue": -32768})
    call("apply", "x.zarr", "-o", "y.zarr", "-c", "caffe").assert_refused("its numbers are packed: scale_factor 0.01")
    assert call("apply", "x.zarr", "-o", "y.zarr", "-c", "caffe", "--cf", "unpack").code == 0
    wanted = normalize(opened(tmp_path / "x.zarr").maps.values, "caffe", layout="NCHW")
    assert np.isnan(wanted).sum() == 5
    np.testing.assert_allclose(opened(tmp_path / "y.zarr").maps.values, wanted, rtol=1e-6)
