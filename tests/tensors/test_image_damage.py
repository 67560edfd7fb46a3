"""Damaged images end in an error in words, never in wrong pixels or in a traceback."""

from __future__ import annotations

import subprocess
import sys
import warnings
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lrn_cli.errors import LrnError
from tests.tensors.image_files import RAW, RGB, chunk, described, png, read, tiff

PIXELS = np.random.default_rng(5).integers(0, 256, (24, 31, 3), dtype=np.uint8)
KINDS = ("png", "tiff", "jpeg", "bmp", "webp")


def encoded(kind: str) -> bytes:
    buffer = BytesIO()
    Image.fromarray(PIXELS).save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_ends_early_is_refused_wherever_it_ends(tmp_path: Path, kind: str) -> None:
    whole = encoded(kind)
    path = tmp_path / "x"
    for length in range(1, len(whole) - 12, len(whole) // 40):
        path.write_bytes(whole[:length])
        with pytest.raises(LrnError, match=rf"the {kind.upper()} image (ends early|is damaged)"):
            read(path, kind, RAW)


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_bytes_give_pixels_or_an_error_in_words(tmp_path: Path, kind: str) -> None:
    generator = np.random.default_rng(6)
    errors: list[LrnError] = []
    for _ in range(60):
        file = bytearray(encoded(kind))
        for place in generator.integers(0, len(file), 3):
            file[place] = generator.integers(0, 256)
        (tmp_path / "x").write_bytes(file)
        try:
            assert read(tmp_path / "x", kind, RAW).ndim == 3
        except LrnError as error:
            errors.append(error)
    for caught in errors:
        assert caught.message.startswith(f"{tmp_path / 'x'}: the ")
        assert "\n" not in caught.message
        assert caught.hint


def test_a_png_with_one_wrong_byte_in_its_pixels_is_refused(tmp_path: Path) -> None:
    whole = encoded("png")
    file = bytearray(whole)
    file[whole.index(b"IDAT") + 300] ^= 1
    (tmp_path / "x").write_bytes(file)
    with pytest.raises(LrnError, match="is damaged"):
        read(tmp_path / "x")


def test_a_png_with_more_text_than_pillow_takes_is_not_called_damaged(tmp_path: Path) -> None:
    text = b"Comment\0\0" + zlib.compress(bytes(2 << 20))
    (tmp_path / "x").write_bytes(png(PIXELS, 8, RGB, early=chunk(b"zTXt", text)))
    with pytest.raises(LrnError, match="too much before its pixels") as caught:
        described(tmp_path / "x")
    assert caught.value.hint == f"exiftool -all= {tmp_path / 'x'}"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LrnError, match=r"x\.png: cannot be read: No such file"):
        described(tmp_path / "x.png")


def test_no_python_warning_reaches_the_user(tmp_path: Path) -> None:
    # An animation control chunk that promises no frames: Pillow warns, and reads the picture.
    file = png(PIXELS, 8, RGB, early=chunk(b"acTL", bytes(8)))
    (tmp_path / "x").write_bytes(file)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        np.testing.assert_array_equal(PIXELS, read(tmp_path / "x", "png", RAW))
    assert caught == []


def test_no_logged_line_reaches_the_user(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(tiff(PIXELS[:, :, [0] * 100], tags={262: 5}))
    program = """
import sys, pathlib
from lrn_cli.tensors.formats.image import FORMATS
from lrn_cli.tensors.tensor import Reading
try:
    FORMATS[1].describe(pathlib.Path(sys.argv[1]), Reading())
except ValueError as error:
    print(type(error).__name__)
"""
    command = [sys.executable, "-c", program, str(tmp_path / "x")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("NotReadError\n", "")


@pytest.mark.parametrize("error", [MemoryError(), KeyError("x"), Image.DecompressionBombError("big")])
def test_what_pillow_raises_is_put_into_words(
    tmp_path: Path, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(image: object) -> None:
        raise error

    (tmp_path / "x").write_bytes(encoded("png"))
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", fail)
    with pytest.raises(LrnError, match=r"memory|damaged|the limit is"):
        read(tmp_path / "x")
