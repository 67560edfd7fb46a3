"""All variables of a netCDF file in one run: netCDF4 and xarray read the new file, with every variable a result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.arithmetic.exact import formula
from tests.conftest import Run
from tests.files.same import differences

nc4 = pytest.importorskip("netCDF4", reason="netCDF4 is in the extra test-files")
xarray = pytest.importorskip("xarray", reason="xarray is in the extra test-files")
pytest.importorskip("h5netcdf", reason="h5netcdf is in the extra test-files")

SIZES = {"time": 2, "level": 6, "lat": 4, "lon": 5}
VARIABLES = {"t": ("time", "level", "lat", "lon"), "u": ("time", "level", "lat", "lon"), "inner/w": tuple(SIZES)}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Three variables over four dimensions, of which one is unlimited and one has no coordinates, and a text."""
    rng = np.random.default_rng(0)
    path = tmp_path / "x.nc"
    with nc4.Dataset(path, "w") as file:
        for name, length in SIZES.items():
            file.createDimension(name, None if name == "time" else length)
            if name != "lon":
                file.createVariable(name, "f8", (name,))[:] = np.arange(length)
        file["time"].units = "days since 2000-01-01"
        for at, (name, dimensions) in enumerate(VARIABLES.items()):
            made = file.createVariable(name, ("f4", "f8")[at % 2], dimensions, zlib=at == 0)
            made[:] = rng.standard_normal(tuple(SIZES.values()))
            made.long_name, made.coordinates = f"the {name}", "lat lon"
        file.createVariable("station", str, ())[...] = "Zugspitze"
        file.title = "weather"
    return path


def by_netcdf4(path: Path) -> dict[str, Any]:
    with nc4.Dataset(path) as file:
        return {name: np.asarray(file[name][:]) for name in (*VARIABLES, "level", "station")}


def by_xarray(path: Path) -> dict[str, Any]:
    found = {}
    for engine in ("netcdf4", "h5netcdf"):
        with (
            xarray.open_dataset(path, engine=engine) as file,
            xarray.open_dataset(path, engine=engine, group="inner") as inner,
        ):
            assert (file.t.dims, file.t.attrs["long_name"], file.attrs["title"]) == (tuple(SIZES), "the t", "weather")
            found = {name: (inner.w if name == "inner/w" else file[name]).to_numpy() for name in by_netcdf4(path)}
    return found


@pytest.mark.parametrize("read", [by_netcdf4, by_xarray])
@pytest.mark.parametrize("more", [(), ("--force",)], ids=["another file", "itself"])
def test_every_variable_is_a_result_and_the_file_still_one_of_its_libraries(
    more: tuple[str, ...], read: Any, source: Path, call: Run
) -> None:
    before, old = read(source), source.with_name("old.nc")
    old.write_bytes(source.read_bytes())
    output = "x.nc" if more else "y.nc"
    ended = call("apply", "x.nc::*", "-o", output, "-c", "caffe:local_size=5,alpha=0.5", *more)
    assert (ended.code, ended.err.splitlines()[-1]) == (0, "lrn: 3 of 3 inputs done: NCHW with 6 channels")
    assert ("the result takes its input's place" in ended.err) == bool(more)
    after = read(source.with_name(output))
    for name in VARIABLES:
        exact = formula(before[name], {1: (2, 2)}, scale=0.1, bias=1, beta=0.75).astype("f8")
        np.testing.assert_allclose(after[name], exact, rtol=1e-6 if before[name].dtype == "f4" else 1e-14)
        assert after[name].dtype == before[name].dtype
    assert np.array_equal(after["level"], before["level"])
    assert after["station"] == before["station"]
    assert differences(old, source.with_name(output), but=[f"/{name}" for name in VARIABLES]) == []
