"""Tar archives of strangers, compressed or not: one member is found by its name, the others are passed over."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from lrn_cli.errors import LrnError
from lrn_cli.models.content import TEXT, Content

_BLOCK = 512
_MOST = 100_000
"""Members of an archive."""
_INFLATED = 128 << 20
"""Bytes that are inflated to find a member, none of which are kept."""
_PIECE = 1 << 16
_FILES = (b"0", b"\0")

Take = Callable[[int, bool], bytes]
"""Reads so many bytes, or goes past them and gives nothing."""


def holds(content: Content, name: str) -> bool:
    """Whether it is an archive with a member of that name, and sound as far as that."""
    try:
        return _is_tar(content) and find_member(content, name) is not None
    except LrnError:
        return False


def _is_tar(content: Content) -> bool:
    return content.head[257:262] == b"ustar" or (_is_gzip(content) and _begin(content)[257:262] == b"ustar")


def find_member(content: Content, name: str) -> Content | None:
    """The member of that name, in whatever folder of the archive; None where there is none.

    Raises:
        LrnError: The archive is damaged, or the member too large.
    """
    take = _Inflating(content).take if _is_gzip(content) else _Reading(content).take
    for _ in range(_MOST):
        header = take(_BLOCK, True)
        if len(header) < _BLOCK or not header.strip(b"\0"):
            return None
        size = _read_size(content, header)
        if header[156:157] in _FILES and header[:100].rstrip(b"\0").split(b"/")[-1] == name.encode():
            if size > TEXT:
                raise LrnError(f"{content.path}: {name} is {size:,} bytes, the limit is {TEXT:,}", "a smaller model")
            data = take(size, True)
            if len(data) < size:
                raise content.damaged(f"it ends early, within {name}")
            return Content.of_bytes(content.path, data)
        take(-(-size // _BLOCK) * _BLOCK, False)
    raise LrnError(f"{content.path}: more than {_MOST:,} members", "a smaller archive")


def _read_size(content: Content, header: bytes) -> int:
    digits = header[124:136].strip(b" \0")
    if not digits or not all(48 <= digit < 56 for digit in digits):
        raise content.damaged("a member without a size")
    return int(digits, 8)


def _is_gzip(content: Content) -> bool:
    return content.head.startswith(b"\x1f\x8b\x08")


def _begin(content: Content) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(content.head, _BLOCK)
    except zlib.error:
        return b""


class _Reading:
    """An archive that is not compressed: what is passed over is not read."""

    def __init__(self, content: Content) -> None:
        self._content, self._at = content, 0

    def take(self, count: int, keep: bool) -> bytes:
        """As `Take`; fewer bytes where the file ends."""
        count = max(min(count, self._content.size - self._at), 0)
        data = self._content.read(self._at, count) if keep else b""
        self._at += count
        return data


class _Inflating:
    """A compressed one, inflated piece by piece."""

    def __init__(self, content: Content) -> None:
        self._content, self._at = content, 0
        self._inflater, self._ready, self._total = zlib.decompressobj(31), b"", 0

    def take(self, count: int, keep: bool) -> bytes:
        """As `Take`; fewer bytes where the file ends.

        Raises:
            LrnError: It is damaged, or very much would have to be inflated.
        """
        found = bytearray()
        while count and (self._ready or self._inflate()):
            piece, self._ready = self._ready[:count], self._ready[count:]
            count -= len(piece)
            found += piece if keep else b""
        return bytes(found)

    def _inflate(self) -> bool:
        """Make more bytes ready; False at the end."""
        while not self._ready and not self._inflater.eof:
            data = self._inflater.unconsumed_tail or self._content.read(self._at, self._next)
            if not data:
                return False
            self._at += 0 if self._inflater.unconsumed_tail else len(data)
            try:
                self._ready = self._inflater.decompress(data, _PIECE)
            except zlib.error as error:
                raise self._content.damaged(str(error)) from None
            self._total += len(self._ready)
            if self._total > _INFLATED:
                raise LrnError(f"{self._content.path}: more than {_INFLATED:,} bytes inflated", "the archive unpacked")
        return bool(self._ready)

    @property
    def _next(self) -> int:
        """How many bytes to read next."""
        return min(_PIECE, self._content.size - self._at)
