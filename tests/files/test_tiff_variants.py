"""Every TIFF file that rasterio or tifffile writes is read as tifffile reads it, or refused as what it is."""

from __future__ import annotations

import logging
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrn_cli.errors import LrnError
from tests.tensors.image_files import RAW, Array, read

rasterio = pytest.importorskip("rasterio", reason="rasterio writes the files of GDAL")
tifffile = pytest.importorskip("tifffile", reason="tifffile writes and reads all TIFF files")
pytest.importorskip("imagecodecs", reason="tifffile compresses and decompresses with imagecodecs")

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

HEIGHT, WIDTH = 37, 53
CLOSED = {"interleave": "band"}
TILED = {"tiled": True, "blockxsize": 16, "blockysize": 16}
DATA = Path(__file__).parent.parent / "data" / "files"


def numbers(dtype: str, shape: tuple[int, ...]) -> Array:
    """Numbers that use all bits of their dtype."""
    generator = np.random.default_rng(11)
    kind = np.dtype(dtype)
    if kind.kind in "ui":
        bounds = np.iinfo(kind)
        return generator.integers(bounds.min, bounds.max, shape, dtype=kind, endpoint=True)
    values: Array = generator.normal(size=shape)
    return (values + 1j * values[::-1]).astype(kind) if kind.kind == "c" else values.astype(kind)


def by_rasterio(path: Path, dtype: str, bands: int, **profile: Any) -> None:
    shape = {"height": HEIGHT, "width": WIDTH, "count": bands, "dtype": dtype}
    with rasterio.open(path, "w", driver="GTiff", **shape, **profile) as file:
        file.write(numbers(dtype, (bands, HEIGHT, WIDTH)))


def squeezed(values: Array) -> Array:
    """Without the channel axis of grey images, which tifffile does not have."""
    return values[:, :, 0] if values.shape[2] == 1 else values


ONE_BAND: list[tuple[str, dict[str, Any]]] = [
    (dtype, profile)
    for dtype in ("uint8", "int8", "uint16", "int16", "float32", "uint32", "int32")
    for profile in (
        {},
        {"compress": "deflate"},
        {"compress": "lzw"},
        TILED,
        {**TILED, "compress": "deflate", "predictor": 2},
        {"BIGTIFF": "YES"},
    )
]
BIG_ENDIAN: list[tuple[str, dict[str, Any]]] = [
    (dtype, {"ENDIANNESS": "BIG"}) for dtype in ("uint8", "int8", "uint16", "int16", "float32", "int32")
]


@pytest.mark.parametrize(("dtype", "profile"), ONE_BAND + BIG_ENDIAN, ids=str)
@pytest.mark.parametrize("interleave", ["band", "pixel"])
def test_one_band_is_read_whether_its_plane_is_its_own_or_not(
    tmp_path: Path, dtype: str, profile: dict[str, Any], interleave: str
) -> None:
    by_rasterio(tmp_path / "x.tif", dtype, 1, interleave=interleave, **profile)
    values = read(tmp_path / "x.tif", "tiff", RAW)
    assert values.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "x.tif"), squeezed(values))


# (bands, dtype, GDAL's options)
SEVERAL: list[tuple[int, str, dict[str, Any]]] = [
    (3, "uint8", {"interleave": "pixel"}),
    (3, "uint8", {"interleave": "band"}),
    (3, "uint8", {**TILED, "interleave": "band", "compress": "lzw"}),
    (4, "uint8", {"interleave": "pixel", "photometric": "RGB", "ALPHA": "YES"}),
    (4, "uint8", {"interleave": "band", "photometric": "RGB", "ALPHA": "YES", "compress": "deflate"}),
    (3, "uint16", {"interleave": "pixel", "photometric": "RGB", "compress": "deflate", "predictor": 2}),
    (1, "uint8", {"photometric": "MINISWHITE"}),
    (1, "uint16", {"photometric": "MINISWHITE", "compress": "lzw"}),
    (1, "float32", {"compress": "lzw", "predictor": 3}),
]


@pytest.mark.parametrize(("bands", "dtype", "profile"), SEVERAL, ids=str)
def test_what_pillow_reads_has_tifffiles_numbers(
    tmp_path: Path, bands: int, dtype: str, profile: dict[str, Any]
) -> None:
    by_rasterio(tmp_path / "x.tif", dtype, bands, **profile)
    expected = tifffile.imread(tmp_path / "x.tif")
    if expected.shape == (bands, HEIGHT, WIDTH):
        expected = np.moveaxis(expected, 0, -1)
    np.testing.assert_array_equal(expected, squeezed(read(tmp_path / "x.tif", "tiff", RAW)))


