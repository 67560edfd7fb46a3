"""An image as a tensor to read."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import numpy as np

from lrn_cli.boxes import Box
from lrn_cli.errors import LrnError
from lrn_cli.tensors.guards import Unchanged
from lrn_cli.tensors.images.header import Header, read_header
from lrn_cli.tensors.images.meanings import NODATA
from lrn_cli.tensors.images.metadata import SCALING, Metadata, read_metadata
from lrn_cli.tensors.images.nodata import nodata_notice
from lrn_cli.tensors.images.pillow import open_image
from lrn_cli.tensors.images.pixels import decode
from lrn_cli.tensors.tensor import Array, Reading, Source, TensorInfo


def header_of(path: Path, kind: str, reading: Reading) -> Header:
    """What an image's header says; no pixel is decoded.

    Args:
        path: The file.
        kind: What it is: `png`, `tiff`, `jpeg`, `bmp` or `webp`.
        reading: How to read it.

    Raises:
        LrnError: The file is damaged, too large, has several frames or pixels that cannot be read without loss.
    """
    with open_image(path, kind, reading.max_pixels) as image:
        return read_header(image, path)


class ImageSource(Source):
    """An image, decoded as a whole when the first block is read.

    Args:
        path: The file.
        kind: What it is: `png`, `tiff`, `jpeg`, `bmp` or `webp`.
        info: Its description, as `Header.describe` gives it.
        reading: How to read it.

    Attributes:
        header: What its header says.

    Raises:
        LrnError: As `header_of`, the file is not the one that was described, or its numbers cannot be scaled to 0..1.
    """

    path: Path

    def __init__(self, path: Path, kind: str, info: TensorInfo, reading: Reading) -> None:
        self.path, self.info, self._kind, self._reading = path, info, kind, reading
        self._unchanged = Unchanged(path)
        self.header = header_of(path, kind, reading)
        if self.header.describe(reading) != info:
            raise LrnError(f"{path}: the file was changed since it was looked at", "try again")
        if self.header.peak is None and not reading.raw_pixels:
            what = f"{self.header.dtype} numbers, of which none is known to mean 1.0"
            raise LrnError(f"{path}: the image holds {what}", "--pixels raw takes the stored numbers")
        self._pixels: Array | None = None
        self._decoding = Lock()

    @property
    def inverted(self) -> bool:
        """Whether it gives a file's own numbers, of which 0 is white."""
        return self._reading.raw_pixels and self.header.white_first

    def survey(self) -> tuple[str, ...]:
        """What GDAL says of the numbers in a TIFF file, and is not done to them."""
        if self._kind != "tiff":
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
                    self._pixels = decode(self.path, self._kind, self.header, self._reading.max_pixels)
                self._unchanged.check()  # it was opened once for each pass
            return self._pixels

    def metadata(self) -> Metadata:
        """What the file says besides its pixels; that it is still the same file is checked with them."""
        return read_metadata(self.path, self._kind, self.header, self._reading.max_pixels)

    def close(self) -> None:
        """Let go of the pixels."""
        self._pixels = None
