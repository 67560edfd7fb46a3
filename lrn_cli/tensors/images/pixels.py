"""The pixels of an image as stored: every bit of them, upright, transparency last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.images.header import Header, rawmode_of, read_header
from lrn_cli.tensors.images.orientation import ORIENTATION, UPRIGHT, turn_upright
from lrn_cli.tensors.images.pillow import open_image


def decode(path: Path, kind: str, header: Header, max_pixels: int | None, page: int | None = None) -> Array:
    """The stored numbers of an image.

    Args:
        path: The file.
        kind: What it is: `png`, `tiff`, `jpeg`, `bmp` or `webp`.
        header: As `read_header` gave it.
        max_pixels: The largest number of pixels to accept; None is Pillow's own limit.
        page: As `read_header` was given it.

    Returns:
        An array of the header's shape (H, W, C) and dtype, C-contiguous.

    Raises:
        LrnError: The file is damaged, or is not what the header said any more.
    """
    if kind == "png":
        _check_sums(path, max_pixels)
    passes = [
        _decode(path, kind, header, rawmode, max_pixels=max_pixels, page=page) for rawmode in header.rawmodes or ("",)
    ]
    pixels = _apply_key(_join(passes, header), header)
    if pixels.shape != header.shape:
        raise LrnError(
            f"{path}: the pixels have the shape {pixels.shape}, the header says {header.shape}", f"lrn info {path}"
        )
    return np.ascontiguousarray(pixels)


def _check_sums(path: Path, max_pixels: int | None) -> None:
    """Refuse a PNG whose checksums are wrong: the decoder looks at those of the metadata only."""
    with open_image(path, "png", max_pixels) as image:
        image.verify()


def _decode(path: Path, kind: str, header: Header, rawmode: str, *, max_pixels: int | None, page: int | None) -> Array:
    """One pass over the file: the upright pixels (H, W, C) as Pillow gives them."""
    with open_image(path, kind, max_pixels, page or 0) as image:
        if read_header(image, path, page) != header:
            raise LrnError(f"{path}: the file was changed while it was being read", "try again")
        if rawmode:
            _unpack_as(image, rawmode)
        image.load()
        pixels = np.array(image.convert(header.mode) if header.mode else image)
        # Pillow 11 and later turn TIFF files upright themselves, and then take the tag away.
        turned = isinstance(image, TiffImageFile) and image.getexif().get(ORIENTATION, UPRIGHT) == UPRIGHT
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    return pixels if turned else turn_upright(pixels, header.orientation)


def _unpack_as(image: ImageFile.ImageFile, rawmode: str) -> None:
    """Have the decoder take other bytes of each pixel than Pillow would."""
    planned = rawmode_of(image)
    tiles: list[Any] = image.tile  # of named tuples since Pillow 11, of plain ones before
    for number, tile in enumerate(tiles):
        args = rawmode if tile[3] == planned else (rawmode, *tile[3][1:])
        tiles[number] = getattr(type(tile), "_make", tuple)((*tile[:3], args))


def _join(passes: list[Array], header: Header) -> Array:
    """The passes put together to the stored numbers."""
    if len(passes) == 2:
        high, low = passes
        pixels: Array = high.astype(np.uint16) << 8 | low
    elif header.rawmodes == ("RGBA",):
        pixels = np.ascontiguousarray(passes[0]).view(">u2").astype(np.uint16)
    else:
        # Modulo 2**bits where Pillow took unsigned numbers for signed ones or the reverse: the bits are right.
        pixels = passes[0].astype(header.dtype)
    return 65535 - pixels if header.inverted else pixels


def _apply_key(pixels: Array, header: Header) -> Array:
    """The pixels with a last channel that is 0 where the colour is the transparent one, else the largest number."""
    if header.key is None:
        return pixels
    opaque = (pixels != np.array(header.key, pixels.dtype)).any(axis=2, keepdims=True)
    full = pixels.dtype.type(header.peak or 1)
    return np.concatenate([pixels, opaque.astype(pixels.dtype) * full], axis=2)
