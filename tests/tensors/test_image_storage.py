"""A sound TIFF file is read right or refused in words; only one that is cut off or damaged is called so."""

from __future__ import annotations

import ast
import shlex
import struct
from pathlib import Path

import numpy as np
import pytest

from lrn_cli.errors import LrnError
from tests.tensors.image_files import RAW, Array, Order, read, tiff


def numbers(dtype: str, channels: int = 1) -> Array:
    """Numbers that use all bits of their dtype, except that floats are finite."""
    whole = np.random.default_rng(8).integers(0, 1 << 16, (6, 11, channels), dtype=np.uint16)
    return whole.astype(dtype) if np.dtype(dtype).kind != "f" else (whole / 257 - 100).astype(dtype)


@pytest.mark.parametrize("packing", [("<", 1), (">", 1), ("<", 5), (">", 5), ("<", 8), (">", 8)], ids=str)
@pytest.mark.parametrize(
    ("dtype", "tags"),
    [
        ("uint8", {}),
        ("int8", {339: 2}),
        ("uint16", {}),
        ("int16", {339: 2}),
        ("int32", {339: 2}),
        ("float32", {339: 3}),
        ("uint8", {262: 0}),
        ("uint16", {262: 0}),
    ],
    ids=str,
)
def test_one_channel_in_a_plane_of_its_own_is_what_it_is(
    tmp_path: Path, packing: tuple[Order, int], dtype: str, tags: dict[int, int]
) -> None:
    order, compression = packing
    pixels = numbers(dtype)
    file = tiff(pixels, order, compression=compression, tags={**tags, 284: 2})
    (tmp_path / "x.tif").write_bytes(file)
    np.testing.assert_array_equal(pixels, read(tmp_path / "x.tif", "tiff", RAW))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "bool"])
def test_stored_numbers_are_given_where_0_is_white(tmp_path: Path, dtype: str) -> None:
    if dtype == "bool":
        (tmp_path / "x.tif").write_bytes(tiff(np.array([[[0b1011_0000]]], np.uint8), tags={256: 4, 258: 1, 262: 0}))
        pixels = np.array([[[True], [False], [True], [True]]])
    else:
        pixels = numbers(dtype)
        (tmp_path / "x.tif").write_bytes(tiff(pixels, tags={262: 0}))
    np.testing.assert_array_equal(pixels, read(tmp_path / "x.tif", "tiff", RAW))
    full = np.float32(1 if dtype == "bool" else np.iinfo(dtype).max)
    np.testing.assert_array_equal((full - pixels) / full, read(tmp_path / "x.tif", "tiff"))