# What Pillow does not read: numbers of every kind and number of bands.
NUMBERS: list[tuple[int, str, dict[str, Any]]] = [
    (1, "float64", {}),
    (1, "float64", {"compress": "lzw", "interleave": "band"}),
    (1, "float64", {"compress": "zstd", "predictor": 3}),
    (1, "uint64", {"compress": "deflate"}),
    (1, "int64", {"BIGTIFF": "YES", "ENDIANNESS": "BIG"}),
    (1, "float32", {"nbits": 16}),
    (1, "int16", {"photometric": "MINISWHITE"}),
    (1, "uint8", {"SPARSE_OK": "TRUE"}),
    (2, "uint8", {"interleave": "band"}),
    (2, "float32", {"interleave": "pixel"}),
    (3, "float32", {"interleave": "band"}),
    (3, "float32", {**TILED, "interleave": "pixel", "compress": "deflate", "predictor": 3, "ENDIANNESS": "BIG"}),
    (3, "uint16", {"interleave": "band", "photometric": "RGB"}),
    (4, "uint16", {**TILED, "interleave": "band", "compress": "lzw", "predictor": 2, "ENDIANNESS": "BIG"}),
    (4, "uint8", {"interleave": "band", "photometric": "RGB", "ALPHA": "NO"}),
    (5, "uint8", {"interleave": "band"}),
    (5, "uint16", {"interleave": "pixel"}),
    (7, "int16", {"interleave": "band", "compress": "deflate"}),
    (9, "int32", {**TILED, "interleave": "pixel", "compress": "packbits"}),
    (2, "float64", {"compress": "lzma", "interleave": "pixel"}),
]
REFUSED: list[tuple[int, str, dict[str, Any]]] = [
    (1, "complex64", {}),
    (1, "uint16", {"nbits": 10}),
    (1, "uint8", {"compress": "lerc"}),
    (1, "float32", {"compress": "lerc_deflate"}),
    (3, "uint8", {"photometric": "CIELAB", "interleave": "pixel"}),
]


def write_sparse_where_asked(path: Path, dtype: str, profile: dict[str, Any]) -> None:
    """A file of which but the first rows are there."""
    if "SPARSE_OK" in profile:
        with rasterio.open(
            path, "w", driver="GTiff", height=64, width=16, count=1, dtype=dtype, **profile, blockysize=16
        ) as file:
            file.write(np.ones((16, 16), dtype), 1, window=rasterio.windows.Window(0, 0, 16, 16))


@pytest.mark.parametrize(("bands", "dtype", "profile"), NUMBERS, ids=str)
def test_what_pillow_does_not_read_has_tifffiles_numbers(
    tmp_path: Path, bands: int, dtype: str, profile: dict[str, Any]
) -> None:
    path = tmp_path / "x.tif"
    by_rasterio(path, dtype, bands, **profile)
    write_sparse_where_asked(path, dtype, profile)
    with rasterio.open(path) as file:
        by_gdal = np.moveaxis(file.read(), 0, -1)
    values = read(path, "tiff", RAW)
    np.testing.assert_array_equal(by_gdal, values)
    expected = tifffile.imread(path)
    if bands > 1 and expected.shape[0] == bands:
        expected = np.moveaxis(expected, 0, -1)
    assert values.dtype == expected.dtype
    np.testing.assert_array_equal(expected, squeezed(values))


@pytest.mark.usefixtures("without_tifffile")
@pytest.mark.parametrize(("bands", "dtype", "profile"), NUMBERS, ids=str)
def test_what_pillow_does_not_read_is_refused_without_the_extra_which_is_named(
    tmp_path: Path, bands: int, dtype: str, profile: dict[str, Any]
) -> None:
    by_rasterio(tmp_path / "x.tif", dtype, bands, **profile)
    write_sparse_where_asked(tmp_path / "x.tif", dtype, profile)
    with pytest.raises(LrnError, match="stores its pixels in a way that lrn does not read without tifffile") as caught:
        read(tmp_path / "x.tif", "tiff", RAW)
    assert caught.value.hint == "pip install 'lrn-tensor[tiff]'"


@pytest.mark.parametrize(("bands", "dtype", "profile"), REFUSED, ids=str)
def test_what_is_not_read_at_all_is_no_damage_and_the_hint_reads_it(
    tmp_path: Path, bands: int, dtype: str, profile: dict[str, Any]
) -> None:
    path = tmp_path / "x.tif"
    by_rasterio(path, dtype, bands, **profile)
    with pytest.raises(LrnError, match="stores its pixels in a way that lrn does not read") as caught:
        read(path, "tiff", RAW)
    command = [sys.executable, *shlex.split(caught.value.hint)[1:]]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    np.testing.assert_array_equal(tifffile.imread(path), np.load(tmp_path / "x.npy"))


@pytest.mark.parametrize("compression", ["jpeg2000", "jpegxl", "jpegxr", "png", "lerc"])
def test_a_compression_that_pillow_does_not_know_is_no_damage(tmp_path: Path, compression: str) -> None:
    pixels = numbers("uint8", (48, 64, 3))
    tifffile.imwrite(tmp_path / "x.tif", pixels, photometric="rgb", compression=compression)
    with pytest.raises(LrnError, match="stores its pixels in a way that lrn does not read"):
        read(tmp_path / "x.tif", "tiff", RAW)


@pytest.mark.parametrize(
    ("bands", "dtype", "profile"),
    [
        (1, "uint16", CLOSED),
        (1, "float32", {**CLOSED, "compress": "deflate"}),
        (3, "uint8", {"compress": "lzw"}),
        (1, "float64", {}),
        (5, "uint8", CLOSED),
        (1, "uint8", {"compress": "lerc"}),
    ],
    ids=str,
)
def test_a_file_that_was_cut_off_is_called_that(
    tmp_path: Path, bands: int, dtype: str, profile: dict[str, Any]
) -> None:
    by_rasterio(tmp_path / "x.tif", dtype, bands, **profile)
    whole = (tmp_path / "x.tif").read_bytes()
    for share in (0.5, 0.9, 0.99):
        (tmp_path / "x.tif").write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(LrnError, match="ends early: the file is cut off"):
            read(tmp_path / "x.tif", "tiff", RAW)


@pytest.mark.parametrize("name", ["g_uint16_1_band.tif", "g_float32_1_pixel.tif"])
def test_files_as_gdal_wrote_them_are_read(name: str) -> None:
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    np.testing.assert_array_equal(tifffile.imread(DATA / name), squeezed(read(DATA / name, "tiff", RAW)))
