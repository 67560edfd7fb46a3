"""Numbers written as a TIFF file: each block at its place at once, and packed when all are there."""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from math import ceil, prod
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.hdf5.raw.descriptor import Descriptor
from lrn_cli.tensors.hdf5.raw.elements import ChunkedElements, FlatElements
from lrn_cli.tensors.images.directories import encode
from lrn_cli.tensors.images.keeping import tiff_tags
from lrn_cli.tensors.images.levels import Levels, levels
from lrn_cli.tensors.images.metadata import Metadata
from lrn_cli.tensors.images.sink import darkness, full_scale, has_16_bits, has_levels
from lrn_cli.tensors.images.source import PictureSource
from lrn_cli.tensors.images.tags import LONG, SHORT, Tag
from lrn_cli.tensors.images.tiff import page as tags
from lrn_cli.tensors.images.tiff.codecs import Packing
from lrn_cli.tensors.images.tiff.output import Storage, describing_tags
from lrn_cli.tensors.images.tiff.page import NONE
from lrn_cli.tensors.images.tiff.source import StackSource
from lrn_cli.tensors.replace import OpenReplacement
from lrn_cli.tensors.tensor import Sink, Writing

_LONG8 = 16
_TOGETHER = 8 << 20
"""Bytes that are packed together, by some threads."""


