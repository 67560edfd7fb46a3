"""The stored numbers of a page, read in blocks: where they lie in the file, or unpacked from strips and tiles."""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import Future
from contextlib import nullcontext
from itertools import product
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrn_cli.boxes import Box, inside
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.guards import check_chunk
from lrn_cli.tensors.hdf5.raw.descriptor import Descriptor
from lrn_cli.tensors.hdf5.raw.elements import ChunkedElements, FlatElements
from lrn_cli.tensors.images.tags import TagReader
from lrn_cli.tensors.images.tiff import page as tags
from lrn_cli.tensors.images.tiff.codecs import Unpacking
from lrn_cli.tensors.images.tiff.page import AGAIN, NONE, Page

SEGMENTS = {tags.STRIPS, tags.STRIP_SIZES, tags.TILES, tags.TILE_SIZES}
_CACHED = 32 << 20
"""Bytes of unpacked strips and tiles that are kept for those who want more of them."""
_HEAVY = 32 << 20
"""Bytes of a strip or tile of which only one is unpacked at a time."""
_SPOILT = 1 << 20
"""Bytes by which something packed may be longer than twice what is in it."""


class Segments(NamedTuple):
    """Where the strips or tiles of a page are: arrays of the grid's shape, down, across and in planes.

    Attributes:
        places: In the file; -1 where there is none, all numbers of which are the same.
        sizes: In bytes.
    """

    places: NDArray[np.int64]
    sizes: NDArray[np.int64]


def find_segments(path: Path, page: Page, reader: TagReader, held: int, limit: int | None) -> Segments:
    """Where a page's strips or tiles are, all of them in the file.

    Args:
        path: The file.
        page: The page.
        reader: Of the file, for `SEGMENTS`.
        held: The file's size.
        limit: The most bytes of what is unpacked as a whole; None for the usual limit.

    Raises:
        LrnError: The file is cut off or damaged, or what is unpacked as a whole is too large.
    """
    rows, columns, channels = page.segment
    whole = rows * columns * channels * page.dtype.itemsize
    if page.compression != NONE:
        check_chunk(str(path), whole, limit, what="pieces")
    down, across, planes = page.grid
    try:
        found = reader.directory(page.place).tags
        offsets, counts = (found[tag].array() if tag in found else np.empty(0, "u4") for tag in _which(page))
    except ValueError as error:
        raise _damaged_error(path, f"{error}") from None
    count = down * across * planes
    if len(offsets) < count or (len(counts) < count and page.compression != NONE):
        raise _damaged_error(path, f"it has {len(offsets)} of its {count} strips or tiles")
    needed = np.full((down, across, planes), whole, np.int64)
    if not page.tiled:
        needed[-1] = (page.size[0] - rows * (down - 1)) * columns * channels * page.dtype.itemsize
    grid = (planes, down, across)
    places = offsets[:count].astype(np.int64).reshape(grid).transpose(1, 2, 0)
    sizes = needed
    if len(counts) >= count:
        sizes = counts[:count].astype(np.int64).reshape(grid).transpose(1, 2, 0)
    there = (places != 0) & (sizes != 0)
    if ((places < 0) | (sizes < 0) | (places > held - sizes))[there].any():
        what = "the TIFF image ends early: the file is cut off"
        raise LrnError(f"{path}: {what} (it holds {held:,} bytes, its pixels reach further)", AGAIN)
    enough = sizes >= needed if page.compression == NONE else sizes <= 2 * needed + _SPOILT
    if not enough[there].all():
        raise _damaged_error(path, "its strips or tiles have other sizes than they must")
    return Segments(np.where(there, places, -1), sizes)


def _which(page: Page) -> tuple[int, int]:
    return (tags.TILES, tags.TILE_SIZES) if page.tiled else (tags.STRIPS, tags.STRIP_SIZES)


def _damaged_error(path: Path, what: str) -> LrnError:
    return LrnError(f"{path}: the TIFF image is damaged: {what}", AGAIN)


