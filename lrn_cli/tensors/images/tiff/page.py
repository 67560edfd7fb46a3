"""The pages of a TIFF file: how each stores its numbers, by what its tags say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil
from pathlib import Path
from typing import IO, Any

import numpy as np

from lrn_cli.advice import free, program, spell
from lrn_cli.dtypes import unknown
from lrn_cli.errors import LrnError
from lrn_cli.tensors.images.orientation import ORIENTATION, UPRIGHT, upright_shape
from lrn_cli.tensors.images.tags import Form, Tag, TagReader, begin, numbers_of
from lrn_cli.tensors.tensor import Reading, TensorInfo

# Tags (TIFF 6.0, sections 8, 14, 15 and 18; the last is of three-dimensional tiles).
SUBFILE, WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, CHANNELS, ROWS = 254, 256, 257, 258, 259, 262, 277, 278
FILL_ORDER, PLANAR, PREDICTOR, TILE_WIDTH, TILE_LENGTH, EXTRA, FORMAT, DEPTH = 266, 284, 317, 322, 323, 338, 339, 32997
STRIPS, STRIP_SIZES, TILES, TILE_SIZES = 273, 279, 324, 325
_DESCRIBING = {SUBFILE, WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, CHANNELS, ROWS, FILL_ORDER, PLANAR, PREDICTOR}
_DESCRIBING |= {TILE_WIDTH, TILE_LENGTH, EXTRA, FORMAT, DEPTH, ORIENTATION}

OTHER = unknown("unknown", 8)

NONE = 1
WAYS = {NONE: "", 5: "LZW", 8: "deflate", 32946: "deflate", 32773: "PackBits", 34925: "LZMA", 50000: "Zstandard"}
"""Compressions of bytes, of which the unpacked size is known beforehand; those of pictures say it themselves."""
MULTIPLIED, TRANSPARENCY = 1, 2  # kinds of extra channels
WHITE_FIRST, BLACK_FIRST, RGB = 0, 1, 2
_NUMBERS = (WHITE_FIRST, BLACK_FIRST, RGB, 32803, 34892)  # the last are a sensor's own
_KINDS = {1: "u", 2: "i", 3: "f"}
_REDUCED_OR_MASK = 1 | 4  # of SUBFILE

_MOST_PAGES, _MOST_BYTES, _LARGEST = 1 << 16, 64 << 20, 256 << 10
"""Pages of a file, bytes of what describes them, and of one tag: two for each of 65,535 channels."""

AGAIN = "copy or download the file again"


@dataclass(frozen=True, eq=False)
class Page:
    """A page.

    Attributes:
        index: Which it is, counted from 0.
        place: Of its directory in the file.
        form: How the file spells numbers.
        tags: Those that describe it.
    """

    index: int
    place: int
    form: Form
    tags: dict[int, Tag]

    def numbers(self, tag: int, *otherwise: int) -> tuple[int, ...]:
        """The values of a tag."""
        return numbers_of(self.tags, tag, *otherwise)

    def number(self, tag: int, otherwise: int) -> int:
        """The first value of a tag."""
        return self.numbers(tag, otherwise)[0]

    @cached_property
    def size(self) -> tuple[int, int]:
        """Length and width as stored."""
        return self.number(LENGTH, 0), self.number(WIDTH, 0)

    @cached_property
    def channels(self) -> int:
        """How many channels it has."""
        return self.number(CHANNELS, 1)

    @cached_property
    def separate(self) -> bool:
        """Whether each channel has a plane of its own."""
        return self.number(PLANAR, 1) == 2 and self.channels > 1

    @cached_property
    def tiled(self) -> bool:
        """Whether it is stored in tiles."""
        return TILE_WIDTH in self.tags

    @cached_property
    def segment(self) -> tuple[int, int, int]:
        """Rows, columns and channels of a strip or tile; the last strip may have fewer."""
        length, width = self.size
        channels = 1 if self.separate else self.channels
        if self.tiled:
            return self.number(TILE_LENGTH, 0), self.number(TILE_WIDTH, 0), channels
        return min(self.number(ROWS, length), length), width, channels

    @property
    def grid(self) -> tuple[int, int, int]:
        """How many strips or tiles there are down, across and in planes."""
        (length, width), (rows, columns, _) = self.size, self.segment
        return ceil(length / rows), ceil(width / columns), self.channels if self.separate else 1

    @cached_property
    def compression(self) -> int:
        """How strips and tiles are packed."""
        return self.number(COMPRESSION, NONE)

    @cached_property
    def predictor(self) -> int:
        """What was done to numbers before: 1 nothing, 2 and 3 differences."""
        return self.number(PREDICTOR, 1) if self.compression != NONE else 1

    @cached_property
    def photometric(self) -> int:
        """What the numbers mean."""
        return self.number(PHOTOMETRIC, BLACK_FIRST)

    @cached_property
    def orientation(self) -> int:
        """Which way up it is, as in EXIF."""
        found = self.number(ORIENTATION, UPRIGHT)
        return found if 1 <= found <= 8 else UPRIGHT

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """Of the stored numbers, in the file's order of bytes; `OTHER` where it is none that is known."""
        bits, kinds = {*self.numbers(BITS, 1)}, {*self.numbers(FORMAT, 1)}
        kind = _KINDS.get(min(kinds)) if len(kinds) == 1 else None
        if len(bits) > 1 or kind is None or min(bits) not in ((16, 32, 64) if kind == "f" else (8, 16, 32, 64)):
            return OTHER
        return np.dtype(f"{self.form.order}{kind}{min(bits) // 8}")

    @property
    def peak(self) -> int | None:
        """The number that means 1.0; None where none is known to."""
        return {"u1": 255, "u2": 65535}.get(self.dtype.str[1:])

    @property
    def extra(self) -> tuple[int, ...]:
        """What its extra channels are: 0 anything, 1 and 2 transparency."""
        return self.numbers(EXTRA)

    @property
    def carried(self) -> int:
        """1 where the last channel is transparency, else 0."""
        return int(self.channels > 1 and self.extra[-1:] in ((TRANSPARENCY,), (MULTIPLIED,)))

    @property
    def auxiliary(self) -> bool:
        """Whether it is a smaller copy or a mask of another page."""
        return bool(self.number(SUBFILE, 0) & _REDUCED_OR_MASK)

    @cached_property
    def of_numbers(self) -> bool:
        """Whether it holds numbers that mean themselves, in a way of storage that is known."""
        return (
            self.dtype != OTHER
            and min(*self.size, *self.segment) >= 1
            and len(self.numbers(BITS, 1)) in (1, self.channels)
            and self.compression in WAYS
            and self.predictor in ((1, 2, 3) if self.dtype.kind == "f" else (1, 2))
            and self.photometric in _NUMBERS
            and self.number(FILL_ORDER, 1) == 1
            and self.number(DEPTH, 1) == 1
        )

    @property
    def may_be_a_picture(self) -> bool:
        """Whether Pillow may know it and what its numbers mean: those that mean themselves it reads no better."""
        return not self.of_numbers or self.peak is not None

    def describe(self, reading: Reading, member: str = "") -> TensorInfo:
        """The description as a tensor of layout HWC, of a page of numbers."""
        scaled = self.peak is not None and not reading.raw_pixels
        packed = self.compression != NONE
        rows, columns, channels = self.segment
        turned = self.orientation != UPRIGHT
        return TensorInfo(
            (*upright_shape(*self.size, self.orientation), self.channels),
            np.dtype(np.float32) if scaled else self.dtype.newbyteorder("="),
            member,
            chunks=(rows, columns, channels) if (packed or self.tiled) and not turned else None,
            filters=(WAYS[self.compression],) if packed else (),
            layout="HWC",
            carried=self.carried,
            auxiliary=self.auxiliary,
        )