class TiffSink(Sink):
    """A TIFF file of any numbers, in one page or several.

    The numbers stand at the beginning, strip by strip or tile by tile, and what describes them behind. Those that are
    to be packed are first written to a file without a name.

    Args:
        writing: What to write: (H, W, C), or (N, H, W, C) for N pages.
        storage: How.

    Raises:
        LrnError: The folder refuses the file, or what it takes to pack is not installed.
    """

    def __init__(self, writing: Writing, storage: Storage) -> None:
        self._writing, self._storage = writing, storage
        self._shape = writing.shape if len(writing.shape) == 4 else (1, *writing.shape)
        self._form = storage.form
        self._start = len(self._form.head(0))
        packed = storage.compression != NONE
        self._packing = Packing(writing.path, storage.compression, storage.predictor) if packed else None
        self._levels = _Levels(writing) if has_levels(writing.source) else None
        self._output = OpenReplacement(writing.path, force=writing.force, fsync=writing.fsync)
        self._unpacked = -1
        try:
            if packed:
                self._unpacked, self._start = _nameless(writing.path), 0
            number = self._unpacked if packed else self._output.descriptor
            self._file = Descriptor(number)
            self._elements = self._lay_out()
            os.truncate(number, self._start + self._step * self._count)  # of the last tiles all rows are there
            self._file.reserve(self._start, self._step * self._count)
        except OSError as error:
            self.abort()
            raise _unwritable(writing.path, error) from None

    def _lay_out(self) -> ChunkedElements | FlatElements:
        """Give each strip or tile its place; of strips those of a plane follow each other without a gap."""
        storage, (pages, length, width, channels) = self._storage, self._shape
        rows, columns, each = storage.segment
        planes = channels if storage.separate else 1
        down = ceil(length / rows)
        if storage.tiled:
            self._sizes = np.full(down * ceil(width / columns) * planes, rows * columns * each, np.int64)
            grid, chunk = (pages, planes, down, ceil(width / columns)), (1, rows, columns, each)
        else:
            heights = np.minimum(rows, length - rows * np.arange(down, dtype=np.int64))
            self._sizes = np.tile(heights * width * each, planes)
            grid, chunk = (pages, planes, 1, 1), (1, length, width, each)
        self._sizes *= storage.dtype.itemsize
        self._count, self._step = pages, int(self._sizes.sum())
        size = self._step * pages // prod(grid)
        places = self._start + size * np.arange(prod(grid), dtype=np.int64).reshape(grid).transpose(0, 2, 3, 1)
        if chunk[1:] == self._shape[1:]:  # pages follow each other without a gap, too
            return FlatElements(self._file, self._start, self._shape, storage.dtype.itemsize)
        return ChunkedElements(self._file, places, self._shape, chunk, storage.dtype)

    def write(self, box: Box, block: Array) -> None:
        """Write a block at its place; blocks of a source in Fortran order come with their axes reversed."""
        if self._writing.source.info.fortran_order:
            box, block = box[::-1], block.T
        if self._levels is not None:
            block = self._levels(block)
        with np.errstate(over="ignore"):
            values = np.ascontiguousarray(block, self._storage.dtype)
        if len(box) == 3:
            box, values = (slice(0, 1), *box), values[None]
        try:
            self._elements.write(box, values)
        except OSError as error:
            raise _unwritable(self._writing.path, error) from None

    def commit(self) -> None:
        """Pack what is to be packed, describe it, and make the file appear; tell what did not fit into it."""
        try:
            with self._writing.long_call():
                lines = self._finish()
            self._file.close()
            self._output.commit()
        except OSError as error:
            raise _unwritable(self._writing.path, error) from None
        self._close()
        for line in lines:
            self._writing.notice(line)

    def abort(self) -> None:
        """Remove the unfinished file."""
        if hasattr(self, "_file"):
            self._file.close()
        self._close()
        self._output.abort()

    def _close(self) -> None:
        if self._unpacked >= 0:
            os.close(self._unpacked)
            self._unpacked = -1

    def _finish(self) -> list[str]:
        output = Descriptor(self._output.descriptor)
        try:
            sizes = np.tile(self._sizes, self._count)
            starts = self._start + np.cumsum(sizes) - sizes
            if self._packing is not None:
                starts, sizes = self._pack(output, self._packing, starts, sizes)
            lost = self._describe(output, starts.reshape(self._count, -1), sizes.reshape(self._count, -1))
        finally:
            output.close()
        lines = self._levels.notices() if self._levels is not None else []
        return lines + [f"not kept in a TIFF image: {', '.join(lost)}"] * bool(lost)

    def _pack(
        self, output: Descriptor, packing: Packing, starts: NDArray[np.int64], sizes: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pack each strip or tile, one behind the other."""
        _, columns, each = self._storage.segment

        def packed(index: int) -> bytes:
            values = np.empty(int(sizes[index]) // self._storage.dtype.itemsize, self._storage.dtype)
            self._file.read(values.view("u1").data, int(starts[index]))
            return packing(values.reshape(-1, columns, each))

        at, new_starts, new_sizes = len(self._form.head(0)), starts.copy(), sizes.copy()
        together = max(1, _TOGETHER // int(sizes.max()))
        with ThreadPoolExecutor(self._writing.threads if together > 1 else 1) as pool:
            for first in range(0, len(starts), together):
                for index, data in enumerate(pool.map(packed, range(first, min(first + together, len(starts)))), first):
                    output.write(memoryview(data), at)
                    new_starts[index], new_sizes[index] = at, len(data)
                    at += len(data) + len(data) % 2
        return new_starts, new_sizes

    def _describe(self, output: Descriptor, starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> list[str]:
        """Write the directories behind the numbers; names of what they cannot hold."""
        source, lost = self._writing.source, list[str]()
        end = int(starts[-1, -1] + sizes[-1, -1])
        at = first = end + end % 2
        pages = source.pages if isinstance(source, StackSource) else [source]
        for number in range(self._count):
            page = pages[number] if number < len(pages) else None
            said = page.metadata() if isinstance(page, PictureSource) else Metadata()
            kept, names = tiff_tags(self._shape[3], said)
            lost += names
            own = self._own_tags(number, starts[number], sizes[number])
            directory = encode({**kept, **own}.values(), at, self._form)
            following = at + len(directory) + len(directory) % 2
            if number + 1 < self._count:
                directory = encode({**kept, **own}.values(), at, self._form, following)
            output.write(memoryview(directory.ljust(following - at, b"\0")), at)
            at = following
        if at >= 1 << 32 and not self._storage.form.big:
            raise LrnError(f"{self._writing.path}: is too large for what its tags take", "-o x.npy")
        output.write(memoryview(self._form.head(first)), 0)
        return list(dict.fromkeys(lost))

    def _own_tags(self, number: int, starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> dict[int, Tag]:
        described = describing_tags(self._storage, self._shape[1:], number if self._count > 1 else None)
        places = (tags.TILES, tags.TILE_SIZES) if self._storage.tiled else (tags.STRIPS, tags.STRIP_SIZES)
        wide = {tags.WIDTH, tags.LENGTH, tags.ROWS, tags.TILE_WIDTH, tags.TILE_LENGTH, tags.SUBFILE}
        found = [
            Tag(tag, LONG, np.array(values, "<u4").tobytes())
            if tag in wide
            else Tag(tag, SHORT, np.array(values, "<u2").tobytes())
            for tag, values in described.items()
        ]
        kind, code = (_LONG8, "<u8") if self._storage.form.big else (LONG, "<u4")
        found += [
            Tag(tag, kind, each.astype(code).tobytes()) for tag, each in zip(places, (starts, sizes), strict=True)
        ]
        return {tag.number: tag for tag in found}


class _Levels:
    """Values as the whole numbers of their source, block by block, with an account of what that cost."""

    def __init__(self, writing: Writing) -> None:
        self._shape, self._full = writing.shape, full_scale(writing.source)
        self._peak = 65535 if has_16_bits(writing.source) else 255
        self._inverted = isinstance(writing.source, PictureSource) and writing.source.inverted
        self._clipped = self._undefined = 0
        self._colours = writing.shape[-1] - writing.source.info.carried
        self._most, self._lock = -np.inf, Lock()

    def __call__(self, values: Array) -> Array:
        """The whole numbers."""
        flat = values.reshape(-1, *values.shape[-2:])
        bounds = np.zeros(values.shape[-1]), np.full(values.shape[-1], self._full)
        found = levels(flat, *bounds, self._peak)
        most = np.fmax.reduce(values[..., : self._colours], axis=None)
        with self._lock:
            self._clipped, self._undefined = self._clipped + found.clipped, self._undefined + found.undefined
            self._most = max(self._most, float(most))
        # Of a file's own numbers 0 may be white, in what is written it is black.
        pixels = self._peak - found.pixels if self._inverted else found.pixels
        return pixels.reshape(values.shape)

    def notices(self) -> list[str]:
        """What the user should be told."""
        every = Levels(np.broadcast_to(np.uint8(0), self._shape), self._clipped, self._undefined)
        return every.notices(0, self._full, stretched=False) + darkness(self._most, self._full)


def _nameless(path: Path) -> int:
    """A file in the output's folder that goes when it is closed."""
    with tempfile.TemporaryFile(dir=path.resolve().parent) as file:
        return os.dup(file.fileno())


def _unwritable(path: Path, error: OSError) -> LrnError:
    return LrnError(f"{path}: cannot be written: {error.strerror or error}", f"df -h {path.parent}")
