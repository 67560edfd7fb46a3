"""TIFF's directories of tags, which EXIF has as well, read from files that may say anything."""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping
from io import SEEK_END
from typing import IO, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrn_cli.tensors.images.meanings import COMMENT, EXIF, GPS, INTEROPERABILITY

Order = Literal["<", ">"]

MOST = 8 << 20
"""Bytes of values that are taken from one file: those of its pixels may be many times more, what describes them not."""

# Bytes of one value of each type (TIFF 6.0, section 2; 13 and 16 to 18 by the supplements and BigTIFF), and of the
# numbers of which it consists.
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
PARTS = {**SIZES, 5: 4, 10: 4}
BYTES, TEXT, SHORT, LONG, RATIONAL = 7, 2, 3, 4, 5
_WHOLE_NUMBERS = {1: "u1", SHORT: "u2", LONG: "u4", 13: "u4", 16: "u8", 18: "u8"}

IN_UTF_16 = b"UNICODE\0"  # EXIF's UserComment, in the byte order of what is around it
_DIRECTORIES = (EXIF, GPS, INTEROPERABILITY)


class Tag(NamedTuple):
    """One tag of a directory.

    Attributes:
        number: Which it is.
        kind: The type of its values, as TIFF numbers them.
        data: Its values, in little-endian order.
        tags: Those of the directory to which it points; empty where it holds values.
    """

    number: int
    kind: int
    data: bytes
    tags: tuple[Tag, ...] = ()

    def numbers(self) -> tuple[int, ...]:
        """Its values as whole numbers; none where they are of another type."""
        return tuple(self.array().tolist())

    def array(self) -> NDArray[Any]:
        """The same as an array."""
        return np.frombuffer(
            self.data if self.kind in _WHOLE_NUMBERS else b"", f"<{_WHOLE_NUMBERS.get(self.kind, 'u1')}"
        )


class Directory(NamedTuple):
    """A directory as it was found.

    Attributes:
        tags: What it holds, by number.
        broken: The numbers of those whose values are not in the file, or are too many; of its own and of those that
            belong to it.
        following: Where the next directory is: a thumbnail's in EXIF, a page's in TIFF; 0 where none follows.
    """

    tags: dict[int, Tag]
    broken: tuple[int, ...]
    following: int


def read_tags(file: IO[bytes], *, without: Collection[int] = (), place: int | None = None) -> Directory:
    """A directory of a TIFF file or EXIF block, with the directories that belong to it.

    Args:
        file: It, from its byte order mark on.
        without: Numbers of tags that are not wanted.
        place: Where it is; None for the first.

    Raises:
        ValueError: There is no directory.
    """
    form, first = begin(file)
    return TagReader(file, form, without=without).directory(first if place is None else place)


class Form(NamedTuple):
    """How a file spells its numbers.

    Attributes:
        order: Of bytes.
        big: Whether it is BigTIFF, whose places in the file have 64 bits.
    """

    order: Order = "<"
    big: bool = False

    @property
    def codes(self) -> tuple[str, str, str]:
        """How `struct` spells the number of tags, what a tag begins with, and a place in the file."""
        return ("Q", "HHQ", "Q") if self.big else ("H", "HHI", "I")

    def head(self, place: int) -> bytes:
        """The beginning of a file whose first directory is at that place."""
        mark = b"II" if self.order == "<" else b"MM"
        numbers = struct.pack(f"{self.order}HHHQ", 43, 8, 0, place) if self.big else None
        return mark + (numbers or struct.pack(f"{self.order}HI", 42, place))


def begin(file: IO[bytes]) -> tuple[Form, int]:
    """A file's form, and where its first directory is.

    Raises:
        ValueError: It is no TIFF file.
    """
    head = file.read(16)
    marks: dict[bytes, Order] = {b"II": "<", b"MM": ">"}
    order = marks.get(head[:2])
    if order is None or len(head) < 8:
        raise ValueError("it does not begin with a byte order")
    big = head[2:4] in (b"+\0", b"\0+")
    if big and len(head) < 16:
        raise ValueError("it ends before its directory")
    place = struct.unpack_from(f"{order}Q", head, 8)[0] if big else struct.unpack_from(f"{order}I", head, 4)[0]
    return Form(order, big), place


