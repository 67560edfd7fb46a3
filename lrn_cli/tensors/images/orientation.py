"""Which way up an image is: the EXIF orientation, read from the header and applied to the pixels."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import IO

import numpy as np
from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngImageFile

from lrn_cli.dtypes import Array

ORIENTATION = 0x0112
"""Number of the tag, in EXIF as in TIFF (EXIF 2.32, 4.6.4 A)."""

UPRIGHT = 1

_LARGEST_ITEM = 8
"""Bytes of the largest kind of number that a tag may have."""
_MOST_TIMES, _ALWAYS = 16, 1 << 20
"""How often its own length an EXIF block may claim, and bytes that any may; those of cameras claim what they have."""

# What the eight values mean, as operations that turn the stored rows and columns (axes 0 and 1) upright.
_UPRIGHT: dict[int, Callable[[Array], Array]] = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: np.rot90,
}


def orientation_of(image: ImageFile.ImageFile) -> int:
    """The orientation of an open image, 1 to 8; 1 (upright) where it has none or one that cannot be read."""
    try:
        if _claims_too_much(image.info.get("exif") or b""):
            return UPRIGHT
        # Past PngImageFile.getexif, which decodes all pixels to look behind them.
        exif = Image.Image.getexif(image)
        if isinstance(image, PngImageFile) and ORIENTATION not in exif and image.fp is not None:
            late = _late_exif(image.fp)
            if _claims_too_much(late):
                return UPRIGHT
            exif.load(late)
        found = exif.get(ORIENTATION, UPRIGHT)
    except Exception:  # a broken EXIF block does not make the pixels unreadable: viewers ignore it as well
        return UPRIGHT
    return found if found in _UPRIGHT else UPRIGHT


def upright_shape(height: int, width: int, orientation: int) -> tuple[int, int]:
    """Height and width of the image as it is to be seen."""
    return (width, height) if orientation >= 5 else (height, width)


def turn_upright(pixels: Array, orientation: int) -> Array:
    """A view of the pixels (H, W, ...) as they are to be seen."""
    return _UPRIGHT[orientation](pixels)


def _claims_too_much(block: bytes) -> bool:
    """Whether the values of an EXIF block's first directory take far more room than the block, one sharing another's.

    Pillow reads each of them before it tells the orientation (up to 11.1 at least).
    """
    block = block.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None or len(block) < 8:
        return False
    (place,) = struct.unpack_from(f"{order}I", block, 4)
    if place + 2 > len(block):
        return False
    (count,) = struct.unpack_from(f"{order}H", block, place)
    rows = block[place + 2 : place + 2 + 12 * count]
    entries = struct.iter_unpack(f"{order}HHI4x", rows[: len(rows) // 12 * 12])
    claimed: int = sum(_LARGEST_ITEM * number for _, _, number in entries)
    return claimed > _MOST_TIMES * len(block) + _ALWAYS


def _late_exif(file: IO[bytes]) -> bytes:
    """The contents of a PNG's eXIf chunk, which may stand behind the pixels; the place in the file is kept."""
    place = file.tell()
    try:
        file.seek(8)
        while len(head := file.read(8)) == 8:
            length, name = struct.unpack(">I4s", head)
            if name == b"eXIf":
                return file.read(length)
            file.seek(length + 4, 1)  # the contents and their checksum
        return b""
    finally:
        file.seek(place)