class Pixels(ABC):
    """The stored numbers of a page."""

    @abstractmethod
    def read(self, box: Box, out: Array) -> None:
        """Read a block (rows, columns, channels) into an array of the file's dtype; several threads may at once.

        Raises:
            LrnError: The file is cut off or damaged.
        """


class PlainPixels(Pixels):
    """Numbers that lie in the file as they are."""

    def __init__(self, path: Path, page: Page, file: Descriptor, segments: Segments) -> None:
        self._path = path
        places, chunk = segments.places, page.segment
        step = chunk[0] * chunk[1] * chunk[2] * page.dtype.itemsize
        if not page.tiled and (np.diff(places, axis=0) == step).all():  # strips that follow each other are one
            places, chunk = places[:1], (page.size[0], *chunk[1:])
        shape = (*page.size, page.channels)
        self._elements: ChunkedElements | FlatElements
        if chunk == shape:
            self._elements = FlatElements(file, int(places.reshape(-1)[0]), shape, page.dtype.itemsize)
        else:
            self._elements = ChunkedElements(file, places, shape, chunk, page.dtype)

    def read(self, box: Box, out: Array) -> None:
        """Read from where the block lies."""
        try:
            self._elements.read(box, out)
        except OSError as error:
            raise LrnError(f"{self._path}: cannot be read: {error.strerror or error}", f"ls -l {self._path}") from None


class PackedPixels(Pixels):
    """Numbers in strips or tiles that are unpacked as a whole, or are left out."""

    def __init__(self, path: Path, page: Page, file: Descriptor, segments: Segments, fill: float) -> None:
        self._path, self._page, self._file, self._segments = path, page, file, segments
        self._fill, self._unpack = fill, Unpacking(path, page)
        rows, columns, channels = page.segment
        self._whole = rows * columns * channels * page.dtype.itemsize
        self._lock, self._kept = Lock(), dict[tuple[int, ...], Future[Array | None]]()
        self._heavy = Lock() if self._whole > _HEAVY else nullcontext()

    def read(self, box: Box, out: Array) -> None:
        """Read from all strips or tiles that have a part of the block."""
        edges, shape = self._page.segment, (*self._page.size, self._page.channels)
        touched = [range(part.start // edge, -(-part.stop // edge)) for part, edge in zip(box, edges, strict=True)]
        for at in product(*touched):
            piece = tuple(
                slice(n * edge, min(n * edge + edge, end)) for n, edge, end in zip(at, edges, shape, strict=True)
            )
            common = tuple(slice(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(piece, box, strict=True))
            values = self._values(at)
            out[inside(common, box)] = self._fill if values is None else values[inside(common, piece)]

    def _values(self, at: tuple[int, ...]) -> Array | None:
        """The numbers of a strip or tile; None where it is left out. Who asks first unpacks it for all."""
        with self._lock:
            found = self._kept.get(at)
            first = found is None
            if found is None:
                found = self._kept[at] = Future()
                while len(self._kept) > max(1, _CACHED // self._whole):
                    del self._kept[next(iter(self._kept))]
        if first:
            try:
                with self._heavy:
                    found.set_result(self._unpack_piece(at))
            except BaseException as error:
                found.set_exception(error)
        return found.result()

    def _unpack_piece(self, at: tuple[int, ...]) -> Array | None:
        place, size = int(self._segments.places[at]), int(self._segments.sizes[at])
        if place < 0:
            return None
        rows, columns, channels = self._page.segment
        if not self._page.tiled:
            rows = min(rows, self._page.size[0] - at[0] * rows)
        data = bytearray(size)
        try:
            self._file.read(memoryview(data), place)
            return self._unpack(bytes(data), (rows, columns, channels), self._whole)
        except MemoryError:
            raise LrnError(
                f"{self._path}: not enough memory for its pixels", "crop or shrink the image first"
            ) from None
        except Exception as error:  # whatever a library says of bad data
            reason = " ".join(str(error).split())[:100] or type(error).__name__
            raise _damaged_error(self._path, f"its pixels cannot be unpacked ({reason})") from None
