"""The samples are what their script makes of the photograph, and what their description says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    subprocess.run([sys.executable, str(SAMPLES / "make_samples.py"), str(folder)], check=True)
    return folder


def test_the_script_makes_the_npy_file_that_is_shipped(made: Path) -> None:
    shipped = np.load(SAMPLES / "feats.npy")
    assert (shipped.shape, shipped.dtype, shipped.flags.c_contiguous) == ((1, 96, 96, 16), np.dtype("<f4"), True)
    np.testing.assert_allclose(np.load(made / "feats.npy"), shipped, rtol=1e-6, atol=1e-6)


def test_the_hdf5_file_holds_the_same_numbers_channels_first(made: Path) -> None:
    for folder in (SAMPLES, made):
        with h5py.File(folder / "feats.h5") as file:
            dataset = file["features/conv1"]
            np.testing.assert_array_equal(np.load(folder / "feats.npy").transpose(0, 3, 1, 2), dataset[...])
            assert (dataset.dtype, dataset.compression, dataset.shuffle) == (np.dtype("<f4"), "gzip", True)
            assert dataset.chunks == (1, 4, 96, 96)


def test_the_hdf5_file_says_what_it_is() -> None:
    with h5py.File(SAMPLES / "feats.h5") as file:
        dataset = file["features/conv1"]
        assert dataset.attrs["layout"] == "NCHW"
        assert dataset.attrs["source"] == "astronaut.png"
        assert "Gabor" in dataset.attrs["filters"]
        assert [dimension.label for dimension in dataset.dims] == ["N", "C", "H", "W"]
        np.testing.assert_array_equal(np.tile(np.arange(8) * 22.5, 2), dataset.dims[1]["orientation"][...])


def test_the_hdf5_file_has_one_tensor_beside_its_dimension_scale() -> None:
    found: list[str] = []
    with h5py.File(SAMPLES / "feats.h5") as file:
        file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
        assert sorted(found) == ["features/conv1", "features/orientation"]
        assert h5py.h5ds.is_scale(file["features/orientation"].id)


def test_the_feature_maps_look_like_a_layers_output() -> None:
    maps = np.load(SAMPLES / "feats.npy")
    assert np.isfinite(maps).all()
    assert maps.min() == 0
    assert 1 < maps.max() < 10
    assert 0.3 < (maps == 0).mean() < 0.7
    assert (maps.reshape(-1, 16).max(axis=0) > 0.5).all()


@pytest.mark.parametrize("name", ["astronaut.png", "feats.npy", "feats.h5"])
def test_a_sample_is_small(name: str) -> None:
    assert (SAMPLES / name).stat().st_size < 1 << 20


def test_making_them_twice_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(SAMPLES / "make_samples.py"), str(tmp_path)], check=True)
    for name in ("feats.npy", "feats.h5"):
        assert (tmp_path / name).read_bytes() == (made / name).read_bytes()
