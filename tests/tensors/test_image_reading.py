"""Images become tensors of height, width and channels: modes, scaling, transparency, threads, sizes."""

from __future__ import annotations

import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lrn_cli.errors import LrnError
from lrn_cli.tensors.format import WrittenFormat
from lrn_cli.tensors.registry import formats, sniff
from lrn_cli.tensors.tensor import Reading
from tests.advice import follow, hint_of
from tests.conftest import Run
from tests.tensors.image_files import BY_NAME, PALETTE, RAW, Array, chunk, described, opened, png, read

PIXELS = np.random.default_rng(1).integers(0, 256, (5, 7, 4), dtype=np.uint8)


def saved(path: Path, pixels: Array, **options: object) -> Path:
    Image.fromarray(pixels).save(path, **options)  # type: ignore[arg-type]
    return path


def test_looking_for_formats_does_not_import_pillow() -> None:
    program = "import sys, lrn_cli.tensors.registry as r; r.formats(); print('PIL' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(("suffix", "kind"), [(s, f.name) for f in BY_NAME.values() for s in f.suffixes])
def test_a_file_is_recognised_by_its_first_bytes_and_by_no_other_format(tmp_path: Path, suffix: str, kind: str) -> None:
    path = saved(tmp_path / f"x{suffix}", PIXELS[:, :, :3]).rename(tmp_path / "x.dat")
    head = path.read_bytes()[:16]
    assert sniff(path).name == kind
    assert [form.name for form in formats() if form.matches(head)] == [kind]


@pytest.mark.parametrize("head", [b"II+\0\x08\0\0\0" + bytes(8), b"MM\0+\0\x08\0\0" + bytes(8)])
def test_bigtiff_is_tiff(head: bytes) -> None:
    assert BY_NAME["tiff"].matches(head)


@pytest.mark.parametrize("head", [b"BM", b"BMW 1602 and others", b"RIFF\0\0\0\0WAVEfmt ", b"\xff\xd8", b"\x89PNG"])
def test_a_likeness_is_no_image(head: bytes) -> None:
    assert not any(form.matches(head) for form in BY_NAME.values())


def test_only_png_and_tiff_are_written() -> None:
    assert {"png", "tiff"} == {form.name for form in BY_NAME.values() if isinstance(form, WrittenFormat)}


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp", ".webp"])
def test_rgb_comes_back_as_it_was_put_in(tmp_path: Path, suffix: str) -> None:
    pixels = PIXELS[:, :, :3]
    path = saved(tmp_path / f"x{suffix}", pixels, **({"lossless": True} if suffix == ".webp" else {}))
    kind = sniff(path).name
    info = described(path, kind, RAW)
    assert ((5, 7, 3), np.dtype(np.uint8), "HWC", 0) == (info.shape, info.dtype, info.layout, info.carried)
    np.testing.assert_array_equal(pixels, read(path, kind, RAW))


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_is_what_pillow_decodes(tmp_path: Path, channels: int) -> None:
    path = saved(tmp_path / "x.jpg", PIXELS[:, :, 0] if channels == 1 else PIXELS[:, :, :3])
    expected = np.asarray(Image.open(path)).reshape(5, 7, channels)
    np.testing.assert_array_equal(expected, read(path, "jpeg", RAW))


def test_a_cmyk_jpeg_becomes_rgb(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "x.jpg", quality=100)
    values = read(tmp_path / "x.jpg", "jpeg")
    assert values.shape == (8, 8, 3)
    np.testing.assert_allclose(values[3, 3], [1, 0, 0], atol=0.02)


