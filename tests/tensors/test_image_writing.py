"""Tensors become images: rounded, clipped with a count or stretched, whole or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from lrn_cli.boxes import Box
from lrn_cli.errors import LrnError
from lrn_cli.tensors.registry import find_format
from lrn_cli.tensors.tensor import Reading, Source, TensorInfo, Writing
from tests.tensors.image_files import RAW, RGB, Array, opened, png, read

UNIT = np.random.default_rng(7).random((5, 7, 4)).astype(np.float32)


class ArraySource(Source):
    """An array that is not from an image."""

    path = None

    def __init__(self, values: Array, *, fortran_order: bool = False) -> None:
        self.info = TensorInfo(values.shape, values.dtype, fortran_order=fortran_order)

    def read(self, box: Box, out: Array) -> None:
        raise NotImplementedError


def write(
    path: Path, values: Array, source: Source | None = None, *, force: bool = False, stretch: bool = False
) -> list[str]:
    """Write the values in two blocks; what the user was told."""
    told: list[str] = []
    source = source or ArraySource(values)
    writing = Writing(path, "", values.shape, values.dtype, source, force=force, stretch=stretch, notice=told.append)
    create = find_format("tiff" if path.suffix == ".tif" else "png").create
    stored, middle = values.T if source.info.fortran_order else values, values.shape[2 * source.info.fortran_order] // 2
    with create(writing) as sink:
        for part in (slice(0, middle), slice(middle, stored.shape[0])):
            box = (part, *(slice(0, length) for length in stored.shape[1:]))
            sink.write(box, np.ascontiguousarray(stored[box]))
    return told


@pytest.mark.usefixtures("without_tifffile")
@pytest.mark.parametrize("channels", [2, 3, 4])
def test_without_the_extra_floats_of_several_channels_are_refused_and_never_8_bits(
    tmp_path: Path, channels: int
) -> None:
    with pytest.raises(
        LrnError, match=f"float32 numbers of {channels} channels take tifffile in a TIFF file"
    ) as caught:
        write(tmp_path / "x.tif", UNIT[:, :, :channels])
    assert "lrn-tensor[tiff]" in caught.value.hint
    assert not (tmp_path / "x.tif").exists()


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "LA"), (3, "RGB"), (4, "RGBA")])
def test_floats_are_rounded_to_8_bits_and_it_is_said(tmp_path: Path, channels: int, mode: str) -> None:
    values = UNIT[:, :, :channels]
    rounded = f"float32 numbers became 8 bits per channel; -o {tmp_path / 'x.npy'} keeps all"
    assert write(tmp_path / "x.png", values) == [rounded]
    with Image.open(tmp_path / "x.png") as image:
        assert (image.mode, image.size) == (mode, (7, 5))
        expected = np.floor(values.astype(np.float64) * 255 + 0.5).reshape(np.asarray(image).shape)
        np.testing.assert_array_equal(expected, np.asarray(image))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int16", "uint32"])
def test_what_no_picture_is_made_of_is_written_to_a_tiff_as_it_is(tmp_path: Path, dtype: str) -> None:
    values = np.array([[[-1.5], [np.nan], [np.inf]], [[1e-7], [300], [0.1]]]).astype(
        "float16" if dtype == "float16" else "float32"
    )
    assert write(tmp_path / "x.tif", values, ArraySource(np.zeros(values.shape, dtype))) == []
    with Image.open(tmp_path / "x.tif") as image:
        assert image.mode == "F"
        np.testing.assert_array_equal(values[:, :, 0].astype(np.float32), np.asarray(image))


@pytest.mark.usefixtures("without_tifffile")
def test_numbers_too_precise_for_a_tiff_become_float32_and_it_is_said(tmp_path: Path) -> None:
    (told,) = write(tmp_path / "x.tif", np.full((2, 3, 1), 0.1))
    assert told == f"float64 numbers became float32; -o {tmp_path / 'x.npy'} keeps all"
    with Image.open(tmp_path / "x.tif") as image:
        np.testing.assert_array_equal(np.full((2, 3), 0.1, np.float32), np.asarray(image))


def test_stretching_makes_a_picture_of_floats_in_a_tiff_as_well(tmp_path: Path) -> None:
    assert write(tmp_path / "x.tif", np.array([[[-1.0], [3.0]]], np.float32), stretch=True) == []
    with Image.open(tmp_path / "x.tif") as image:
        assert (image.mode, np.asarray(image).tolist()) == ("L", [[0, 255]])


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_8_bit_image_comes_back_the_same_through_the_scaled_values(tmp_path: Path, suffix: str, dtype: str) -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    Image.fromarray(pixels).save(tmp_path / "in.png")
    write(tmp_path / f"x{suffix}", read(tmp_path / "in.png").astype(dtype), opened(tmp_path / "in.png"))
    np.testing.assert_array_equal(pixels, np.asarray(Image.open(tmp_path / f"x{suffix}")))


@pytest.mark.parametrize("reading", [Reading(), RAW], ids=["scaled", "raw"])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_grey_16_bit_image_is_written_with_16_bits(tmp_path: Path, suffix: str, reading: Reading) -> None:
    pixels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    Image.fromarray(pixels).save(tmp_path / "in.png")
    values = read(tmp_path / "in.png", "png", reading).astype(np.float32)
    assert write(tmp_path / f"x{suffix}", values, opened(tmp_path / "in.png", "png", reading)) == []
    np.testing.assert_array_equal(pixels, np.asarray(Image.open(tmp_path / f"x{suffix}")))


def test_16_bit_colours_become_8_bits_and_it_is_said(tmp_path: Path) -> None:
    pixels = np.array([[[0, 257, 514], [65535, 65278, 300]]], np.uint16)
    (tmp_path / "in.png").write_bytes(png(pixels, 16, RGB))
    (told,) = write(tmp_path / "x.png", read(tmp_path / "in.png"), opened(tmp_path / "in.png"))
    assert told == (
        f"16 bits per channel became 8: colours and transparency are written with 8; -o {tmp_path / 'x.npy'} keeps all"
    )
    np.testing.assert_array_equal([[[0, 1, 2], [255, 254, 1]]], np.asarray(Image.open(tmp_path / "x.png")))


def test_raw_pixels_keep_their_scale(tmp_path: Path) -> None:
    pixels = np.array([[[0, 100, 255]]], np.uint8)
    Image.fromarray(pixels).save(tmp_path / "in.png")
    values = np.array([[[0.4, 99.6, 300]]], np.float32)
    (told,) = write(tmp_path / "x.png", values, opened(tmp_path / "in.png", "png", RAW))
    assert told.startswith("1 of 3 values (33.3 %) lay outside 0..255 and were clipped")
    np.testing.assert_array_equal([[[0, 100, 255]]], np.asarray(Image.open(tmp_path / "x.png")))


def test_values_that_are_next_to_nothing_on_the_stored_scale_are_told_of(tmp_path: Path) -> None:
    Image.fromarray(np.full((1, 1, 3), 200, np.uint8)).save(tmp_path / "in.png")
    source = opened(tmp_path / "in.png", "png", RAW)
    told = write(tmp_path / "x.png", np.full((1, 1, 3), 0.75, np.float32), source)
    assert told == ["the values reach 0.75 of 0..255, most of it is lost; --stretch maps them instead"]
    assert write(tmp_path / "y.png", np.zeros((1, 1, 3), np.float32), source) == []


def test_what_lies_outside_is_clipped_and_counted(tmp_path: Path) -> None:
    values = np.full((100, 100, 3), 0.5, np.float32)
    values.ravel()[:1234] = 1.5
    values.ravel()[1234:1300] = -0.1
    told, _ = write(tmp_path / "x.png", values)
    assert told == "1,300 of 30,000 values (4.3 %) lay outside 0..1 and were clipped; --stretch maps them instead"
    pixels = np.asarray(Image.open(tmp_path / "x.png")).ravel()
    assert (pixels[0], pixels[1234], pixels[1300]) == (255, 0, 128)


def test_undefined_values_become_0_and_infinite_ones_are_clipped_and_both_are_counted(tmp_path: Path) -> None:
    values = np.array([[[np.nan], [np.inf], [-np.inf], [1.0]]], np.float32)
    clipped, undefined, _ = write(tmp_path / "x.png", values)
    assert clipped.startswith("2 of 4 values (50.0 %) lay outside 0..1")
    assert undefined == "1 of 4 values (25.0 %) were NaN and became 0"
    np.testing.assert_array_equal([[0, 255, 0, 255]], np.asarray(Image.open(tmp_path / "x.png")))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_stretching_maps_the_colours_range_and_leaves_transparency_alone(tmp_path: Path, dtype: str) -> None:
    values = np.array([[[-2.0, 0.5], [2.0, 0.25], [0.0, 1.0]]], dtype)
    assert write(tmp_path / "x.png", values, stretch=True) == []
    np.testing.assert_array_equal([[[0, 128], [255, 64], [128, 255]]], np.asarray(Image.open(tmp_path / "x.png")))


def test_stretching_is_by_the_finite_values(tmp_path: Path) -> None:
    values = np.array([[[2.0], [4.0], [np.inf], [np.nan]]], np.float32)
    write(tmp_path / "x.png", values, stretch=True)
    np.testing.assert_array_equal([[0, 255, 255, 0]], np.asarray(Image.open(tmp_path / "x.png")))


@pytest.mark.parametrize("value", [0.3, np.nan])
def test_stretching_one_single_value_divides_by_nothing(tmp_path: Path, value: float) -> None:
    write(tmp_path / "x.png", np.full((2, 2, 3), value, np.float32), stretch=True)
    assert not np.asarray(Image.open(tmp_path / "x.png")).any()


def test_blocks_of_a_source_in_fortran_order_are_turned_round(tmp_path: Path) -> None:
    values = UNIT[:, :, :3]
    write(tmp_path / "c.png", values)
    write(tmp_path / "f.png", values, ArraySource(values, fortran_order=True))
    assert (tmp_path / "c.png").read_bytes() == (tmp_path / "f.png").read_bytes()


@pytest.mark.parametrize("shape", [(5,), (5, 7), (5, 7, 5), (5, 7, 0), (0, 7, 3), (1, 5, 7, 3), ()])
@pytest.mark.parametrize("kind", ["png", "tiff"])
@pytest.mark.usefixtures("without_tifffile")
def test_what_is_no_image_is_refused_before_anything_is_made(tmp_path: Path, shape: tuple[int, ...], kind: str) -> None:
    values = np.zeros(shape, np.float32)
    writing = Writing(tmp_path / "x.png", "", shape, values.dtype, ArraySource(values))
    takes_tifffile = kind == "tiff" and shape in {(5, 7, 5), (1, 5, 7, 3)}
    for refused in (find_format(kind).check, find_format(kind).create):
        with pytest.raises(LrnError, match="more than an image's" if takes_tifffile else "not an image's") as caught:
            refused(writing)
        assert caught.value.hint == ("pip install 'lrn-tensor[tiff]'" if takes_tifffile else f"-o {tmp_path / 'x.npy'}")
    assert list(tmp_path.iterdir()) == []


def test_a_named_dataset_is_refused(tmp_path: Path) -> None:
    writing = Writing(tmp_path / "x.png", "", UNIT.shape, UNIT.dtype, ArraySource(UNIT))
    check = find_format("png").check
    check(writing)
    with pytest.raises(LrnError, match="/conv1"):
        check(writing._replace(member="/conv1"))


def test_a_file_that_is_there_stays_without_force_and_is_replaced_with_it(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"old")
    with pytest.raises(LrnError, match="--force"):
        write(tmp_path / "x.png", UNIT)
    assert (tmp_path / "x.png").read_bytes() == b"old"
    write(tmp_path / "x.png", UNIT, force=True)
    assert np.asarray(Image.open(tmp_path / "x.png")).shape == (5, 7, 4)


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    create = find_format("png").create
    writing = Writing(tmp_path / "x.png", "", UNIT.shape, UNIT.dtype, ArraySource(UNIT))
    with pytest.raises(RuntimeError, match="midway"), create(writing):
        raise RuntimeError("midway")
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.png")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "x.png").read_bytes()))
    reader.start()
    write(tmp_path / "x.png", UNIT)
    reader.join()
    assert (tmp_path / "x.png").is_fifo()
    assert got[0].startswith(b"\x89PNG")


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_the_same_values_give_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    for name in ("a", "b"):
        write(tmp_path / f"{name}{suffix}", UNIT[:, :, :1])
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_profile_and_resolution_are_kept_but_not_the_orientation(tmp_path: Path, suffix: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = (UNIT[:, :, :3] * 255).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "in.png", icc_profile=profile, dpi=(300, 150), exif=exif)
    write(tmp_path / f"x{suffix}", read(tmp_path / "in.png"), opened(tmp_path / "in.png"))
    with Image.open(tmp_path / f"x{suffix}") as image:
        assert image.info["icc_profile"] == profile
        assert tuple(round(number) for number in image.info["dpi"]) == (150, 300)
        assert 0x0112 not in image.getexif()
        np.testing.assert_array_equal(np.rot90(pixels, -1), np.asarray(image))


def test_a_profile_for_other_colours_is_not_kept(tmp_path: Path) -> None:
    profile = bytes(16) + b"CMYK" + bytes(108)
    Image.new("CMYK", (4, 4)).save(tmp_path / "in.jpg", icc_profile=profile)
    write(tmp_path / "x.png", read(tmp_path / "in.jpg", "jpeg"), opened(tmp_path / "in.jpg", "jpeg"))
    with Image.open(tmp_path / "x.png") as image:
        assert "icc_profile" not in image.info
