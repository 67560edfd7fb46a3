"""TIFF's directories of tags, which EXIF has as well: read from files that may say anything, and written."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Mapping
from io import SEEK_END, BytesIO
from typing import IO, Literal, NamedTuple

import numpy as np

from lrn_cli.tensors.images.meanings import COMMENT, EXIF, GPS, INTEROPERABILITY

Order = Literal["<", ">"]

MOST = 8 << 20
"""Bytes of values that are taken from one file: those of its pixels may be many times more, what describes them not."""

# Bytes of one value of each type (TIFF 6.0, section 2; 13 and 16 to 18 by the supplements and BigTIFF), and of the
# numbers of which it consists.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_PARTS = {**_SIZES, 5: 4, 10: 4}
BYTES, TEXT, SHORT, LONG, RATIONAL = 7, 2, 3, 4, 5
_WHOLE_NUMBERS = {1: "u1", SHORT: "u2", LONG: "u4", 13: "u4", 16: "u8", 18: "u8"}
_ONLY_BIGTIFF = {16: LONG, 18: LONG}
_SIGNED_8 = 17

_IN_UTF_16 = b"UNICODE\0"  # EXIF's UserComment, in the byte order of what is around it
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
        kind = _WHOLE_NUMBERS.get(self.kind)
        return tuple(int(number) for number in np.frombuffer(self.data, f"<{kind}")) if kind else ()


class Directory(NamedTuple):
    """A directory as it was found.

    Attributes:
        tags: What it holds, by number.
        broken: The numbers of those whose values are not in the file, or are too many; of its own and of those that
            belong to it.
        further: Whether another directory follows: a thumbnail in EXIF, a page in TIFF.
    """

    tags: dict[int, Tag]
    broken: tuple[int, ...]
    further: bool


def read_tags(file: IO[bytes], *, without: Collection[int] = ()) -> Directory:
    """The first directory of a TIFF file or EXIF block, with the directories that belong to it.

    Args:
        file: It, from its byte order mark on.
        without: Numbers of tags that are not wanted.

    Raises:
        ValueError: There is no directory.
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
    return _Reader(file, order, big, without).directory(place)


class _Reader:
    """A file with what has been decided about it, and how much of it may still be read."""

    def __init__(self, file: IO[bytes], order: Order, big: bool, without: Collection[int]) -> None:
        self._file, self._order, self._without, self._left = file, order, without, MOST
        self._broken: list[int] = []
        self._number, self._entry, self._place = ("Q", "HHQ", "Q") if big else ("H", "HHI", "I")
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
            if number in self._without or number in tags:
                continue
            try:
                tag = self._tag(rows[start : start + step], inside)
            except (ValueError, KeyError):
                self._broken.append(number)
                continue
            if tag.data or tag.tags:
                tags[number] = tag
        return Directory(tags, tuple(self._broken), any(self._following(place + head + count * step)))

    def _tag(self, row: bytes, inside: int) -> Tag:
        number, kind, count = struct.unpack_from(f"{self._order}{self._entry}", row)
        size, short = count * _SIZES[kind], struct.calcsize(self._place)
        value = row[-short:]
        if size > short:
            value = self._bytes(struct.unpack(f"{self._order}{self._place}", value)[0], size)
        part = _PARTS[kind]
        data = np.frombuffer(value[:size], f"{self._order}u{part}").astype(f"<u{part}").tobytes()
        if number == COMMENT and data.startswith(_IN_UTF_16):
            data = _IN_UTF_16 + np.frombuffer(data[8 : size - size % 2], f"{self._order}u2").astype("<u2").tobytes()
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


def encode(tags: Iterable[Tag], start: int) -> bytes:
    """A directory in little-endian order, with its values and the directories that belong to it.

    Args:
        tags: What it shall hold; none with 64-bit numbers (see `without_big_numbers`).
        start: Where in the file it will stand, an even number.
    """
    rows, head, tail = sorted(tags), b"", b""
    behind = start + 2 + 12 * len(rows) + 4
    for tag in rows:
        place = behind + len(tail)
        if tag.tags:
            head += struct.pack("<HHII", tag.number, LONG, 1, place)
            tail += encode(tag.tags, place)
            continue
        head += struct.pack("<HHI", tag.number, tag.kind, len(tag.data) // _SIZES[tag.kind])
        if len(tag.data) <= 4:
            head += tag.data.ljust(4, b"\0")
        else:
            head += struct.pack("<I", place)
            tail += tag.data + bytes(len(tag.data) % 2)
    return struct.pack("<H", len(rows)) + head + bytes(4) + tail


def exif_block(tags: Iterable[Tag]) -> bytes:
    """Tags as an EXIF block, which is a TIFF file without pixels."""
    return b"II*\0\x08\0\0\0" + encode(tags, 8)


def without_big_numbers(tag: Tag) -> Tag | None:
    """The tag with 32-bit numbers where it has BigTIFF's; None where they do not fit.

    >>> without_big_numbers(Tag(1, 16, bytes([7]) + bytes(7)))
    Tag(number=1, kind=4, data=b'\\x07\\x00\\x00\\x00', tags=())
    """
    if tag.kind == _SIGNED_8 or (tag.kind in _ONLY_BIGTIFF and max(tag.numbers()) >= 1 << 32):
        return None
    if tag.kind not in _ONLY_BIGTIFF:
        return tag
    return tag._replace(kind=_ONLY_BIGTIFF[tag.kind], data=struct.pack(f"<{len(tag.numbers())}I", *tag.numbers()))


def with_tags(tiff: bytes, tags: Mapping[int, Tag]) -> bytes:
    """A little-endian TIFF file with further tags; its own stay what they are.

    The directory is written anew behind the pixels, where it may stand as well as before them.
    """
    own = read_tags(BytesIO(tiff)).tags
    start = len(tiff) + len(tiff) % 2
    directory = encode({**tags, **own}.values(), start)
    return b"".join([tiff[:4], struct.pack("<I", start), tiff[8:], bytes(start - len(tiff)), directory])
