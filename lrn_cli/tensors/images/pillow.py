"""Pillow at arm's length: its files opened, its warnings held back, its exceptions put into people's words."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from io import BufferedReader, FileIO
from pathlib import Path
from threading import RLock
from typing import IO

from PIL import Image, ImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from lrn_cli.errors import LrnError
from lrn_cli.tensors.images.storage import PlainTiffFile, explain_tiff
from lrn_cli.tensors.silence import silence

# The plugins themselves rather than Image.open: what a file is has been decided by its first bytes, the plugin says why
# it refuses a file, and a JPEG with further pictures behind the first (MPO) is read as every viewer shows it.
_PLUGINS: dict[str, Callable[[IO[bytes]], ImageFile.ImageFile]] = {
    "png": PngImageFile,
    "tiff": PlainTiffFile,
    "jpeg": JpegImageFile,
    "bmp": BmpImageFile,
    "webp": WebPImageFile,
}

# What Pillow logs goes to stderr unless somebody takes it.
logging.getLogger("PIL").addHandler(logging.NullHandler())

_MOST_METADATA, _MOST_READS = 8 << 20, 50_000
"""Bytes before an image's pixels, colour profile and EXIF among them, and pieces in which they come."""

# Python's warning filters and Pillow's size limit belong to the whole process: whoever changes them holds this.
_PROCESS_STATE = RLock()


@contextmanager
def open_image(path: Path, kind: str, max_pixels: int | None, page: int = 0) -> Iterator[ImageFile.ImageFile]:
    """An image of which the header has been read, and found not to be too large.

    Args:
        path: The file.
        kind: What it is: `png`, `tiff`, `jpeg`, `bmp` or `webp`.
        max_pixels: The largest number of pixels to accept; None is Pillow's own limit.
        page: Which of its pictures to take, counted from 0.

    Raises:
        LrnError: The file cannot be read, is damaged or too large; also for what Pillow raises in the `with` block.
    """
    # A file object, not a name: Pillow maps named uncompressed TIFF files into memory and then mixes up the lengths
    # of the axes if they are to be rotated (seen in 13.0).
    with (
        quiet(max_pixels),
        silence() if kind == "tiff" else nullcontext(),  # libtiff speaks for itself
        _translate(path, kind) as stage,
        _Read(path) as file,
        _PLUGINS[kind](file) as image,
    ):
        file.begun = stage.decoding = True
        if page:
            image.seek(page)
        limit = Image.MAX_IMAGE_PIXELS if max_pixels is None else max_pixels
        width, height = image.size
        if limit is not None and width * height > limit:
            raise _too_large(path, f"{width:,} x {height:,} = {width * height:,} pixels", limit, width * height)
        yield image


class _Read(BufferedReader):
    """A file of which a plugin may not read for ever before it knows what the image is.

    Pillow puts what a JPEG has of EXIF together piece by piece, each time copying all of it: twice as much takes four
    times as long.

    Attributes:
        begun: Whether the header has been read; from then on any number of bytes may be.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(FileIO(path))
        self.begun = False
        self._name, self._left, self._reads = path, _MOST_METADATA, _MOST_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes."""
        data = super().read(size)
        if not self.begun and size is not None and size >= 0:  # WebP files are read as a whole
            self._left, self._reads = self._left - len(data), self._reads - 1
            if min(self._left, self._reads) < 0:
                raise _too_much(self._name)
        return data


@contextmanager
def quiet(max_pixels: int | None = None) -> Iterator[None]:
    """Hold back Python's warnings, and meanwhile raise Pillow's size limit to `max_pixels` if that is higher."""
    with _PROCESS_STATE, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = Image.MAX_IMAGE_PIXELS
        if max_pixels is not None and before is not None:
            Image.MAX_IMAGE_PIXELS = max(before, max_pixels)
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


@dataclass
class _Stage:
    """How far an image has been read.

    Attributes:
        decoding: Whether its header has been.
    """

    decoding: bool = False


@contextmanager
def _translate(path: Path, kind: str) -> Iterator[_Stage]:
    stage = _Stage()
    try:
        yield stage
    except LrnError:
        raise
    except Image.DecompressionBombError:
        # From a plugin that must know the size before it can tell it (WebP).
        limit = Image.MAX_IMAGE_PIXELS or 0
        raise _too_large(path, f"more than {2 * limit:,} pixels", limit, 2 * limit) from None
    except MemoryError:
        raise LrnError(f"{path}: not enough memory for its pixels", "crop or shrink the image first") from None
    except (
        Exception
    ) as error:  # Pillow raises OSError, SyntaxError, ValueError, struct.error and more, all for bad files
        raise _unreadable(path, kind, error, stage) from None


def _unreadable(path: Path, kind: str, error: Exception, stage: _Stage) -> LrnError:
    if isinstance(error, OSError) and error.strerror:
        return LrnError(f"{path}: cannot be read: {error.strerror}", f"ls -l {path}")
    reason = " ".join(str(error).split())[:100] or type(error).__name__
    explained = explain_tiff(path, reason, decoding=stage.decoding) if kind == "tiff" else None
    if explained is not None:
        return explained
    if "MAX_TEXT" in reason:
        return _too_much(path)
    if "pixel mode" in reason or "MODE" in reason:
        what = f"stores its pixels in a way that lrn does not read ({reason})"
        return LrnError(
            f"{path}: the {kind.upper()} image {what}", "convert it to 8 or 16 bits in grey or RGB, or to .npy"
        )
    ends_early = "truncated" in reason.lower() or "unexpected end" in reason.lower()
    what = "ends early: the file is cut off" if ends_early else "is damaged, or of a kind that lrn does not read"
    return LrnError(f"{path}: the {kind.upper()} image {what} ({reason})", "copy or download the file again")


def _too_large(path: Path, size: str, limit: int, needed: int) -> LrnError:
    return LrnError(f"{path}: the image has {size}, the limit is {limit:,}", f"--max-pixels {needed}")


def _too_much(path: Path) -> LrnError:
    return LrnError(f"{path}: the image has too much before its pixels", f"exiftool -all= {path}")
