"""Hints that need another library: typed as they stand, they make a file that `lrn` reads."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lrn_cli import LrnError, normalize
from tests.advice import follow, hint_of
from tests.conftest import Run

X = np.random.default_rng(0).standard_normal((2, 6, 4, 5)).astype("f4")


def library(name: str) -> Any:
    """A library that not every machine has."""
    return pytest.importorskip(name, reason=f"{name} is not installed; the extra test-files has it")


def made(folder: Path, before: set[Path]) -> Path:
    """The one file that has come to be there."""
    (path,) = (path for path in set(folder.iterdir()) - before if path.is_file())
    return path


@pytest.mark.parametrize("kind", ["bfloat16", "float8_e4m3fn"])
@pytest.mark.parametrize("word", ["x.npy", "x.npz::a", "x.h5::/a"])
def test_the_types_of_ml_dtypes_are_taken_by_the_hint(word: str, kind: str, call: Run, tmp_path: Path) -> None:
    typed = X.astype(np.dtype(getattr(library("ml_dtypes"), kind)))
    np.save(tmp_path / "x.npy", np.asfortranarray(typed))
    np.savez(tmp_path / "x.npz", a=typed)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["a"] = typed.view(f"V{typed.itemsize}")
    ended = call("apply", word, "-o", "y.npy")
    ended.assert_refused(word, "raw bytes")
    flag, _, condition = hint_of(ended).partition(" if ")
    assert (flag, condition) == (f"--input-dtype {kind}", "that is what they are")
    assert call("apply", word, "-o", "y.npy", "-c", "caffe", *flag.split()).code == 0
    found = np.load(tmp_path / "y.npy").view(typed.dtype)
    np.testing.assert_array_equal(found, normalize(typed.astype("f4"), "caffe").astype(typed.dtype))


def test_in_python_an_array_of_bfloat16_is_to_be_converted() -> None:
    typed = X.astype(library("ml_dtypes").bfloat16)
    with pytest.raises(LrnError) as caught:
        normalize(typed, "caffe")
    assert caught.value.hint == 'take x.astype("float32")'


def test_a_netcdf_3_file_of_64_bit_data_becomes_one_of_netcdf_4(call: Run, tmp_path: Path) -> None:
    library("xarray")
    with library("netCDF4").Dataset(tmp_path / "x.nc", "w", format="NETCDF3_64BIT_DATA") as file:
        for name, length in zip("nchw", X.shape, strict=True):
            file.createDimension(name, length)
        file.createVariable("t", "f4", tuple("nchw"))[:] = X
    ended = call("apply", "x.nc", "-o", "y.npy")
    ended.assert_refused("x.nc: is a NetCDF-3 file of 64-bit data, which lrn does not read")
    before = set(tmp_path.iterdir())
    follow(hint_of(ended), tmp_path)
    with h5py.File(made(tmp_path, before)) as file:
        np.testing.assert_array_equal(file["t"][...], X)


def test_a_fits_file_becomes_an_array(call: Run, tmp_path: Path) -> None:
    library("astropy.io.fits").PrimaryHDU(X).writeto(tmp_path / "x.fits")
    ended = call("apply", "x.fits", "-o", "y.npy")
    ended.assert_refused("x.fits: is a FITS file")
    before = set(tmp_path.iterdir())
    follow(hint_of(ended), tmp_path)
    np.testing.assert_array_equal(np.load(made(tmp_path, before)), X)


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("legacy", [False, True])
def test_a_pytorch_file_becomes_an_archive(legacy: bool, nested: bool, call: Run, tmp_path: Path) -> None:
    torch = library("torch")
    weights = {"conv.weight": torch.from_numpy(X), "step": 3}
    buffer = io.BytesIO()
    torch.save({"state_dict": weights} if nested else weights, buffer, _use_new_zipfile_serialization=not legacy)
    (tmp_path / "x.pt").write_bytes(buffer.getvalue())
    ended = call("apply", "x.pt", "-o", "y.npy")
    ended.assert_refused("x.pt", "a PyTorch file")
    before = set(tmp_path.iterdir())
    follow(hint_of(ended), tmp_path)
    with np.load(made(tmp_path, before)) as archive:
        np.testing.assert_array_equal(archive["conv.weight"], X)
