"""TIFF files of any numbers, bands and pages are to tifffile after `lrn` what they were before, but for the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lrn_cli.errors import LrnError
from lrn_cli.tensors.selection import open_tensor
from lrn_cli.tensors.tensor import Reading
from tests.arithmetic.exact import formula, ulps
from tests.conftest import Run
from tests.tensors.formats.battery import Battery, Example, random
from tests.tensors.image_files import Array

tifffile = pytest.importorskip("tifffile", reason="tifffile writes and reads all TIFF files")
pytest.importorskip("imagecodecs", reason="tifffile compresses and decompresses with imagecodecs")

PACKED: dict[str, Any] = {"tile": (16, 32), "compression": "zlib", "predictor": True}


def make(path: Path, pages: Sequence[Array], options: dict[str, Any], file: dict[str, Any]) -> None:
    """A file of these pages (H, W, C), with a description of each."""
    with tifffile.TiffWriter(path, **file) as writer:
        for number, page in enumerate(pages):
            channels = page.shape[2]
            stored = np.moveaxis(page, -1, 0) if options.get("planarconfig") == "separate" else page
            extra = {"planarconfig": "contig", "extrasamples": ["unspecified"] * (channels - 1 - 2 * (channels == 3))}
            writer.write(
                stored[..., 0] if channels == 1 else stored,
                photometric="rgb" if channels == 3 else "minisblack",
                description=f"page {number}",
                resolution=(300, 200),
                metadata=None,
                **{**(extra if channels > 1 else {}), **options},
            )


def pages_of(path: Path) -> Iterator[Array]:
    """Each page as tifffile reads it, with its channels last."""
    with tifffile.TiffFile(path) as file:
        for page in file.pages:
            values = page.asarray()
            separate = page.planarconfig == 2 and page.samplesperpixel > 1
            shape = (page.imagelength, page.imagewidth, page.samplesperpixel)
            yield (np.moveaxis(values, 0, -1) if separate else values).reshape(shape)


def load(path: Path) -> Array:
    """A file's one page, or all of them."""
    pages = list(pages_of(path))
    return pages[0] if len(pages) == 1 else np.stack(pages)


def tell(path: Path) -> object:
    """How the file is stored, and what it says besides."""
    with tifffile.TiffFile(path) as file:
        first = file.pages.first
        how = (file.byteorder, file.is_bigtiff, first.planarconfig, first.tile, first.compression, first.predictor)
        meant = (first.photometric, first.extrasamples, first.dtype)
        return how, meant, [(page.description, page.resolution) for page in file.pages]


def numbers(name: str, values: Array, *, order: str = "<", big: bool = False, **options: Any) -> Example:
    """A file of one page (H, W, C), or of N (N, H, W, C)."""
    pages = list(values) if values.ndim == 4 else [values]
    file = {"byteorder": order, "bigtiff": big}
    whole = values.dtype.kind in "ui"
    full = np.float32(np.iinfo(values.dtype).max) if values.dtype.kind == "u" else 1
    return Example(
        name,
        "tiff",
        ".tif",
        values / full if values.dtype.kind == "u" else values,
        lambda path: make(path, pages, options, file),
        None if whole else load,
        member="*" if values.ndim == 4 else "",
        tell=tell,
    )


class TestTiff(Battery):
    """Every kind of number and of storage."""

    EXAMPLES = (
        numbers("float64", random((9, 14, 1), "f8")),
        numbers("float16, deflated", random((37, 53, 1), "f2"), compression="zlib"),
        numbers("colours of floats", random((9, 14, 3))),
        numbers("seven bands, big-endian", random((9, 14, 7)), order=">"),
        numbers("planes", random((9, 14, 4)), planarconfig="separate"),
        numbers("tiles", random((37, 53, 3)), tile=(16, 32)),
        numbers(
            "tiles of planes, BigTIFF", random((37, 53, 5), "f8"), tile=(16, 32), planarconfig="separate", big=True
        ),
        numbers("packed tiles", random((37, 53, 3)), **PACKED),
        numbers("packed tiles, big-endian BigTIFF", random((37, 53, 2), "f8"), order=">", big=True, **PACKED),
        numbers("LZW strips", random((37, 53, 2)), compression="lzw", rowsperstrip=5),
        numbers("Zstandard planes", random((37, 53, 3)), compression="zstd", planarconfig="separate"),
        numbers("several pages", random((4, 9, 14, 3))),
        numbers("several pages, packed", random((3, 37, 53, 2), "f8"), **PACKED),
        numbers("int32", random((9, 14, 2), "i4")),
        numbers("int64 in pages", random((3, 9, 14, 1), "i8")),
        numbers("16 bits in bands", random((9, 14, 5), "u2"), compression="lzw", predictor=True),
        numbers("8 bits in pages", random((3, 9, 14, 3), "u1")),
    )


