"""What an image's header says: its shape, its stored numbers, and how Pillow must be asked for them."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from lrn_cli.advice import free, program, spell
from lrn_cli.errors import LrnError
from lrn_cli.tensors.images.orientation import orientation_of, upright_shape
from lrn_cli.tensors.images.storage import not_read
from lrn_cli.tensors.tensor import Reading, TensorInfo

# Tags of a TIFF file (TIFF 6.0, section 8 and 18).
_WIDTH, _LENGTH, _BITS, _PHOTOMETRIC, _CHANNELS_STORED, _PLANAR = 256, 257, 258, 262, 277, 284
_STRIPS, _TILES, _EXTRA_SAMPLES, _SAMPLE_FORMAT = 273, 324, 338, 339
_RGB = 2  # as a photometric interpretation

# Pillow's modes in which no numbers can be given, and those that stand for the same colours.
_CONVERSIONS = {"P": "RGB", "PA": "RGBA", "La": "LA", "RGBa": "RGBA", "RGBX": "RGB", "CMYK": "RGB", "YCbCr": "RGB"}
_CHANNELS = {"1": 1, "L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "I": 1, "F": 1}
_CHANNELS |= {"I;16": 1, "I;16L": 1, "I;16B": 1, "I;16N": 1}

# libtiff hands out native numbers, but Pillow (13.0) still swaps the bytes of these in a compressed big-endian file.
_NATIVE = {"I;16BS": "I;16NS", "I;32BS": "I;32NS", "F;32BF": "F;32NF"}


_INVERTED = re.compile(r"[1L];[24]?I")  # the raw modes in which Pillow makes 0 the largest number


@dataclass(frozen=True)
class Header:
    """What is known of an image before its pixels are decoded.

    Attributes:
        shape: Height, width and channels of the upright image.
        dtype: Of the stored numbers.
        peak: The stored number that means 1.0; None where the numbers have no such range.
        carried: 1 where the last channel is transparency, else 0.
        orientation: EXIF's, 1 to 8.
        mode: The Pillow mode to convert to; empty where its own will do.
        rawmodes: How the decoder shall unpack the pixels, once for each pass; empty where Pillow's own way will do.
        key: The stored colour that is transparent; None where there is none.
        white_first: Whether the file's 0 is white, and
        inverted: whether Pillow leaves it so.
        icc_profile: The colour profile; None where there is none.
        dpi: Horizontal and vertical resolution of the upright image; None where there is none.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    peak: int | None
    carried: int
    orientation: int
    mode: str = ""
    rawmodes: tuple[str, ...] = ()
    key: tuple[int, ...] | None = None
    white_first: bool = False
    inverted: bool = False
    icc_profile: bytes | None = None
    dpi: tuple[float, float] | None = None

    def describe(self, reading: Reading) -> TensorInfo:
        """The description as a tensor of layout HWC: float32, or the stored dtype where the numbers are not scaled."""
        dtype = self.dtype if reading.raw_pixels or self.peak is None else np.dtype(np.float32)
        return TensorInfo(self.shape, dtype, layout="HWC", carried=self.carried)


def read_header(image: ImageFile.ImageFile, path: Path, page: int | None = None) -> Header:
    """What the header of an open image says.

    Args:
        image: It, at its page.
        path: The file.
        page: Which of several that is, counted from 0; None where there may be but one.

    Raises:
        LrnError: The image has several frames, or pixels that Pillow would not give without loss.
    """
    if page is None:
        _refuse_frames(image, path)
    rawmode = rawmode_of(image)
    if isinstance(image, TiffImageFile):
        _refuse_unread(image, path)
    mode = _target_mode(image, path, rawmode)
    key = _transparent_key(image, mode, rawmode)
    dtype, peak = _numbers(image, mode, rawmode)
    width, height = _stored_size(image)
    orientation = orientation_of(image)
    inverted = rawmode.startswith("I;16") and _tag(image, _PHOTOMETRIC, 1) == 0
    channels = _CHANNELS[mode] + (key is not None)
    return Header(
        shape=(*upright_shape(height, width, orientation), channels),
        dtype=np.dtype(dtype),
        peak=peak,
        carried=int(channels in (2, 4)),
        orientation=orientation,
        mode=_CONVERSIONS.get(image.mode, "") and mode,
        rawmodes=_passes(image, rawmode),
        key=key,
        white_first=inverted or _INVERTED.match(rawmode) is not None,
        inverted=inverted,
        icc_profile=image.info.get("icc_profile") or None,
        dpi=_resolution(image, orientation),
    )


def rawmode_of(image: ImageFile.ImageFile) -> str:
    """How Pillow means to unpack the pixels, in its decoders' words (`RGB;16B`); empty where that is no question."""
    args = image.tile[0][3] if image.tile else None
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""


def _refuse_frames(image: ImageFile.ImageFile, path: Path) -> None:
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        what = "pages" if isinstance(image, TiffImageFile) else "frames"
        one = spell(free("one.tif" if isinstance(image, TiffImageFile) else "one.png"))
        code = f"from PIL import Image; im = Image.open({spell(str(path))}); im.seek(0); im.save({one})"
        raise LrnError(f"{path}: the image has {frames} {what}, and lrn reads one", program(code))