def read_pages(path: Path) -> tuple[Page, ...]:
    """The pages of a file.

    Raises:
        ValueError: Its first one cannot be found.
        LrnError: They are too many or go in a circle, or one of them is not in the file.
    """
    found = path.stat()
    return _read_pages(path, (found.st_ino, found.st_size, found.st_mtime_ns))


@lru_cache(maxsize=1)
def _read_pages(path: Path, _state: tuple[int, ...]) -> tuple[Page, ...]:
    """The pages of a file as it is now: there may be thousands, and several want to know of them."""
    with path.open("rb") as file:
        return tuple(_pages(path, file))


def _too_many(path: Path) -> LrnError:
    made, file = spell(free(f"{path.stem}.npy")), spell(str(path))
    some = program(f"import tifffile; np.save({made}, tifffile.imread({file}, key=range({_MOST_PAGES})))")
    return LrnError(f"{path}: the TIFF image has more than {_MOST_PAGES:,} pages", some)


def _pages(path: Path, file: IO[bytes]) -> list[Page]:
    form, place = begin(file)
    reader, found, seen = (
        TagReader(file, form, only=_DESCRIBING, most=_MOST_BYTES, largest=_LARGEST),
        list[Page](),
        set[int](),
    )
    while place:
        if place in seen:
            what = f"behind its page {len(found)} comes one that it has already had"
            raise LrnError(f"{path}: the TIFF image is damaged: {what}", AGAIN)
        if len(found) == _MOST_PAGES:
            raise _too_many(path)
        try:
            directory = reader.directory(place)
        except ValueError as error:
            if not found:
                raise
            what = f"its page {len(found) + 1} is not in the file ({error})"
            raise LrnError(f"{path}: the TIFF image is damaged: {what}", AGAIN) from None
        seen.add(place)
        found.append(Page(len(found), place, form, directory.tags))
        place = directory.following
    return found