def test_pages_are_listed_and_named_and_stacked(call: Run, tmp_path: Path) -> None:
    values = random((3, 6, 7, 2))
    make(tmp_path / "x.tif", list(values), {}, {})
    listed = call("info", "x.tif").out.decode().splitlines()[1:]
    assert [line.split("\t")[2:4] for line in listed] == [
        *(["1", "6x7x2"], ["2", "6x7x2"], ["3", "6x7x2"], ["*", "3x6x7x2"])
    ]
    ended = call("apply", "x.tif", "-o", "y.npy", "-c", "tf")
    assert (ended.code, ended.err.splitlines()) == (
        2,
        ["lrn: error: x.tif: 3 numeric pages, none named: 1, 2, 3", "hint: x.tif::1"],
    )
    exact = formula(values, {3: (5, 5)}, scale=1, bias=1, beta=0.5)
    assert call("apply", "x.tif::2", "-o", "two.npy", "-c", "tf").code == 0
    assert ulps(np.load(tmp_path / "two.npy"), exact[1]).max() <= 8
    assert call("apply", "x.tif::*", "-o", "all.tif", "-c", "tf").code == 0
    assert ulps(load(tmp_path / "all.tif"), exact).max() <= 8


def test_pages_that_are_not_alike_make_no_stack(call: Run, tmp_path: Path) -> None:
    make(tmp_path / "x.tif", [random((6, 7, 2)), random((5, 7, 2))], {}, {})
    ended = call("apply", "x.tif::*", "-o", "y.npy", "-c", "tf")
    said = "x.tif: its pages make no stack, they are not alike: page 1 is 6x7x2 float32, 2 is 5x7x2 float32"
    assert ended.err.splitlines() == [f"lrn: error: {said}", "hint: x.tif::1"]
    assert call("apply", "x.tif::1", "-o", "y.npy", "-c", "tf").code == 0


@pytest.mark.parametrize(("mode", "compression"), [("RGB", "jpeg"), ("1", "group4"), ("P", None), ("CMYK", "tiff_lzw")])
def test_pages_that_are_pictures_are_what_pillow_decodes(tmp_path: Path, mode: str, compression: str | None) -> None:
    pictures = [Image.fromarray(page) for page in random((3, 20, 30, 3), "u1")]
    first, *others = (one.quantize(8) if mode == "P" else one.convert(mode) for one in pictures)
    first.save(tmp_path / "x.tif", save_all=True, append_images=others, compression=compression)
    with open_tensor(f"{tmp_path}/x.tif::*", Reading(raw_pixels=True)) as source:
        out = np.empty(source.info.shape, source.info.dtype)
        source.read(tuple(slice(0, length) for length in out.shape), out)
    with Image.open(tmp_path / "x.tif") as image:
        for number in range(3):
            image.seek(number)
            expected = np.asarray(image if mode == "1" else image.convert("RGB"))
            np.testing.assert_array_equal(expected.reshape(out[number].shape), out[number])


@pytest.mark.usefixtures("without_tifffile")
def test_several_pages_are_refused_without_the_extra(tmp_path: Path) -> None:
    make(tmp_path / "x.tif", list(random((3, 6, 7, 3), "u1")), {}, {})
    with pytest.raises(LrnError, match="the image has 3 pages, and lrn reads one without tifffile") as caught:
        open_tensor(f"{tmp_path}/x.tif::1", Reading())
    assert caught.value.hint == "pip install 'lrn-tensor[tiff]'"


def test_compare_and_identify_take_pages(call: Run, tmp_path: Path) -> None:
    make(tmp_path / "x.tif", list(random((2, 16, 17, 12))), {}, {})
    assert call("apply", "x.tif::*", "-o", "y.tif", "-c", "tf:depth_radius=2,alpha=0.5,beta=0.75,bias=2").code == 0
    found = call("identify", "x.tif::2", "y.tif::2")
    assert found.code == 0
    assert "tf:depth_radius=2,bias=2,alpha=0.5,beta=0.75" in found.out.decode()
    assert call("compare", "y.tif::1", "y.tif::1", "-q").code == 0
    assert call("compare", "y.tif::1", "y.tif::2", "-q").code == 1