@pytest.mark.usefixtures("without_tifffile")
@pytest.mark.parametrize(
    ("pixels", "options", "way"),
    [
        (numbers("float64"), {"tags": {339: 3}}, "1 channel of float64, grey"),
        (numbers("float16"), {"tags": {339: 3}, "compression": 8}, "1 channel of float16, grey, deflate"),
        (numbers("float64"), {"tags": {339: 3}, "compression": 5}, "1 channel of float64, grey, LZW"),
        (numbers("complex64"), {"tags": {339: 6}}, "1 channel of complex64, grey"),
        (numbers("uint16", 5), {"planes": True}, "5 channels of uint16, RGB, in separate planes"),
        (numbers("uint8", 5), {"planes": True, "tags": {262: 1}}, "5 channels of uint8, grey, in separate planes"),
        (numbers("uint8", 5), {"tags": {262: 1}}, "5 channels of uint8, grey"),
        (numbers("float32", 3), {"tags": {339: 3}}, "3 channels of float32, RGB"),
        (numbers("uint8"), {"tags": {262: 32803}}, "1 channel of uint8, CFA"),
        (numbers("int16"), {"tags": {339: 2, 262: 0}}, "1 channel of int16, grey with 0 as white"),
        (numbers("uint8"), {"tags": {262: 40000}}, "1 channel of uint8, photometric 40000"),
        (numbers("uint8"), {"tags": {259: 34887}}, "1 channel of uint8, grey, LERC"),
        (numbers("uint8"), {"tags": {259: 50002}}, "1 channel of uint8, grey, JPEG XL"),
        (numbers("uint8"), {"tags": {259: 65000}}, "1 channel of uint8, grey, compression 65000"),
        (numbers("uint8", 7), {}, "7 channels of uint8, RGB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_sound_file_that_pillow_does_not_decode_is_refused_by_the_way_it_is_stored(
    tmp_path: Path, pixels: Array, options: dict[str, object], way: str
) -> None:
    (tmp_path / "x.tif").write_bytes(tiff(pixels, **options))  # type: ignore[arg-type]
    with pytest.raises(LrnError) as caught:
        read(tmp_path / "x.tif", "tiff", RAW)
    of_numbers = not any(word in way for word in ("complex", "LERC", "JPEG", "photometric", "compression"))
    without = " without tifffile" * of_numbers
    assert caught.value.message == (
        f"{tmp_path / 'x.tif'}: the TIFF image stores its pixels in a way that lrn does not read{without} ({way})"
    )
    loaded = f'tifffile.imread("{tmp_path}/x.tif", key=0)'
    program = f"python3 -c 'import numpy as np; import tifffile; np.save(\"x.npy\", {loaded})'"
    assert caught.value.hint == ("pip install 'lrn-tensor[tiff]'" if of_numbers else program)


@pytest.mark.parametrize("stem", ["x", 'it\'s "$HOME" `id`'])
def test_the_hint_for_a_file_that_is_not_read_is_typed_as_it_stands_and_replaces_nothing(
    stem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(f"{stem}.npy").write_bytes(b"somebody's")
    Path(f"{stem}.tif").write_bytes(tiff(numbers("complex64"), tags={339: 6}))
    with pytest.raises(LrnError) as caught:
        read(Path(f"{stem}.tif"), "tiff", RAW)
    words = shlex.split(caught.value.hint)
    assert words[:2] == ["python3", "-c"]
    names = [node.value for node in ast.walk(ast.parse(words[2])) if isinstance(node, ast.Constant)]
    assert {f"{stem}.1.npy", f"{stem}.tif"} < {*names}


@pytest.mark.parametrize("compression", [1, 5, 8])
@pytest.mark.parametrize(
    ("dtype", "tags"),
    [("uint8", {}), ("uint16", {284: 2}), ("float64", {339: 3}), ("uint8", {262: 32803}), ("uint8", {259: 34887})],
    ids=str,
)
def test_a_file_that_was_cut_off_is_called_that_whatever_it_stores(
    tmp_path: Path, compression: int, dtype: str, tags: dict[int, int]
) -> None:
    whole = tiff(numbers(dtype), compression=compression, tags=tags)
    for length in (len(whole) - 1, len(whole) - 20, len(whole) - len(numbers(dtype).tobytes()) // 2):
        (tmp_path / "x.tif").write_bytes(whole[:length])
        with pytest.raises(LrnError, match="the TIFF image ends early: the file is cut off") as caught:
            read(tmp_path / "x.tif", "tiff", RAW)
        assert caught.value.hint == "copy or download the file again"


def test_a_file_with_spoilt_deflated_pixels_is_called_damaged(tmp_path: Path) -> None:
    file = bytearray(tiff(numbers("uint8"), compression=8))
    file[-40:-20] = bytes(20)
    (tmp_path / "x.tif").write_bytes(file)
    with pytest.raises(LrnError, match="is damaged"):
        read(tmp_path / "x.tif", "tiff", RAW)


@pytest.mark.usefixtures("without_tifffile")
def test_strips_that_were_left_out_are_not_read_as_the_files_beginning(tmp_path: Path) -> None:
    file = bytearray(tiff(numbers("uint8")))
    entry = file.index(struct.pack("<HHI", 273, 4, 1))
    file[entry + 8 : entry + 12] = bytes(4)
    (tmp_path / "x.tif").write_bytes(file)
    with pytest.raises(LrnError, match=r"does not read without tifffile \(strips or tiles of one value are left out\)"):
        read(tmp_path / "x.tif", "tiff", RAW)


def test_a_big_endian_bigtiff_is_refused_as_such(tmp_path: Path) -> None:
    (tmp_path / "x.tif").write_bytes(struct.pack(">2sHHHQ", b"MM", 43, 8, 0, 16) + bytes(200))
    with pytest.raises(LrnError, match=r"does not read \(a big-endian BigTIFF\)"):
        read(tmp_path / "x.tif", "tiff", RAW)
