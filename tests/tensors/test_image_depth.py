"""No bit of an image is lost: 16-bit colour, the byte orders of TIFF, numbers that have no 0..1."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lrn_cli.errors import LrnError
from tests.tensors.image_files import (
    GREY,
    GREY_ALPHA,
    RAW,
    RGB,
    RGB_ALPHA,
    Array,
    Order,
    chunk,
    described,
    png,
    png_of,
    read,
    tiff,
)


def numbers(channels: int, dtype: str = "uint16") -> Array:
    return np.random.default_rng(3).integers(0, 1 << 16, (6, 11, channels), dtype=np.uint16).astype(dtype)


@pytest.mark.parametrize(
    ("colour", "channels", "carried"), [(GREY, 1, 0), (GREY_ALPHA, 2, 1), (RGB, 3, 0), (RGB_ALPHA, 4, 1)]
)
@pytest.mark.parametrize("filters", [b"\0", b"\1", b"\2", b"\3", b"\4", b"\4\2\1\3\0"])
def test_a_16_bit_png_keeps_all_bits_under_every_filter(
    tmp_path: Path, colour: int, channels: int, carried: int, filters: bytes
) -> None:
    pixels = numbers(channels)
    (tmp_path / "x.png").write_bytes(png(pixels, 16, colour, filters=filters))
    info = described(tmp_path / "x.png", "png", RAW)
    assert ((6, 11, channels), np.dtype(np.uint16), carried) == (info.shape, info.dtype, info.carried)
    np.testing.assert_array_equal(pixels, read(tmp_path / "x.png", "png", RAW))


def test_an_interlaced_16_bit_png_keeps_all_bits(tmp_path: Path) -> None:
    pixels = numbers(3)
    # Adam7 (PNG 1.2, section 2.6): first column, first row, column step, row step of each pass.
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    grids = [pixels[y::down, x::across] for x, y, across, down in passes]
    data = b"".join(b"\0" + row.astype(">u2").tobytes() for grid in grids if grid.size for row in grid)
    (tmp_path / "x.png").write_bytes(png_of((11, 6), -16, RGB, data))
    np.testing.assert_array_equal(pixels, read(tmp_path / "x.png", "png", RAW))


def test_16_bits_are_divided_by_65535(tmp_path: Path) -> None:
    pixels = numbers(3)
    (tmp_path / "x.png").write_bytes(png(pixels, 16, RGB))
    expected = (pixels.astype(np.float64) / 65535).astype(np.float32)
    np.testing.assert_array_equal(expected, read(tmp_path / "x.png"))


@pytest.mark.parametrize(("colour", "channels"), [(GREY, 1), (RGB, 3)])
def test_a_transparent_16_bit_colour_is_compared_in_all_its_bits(tmp_path: Path, colour: int, channels: int) -> None:
    pixels = np.array([[[0x1234] * channels, [0x1235] * channels]])
    early = chunk(b"tRNS", struct.pack(f">{channels}H", *[0x1234] * channels))
    (tmp_path / "x.png").write_bytes(png(pixels, 16, colour, early=early))
    values = read(tmp_path / "x.png", "png", RAW)
    assert described(tmp_path / "x.png").carried == 1
    np.testing.assert_array_equal(pixels, values[:, :, :channels])
    np.testing.assert_array_equal([[0, 65535]], values[:, :, channels])


@pytest.mark.parametrize("packing", [("<", 1), (">", 1), ("<", 5), (">", 5), ("<", 8), (">", 8)], ids=str)
@pytest.mark.parametrize(
    ("channels", "dtype", "tags"),
    [
        (1, "uint16", {}),
        (3, "uint16", {}),
        (4, "uint16", {338: 2}),
        (1, "int16", {339: 2}),
        (1, "int32", {339: 2}),
        (1, "float32", {339: 3}),
        (1, "int8", {339: 2}),
        (3, "uint8", {}),
    ],
)
def test_a_tiff_keeps_all_bits_in_both_byte_orders_plain_and_compressed(
    tmp_path: Path, packing: tuple[Order, int], channels: int, dtype: str, tags: dict[int, int]
) -> None:
    order, compression = packing
    pixels = numbers(channels, dtype)
    (tmp_path / "x.tif").write_bytes(tiff(pixels, order, compression=compression, tags=tags))
    values = read(tmp_path / "x.tif", "tiff", RAW)
    assert values.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(pixels, values)


def test_unsigned_32_bit_numbers_above_the_signed_ones_stay_what_they_are(tmp_path: Path) -> None:
    pixels = np.array([[[3], [4_000_000_000]]], np.uint32)
    (tmp_path / "x.tif").write_bytes(tiff(pixels))
    np.testing.assert_array_equal(pixels, read(tmp_path / "x.tif", "tiff", RAW))


def test_12_bits_are_divided_by_4095(tmp_path: Path) -> None:
    packed = np.array([[[0xFF], [0xF1], [0x23]]], np.uint8)
    (tmp_path / "x.tif").write_bytes(tiff(packed, tags={256: 2, 258: 12}))
    assert read(tmp_path / "x.tif", "tiff", RAW).ravel().tolist() == [0xFFF, 0x123]
    expected = np.array([[[4095], [0x123]]], np.float32) / np.float32(4095)
    np.testing.assert_array_equal(expected, read(tmp_path / "x.tif", "tiff"))


def test_a_float_tiff_is_read_as_stored(tmp_path: Path) -> None:
    pixels = np.array([[[-1.5], [0.25], [300.0]]], np.float32)
    Image.fromarray(pixels[:, :, 0]).save(tmp_path / "x.tif")
    assert np.dtype(np.float32) == described(tmp_path / "x.tif", "tiff").dtype
    np.testing.assert_array_equal(pixels, read(tmp_path / "x.tif", "tiff"))


def test_a_16_bit_tiff_in_which_0_is_white_is_turned_like_an_8_bit_one(tmp_path: Path) -> None:
    (tmp_path / "8.tif").write_bytes(tiff(np.array([[[0], [255], [200]]], np.uint8), tags={262: 0}))
    (tmp_path / "16.tif").write_bytes(tiff(np.array([[[0], [65535], [200 * 257]]], np.uint16), tags={262: 0}))
    np.testing.assert_array_equal(read(tmp_path / "8.tif", "tiff"), read(tmp_path / "16.tif", "tiff"))
    assert read(tmp_path / "16.tif", "tiff").ravel()[:2].tolist() == [1.0, 0.0]


@pytest.mark.usefixtures("without_tifffile")
@pytest.mark.parametrize("dtype", ["int8", "int16", "int32"])
def test_numbers_of_which_none_means_white_are_taken_raw_or_not_at_all(tmp_path: Path, dtype: str) -> None:
    (tmp_path / "x.tif").write_bytes(tiff(numbers(1, dtype), tags={339: 2}))
    assert np.dtype(dtype) == described(tmp_path / "x.tif", "tiff").dtype
    with pytest.raises(LrnError, match=f"{dtype} numbers") as caught:
        read(tmp_path / "x.tif", "tiff")
    assert "--pixels raw" in caught.value.hint


@pytest.mark.usefixtures("without_tifffile")
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_separate_planes_are_read_right_or_refused(tmp_path: Path, dtype: str) -> None:
    pixels = numbers(3, dtype)
    (tmp_path / "x.tif").write_bytes(tiff(pixels, planes=True))
    if dtype == "uint8":
        np.testing.assert_array_equal(pixels, read(tmp_path / "x.tif", "tiff", RAW))
        return
    with pytest.raises(LrnError, match="16 bits in separate planes"):
        read(tmp_path / "x.tif", "tiff", RAW)


@pytest.mark.usefixtures("without_tifffile")
@pytest.mark.parametrize(
    ("channels", "tags", "message"),
    [
        (4, {338: 0}, "1 extra channel"),
        (4, {338: 1}, "16-bit RGBA .*without loss"),
        (4, {262: 5}, "16-bit CMYK .*without loss"),
        (2, {338: 2}, "does not read"),
    ],
    ids=["unexplained", "premultiplied", "CMYK", "grey and alpha"],
)
def test_16_bit_tiffs_that_pillow_would_cut_to_8_are_refused(
    tmp_path: Path, channels: int, tags: dict[int, int], message: str
) -> None:
    (tmp_path / "x.tif").write_bytes(tiff(numbers(channels), tags=tags))
    with pytest.raises(LrnError, match=message):
        read(tmp_path / "x.tif", "tiff")


@pytest.mark.usefixtures("without_tifffile")
@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_floats_that_pillow_does_not_know_are_refused_in_words(tmp_path: Path, dtype: str) -> None:
    (tmp_path / "x.tif").write_bytes(tiff(numbers(1, dtype), tags={339: 3}))
    with pytest.raises(LrnError, match="stores its pixels in a way that lrn does not read") as caught:
        read(tmp_path / "x.tif", "tiff")
    assert caught.value.hint == "pip install 'lrn-tensor[tiff]'"


def test_lab_colours_are_refused_in_words(tmp_path: Path) -> None:
    Image.new("LAB", (3, 2)).save(tmp_path / "x.tif")
    with pytest.raises(LrnError, match="LAB"):
        described(tmp_path / "x.tif", "tiff")
