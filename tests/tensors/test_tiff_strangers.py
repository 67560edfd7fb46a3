"""A TIFF file from a stranger is refused in one line before anything is taken for what it declares."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from lrn_cli.errors import LrnError
from lrn_cli.tensors.registry import sniff
from lrn_cli.tensors.selection import open_tensor
from lrn_cli.tensors.tensor import Reading
from tests.tensors.image_files import Array, tiff

Entry = tuple[int, int, int, int]
"""A tag: its number, the type of its values, how many there are, and the value or where it is."""
SHORT, LONG = 3, 4


@pytest.fixture(autouse=True)
def _as_with_tifffile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the extra found: none of these files comes as far as needing it."""
    monkeypatch.setattr("lrn_cli.tensors.images.tiff.codecs.find_spec", lambda _: True)


def page(place: int, following: int, entries: Sequence[Entry]) -> bytes:
    """A directory; `place` is where it stands, which it must be put at."""
    rows = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return struct.pack("<H", len(entries)) + rows + struct.pack("<I", following)


def floats(width: int, length: int, rows: int, strips: tuple[int, int], sizes: tuple[int, int]) -> list[Entry]:
    """Tags of a page of deflated float32: `strips` and `sizes` are a count, and the value or its place."""
    plain = {256: width, 257: length, 258: 32, 259: 8, 262: 1, 277: 1, 278: rows, 339: 3}
    found = [(tag, LONG, 1, value) for tag, value in plain.items()]
    return [*found, (273, LONG, *strips), (279, LONG, *sizes)]


def refused(path: Path, word: str = "", reading: Reading | None = None) -> LrnError:
    """How opening the file ends."""
    with pytest.raises(LrnError) as caught:
        open_tensor(f"{path}{word}", reading or Reading())
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("back", [0, 1, 2])
def test_pages_in_a_circle_are_refused(tmp_path: Path, back: int) -> None:
    tags = [(256, LONG, 1, 3), (257, LONG, 1, 2)]
    size = len(page(0, 0, tags))
    places = [8, 8 + size, 8 + 2 * size]
    data = b"II*\0" + struct.pack("<I", 8)
    for number, place in enumerate(places):
        data += page(place, places[number + 1] if number < 2 else places[back], tags)
    (tmp_path / "x.tif").write_bytes(data)
    assert "behind its page 3 comes one that it has already had" in refused(tmp_path / "x.tif").message


def test_pages_beyond_number_are_refused(tmp_path: Path) -> None:
    tags = [(256, LONG, 1, 3)]
    size = len(page(0, 0, tags))
    pages = b"".join(page(0, 8 + size * (number + 1), tags) for number in range(70_000))
    (tmp_path / "x.tif").write_bytes(b"II*\0" + struct.pack("<I", 8) + pages + page(0, 0, tags))
    assert "more than 65,536 pages" in refused(tmp_path / "x.tif").message


def test_a_page_that_is_not_in_the_file_is_refused(tmp_path: Path) -> None:
    pixels = bytearray(tiff(np.zeros((2, 3, 2), np.float32), tags={262: 1, 339: 3}))
    count = struct.unpack_from("<H", pixels, 8)[0]
    struct.pack_into("<I", pixels, 10 + 12 * count, 1 << 30)
    (tmp_path / "x.tif").write_bytes(pixels)
    assert "page 2 is not in the file" in refused(tmp_path / "x.tif").message


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (floats(10_240, 10_240, 10_240, (1, 8), (1, 100)), r"pieces of 419,430,400 bytes.*limit is 268,435,456"),
        (floats(10_240, 10_240, 1_024, (10, 8), (10, 8)), "reach further|other sizes|declares|take"),
        (floats(100, 2**32 - 1, 1, (1, 8), (1, 100)), r"it has 1 of its 4294967295 strips"),
        (floats(100, 100, 100, (1, 8), (1, 2**31)), "cut off"),
        (floats(100, 100, 100, (2**31, 8), (2**31, 8)), "it has 0 of its 1 strips"),
    ],
    ids=["a large strip", "large", "strips without end", "beyond the end", "places without end"],
)
def test_what_is_declared_is_compared_before_memory_is_taken(tmp_path: Path, entries: list[Entry], said: str) -> None:
    packed = zlib.compress(bytes(1 << 16))
    place = 8 + len(packed) + len(packed) % 2
    data = b"II*\0" + struct.pack("<I", place) + packed.ljust(place - 8, b"\0") + page(place, 0, entries)
    (tmp_path / "x.tif").write_bytes(data)
    error = refused(tmp_path / "x.tif")
    assert re.search(said, error.message)


@pytest.mark.parametrize(
    ("reading", "said", "hint"),
    [
        (Reading(max_pixels=29), "6 x 5 = 30 pixels, the limit is 29", "--max-pixels 30"),
        (Reading(max_bytes=100), "take 480 bytes, the limit is 100", "--max-bytes 480"),
    ],
    ids=["pixels", "bytes"],
)
def test_limits_that_are_asked_for_hold_for_numbers_too(tmp_path: Path, reading: Reading, said: str, hint: str) -> None:
    (tmp_path / "x.tif").write_bytes(tiff(np.zeros((5, 6, 4), np.float32), tags={262: 1, 339: 3}))
    error = refused(tmp_path / "x.tif", reading=reading)
    assert said in error.message
    assert error.hint == hint
    with open_tensor(str(tmp_path / "x.tif"), Reading(max_pixels=30, max_bytes=480)) as source:
        assert source.info.shape == (5, 6, 4)


def numbers(dtype: str, channels: int) -> Array:
    """Numbers that use all bits of their dtype, except that floats are finite."""
    whole = np.random.default_rng(8).integers(0, 1 << 16, (6, 11, channels), dtype=np.uint16)
    return whole.astype(dtype) if np.dtype(dtype).kind != "f" else (whole / 257 - 100).astype(dtype)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize(
    ("dtype", "kind"),
    [("f2", 3), ("f4", 3), ("f8", 3), ("i1", 2), ("i2", 2), ("i4", 2), ("u4", 1), ("i8", 2), ("u8", 1)],
)
def test_numbers_that_have_no_white_are_taken_as_they_are(
    tmp_path: Path, dtype: str, kind: int, planes: bool, order: str
) -> None:
    pixels = numbers(dtype, 5)
    file = tiff(pixels, order, planes=planes, tags={262: 1, 339: kind})  # type: ignore[arg-type]
    (tmp_path / "x.tif").write_bytes(file)
    assert sniff(tmp_path / "x.tif").name == "tiff"
    with open_tensor(str(tmp_path / "x.tif"), Reading()) as source:
        assert (source.info.dtype, source.info.carried) == (np.dtype(dtype), 0)
        out = np.empty(source.info.shape, source.info.dtype)
        source.read((slice(0, 6), slice(0, 11), slice(0, 5)), out)
        part = np.empty((2, 4, 3), out.dtype)
        source.read((slice(3, 5), slice(6, 10), slice(1, 4)), part)
    np.testing.assert_array_equal(pixels, out)
    np.testing.assert_array_equal(pixels[3:5, 6:10, 1:4], part)
