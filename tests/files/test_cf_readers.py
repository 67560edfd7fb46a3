"""Numbers packed by the CF conventions: what is decoded and written, as the libraries for such files see it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.arithmetic.exact import formula
from tests.tensors.cf_files import Array, normalise, write

nc4 = pytest.importorskip("netCDF4", reason="netCDF4 is in the extra test-files")
xarray = pytest.importorskip("xarray", reason="xarray is in the extra test-files")
pytest.importorskip("h5netcdf", reason="h5netcdf is in the extra test-files")

SHAPE = (2, 6, 7, 8)


def by_netcdf4(path: Path) -> Array:
    with nc4.Dataset(path) as file:
        return np.ma.filled(np.ma.asarray(file["feats"][:]).astype("f8"), np.nan)


def by_xarray(engine: str) -> Callable[[Path], Array]:
    def read(path: Path) -> Array:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # several values for missing cells
            with xarray.open_dataset(path, engine=engine) as file:
                values: Array = file["feats"].to_numpy()
                return values

    return read


READERS = {"netCDF4": by_netcdf4, "xarray": by_xarray("netcdf4"), "h5netcdf": by_xarray("h5netcdf")}


class Packed(NamedTuple):
    """Stored numbers and the attributes that say what they are.

    Attributes:
        dtype: Of the stored numbers.
        attributes: As they are written.
        decoded: The dtype of what they stand for.
        special: Numbers that are put among the others.
        unread_by: Readers that take no notice of one of the attributes.
    """

    dtype: str
    attributes: Mapping[str, Any]
    decoded: str
    special: tuple[Any, ...] = ()
    unread_by: tuple[str, ...] = ()

    def stored(self, shape: tuple[int, ...] = SHAPE) -> Array:
        rng = np.random.default_rng(7)
        dtype = np.dtype(self.dtype)
        if dtype.kind == "f":
            values = rng.standard_normal(shape).astype(dtype)
        else:
            least, most = max(np.iinfo(dtype).min, -30000), min(np.iinfo(dtype).max, 30000)
            values = rng.integers(least, most, shape).astype(dtype)
        for place, value in enumerate(self.special):
            values.reshape(-1)[place * 11 :: 97] = value
        return values


F4, F8 = np.float32, np.float64
CASES = {
    "int16 by double": Packed("i2", {"scale_factor": 0.01, "add_offset": 1.0}, "f8"),
    "int16 by float": Packed("i2", {"scale_factor": F4(0.5), "add_offset": F4(64)}, "f4"),
    "int16 by arrays of one": Packed("i2", {"scale_factor": [0.01], "add_offset": [1.0]}, "f8"),
    "big-endian int16": Packed(">i2", {"scale_factor": 0.01, "_FillValue": np.int16(-999)}, "f8", (-999,)),
    "negative scale": Packed("i2", {"scale_factor": -0.01, "add_offset": 300.0}, "f8"),
    "only an offset": Packed("u1", {"add_offset": -273.15, "_FillValue": np.uint8(255)}, "f8", (255,)),
    "int8": Packed("i1", {"scale_factor": 0.1, "_FillValue": np.int8(-128)}, "f8", (-128,)),
    "int32 by float": Packed("i4", {"scale_factor": F4(0.25), "add_offset": F4(3)}, "f8"),
    "int32": Packed("i4", {"scale_factor": 1e-4, "_FillValue": np.int32(-(2**31))}, "f8", (-(2**31),)),
    "unsigned bytes": Packed("i1", {"_Unsigned": "true", "scale_factor": 0.5, "add_offset": 0.0}, "f8"),
    "unsigned bytes, some missing": Packed(
        "i1", {"_Unsigned": "true", "scale_factor": 0.5, "_FillValue": np.int8(-1)}, "f8", (-1,)
    ),
    "only unsigned": Packed("i2", {"_Unsigned": "true"}, "f4"),
    "missing int16": Packed("i2", {"_FillValue": np.int16(-999)}, "f4", (-999,)),
    "missing int32": Packed("i4", {"missing_value": np.int32(-999)}, "f8", (-999,)),
    "missing float": Packed("f4", {"_FillValue": F4(1e20)}, "f4", (1e20,)),
    "missing float, big-endian": Packed(">f4", {"missing_value": F4(-9999.5)}, ">f4", (-9999.5,)),
    "missing double": Packed("f8", {"_FillValue": -1e300, "missing_value": np.nan}, "f8", (-1e300, np.nan)),
    "two kinds of missing": Packed(
        "i2", {"_FillValue": np.int16(-999), "missing_value": np.array([-1, -2], "i2")}, "f4", (-999, -1, -2)
    ),
    "missing by another type": Packed("i2", {"missing_value": -999.0}, "f4", (-999,)),
    "packed floats": Packed("f4", {"scale_factor": F4(0.5), "add_offset": F4(1)}, "f4"),
    "floats packed by double": Packed("f4", {"scale_factor": 0.5, "_FillValue": F4(1e20)}, "f8", (1e20,)),
    "out of range": Packed(
        "i2",
        {"scale_factor": 0.01, "valid_range": np.array([-20000, 20000], "i2")},
        "f8",
        unread_by=("xarray", "h5netcdf"),
    ),
    "out of range of bytes": Packed(
        "u1",
        {"scale_factor": 0.5, "valid_min": np.uint8(10), "valid_max": np.uint8(200)},
        "f8",
        unread_by=("xarray", "h5netcdf"),
    ),
}


def write_by_netcdf4(path: Path, packed: Packed, shape: tuple[int, ...] = SHAPE, **how: Any) -> None:
    attributes = dict(packed.attributes)
    fill = attributes.pop("_FillValue", None)
    with nc4.Dataset(path, "w") as file:
        names = [f"d{axis}" for axis in range(len(shape))]
        for name, length in zip(names, shape, strict=True):
            file.createDimension(name, length)
        order = "big" if packed.dtype.startswith(">") else "native"
        variable = file.createVariable("feats", packed.dtype, names, fill_value=fill, endian=order, **how)
        variable.set_auto_maskandscale(False)
        variable.setncatts(attributes)
        variable[:] = packed.stored(shape)


def write_by_h5py(path: Path, packed: Packed) -> None:
    write(path, packed.stored(), packed.attributes)


WRITERS = {"netCDF4": write_by_netcdf4, "h5py": write_by_h5py}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("case", CASES)
def test_numbers_are_decoded_as_the_libraries_for_them_decode_them(tmp_path: Path, case: str, writer: str) -> None:
    packed, source = CASES[case], tmp_path / "x.nc"
    WRITERS[writer](source, packed)
    normalise(source, tmp_path / "o.npy", "unpack")
    decoded = np.load(tmp_path / "o.npy")
    assert decoded.dtype == np.dtype(packed.decoded)
    for name, read in READERS.items():
        if name not in packed.unread_by:
            np.testing.assert_array_equal(decoded.astype("f8"), read(source).astype("f8"), err_msg=name)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("case", CASES)
def test_every_library_reads_the_normalised_decoded_numbers(tmp_path: Path, case: str, writer: str) -> None:
    packed, source = CASES[case], tmp_path / "x.nc"
    WRITERS[writer](source, packed)
    decoded = READERS[next(name for name in READERS if name not in packed.unread_by)](source)
    wanted = formula(decoded, {3: (1, 1)}, scale=0.5, bias=1, beta=0.5)
    output = tmp_path / "o.nc"
    normalise(source, output, "unpack", "tf:depth_radius=1,alpha=0.5", output_format="h5")
    for read in READERS.values():
        found = read(output)
        np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
        np.testing.assert_allclose(found, wanted.astype("f8"), rtol=1e-6 if packed.decoded.endswith("f4") else 1e-14)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("case", CASES)
def test_every_library_reads_the_normalised_stored_numbers(tmp_path: Path, case: str, writer: str) -> None:
    packed, source = CASES[case], tmp_path / "x.nc"
    WRITERS[writer](source, packed)
    wanted = formula(packed.stored(), {3: (1, 1)}, scale=0.5, bias=1, beta=0.5)
    output = tmp_path / "o.nc"
    normalise(source, output, "raw", "tf:depth_radius=1,alpha=0.5", output_format="h5")
    for read in READERS.values():
        np.testing.assert_allclose(read(output), wanted.astype("f8"), rtol=1e-6)


@pytest.mark.parametrize("engine", ["netcdf4", "h5netcdf"])
def test_what_xarray_packed_becomes_what_xarray_had(tmp_path: Path, engine: str) -> None:
    values = np.random.default_rng(1).standard_normal(SHAPE)
    values[0, 0, 0, :3] = np.nan
    data = xarray.Dataset({"feats": (("n", "y", "x", "c"), values)})
    encoding = {"feats": {"dtype": "i2", "scale_factor": 0.001, "add_offset": 0.5, "_FillValue": -32768, "zlib": True}}
    data.to_netcdf(tmp_path / "x.nc", engine=engine, encoding=encoding)
    report = normalise(tmp_path / "x.nc", tmp_path / "o.nc", "unpack", output_format="h5")
    for name, read in READERS.items():
        np.testing.assert_array_equal(read(tmp_path / "o.nc"), read(tmp_path / "x.nc"), err_msg=name)
    assert report.notices == (
        f"{tmp_path}/x.nc::/feats: 3 of 672 values were missing (_FillValue -32768) and became NaN",
    )


@pytest.mark.parametrize("engine", ["netcdf4", "h5netcdf"])
def test_the_nan_that_xarray_writes_for_missing_cells_asks_nothing_and_is_kept(tmp_path: Path, engine: str) -> None:
    values = np.random.default_rng(1).standard_normal(SHAPE).astype("f4")
    values[0, 0, 0, :3] = np.nan
    xarray.Dataset({"feats": (("n", "y", "x", "c"), values)}).to_netcdf(tmp_path / "x.nc", engine=engine)
    assert normalise(tmp_path / "x.nc", tmp_path / "o.nc", output_format="h5").notices == ()
    with nc4.Dataset(tmp_path / "o.nc") as file:
        assert np.isnan(file["feats"]._FillValue)
        assert file["feats"][:].mask.sum() == 3


def test_numbers_of_many_blocks_and_compressed_chunks_are_decoded_alike(tmp_path: Path) -> None:
    shape = (5, 300, 120, 32)
    write_by_netcdf4(tmp_path / "x.nc", CASES["int8"], shape, zlib=True, shuffle=True, chunksizes=(2, 70, 50, 32))
    report = normalise(tmp_path / "x.nc", tmp_path / "o.npy", "unpack", threads=2)
    np.testing.assert_array_equal(np.load(tmp_path / "o.npy"), by_netcdf4(tmp_path / "x.nc"))
    missing = np.count_nonzero(CASES["int8"].stored(shape) == -128)
    assert f"{missing:,} of 5,760,000 values were missing (_FillValue -128)" in report.notices[0]


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "u1", "f4"])
def test_a_fill_value_that_does_not_occur_stays_and_has_the_type_of_the_results(tmp_path: Path, dtype: str) -> None:
    stored = np.arange(np.prod(SHAPE)).reshape(SHAPE) % 100
    with nc4.Dataset(tmp_path / "x.nc", "w") as file:
        for name, length in zip("nyxc", SHAPE, strict=True):
            file.createDimension(name, length)
        file.createVariable("feats", dtype, tuple("nyxc"), fill_value=120)[:] = stored
    normalise(tmp_path / "x.nc", tmp_path / "o.nc", output_format="h5")
    for read in READERS.values():
        np.testing.assert_array_equal(read(tmp_path / "o.nc"), stored)
    with nc4.Dataset(tmp_path / "o.nc") as file:
        assert file["feats"]._FillValue == 120
        assert file["feats"]._FillValue.dtype == file["feats"].dtype
    # Another round through the libraries.
    with nc4.Dataset(tmp_path / "o.nc", "r+") as file:
        file["feats"][0, 0, 0, 0] = np.ma.masked
        assert file["feats"][:].mask.sum() == 1
    xarray.open_dataset(tmp_path / "o.nc").to_netcdf(tmp_path / "again.nc")


@pytest.mark.parametrize("engine", ["netcdf4", "h5netcdf"])
def test_results_made_of_what_xarray_stored_as_booleans_are_no_booleans(tmp_path: Path, engine: str) -> None:
    values = np.random.default_rng(1).random(SHAPE) < 0.5
    xarray.Dataset({"feats": (("n", "y", "x", "c"), values)}).to_netcdf(tmp_path / "x.nc", engine=engine)
    normalise(tmp_path / "x.nc", tmp_path / "o.nc", None, "tf:depth_radius=0,bias=1,alpha=1,beta=1", output_format="h5")
    for read in READERS.values():
        np.testing.assert_array_equal(read(tmp_path / "o.nc"), values * 0.5)