def _refuse_unread(image: TiffImageFile, path: Path) -> None:
    """Refuse what Pillow would take, and give other numbers for."""
    tags = image.tag_v2
    extra, bits = tags.get(_EXTRA_SAMPLES, ()), tags.get(_BITS, (1,))
    if 0 in extra:
        raise not_read(
            path, f"{len(extra)} extra channel(s) of which the file does not say what they are, and Pillow drops them"
        )
    plain = set(bits) == {8} and tags.get(_PHOTOMETRIC) == _RGB
    if tags.get(_PLANAR, 1) == 2 and tags.get(_CHANNELS_STORED, 1) > 1 and not plain:
        raise not_read(path, f"channels of {max(bits)} bits in separate planes, which Pillow reads wrongly")
    if 0 in (tags.get(_STRIPS) or tags.get(_TILES) or ()):
        raise not_read(path, "strips or tiles of one value are left out")


def _target_mode(image: ImageFile.ImageFile, path: Path, rawmode: str) -> str:
    """The mode in which the pixels are numbers, by the name that tells its channels."""
    if rawmode == "LA;16B":
        return "LA"  # for which Pillow says RGBA
    mode = _CONVERSIONS.get(image.mode, image.mode)
    if image.mode == "P" and "transparency" in image.info:
        mode = "RGBA"
    lossy = ";16" in rawmode and rawmode.partition(";")[0] not in ("I", "RGB", "RGBA")
    if mode not in _CHANNELS or lossy:
        what = f"16-bit {image.mode} ({rawmode})" if lossy else f"mode {image.mode}"
        what = f"{what}, which Pillow does not give without loss"
        if isinstance(image, TiffImageFile):
            raise not_read(path, what)
        raise LrnError(f"{path}: the image is in {what}", "convert it to RGB first")
    return mode


def _numbers(image: ImageFile.ImageFile, mode: str, rawmode: str) -> tuple[type[np.generic], int | None]:
    """The dtype of the stored numbers and which of them means 1.0."""
    if mode == "F":
        return np.float32, 1
    if mode == "1":
        return np.bool_, 1
    signed = 2 in _formats(image)
    if mode == "I" and rawmode.startswith("I;32"):
        return (np.int32, None) if signed else (np.uint32, None)
    if ";16" in rawmode or mode in ("I", "I;16", "I;16B"):
        return (np.int16, None) if signed else (np.uint16, 4095 if rawmode == "I;12" else 65535)
    return (np.int8, None) if signed else (np.uint8, 255)


def _transparent_key(image: ImageFile.ImageFile, mode: str, rawmode: str) -> tuple[int, ...] | None:
    """The transparent colour in the numbers that Pillow gives (PNG's tRNS; a palette's is left to Pillow)."""
    key = image.info.get("transparency")
    if key is None or image.mode == "P" or mode not in ("1", "L", "RGB", "I", "I;16", "I;16B"):
        return None
    numbers = key if isinstance(key, tuple) else (key,)
    if mode == "1":
        return (int(numbers[0] != 0),)
    if ";16" in rawmode:
        return numbers
    # Pillow spreads the 2- and 4-bit greys over 0..255, but not the transparent one.
    spread = {"L;2": 85, "L;4": 17}.get(rawmode, 1)
    return tuple((number * spread) & 0xFF for number in numbers)


def _passes(image: ImageFile.ImageFile, rawmode: str) -> tuple[str, ...]:
    """The rawmodes to decode with: of 16-bit colours Pillow keeps one byte, so high and low bytes are read in turn."""
    colours, wide, order = rawmode.partition(";16")
    if rawmode == "LA;16B":
        return ("RGBA",)  # the same four bytes per pixel, all kept
    if wide and colours in ("RGB", "RGBA"):
        little = order == "L" or (order == "N" and sys.byteorder == "little")
        return (f"{colours};16L", f"{colours};16B") if little else (f"{colours};16B", f"{colours};16L")
    if image.tile and image.tile[0][0] == "libtiff" and rawmode in _NATIVE:
        return (_NATIVE[rawmode],)
    return ()


def _stored_size(image: ImageFile.ImageFile) -> tuple[int, int]:
    """Width and length as stored: Pillow swaps a TIFF's by its orientation, other images' not."""
    width, height = image.size
    return (_tag(image, _WIDTH, width), _tag(image, _LENGTH, height))


def _resolution(image: ImageFile.ImageFile, orientation: int) -> tuple[float, float] | None:
    try:
        across, down = (float(number) for number in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if not (1 < across < 1e6 and 1 < down < 1e6):  # Pillow says 1 where a TIFF says nothing
        return None
    return (down, across) if orientation >= 5 else (across, down)


def _formats(image: ImageFile.ImageFile) -> tuple[int, ...]:
    return image.tag_v2.get(_SAMPLE_FORMAT, (1,)) if isinstance(image, TiffImageFile) else (1,)


def _tag(image: ImageFile.ImageFile, number: int, otherwise: int) -> int:
    return image.tag_v2.get(number, otherwise) if isinstance(image, TiffImageFile) else otherwise