def test_every_8_bit_number_is_divided_with_one_correct_rounding(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.png", np.arange(256, dtype=np.uint8).reshape(16, 16))
    values = read(path)
    assert np.float32 == values.dtype
    for number, value in enumerate(values.ravel()):
        error = abs(Fraction(float(value)) - Fraction(number, 255))
        for neighbour in (np.nextafter(value, np.float32(-1)), np.nextafter(value, np.float32(2))):
            assert error <= abs(Fraction(float(neighbour)) - Fraction(number, 255))


def test_one_bit_is_0_or_1_and_raw_is_bool(tmp_path: Path) -> None:
    bits = PIXELS[:, :, 0] > 127
    path = saved(tmp_path / "x.png", bits)
    np.testing.assert_array_equal(bits[:, :, None].astype(np.float32), read(path))
    assert np.dtype(bool) == described(path, "png", RAW).dtype
    np.testing.assert_array_equal(bits[:, :, None], read(path, "png", RAW))


def test_grey_has_one_channel(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.png", PIXELS[:, :, 0])
    assert described(path).shape == (5, 7, 1)
    np.testing.assert_array_equal(PIXELS[:, :, :1], read(path, "png", RAW))


@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_transparency_is_the_last_channel_and_carried(tmp_path: Path, channels: int, suffix: str) -> None:
    pixels = PIXELS[:, :, :channels].copy()
    path = saved(tmp_path / f"x{suffix}", pixels)
    kind = sniff(path).name
    assert described(path, kind).carried == 1
    np.testing.assert_array_equal(pixels, read(path, kind, RAW))


def palette_png(transparency: bytes) -> bytes:
    colours = np.arange(12, dtype=np.uint8).reshape(4, 3) * 20
    early = chunk(b"PLTE", colours.tobytes()) + (chunk(b"tRNS", transparency) if transparency else b"")
    return png(np.array([[0, 1], [2, 3]])[:, :, None], 8, PALETTE, early=early)


@pytest.mark.parametrize(
    ("transparency", "alpha"),
    [(b"", None), (b"\xff\0", [[255, 0], [255, 255]]), (b"\x80\x40\x20\x10", [[128, 64], [32, 16]])],
)
def test_a_palette_becomes_its_colours(tmp_path: Path, transparency: bytes, alpha: list[list[int]] | None) -> None:
    (tmp_path / "x.png").write_bytes(palette_png(transparency))
    colours = (np.arange(12).reshape(2, 2, 3) * 20).astype(np.uint8)
    values = read(tmp_path / "x.png", "png", RAW)
    np.testing.assert_array_equal(colours, values[:, :, :3])
    assert int(alpha is not None) == described(tmp_path / "x.png").carried
    if alpha is not None:
        np.testing.assert_array_equal(alpha, values[:, :, 3])


def test_a_palette_tiff_becomes_its_colours(tmp_path: Path) -> None:
    image = Image.fromarray(PIXELS[:, :, :3]).quantize(8)
    image.save(tmp_path / "x.tif")
    np.testing.assert_array_equal(np.asarray(image.convert("RGB")), read(tmp_path / "x.tif", "tiff", RAW))


@pytest.mark.parametrize(
    ("rows", "depth", "key", "expected"),
    [
        ([[7, 9]], 8, (9,), [[[7, 255], [9, 0]]]),
        ([[0b00_01_10_11]], 2, (2,), [[[0, 255], [85, 255], [170, 0], [255, 255]]]),
        ([[0x5A]], 4, (10,), [[[85, 255], [170, 0]]]),
        ([[0b1000_0000]], 1, (1,), [[[True, False], *[[False, True]] * 7]]),
    ],
    ids=["8 bits", "2 bits", "4 bits", "1 bit"],
)
def test_a_transparent_grey_becomes_an_alpha_channel(
    tmp_path: Path, rows: list[list[int]], depth: int, key: tuple[int], expected: object
) -> None:
    wanted = np.array(expected)
    early = chunk(b"tRNS", struct.pack(">H", *key))
    (tmp_path / "x.png").write_bytes(png(np.array(rows), depth, 0, early=early))
    assert described(tmp_path / "x.png").carried == 1
    np.testing.assert_array_equal(wanted, read(tmp_path / "x.png", "png", RAW))


def test_a_transparent_colour_becomes_an_alpha_channel(tmp_path: Path) -> None:
    pixels = np.array([[[1, 2, 3], [1, 2, 4]]])
    (tmp_path / "x.png").write_bytes(png(pixels, 8, 2, early=chunk(b"tRNS", struct.pack(">3H", 1, 2, 3))))
    np.testing.assert_array_equal([[[1, 2, 3, 0], [1, 2, 4, 255]]], read(tmp_path / "x.png", "png", RAW))


def test_threads_reading_at_once_get_the_same_pixels(tmp_path: Path) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (64, 32, 3), dtype=np.uint8)
    path = saved(tmp_path / "x.png", pixels)
    with opened(path, "png", RAW) as source, ThreadPoolExecutor(8) as pool:
        blocks = [np.empty((1, 32, 3), np.uint8) for _ in range(64)]
        boxes = [(slice(row, row + 1), slice(0, 32), slice(0, 3)) for row in range(64)]
        list(pool.map(source.read, boxes, blocks))
    np.testing.assert_array_equal(pixels, np.concatenate(blocks))


def test_a_block_is_a_copy_that_may_be_written_to(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.png", PIXELS[:, :, :3])
    box, out = (slice(1, 3), slice(2, 6), slice(1, 3)), np.empty((2, 4, 2), np.uint8)
    with opened(path, "png", RAW) as source:
        source.read(box, out)
        out[...] = 0
        source.read(box, out)
    np.testing.assert_array_equal(PIXELS[1:3, 2:6, 1:3], out)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp", ".jpg", ".webp"])
def test_an_image_over_the_limit_is_refused_with_both_numbers(tmp_path: Path, suffix: str) -> None:
    path = saved(tmp_path / f"x{suffix}", PIXELS[:, :, :3])
    kind = sniff(path).name
    assert described(path, kind, Reading(max_pixels=35)).shape == (5, 7, 3)
    with pytest.raises(LrnError, match=r"7 x 5 = 35 pixels, the limit is 34\n") as caught:
        described(path, kind, Reading(max_pixels=34))
    assert caught.value.hint == "--max-pixels 35"


def claiming(width: int, height: int) -> bytes:
    return png(np.zeros((1, 1, 1)), 8, 0).replace(struct.pack(">II", 1, 1), struct.pack(">II", width, height), 1)


@pytest.mark.parametrize("size", [(9460, 9459), (1 << 20, 1 << 20)])
def test_pillows_own_limit_is_an_error_and_looks_at_the_header_only(tmp_path: Path, size: tuple[int, int]) -> None:
    file = bytearray(claiming(*size))
    file[29:33] = chunk(b"IHDR", bytes(file[16:29]))[-4:]
    (tmp_path / "x.png").write_bytes(file)
    with pytest.raises(LrnError, match=f"{size[0] * size[1]:,} pixels, the limit is 89,478,485"):
        described(tmp_path / "x.png")


@pytest.mark.parametrize("kind", ["png", "tiff", "webp"])
def test_the_limit_can_be_raised_above_pillows_without_changing_pillows(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / f"x.{kind}", PIXELS[:, :, :3], **({"lossless": True} if kind == "webp" else {}))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(LrnError, match="the limit is 10"):
        described(path, kind)
    np.testing.assert_array_equal(PIXELS[:, :, :3], read(path, kind, Reading(raw_pixels=True, max_pixels=35)))
    assert Image.MAX_IMAGE_PIXELS == 10


@pytest.mark.parametrize(("kind", "what"), [("png", "frames"), ("webp", "frames")])
def test_several_frames_are_refused_with_their_number(tmp_path: Path, kind: str, what: str) -> None:
    frames = [Image.fromarray(PIXELS[:, :, :3] // n) for n in (1, 2, 3)]
    frames[0].save(tmp_path / f"x.{kind}", save_all=True, append_images=frames[1:])
    with pytest.raises(LrnError, match=f"3 {what}") as caught:
        described(tmp_path / f"x.{kind}", kind)
    assert "seek(0)" in caught.value.hint


def test_one_frame_is_taken_by_the_hint_whatever_the_file_is_called_and_replaces_nothing(
    call: Run, tmp_path: Path
) -> None:
    first, *others = (Image.fromarray(PIXELS[:, :, :3] // n) for n in (1, 2))
    first.save(tmp_path / 'it\'s "$HOME".png', save_all=True, append_images=others)
    (tmp_path / "one.png").write_bytes(b"somebody's")
    follow(hint_of(call("apply", 'it\'s "$HOME".png', "-o", "y.npy")), tmp_path)
    assert (tmp_path / "one.png").read_bytes() == b"somebody's"
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "one.1.png").convert("RGB")), PIXELS[:, :, :3])


def test_a_jpeg_with_further_pictures_behind_it_is_its_first(tmp_path: Path) -> None:
    first, second = (Image.fromarray(PIXELS[:, :, channels]) for channels in ([0, 1, 2], [3, 3, 3]))
    first.save(tmp_path / "x.jpg", "MPO", save_all=True, append_images=[second])
    alone = BytesIO()
    first.save(alone, "JPEG")
    np.testing.assert_array_equal(np.asarray(Image.open(alone)), read(tmp_path / "x.jpg", "jpeg", RAW))


def test_a_file_that_changed_after_it_was_described_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.png", PIXELS[:, :, :3])
    source, info = opened(path), described(path)
    saved(path, PIXELS[:, :, 0])
    with pytest.raises(LrnError, match="changed"):
        BY_NAME["png"].open(path, info, Reading())
    with pytest.raises(LrnError, match="changed"):
        source.read((slice(0, 5), slice(0, 7), slice(0, 3)), np.empty((5, 7, 3), np.float32))
