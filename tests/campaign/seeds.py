"""Small good files of every format and dtype, from which hostile ones are made."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
from PIL import Image

from tests.files import matlab_5_files, netcdf3_files
from tests.files.made import made
from tests.tensors.image_files import GREY_ALPHA, PALETTE, RGB, RGB_ALPHA, chunk, png, tiff
from tests.tensors.safetensors_files import safetensors

NUMBERS = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
DTYPES = ("f2", "f4", "f8", ">f4", ">f8", "u1", "i1", "<u2", ">i2", "i4", "u8", "?")


class Seed(NamedTuple):
    """A good file.

    Attributes:
        name: What it is.
        suffix: Of its kind, `.npy` or the like.
        data: Its bytes.
        member: A tensor in it that has to be named; empty where it need not.
    """

    name: str
    suffix: str
    data: bytes
    member: str = ""


@cache
def seeds() -> list[Seed]:
    """All of them, the same bytes each time but for the times that some formats record."""
    made_here = (_npy(), _npz(), _safetensors(), _hdf5(), _images(), _written_by_hand(), _tiff(), by_scipy())
    return [*chain(*made_here), *foreign_seeds()]


@cache
def foreign_seeds() -> list[Seed]:
    """Files as other tools write them: those that are kept, and of the libraries that are installed."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number, kind in enumerate(made()):
            if not kind.missing:
                path = Path(folder, f"{number}{kind.suffix}")
                kind.write(path)
                found.append(Seed(kind.name, kind.suffix, path.read_bytes(), kind.member))
    return found


def written_once(path: Path, of: list[Seed]) -> list[Seed]:
    """The seeds, from the folder of an earlier run if it has them: some formats record the time."""
    path.mkdir(exist_ok=True)
    found = []
    for number, seed in enumerate(of):
        file = path / f"{number:03}{seed.suffix}"
        if not file.exists():
            file.write_bytes(seed.data)
        found.append(seed._replace(data=file.read_bytes()))
    return found


def by_scipy() -> Iterator[Seed]:
    """Files that are read with SciPy, which need none to be written."""
    for order in "<>":
        for compress in (False, True):
            data = matlab_5_files.of_many_kinds(order=order, compress=compress)
            for member in ("feats", "counts", "mask"):
                yield Seed(f"mat 5 {order} {compress} {member}", ".mat", data, member)
        two = matlab_5_files.file_4(("first", _array("f4")[0, 0]), ("feats", _array("f8")[0, 0]), order=order)
        yield Seed(f"mat 4 {order}", ".mat", two, "feats")
    for version in (1, 2):
        for member in ("feats", "series", "bytes"):
            yield Seed(f"netcdf {version} {member}", ".nc", netcdf3_files.of_many_kinds(version), member)


def _array(dtype: str) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    return (NUMBERS * 40 % 100).astype(dtype)


def _npy() -> Iterator[Seed]:
    for dtype in DTYPES:
        yield Seed(f"npy {dtype}", ".npy", _saved(_array(dtype)))
    yield Seed("npy fortran", ".npy", _saved(np.asfortranarray(_array("f4"))))
    for version in ((2, 0), (3, 0)):
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, _array("f4"), version=version)
        yield Seed(f"npy version {version[0]}", ".npy", buffer.getvalue())
    yield Seed("npy records", ".npy", _saved(np.zeros(3, [("a", "f4"), ("b", "i2", (2,))])))
    yield Seed("npy empty", ".npy", _saved(np.empty((0, 3, 4))))