@pytest.mark.parametrize("channels", [2, 3, 4, 7])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_floats_of_any_number_of_channels_become_a_tiff_of_floats(
    call: Run, tmp_path: Path, channels: int, dtype: str
) -> None:
    values = random((8, 9, channels), dtype)
    np.save(tmp_path / "x.npy", values)
    ended = call("apply", "x.npy", "-o", "y.tif", "-c", "tf", "--layout", "HWC")
    assert (ended.code, "warning" in ended.err) == (0, False)
    result = load(tmp_path / "y.tif")
    assert result.dtype == np.dtype(dtype)
    assert ulps(result, formula(values, {2: (5, 5)}, scale=1, bias=1, beta=0.5)).max() <= 8


def test_16_bit_colours_stay_16_bits(call: Run, tmp_path: Path) -> None:
    values = random((8, 9, 3), "u2")
    tifffile.imwrite(tmp_path / "x.tif", values, photometric="rgb")
    assert call("apply", "x.tif", "-o", "y.tif", "-c", "tf").code == 0
    exact = formula(values / np.float32(65535), {2: (5, 5)}, scale=1, bias=1, beta=0.5)
    result = load(tmp_path / "y.tif")
    assert result.dtype == np.uint16
    assert np.abs(result - exact * 65535).max() < 0.51  # rounded to float32 before


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("channels", [2, 4])
def test_the_last_of_some_bands_is_no_transparency(call: Run, tmp_path: Path, channels: int, dtype: str) -> None:
    values = random((8, 9, channels), dtype)
    make(tmp_path / "x.tif", [values], {}, {})
    assert call("apply", "x.tif", "-o", "y.tif", "-c", "tf").code == 0
    full = np.iinfo(dtype).max
    exact = formula(values / np.float32(full), {2: (5, 5)}, scale=1, bias=1, beta=0.5)
    result = load(tmp_path / "y.tif")
    assert result.dtype == np.dtype(dtype)
    assert np.abs(result - exact * full).max() < 0.51
    assert tell(tmp_path / "y.tif") == tell(tmp_path / "x.tif")


@pytest.mark.parametrize("word", ["x.tif::1", "x.tif::*"])
def test_the_only_page_may_be_named(call: Run, tmp_path: Path, word: str) -> None:
    values = random((8, 9, 2))
    make(tmp_path / "x.tif", [values], {}, {})
    assert call("apply", word, "-o", "y.npy", "-c", "tf").code == 0
    assert np.load(tmp_path / "y.npy").shape == ((1, 8, 9, 2) if "*" in word else (8, 9, 2))


def test_overviews_are_named_but_not_meant(tmp_path: Path) -> None:
    values = random((32, 32, 2))
    with tifffile.TiffWriter(tmp_path / "x.tif") as writer:
        writer.write(values, photometric="minisblack", planarconfig="contig", metadata=None)
        small = np.ascontiguousarray(values[::2, ::2])
        writer.write(small, photometric="minisblack", planarconfig="contig", metadata=None, subfiletype=1)
    with open_tensor(str(tmp_path / "x.tif"), Reading()) as source:
        assert source.info.shape == (32, 32, 2)
    with open_tensor(f"{tmp_path}/x.tif::2", Reading()) as source:
        assert source.info.shape == (16, 16, 2)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_numbers_are_turned_upright_as_pictures_are(tmp_path: Path, orientation: int) -> None:
    pixels = random((6, 9, 3), "u1")
    for name, stored in (("8.tif", pixels), ("f.tif", pixels.astype("f4"))):
        tifffile.imwrite(tmp_path / name, stored, photometric="rgb", extratags=[(274, 3, 1, orientation, True)])
    found = []
    for name in ("8.tif", "f.tif"):
        with open_tensor(str(tmp_path / name), Reading(raw_pixels=True)) as source:
            out = np.empty(source.info.shape, source.info.dtype)
            source.read(tuple(slice(0, n) for n in out.shape), out)
            part = np.empty((2, 3, 3), out.dtype)
            source.read((slice(1, 3), slice(2, 5), slice(0, 3)), part)
            np.testing.assert_array_equal(part, out[1:3, 2:5])
            found.append(out)
    np.testing.assert_array_equal(found[0], found[1])
