"""A PNG file's chunks: read as they are, told apart, and put into another file."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
XMP_KEYWORD = "XML:com.adobe.xmp"

_MOST, _MOST_TEXT = 8 << 20, 1 << 20
_PIXELS = (b"IDAT", b"fdAT")
_HEADER = struct.calcsize(">I4s") + 13 + 4  # bytes of the chunk IHDR


class Chunk(NamedTuple):
    """A chunk, without its length and checksum."""

    name: bytes
    contents: bytes


class Text(NamedTuple):
    """What a text chunk says.

    Attributes:
        keyword: What it is about.
        contents: In UTF-8.
    """

    keyword: str
    contents: bytes


def chunks_of(path: Path) -> Iterator[Chunk]:
    """The chunks of a file in their order, without its pixels.

    Raises:
        ValueError: They are more than 8 MiB.
    """
    left = _MOST
    with path.open("rb") as file:
        file.seek(len(SIGNATURE))
        while len(head := file.read(8)) == 8:
            length, name = struct.unpack(">I4s", head)
            if name in _PIXELS:
                file.seek(length + 4, 1)
                continue
            left -= length
            if left < 0:
                raise ValueError("too many chunks")
            yield Chunk(name, file.read(length))
            file.seek(4, 1)


def text_of(chunk: Chunk) -> Text | None:
    """What a text chunk says; None where it cannot be read, or is longer than 1 MiB.

    >>> text_of(Chunk(b"tEXt", b"Author\\0Andr\\xe9"))
    Text(keyword='Author', contents=b'Andr\\xc3\\xa9')
    """
    keyword, _, rest = chunk.contents.partition(b"\0")
    try:
        if chunk.name == b"iTXt":
            packed, (_, _, contents) = rest[0], rest[2:].split(b"\0", 2)
            contents = _inflate(contents) if packed else contents
            contents.decode("utf-8")
        else:
            contents = (_inflate(rest[1:]) if chunk.name == b"zTXt" else rest).decode("latin-1").encode()
    except (ValueError, IndexError, zlib.error):
        return None
    return Text(keyword.decode("latin-1"), contents)


def text_chunk(keyword: str, contents: bytes) -> Chunk:
    """A chunk that says something: plain where it is ASCII or in no known character set, else UTF-8.

    >>> text_chunk("Comment", b"hello"), text_chunk("Comment", "Füße".encode()).name
    (Chunk(name=b'tEXt', contents=b'Comment\\x00hello'), b'iTXt')
    """
    try:
        contents.decode("utf-8")
        plain = contents.isascii() and keyword != XMP_KEYWORD  # which the standard for XMP wants to be international
    except UnicodeDecodeError:
        plain = True
    head = keyword.encode("latin-1")
    return Chunk(b"tEXt", head + b"\0" + contents) if plain else Chunk(b"iTXt", head + bytes(5) + contents)


def profile_chunk(profile: bytes) -> Chunk:
    """A colour profile as a chunk."""
    return Chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(profile))


def with_chunks(png: bytes, chunks: Iterable[Chunk]) -> bytes:
    """A PNG file with further chunks before its pixels."""
    start = len(SIGNATURE) + _HEADER
    return b"".join([png[:start], *map(_frame, chunks), png[start:]])


def _frame(chunk: Chunk) -> bytes:
    body = chunk.name + chunk.contents
    return struct.pack(">I", len(chunk.contents)) + body + struct.pack(">I", zlib.crc32(body))


def _inflate(data: bytes) -> bytes:
    inflate = zlib.decompressobj()
    contents = inflate.decompress(data, _MOST_TEXT)
    if inflate.unconsumed_tail or not inflate.eof:
        raise ValueError("too long, or cut off")
    return contents
