"""Pages of numbers as tensors to read: one, or several of one shape and type as a stack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock, local

import numpy as np

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.guards import Unchanged
from lrn_cli.tensors.hdf5.raw.descriptor import Descriptor
from lrn_cli.tensors.images.meanings import DESCRIPTION, NODATA, name_of
from lrn_cli.tensors.images.metadata import SCALING, Metadata, read_page
from lrn_cli.tensors.images.nodata import nodata_count, nodata_line
from lrn_cli.tensors.images.orientation import UPRIGHT, turn_upright
from lrn_cli.tensors.images.source import ImageSource, PictureSource
from lrn_cli.tensors.images.tags import TagReader
from lrn_cli.tensors.images.tiff.page import MULTIPLIED, WHITE_FIRST, Page
from lrn_cli.tensors.images.tiff.pixels import SEGMENTS, PackedPixels, Pixels, PlainPixels, find_segments
from lrn_cli.tensors.tensor import Reading, TensorInfo

_MOST_PLACES = 32 << 20
"""Bytes of what says where strips and tiles are, of all pages together."""
_SURVEYED = 1 << 20
"""Elements that are looked at together."""
_OF_ALL_PAGES = (b'{"shape"', b"<OME", b"ImageJ=", b"<?xml")


class OpenTiff:
    """A file of which pages are read.

    Args:
        path: The file.
        reading: How to read it.
        of_several: Whether it has more pages than are read together.
    """

    def __init__(self, path: Path, reading: Reading, *, of_several: bool = False) -> None:
        self.path, self.reading, self.of_several = path, reading, of_several
        self._file = path.open("rb", buffering=0)
        self.unchanged = Unchanged(path, self._file.fileno())
        self.descriptor = Descriptor(self._file.fileno())
        self._reader: TagReader | None = None

    def pixels(self, page: Page) -> Pixels:
        """The numbers of a page."""
        if self._reader is None:
            self._reader = TagReader(self._file, page.form, only=SEGMENTS, most=_MOST_PLACES, largest=_MOST_PLACES)
        held = self.path.stat().st_size
        found = find_segments(self.path, page, self._reader, held, self.reading.max_bytes)
        if page.compression == 1 and (found.places >= 0).all():
            return PlainPixels(self.path, page, self.descriptor, found)
        return PackedPixels(self.path, page, self.descriptor, found, self._fill(page))

    def _fill(self, page: Page) -> float:
        """What numbers are that are left out."""
        said = read_page(self.path, page.place, UPRIGHT).tags.get(NODATA)
        try:
            number = float(said.data.rstrip(b"\0 ")) if said is not None else 0.0
            return number if page.dtype.kind == "f" or page.dtype.type(number) == number else 0.0
        except (ValueError, OverflowError):
            return 0.0

    def close(self) -> None:
        """Let go of the file."""
        self.descriptor.close()
        self._file.close()


class PageSource(PictureSource):
    """A page of numbers.

    Args:
        file: The open file; closed with the source unless it is one of a stack.
        page: Which page of it.
        member: What it was called.

    Raises:
        LrnError: It is cut off, damaged or larger than allowed, or holds what is not taken without being asked for.
    """

    def __init__(self, file: OpenTiff, page: Page, member: str = "") -> None:
        self.path, self._file, self.page, reading = file.path, file, page, file.reading
        self.info = page.describe(reading, member)
        self.stored_dtype, self.peak = page.dtype.newbyteorder("="), page.peak
        self._scaled, self._white_first = self.info.dtype != self.stored_dtype, page.photometric == WHITE_FIRST
        self.inverted = reading.raw_pixels and self._white_first and self.peak is not None
        self._room = local()
        self._check()
        self._pixels = file.pixels(page)

    def _check(self) -> None:
        length, width = self.page.size
        most = self._file.reading.max_pixels
        if most is not None and length * width > most:
            what = f"the image has {width:,} x {length:,} = {width * length:,} pixels, the limit is {most:,}"
            raise LrnError(f"{self.path}: {what}", f"--max-pixels {width * length}")
        if MULTIPLIED in self.page.extra and not self._file.reading.raw_pixels:
            what = f"its colours of {self.stored_dtype.itemsize * 8} bits are multiplied by their transparency"
            raise LrnError(f"{self.path}: {what}", "--pixels raw takes the stored numbers")

    def read(self, box: Box, out: Array) -> None:
        """Read a block of the upright page."""
        if not self._scaled:
            self._read_stored(box, out)
            return
        stored = self._scratch(out.size).reshape(out.shape)
        self._read_stored(box, stored)
        peak = np.float32(self.peak or 1)
        if self._white_first:
            np.subtract(stored.dtype.type(self.peak or 1), stored, out=stored)
        np.divide(stored, peak, out=out, dtype=np.float32)

    def _scratch(self, count: int) -> Array:
        """Memory for so many stored numbers, valid until this thread asks again."""
        found: Array | None = getattr(self._room, "values", None)
        if found is None or found.size < count:
            found = self._room.values = np.empty(count, self.stored_dtype)
        return found[:count]

    def _read_stored(self, box: Box, out: Array) -> None:
        """Read stored numbers, in this machine's order of bytes."""
        turned = self.page.orientation != UPRIGHT
        block = np.empty(_stored_shape(out.shape, self.page.orientation), out.dtype) if turned else out
        self._pixels.read(_stored_box(box, self.page) if turned else box, block.view(self.page.dtype))
        if not self.page.dtype.isnative:
            block.byteswap(inplace=True)
        if turned:
            out[...] = turn_upright(block, self.page.orientation)

    def survey(self) -> tuple[str, ...]:
        """What GDAL says of the numbers, and is not done to them."""
        said = self.metadata()
        found = [f"{SCALING} are not applied to the stored numbers"] * (SCALING in said.dropped)
        if NODATA in said.tags:
            count = sum(nodata_count(said.tags[NODATA].data, block) for block in self._stored_blocks())
            shape = self.info.normalised_shape
            found += filter(None, [nodata_line(said.tags[NODATA].data, count, shape[0] * shape[1] * shape[2])])
        return tuple(f"{self.path}: {line}" for line in found)

    def _stored_blocks(self) -> Iterator[Array]:
        height, width, channels = self.info.shape
        rows = max(1, _SURVEYED // (width * channels))
        for start in range(0, height, rows):
            box = (slice(start, min(start + rows, height)), slice(0, width), slice(0, channels))
            block = np.empty((box[0].stop - start, width, channels), self.stored_dtype)
            self._read_stored(box, block)
            yield block[:, :, : self.info.normalised_shape[2]]

    def metadata(self) -> Metadata:
        """What the file says besides; of all pages together only if they are read together."""
        found = read_page(self.path, self.page.place, self.page.orientation)
        said = found.tags.get(DESCRIPTION)
        if self._file.of_several and said is not None and any(mark in said.data for mark in _OF_ALL_PAGES):
            found.dropped.append(name_of(DESCRIPTION))
            del found.tags[DESCRIPTION]
        return found

    def finish(self) -> None:
        """Check that nobody has written to the file meanwhile."""
        self._file.unchanged.check()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _stored_box(box: Box, page: Page) -> Box:
    """Where the upright block `box` is stored."""
    (length, width), orientation = page.size, page.orientation
    rows, columns, channels = box if orientation < 5 else (box[1], box[0], box[2])
    if orientation in (3, 4, 6, 7):
        rows = slice(length - rows.stop, length - rows.start)
    if orientation in (2, 3, 7, 8):
        columns = slice(width - columns.stop, width - columns.start)
    return rows, columns, channels


def _stored_shape(shape: tuple[int, ...], orientation: int) -> tuple[int, ...]:
    return shape if orientation < 5 else (shape[1], shape[0], shape[2])


class StackSource(PictureSource):
    """Pages of one shape and type, with an axis for them in front.

    Args:
        info: Of the stack.
        pages: Each as a source.
        file: The open file.
    """

    def __init__(self, info: TensorInfo, pages: Sequence[PictureSource], file: OpenTiff) -> None:
        self.path, self.info, self.pages, self._file = file.path, info, pages, file
        first = pages[0]
        self.stored_dtype, self.peak, self.inverted = first.stored_dtype, first.peak, first.inverted
        # Pillow decodes a page as a whole, so that each is to be read once, and let go of then.
        self.sequential = any(isinstance(page, ImageSource) for page in pages)
        self._last, self._lock = 0, Lock()

    def read(self, box: Box, out: Array) -> None:
        """Read a block."""
        for place, number in enumerate(range(box[0].start, box[0].stop)):
            self._turn_to(number)
            self.pages[number].read(box[1:], out[place])

    def _turn_to(self, number: int) -> None:
        if self.sequential and number != self._last:
            with self._lock:
                if isinstance(self.pages[self._last], ImageSource):
                    self.pages[self._last].close()
                self._last = number

    def survey(self) -> tuple[str, ...]:
        """What is said of the first page: the others are alike."""
        return self.pages[0].survey()

    def metadata(self) -> Metadata:
        """What the first page says besides."""
        return self.pages[0].metadata()

    def finish(self) -> None:
        """Check that nobody has written to the file meanwhile."""
        self._file.unchanged.check()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