def _saved(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _npz() -> Iterator[Seed]:
    for save in (np.savez, np.savez_compressed):
        for dtype in ("f4", ">f8", "u1"):
            buffer = io.BytesIO()
            save(buffer, a=_array(dtype), b=NUMBERS)
            yield Seed(f"{save.__name__} {dtype}", ".npz", buffer.getvalue(), "a")


def _safetensors() -> Iterator[Seed]:
    for dtype in ("f2", "f4", "f8", "u1", "i4", "?"):
        values = {"before": NUMBERS[0], "a": _array(dtype), "behind": _array("i1")}
        yield Seed(f"safetensors {dtype}", ".safetensors", safetensors(values, {"format": "pt"}), "a")
    yield Seed("safetensors of one", ".safetensors", safetensors({"a": _array("f4")}, spaces=5))


def _hdf5() -> Iterator[Seed]:
    for dtype in DTYPES:
        yield Seed(f"h5 {dtype}", ".h5", _hdf5_file({"dtype": dtype}))
    stored: dict[str, dict[str, object]] = {
        "chunked": {"chunks": (1, 3, 2, 5)},
        "ragged": {"chunks": (2, 2, 3, 3), "maxshape": (None, 3, 4, 5)},
        "gzip": {"chunks": (1, 3, 4, 5), "compression": "gzip", "shuffle": True, "fletcher32": True},
        "lzf": {"chunks": (1, 3, 4, 5), "compression": "lzf"},
        "scaleoffset": {"chunks": (1, 3, 4, 5), "scaleoffset": 2},
        "one value": {"chunks": (1, 3, 4, 5), "fillvalue": 3.0},
    }
    for name, settings in stored.items():
        yield Seed(f"h5 {name}", ".h5", _hdf5_file({"dtype": "f4", **settings}))
        yield Seed(f"h5 {name}, latest", ".h5", _hdf5_file({"dtype": "f4", **settings}, libver="latest"))
    yield Seed("h5 user block", ".h5", _hdf5_file({"dtype": "f4"}, userblock_size=512))
    yield Seed("h5 companions", ".h5", _with_companions(), "/group/x")
    yield Seed("h5 companions, latest", ".h5", _with_companions(libver="latest"), "/group/x")


def _hdf5_file(settings: dict[str, object], **file_settings: object) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", **file_settings) as file:
        file.create_dataset("x", data=_array(str(settings["dtype"])), **settings)
        file["x"].attrs["unit"] = "mV"
    return buffer.getvalue()


def _with_companions(**file_settings: object) -> bytes:
    """A file with one of everything: links, scales, references, texts, records, committed types, attributes."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", track_order=True, **file_settings) as file:
        made = file.create_dataset("group/x", data=NUMBERS.astype("f4"), chunks=(1, 3, 4, 5), compression="gzip")
        file["scale"] = np.arange(3.0)
        file["scale"].make_scale("channels")
        made.dims[1].attach_scale(file["scale"])
        made.dims[0].label = "N"
        made.attrs["names"] = np.array(["a", "bc"], h5py.string_dtype())
        made.attrs["origin"] = file["scale"].ref
        file["texts"] = np.array(["one", "two"], h5py.string_dtype())
        file["records"] = np.zeros(3, [("a", "f4"), ("b", "i2", (2,))])
        file["type"] = np.dtype("f8")
        file["other name"] = file["group"]
        file["soft"] = h5py.SoftLink("/group/x")
        file["elsewhere"] = h5py.ExternalLink("other.h5", "/x")
        references = file.create_dataset("references", 2, h5py.ref_dtype)
        references[0] = made.ref
        regions = file.create_dataset("regions", 1, h5py.regionref_dtype)
        regions[0] = made.regionref[0, 1:3]
        ragged = file.create_dataset("ragged", 2, h5py.vlen_dtype(np.dtype("i4")))
        ragged[0] = [1, 2, 3]
        layout = h5py.VirtualLayout((3,), "f4")
        layout[:] = h5py.VirtualSource("other.h5", "x", (3,))
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("external", 3, "f4", external=[("other.bin", 0, 12)])
    return buffer.getvalue()


def _images() -> Iterator[Seed]:
    pixels = np.random.default_rng(1).integers(0, 256, (9, 11, 4), dtype=np.uint8)
    colours, palette = Image.fromarray(pixels[:, :, :3]), Image.fromarray(pixels[:, :, :3]).quantize(16)
    grey = Image.fromarray(pixels[:, :, 0])
    pictures = {"RGB": colours, "grey": grey, "RGBA": Image.fromarray(pixels), "palette": palette, "CMYK": None}
    pictures["CMYK"] = colours.convert("CMYK")
    kinds = {"png": (), "tiff": (), "jpeg": ("RGBA", "palette"), "webp": ("CMYK", "palette"), "bmp": ("CMYK",)}
    for kind, unwritten in kinds.items():
        for name, picture in pictures.items():
            if picture is not None and name not in unwritten and (kind, name) != ("png", "CMYK"):
                yield Seed(f"{kind} {name}", f".{kind}", _encoded(picture, kind))
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "group4"):
        picture = grey.convert("1") if compression == "group4" else colours
        yield Seed(f"tiff {compression}", ".tiff", _encoded(picture, "tiff", compression=compression))
    yield Seed("jpeg progressive", ".jpeg", _encoded(colours, "jpeg", progressive=True))
    yield Seed("webp lossless", ".webp", _encoded(colours, "webp", lossless=True))
    exif = Image.Exif()
    exif[0x112] = 6
    yield Seed("jpeg turned", ".jpeg", _encoded(colours, "jpeg", exif=exif))
    yield Seed("png two frames", ".png", _encoded(colours, "png", save_all=True, append_images=[colours.rotate(90)]))


def _encoded(picture: Image.Image, kind: str, **settings: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **settings)
    return buffer.getvalue()


def _written_by_hand() -> Iterator[Seed]:
    wide = np.random.default_rng(2).integers(0, 65536, (7, 5, 4)).astype(np.uint16)
    for depth in (8, 16):
        samples = wide if depth == 16 else wide.astype(np.uint8)
        for colour, channels in ((RGB, 3), (GREY_ALPHA, 2), (RGB_ALPHA, 4)):
            rows = samples[:, :, :channels]
            yield Seed(f"png {depth} bits, {channels}", ".png", png(rows, depth, colour, filters=bytes(range(5))))
    key = chunk(b"tRNS", bytes(6))
    yield Seed("png colour key", ".png", png(wide[:, :, :3].astype(np.uint8), 8, RGB, early=key))
    colours = chunk(b"PLTE", bytes(range(48))) + chunk(b"tRNS", bytes(range(16)))
    yield Seed("png 4-bit palette", ".png", png(wide[:, :, 0].astype(np.uint8), 4, PALETTE, early=colours))
    for dtype in ("u1", "u2", "i2", "u4", "f4"):
        for compression in (1, 5, 8):
            for planes in (False, True):
                pixels = wide[:, :, : 1 if dtype not in ("u1", "u2") else 3].astype(dtype)
                tags = {339: {"u": 1, "i": 2, "f": 3}[dtype[0]]}
                data = tiff(pixels, "<" if planes else ">", compression=compression, planes=planes, tags=tags)
                yield Seed(f"tiff {dtype} {compression} {planes}", ".tiff", data)


def _tiff() -> Iterator[Seed]:
    """TIFF files that Pillow does not read: pages, bands, numbers of 64 bits; packed tiles, where tifffile is."""
    grey = Image.fromarray(np.random.default_rng(3).integers(0, 256, (9, 11), dtype=np.uint8))
    floats = grey.convert("F")
    for name, picture in (("grey", grey), ("floats", floats), ("JPEG", grey)):
        settings = {"compression": "jpeg"} if name == "JPEG" else {}
        data = _encoded(picture, "tiff", save_all=True, append_images=[picture.rotate(90), picture], **settings)
        for member in ("2", "*"):
            yield Seed(f"tiff pages {name} {member}", ".tiff", data, member)
    wide = np.random.default_rng(2).standard_normal((7, 5, 6)) * 99
    for dtype in ("f2", "f4", "f8", "i4", "u2"):
        for compression in (1, 5, 8):
            tags = {262: 1, 339: {"f": 3, "i": 2, "u": 1}[dtype[0]]}
            data = tiff(wide.astype(dtype), ">", compression=compression, planes=compression == 8, tags=tags)
            yield Seed(f"tiff bands {dtype} {compression}", ".tiff", data)
    if find_spec("tifffile") is None or find_spec("imagecodecs") is None:
        return
    import tifffile

    for packed in ("zlib", "lzw", "zstd", "lzma", "packbits"):
        buffer = io.BytesIO()
        tiles = {"tile": (16, 16), "compression": packed, "predictor": packed != "packbits"}
        with tifffile.TiffWriter(buffer, bigtiff=packed == "lzw", byteorder="<>"[packed == "zstd"]) as writer:
            for _ in range(2):
                writer.write(np.tile(wide, (3, 4, 1)).astype("f4"), planarconfig="contig", metadata=None, **tiles)
        yield Seed(f"tiff tiles {packed}", ".tiff", buffer.getvalue(), "*")
