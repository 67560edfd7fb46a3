"""Images are read the right way up, and described so without decoding them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.tensors.image_files import RAW, RGB, Array, chunk, described, png, read, tiff

STORED = np.random.default_rng(4).integers(0, 256, (4, 6, 3), dtype=np.uint8)

# Where the stored first row and first column are in the upright picture (TIFF 6.0, tag Orientation), and from that the
# place (row, column) of a stored pixel (r, c) in an upright picture of h rows and w columns.
Place = Callable[[int, int, int, int], tuple[int, int]]
PLACES: dict[int, tuple[str, Place]] = {
    1: ("top, left", lambda r, c, h, w: (r, c)),
    2: ("top, right", lambda r, c, h, w: (r, w - 1 - c)),
    3: ("bottom, right", lambda r, c, h, w: (h - 1 - r, w - 1 - c)),
    4: ("bottom, left", lambda r, c, h, w: (h - 1 - r, c)),
    5: ("left, top", lambda r, c, h, w: (c, r)),
    6: ("right, top", lambda r, c, h, w: (c, w - 1 - r)),
    7: ("right, bottom", lambda r, c, h, w: (h - 1 - c, w - 1 - r)),
    8: ("left, bottom", lambda r, c, h, w: (h - 1 - c, r)),
}
each_orientation = pytest.mark.parametrize("orientation", PLACES, ids=[name for name, _ in PLACES.values()])


def upright(stored: Array, orientation: int) -> Array:
    rows, columns = stored.shape[:2]
    height, width = (columns, rows) if orientation >= 5 else (rows, columns)
    picture = np.zeros((height, width, *stored.shape[2:]), stored.dtype)
    for row in range(rows):
        for column in range(columns):
            picture[PLACES[orientation][1](row, column, height, width)] = stored[row, column]
    return picture


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def check(path: Path, kind: str, expected: Array) -> None:
    assert described(path, kind, RAW).shape == expected.shape
    np.testing.assert_array_equal(expected, read(path, kind, RAW))


@each_orientation
@pytest.mark.parametrize("kind", ["png", "webp"])
def test_exif_turns_the_image(tmp_path: Path, orientation: int, kind: str) -> None:
    options = {"lossless": True} if kind == "webp" else {}
    Image.fromarray(STORED).save(tmp_path / "x", kind, exif=exif(orientation), **options)
    check(tmp_path / "x", kind, upright(STORED, orientation))


@each_orientation
def test_exif_turns_a_jpeg(tmp_path: Path, orientation: int) -> None:
    Image.fromarray(STORED).save(tmp_path / "x", "jpeg", exif=exif(orientation))
    check(tmp_path / "x", "jpeg", upright(np.asarray(Image.open(tmp_path / "x")), orientation))


@each_orientation
@pytest.mark.parametrize("compression", [1, 8], ids=["plain", "deflate"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_its_tag_turns_a_tiff(tmp_path: Path, orientation: int, compression: int, channels: int, dtype: str) -> None:
    stored = STORED[:, :, :channels].astype(dtype) * (1 if dtype == "uint8" else 200)
    (tmp_path / "x").write_bytes(tiff(stored, compression=compression, tags={274: orientation}))
    check(tmp_path / "x", "tiff", upright(stored, orientation))


def test_16_bit_colours_are_turned_whole(tmp_path: Path) -> None:
    stored = STORED.astype(np.uint16) * 201
    (tmp_path / "x").write_bytes(png(stored, 16, RGB, early=chunk(b"eXIf", exif(6)[6:])))
    check(tmp_path / "x", "png", upright(stored, 6))


def test_exif_behind_the_pixels_of_a_png_counts_as_well(tmp_path: Path) -> None:
    file = png(STORED, 8, RGB)
    (tmp_path / "x").write_bytes(file[:-12] + chunk(b"eXIf", exif(8)[6:]) + file[-12:])
    check(tmp_path / "x", "png", upright(STORED, 8))


@pytest.mark.parametrize("block", [exif(9), exif(0), b"II*\0\x08\0\0\0\xff\xff", b"nonsense", b""])
def test_an_orientation_that_makes_no_sense_turns_nothing(tmp_path: Path, block: bytes) -> None:
    (tmp_path / "x").write_bytes(png(STORED, 8, RGB, early=chunk(b"eXIf", block)))
    check(tmp_path / "x", "png", STORED)


def test_describing_decodes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("png", "jpeg", "tiff", "webp", "bmp"):
        Image.fromarray(STORED).save(tmp_path / kind, kind)

    def refuse(*arguments: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.Image._getdecoder", refuse)
    monkeypatch.setattr("PIL.WebPImagePlugin.WebPImageFile.load", refuse)
    for kind in ("png", "jpeg", "tiff", "webp", "bmp"):
        assert described(tmp_path / kind, kind).shape == (4, 6, 3)
