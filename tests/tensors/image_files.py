"""Image files written by hand, byte by byte from their specifications: what Pillow cannot write, and must not check."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lrn_cli.tensors.format import Format
from lrn_cli.tensors.formats.image import FORMATS
from lrn_cli.tensors.tensor import Reading, Source, TensorInfo

Array = NDArray[Any]
Order = Literal["<", ">"]

BY_NAME: dict[str, Format] = {form.name: form for form in FORMATS}
RAW = Reading(raw_pixels=True)
GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6


def described(path: Path, kind: str = "png", reading: Reading | None = None) -> TensorInfo:
    """The one tensor that the format finds in the file."""
    (info,) = BY_NAME[kind].describe(path, reading or Reading())
    return info


def opened(path: Path, kind: str = "png", reading: Reading | None = None) -> Source:
    """The file as a source."""
    reading = reading or Reading()
    return BY_NAME[kind].open(path, described(path, kind, reading), reading)


def read(path: Path, kind: str = "png", reading: Reading | None = None) -> Array:
    """All of the file's values, as one block, in an array of the dtype that the description promises."""
    with opened(path, kind, reading) as source:
        out = np.empty(source.info.shape, source.info.dtype)
        source.read(tuple(slice(0, length) for length in out.shape), out)
        return out


def chunk(name: bytes, contents: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(contents)) + name + contents + struct.pack(">I", zlib.crc32(name + contents))


def png(rows: Array, depth: int, colour: int, *, filters: bytes = b"\0", early: bytes = b"") -> bytes:
    """A PNG file.

    Args:
        rows: Samples (H, W, C), or for fewer than 8 bits packed bytes (H, bytes).
        depth: Bits per sample.
        colour: PNG's colour type.
        filters: The filter of each row, repeated as needed.
        early: Chunks before the pixels.
    """
    big = rows.astype(">u2" if depth == 16 else "u1")
    lines = [np.frombuffer(row.tobytes(), np.uint8) for row in big]
    step = max(1, depth * (rows.shape[2] if rows.ndim == 3 else 1) // 8)
    kinds = [filters[number % len(filters)] for number in range(len(lines))]
    above = [np.zeros_like(lines[0]), *lines]
    data = b"".join(bytes([k]) + _filtered(k, line, up, step) for k, line, up in zip(kinds, lines, above, strict=False))
    width = rows.shape[1] if rows.ndim == 3 else rows.shape[1] * 8 // depth
    return png_of((width, len(rows)), depth, colour, data, early=early)


def png_of(size: tuple[int, int], depth: int, colour: int, data: bytes, *, early: bytes = b"") -> bytes:
    """A PNG file of filtered rows; interlaced, in Adam7's passes, where `depth` is negative."""
    header = struct.pack(">IIBBBBB", *size, abs(depth), colour, 0, 0, int(depth < 0))
    body = chunk(b"IHDR", header) + early + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _filtered(kind: int, line: Array, above: Array, step: int) -> bytes:
    """A row through one of PNG's five filters (PNG 1.2, section 6), in whole numbers modulo 256."""
    now, up = line.astype(int), above.astype(int)
    left = np.concatenate([np.zeros(step, int), now])[: len(now)]
    corner = np.concatenate([np.zeros(step, int), up])[: len(now)]
    distances = np.abs([up - corner, left - corner, left + up - 2 * corner])
    paeth = np.choose(distances.argmin(axis=0), [left, up, corner])
    predicted = (np.zeros_like(now), left, up, (left + up) // 2, paeth)[kind]
    return bytes(((now - predicted) % 256).astype(np.uint8))


def tiff(
    pixels: Array,
    order: Order = "<",
    *,
    compression: int = 1,
    planes: bool = False,
    tags: Mapping[int, int] | None = None,
) -> bytes:
    """A TIFF file of one strip (or one for each plane), laid out as in TIFF 6.0.

    Args:
        pixels: Samples (H, W, C); their dtype gives the bits.
        order: Byte order, `<` or `>`.
        compression: 1 none, 5 LZW, 8 deflate.
        planes: Store each channel on its own.
        tags: Further tags, or other values for these; SampleFormat (339) is repeated for each channel.
    """
    height, width, channels = pixels.shape
    stored = pixels.astype(pixels.dtype.newbyteorder(order))
    parts = [stored[:, :, [c]] for c in range(channels)] if planes else [stored]
    packers: dict[int, Callable[[bytes], bytes]] = {1: bytes, 5: _lzw, 8: zlib.compress}
    strips = [packers[compression](part.tobytes()) for part in parts]
    entries: dict[int, tuple[str, list[int]]] = {
        256: ("I", [width]),
        257: ("I", [height]),
        258: ("H", [pixels.dtype.itemsize * 8] * channels),
        259: ("H", [compression]),
        262: ("H", [2 if channels > 2 else 1]),
        273: ("I", [0] * len(strips)),
        277: ("H", [channels]),
        278: ("I", [height]),
        279: ("I", [len(strip) for strip in strips]),
        284: ("H", [2 if planes else 1]),
    }
    for tag, value in (tags or {}).items():
        entries[tag] = ("H", [value] * (channels if tag == 339 else 1))
    start = 8 + 2 + 12 * len(entries) + 4
    outside = {tag: struct.calcsize(f"{len(v)}{k}") for tag, (k, v) in entries.items()}
    end = start + sum(size for size in outside.values() if size > 4)
    entries[273] = ("I", [end + sum(map(len, strips[:number])) for number in range(len(strips))])
    return _directory(entries, order, start) + b"".join(strips)


def _directory(entries: dict[int, tuple[str, list[int]]], order: str, start: int) -> bytes:
    """A TIFF file's beginning: its header, the one directory, and the values that do not fit into it."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(entries))
    tail = b""
    for tag, (kind, values) in sorted(entries.items()):
        packed = struct.pack(f"{order}{len(values)}{kind}", *values)
        place = packed.ljust(4, b"\0")
        if len(packed) > 4:
            place = struct.pack(f"{order}I", start + len(tail))
            tail += packed
        head += struct.pack(f"{order}HHI", tag, {"H": 3, "I": 4}[kind], len(values)) + place
    return head + bytes(4) + tail


def _lzw(data: bytes) -> bytes:
    """LZW with 9-bit codes only: the table is cleared before it outgrows them (TIFF 6.0, section 13)."""
    groups = (data[start : start + 200] for start in range(0, len(data), 200))
    bits = "".join(f"{256:09b}" + "".join(f"{byte:09b}" for byte in group) for group in groups) + f"{257:09b}"
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")