class TagReader:
    """A file with what has been decided about it, and how much of it may still be read.

    Args:
        file: The file.
        form: How it spells numbers.
        without: Numbers of tags that are not wanted.
        only: Numbers of those that are; None for all.
        most: Bytes that may be read.
        largest: Bytes of one tag's values.
    """

    def __init__(
        self,
        file: IO[bytes],
        form: Form,
        *,
        without: Collection[int] = (),
        only: Collection[int] | None = None,
        most: int = MOST,
        largest: int = MOST,
    ) -> None:
        self._file, self._order, self._without, self._only, self._left = file, form.order, without, only, most
        self._largest = largest
        self._broken: list[int] = []
        self._number, self._entry, self._place = form.codes
        self._size = file.seek(0, SEEK_END)

    def directory(self, place: int, inside: int = 0) -> Directory:
        """The directory at a place; one `inside` another may point to fewer others."""
        head = struct.calcsize(self._number)
        (count,) = struct.unpack(f"{self._order}{self._number}", self._bytes(place, head))
        step = struct.calcsize(f"={self._entry}{self._place}")
        rows = self._bytes(place + head, count * step)
        tags: dict[int, Tag] = {}
        for start in range(0, len(rows), step):
            number = struct.unpack_from(f"{self._order}H", rows, start)[0]
            if number in self._without or number in tags or (self._only is not None and number not in self._only):
                continue
            try:
                tag = self._tag(rows[start : start + step], inside)
            except (ValueError, KeyError):
                self._broken.append(number)
                continue
            if tag.data or tag.tags:
                tags[number] = tag
        following = int.from_bytes(
            self._following(place + head + count * step), "little" if self._order == "<" else "big"
        )
        return Directory(tags, tuple(self._broken), following)

    def _tag(self, row: bytes, inside: int) -> Tag:
        number, kind, count = struct.unpack_from(f"{self._order}{self._entry}", row)
        size, short = count * SIZES[kind], struct.calcsize(self._place)
        if size > self._largest:
            raise ValueError("it holds too much")
        value = row[-short:]
        if size > short:
            value = self._bytes(struct.unpack(f"{self._order}{self._place}", value)[0], size)
        part = PARTS[kind]
        data = np.frombuffer(value[:size], f"{self._order}u{part}").astype(f"<u{part}").tobytes()
        if number == COMMENT and data.startswith(IN_UTF_16):
            data = IN_UTF_16 + np.frombuffer(data[8 : size - size % 2], f"{self._order}u2").astype("<u2").tobytes()
        tag = Tag(number, kind, data)
        if number in _DIRECTORIES:
            (place,) = tag.numbers()
            if inside != (number == INTEROPERABILITY):  # which stands in EXIF's directory, the others in the first
                raise ValueError("it points where nothing points")
            return Tag(number, LONG, b"", tuple(self.directory(place, inside + 1).tags.values()))
        return tag

    def _following(self, place: int) -> bytes:
        try:
            return self._bytes(place, struct.calcsize(self._place))
        except ValueError:
            return b""

    def _bytes(self, place: int, size: int) -> bytes:
        if place + size > self._size:
            raise ValueError("it points behind its end")
        self._left -= size
        if self._left < 0:
            raise ValueError("it holds too much")
        self._file.seek(place)
        return self._file.read(size)


def numbers_of(tags: Mapping[int, Tag], tag: int, *otherwise: int) -> tuple[int, ...]:
    """The values of one of a page's tags, or what it means that there is none."""
    found = tags.get(tag)
    return (found.numbers() if found is not None else ()) or otherwise
