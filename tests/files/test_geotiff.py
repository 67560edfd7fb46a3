"""A GeoTIFF is one after `lrn` as before, to the library that wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.arithmetic.exact import formula, ulps
from tests.conftest import Run

rasterio = pytest.importorskip("rasterio", reason="rasterio writes and reads GeoTIFF files")

pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")  # rasterio does not yet


@pytest.mark.parametrize("interleave", ["band", "pixel"])
@pytest.mark.parametrize(("dtype", "nodata"), [("float32", -9999.0), ("uint16", 0), ("uint8", 255)])
def test_position_tags_and_nodata_stay(call: Run, tmp_path: Path, dtype: str, nodata: float, interleave: str) -> None:
    pixels = (np.random.default_rng(12).random((20, 30)) * 200 + 1).astype(dtype)
    pixels[0, :4] = nodata
    profile = {"height": 20, "width": 30, "count": 1, "dtype": dtype, "nodata": nodata, "interleave": interleave}
    transform = rasterio.transform.from_origin(399_960, 5_800_020, 10, 10)
    with rasterio.open(
        tmp_path / "x.tif", "w", driver="GTiff", crs="EPSG:32632", transform=transform, **profile
    ) as file:
        file.write(pixels, 1)
        file.update_tags(AREA_OR_POINT="Point", TIFFTAG_IMAGEDESCRIPTION="a field", own="value")
        file.update_tags(1, band="one")
    ended = call("apply", "x.tif", "-o", "y.tif", "-c", "tf", "--depth-radius", "1")
    assert ended.code == 0
    assert f"4 of 600 values are GDAL_NODATA ({nodata:g}), and were computed with as numbers" in ended.err
    assert "not kept" not in ended.err
    with rasterio.open(tmp_path / "x.tif") as before, rasterio.open(tmp_path / "y.tif") as after:
        for what in ("crs", "transform", "nodata", "dtypes", "descriptions", "units", "scales", "offsets"):
            assert getattr(before, what) == getattr(after, what), what
        assert (before.tags(), before.tags(1)) == (after.tags(), after.tags(1))
        result = after.read(1)
    full = 1 if dtype == "float32" else np.iinfo(dtype).max
    exact = formula((pixels / np.float32(full))[:, :, None], {2: (1, 1)}, scale=1, bias=1, beta=0.5)
    if dtype == "float32":
        assert ulps(result[:, :, None], exact).max() <= 8
    else:
        np.testing.assert_array_equal(np.rint(exact[:, :, 0] * full).astype(dtype), result)


STORAGES: list[dict[str, Any]] = [
    {},
    {"tiled": True, "blockxsize": 16, "blockysize": 32, "compress": "deflate", "predictor": 3},
    {"BIGTIFF": "YES", "compress": "lzw"},
    {"ENDIANNESS": "BIG"},
]


@pytest.mark.parametrize("interleave", ["band", "pixel"])
@pytest.mark.parametrize("storage", STORAGES, ids=str)
def test_bands_of_floats_stay_what_they_are_to_gdal(
    call: Run, tmp_path: Path, storage: dict[str, Any], interleave: str
) -> None:
    pytest.importorskip("tifffile", reason="lrn reads bands of floats with the extra tiff")
    pytest.importorskip("imagecodecs", reason="tifffile compresses and decompresses with imagecodecs")
    bands = np.random.default_rng(12).random((4, 40, 50)).astype("f4")
    bands[0, 0, :4] = -9999
    profile = {"height": 40, "width": 50, "count": 4, "dtype": "float32", "nodata": -9999.0, "interleave": interleave}
    transform = rasterio.transform.from_origin(399_960, 5_800_020, 10, 10)
    with rasterio.open(
        tmp_path / "x.tif", "w", driver="GTiff", crs="EPSG:32632", transform=transform, **profile, **storage
    ) as file:
        file.write(bands)
        file.update_tags(AREA_OR_POINT="Point", own="value")
        file.update_tags(2, band="two")
        file.set_band_description(1, "red")
    ended = call("apply", "x.tif", "-o", "y.tif", "-c", "tf", "--depth-radius", "1")
    assert ended.code == 0
    assert "4 of 8,000 values are GDAL_NODATA (-9999), and were computed with as numbers" in ended.err
    assert "not kept" not in ended.err
    with rasterio.open(tmp_path / "x.tif") as before, rasterio.open(tmp_path / "y.tif") as after:
        for what in ("profile", "descriptions", "units", "scales", "offsets", "colorinterp"):
            assert getattr(before, what) == getattr(after, what), what
        assert [before.tags(n) for n in range(5)] == [after.tags(n) for n in range(5)]
        result = np.moveaxis(after.read(), 0, -1)
    exact = formula(np.moveaxis(bands, 0, -1), {2: (1, 1)}, scale=1, bias=1, beta=0.5)
    assert ulps(result, exact).max() <= 8


def test_a_png_names_what_it_cannot_hold(call: Run, tmp_path: Path) -> None:
    profile = {"height": 4, "width": 6, "count": 1, "dtype": "uint8", "nodata": 200}
    transform = rasterio.transform.from_origin(5, 50, 0.1, 0.1)
    with rasterio.open(
        tmp_path / "x.tif", "w", driver="GTiff", crs="EPSG:4326", transform=transform, **profile
    ) as file:
        file.write(np.ones((4, 6), np.uint8), 1)
    ended = call("apply", "x.tif", "-o", "y.png", "-c", "tf", "--depth-radius", "1")
    assert "not kept in a PNG image: GeoTIFF position, GDAL_NODATA\n" in ended.err
