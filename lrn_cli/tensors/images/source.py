"""An image as a tensor to read."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.guards import Unchanged
from lrn_cli.tensors.images.header import Header, read_header
from lrn_cli.tensors.images.meanings import NODATA
from lrn_cli.tensors.images.metadata import SCALING, Metadata, read_metadata, read_page
from lrn_cli.tensors.images.nodata import nodata_notice
from lrn_cli.tensors.images.pillow import open_image
from lrn_cli.tensors.images.pixels import decode
from lrn_cli.tensors.images.tiff.page import read_pages
from lrn_cli.tensors.tensor import Reading, Source, TensorInfo


def header_of(path: Path, kind: str, reading: Reading, page: int | None = None) -> Header:
    """What an image's header says; no pixel is decoded.

    Args:
        path: The file.
        kind: What it is: `png`, `tiff`, `jpeg`, `bmp` or `webp`.
        reading: How to read it.
        page: As `read_header` takes it.

    Raises:
        LrnError: The file is damaged, too large, has several frames or pixels that cannot be read without loss.
    """
    with open_image(path, kind, reading.max_pixels, page or 0) as image:
        return read_header(image, path, page)


class PictureSource(Source):
    """A tensor of an image file, whoever decodes it.

    Attributes:
        stored_dtype: Of the numbers in the file, in this machine's byte order.
        peak: Which of them means 1.0; None where none does.
        inverted: Whether it gives a file's own numbers, of which 0 is white.
    """

    path: Path
    stored_dtype: np.dtype[Any]
    peak: int | None
    inverted: bool

    @property
    def grid(self) -> float:  # type: ignore[override]
        """The step of its whole numbers, where they stand for 0..1."""
        scaled = self.peak is not None and self.stored_dtype.kind == "u" and self.info.dtype.kind == "f"
        return 1 / self.peak if scaled and self.peak else 0.0

    @abstractmethod
    def metadata(self) -> Metadata:
        """What the file says besides its pixels."""


class ImageSource(PictureSource):
    """An image, decoded as a whole when the first block is read.

    Args:
        path: The file.
        kind: What it is: `png`, `tiff`, `jpeg`, `bmp` or `webp`.
        info: Its description, as `Header.describe` gives it.
        reading: How to read it.
        page: Which page, counted from 0; None where there is but one.

    Attributes:
        header: What its header says.
        kind, page: As given.

    Raises:
        LrnError: As `header_of`, the file is not the one that was described, or its numbers cannot be scaled to 0..1.
    """

    def __init__(self, path: Path, kind: str, info: TensorInfo, reading: Reading, page: int | None = None) -> None:
        self.path, self.info, self.kind, self._reading, self.page = path, info, kind, reading, page
        self._unchanged = Unchanged(path)
        self.header = header_of(path, kind, reading, page)
        self.stored_dtype, self.peak = self.header.dtype.newbyteorder("="), self.header.peak
        self.inverted = reading.raw_pixels and self.header.white_first
        if self.header.describe(reading)._replace(member=info.member, auxiliary=info.auxiliary) != info:
            raise LrnError(f"{path}: the file was changed since it was looked at", "try again")
        if self.header.peak is None and not reading.raw_pixels:
            what = f"{self.header.dtype} numbers, of which none is known to mean 1.0"
            raise LrnError(f"{path}: the image holds {what}", "--pixels raw takes the stored numbers")
        self._pixels: Array | None = None
        self._decoding = Lock()

    def survey(self) -> tuple[str, ...]:
        """What GDAL says of the numbers in a TIFF file, and is not done to them."""
        if self.kind != "tiff":
            return ()
        said = self.metadata()
        found = [f"{SCALING} are not applied to the stored numbers"] * (SCALING in said.dropped)
        # With a mode the pixels that Pillow gives are not the stored numbers.
        if NODATA in said.tags and not self.header.mode:
            stored, peak = self.stored()[:, :, : self.info.normalised_shape[2]], self.header.peak
            numbers = peak - stored if self.header.white_first and peak else stored
            found += filter(None, [nodata_notice(said.tags[NODATA].data, numbers)])
        return tuple(f"{self.path}: {line}" for line in found)

    def read(self, box: Box, out: Array) -> None:
        """Read a block of the pixels, decoding them first if nobody has."""
        block = self.stored()[box]
        if self.inverted:
            out[...] = (self.header.peak or 1) - block
        elif self._reading.raw_pixels or self.header.dtype.kind == "f":
            out[...] = block
        else:
            # Both numbers are exact in float32, so that its division rounds correctly; in float64 it would round twice.
            np.divide(block, np.float32(self.header.peak or 1), out=out, dtype=np.float32)

    def stored(self) -> Array:
        """All pixels, decoded, 0 for black."""
        with self._decoding:
            if self._pixels is None:
                with self._reading.long_call():
                    self._pixels = decode(self.path, self.kind, self.header, self._reading.max_pixels, self.page)
                self._unchanged.check()  # it was opened once for each pass
            return self._pixels

    def metadata(self) -> Metadata:
        """What the file says besides its pixels; that it is still the same file is checked with them."""
        if self.page is not None:
            return read_page(self.path, read_pages(self.path)[self.page].place, self.header.orientation)
        return read_metadata(self.path, self.kind, self.header, self._reading.max_pixels)

    def close(self) -> None:
        """Let go of the pixels."""
        self._pixels = None
