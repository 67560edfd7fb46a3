"""Zip archives of strangers: a few small members are inflated in memory, nothing is extracted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import RawIOBase
from struct import unpack_from
from typing import IO, TYPE_CHECKING, cast

from lrn_cli.errors import LrnError
from lrn_cli.models.content import TEXT, Content

if TYPE_CHECKING:
    from zipfile import ZipFile

_DIRECTORY = 2 << 20
"""Bytes of the largest directory of an archive, each entry of which takes ten times as much memory."""
_END, _END_SIZE = b"PK\5\6", 22
_LONG_LOCATOR, _LOCATOR_SIZE = b"PK\6\7", 20
_LONGEST_COMMENT = 65535
_IN_LONG_END = 0xFFFFFFFF


class Archive:
    """An open archive.

    Args:
        content: The file.
        archive: It as the standard library reads it.

    Attributes:
        names: Of its members, in the archive's order.
    """

    def __init__(self, content: Content, archive: ZipFile) -> None:
        self._content, self._archive = content, archive
        self.names = archive.namelist()

    def read(self, name: str) -> Content:
        """A member, inflated.

        Raises:
            LrnError: It says that it is large, is larger than it says, or is damaged.
        """
        from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile
        from zlib import error as deflate_error

        shown = f"{self._content.path}: {name}"
        about = self._archive.NameToInfo.get(name)
        if about is None or about.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise self._content.damaged(f"{name} is not there, or packed as no framework does")
        if about.file_size > TEXT:
            raise _too_large(f"{shown} is {about.file_size:,} bytes inflated")
        try:
            with self._archive.open(about) as member:
                data = member.read(TEXT + 1)
        except (BadZipFile, OSError, EOFError, RuntimeError, ValueError, deflate_error) as error:
            raise self._content.damaged(f"{name}: {error}") from None
        if len(data) > TEXT:
            raise _too_large(f"{shown} is more than {TEXT:,} bytes inflated")
        return Content.of_bytes(self._content.path, data)


def _too_large(what: str) -> LrnError:
    return LrnError(f"{what}, the limit is {TEXT:,}", "a model that is smaller")


def is_archive(content: Content) -> bool:
    """Whether it begins as a zip archive does."""
    return content.head.startswith(b"PK\3\4")


def list_members(content: Content) -> tuple[str, ...]:
    """The names in an archive; none where it is no archive, or a damaged one."""
    if not is_archive(content):
        return ()
    try:
        with open_archive(content) as archive:
            return tuple(archive.names)
    except LrnError:
        return ()


@contextmanager
def open_archive(content: Content) -> Iterator[Archive]:
    """An archive for a `with` block.

    Raises:
        LrnError: Its directory is large or damaged.
    """
    from zipfile import BadZipFile, ZipFile

    if (size := _directory_size(content)) > _DIRECTORY:
        raise LrnError(f"{content.path}: a directory of {size:,} bytes, the limit is {_DIRECTORY:,}", "a smaller model")
    try:
        archive = ZipFile(cast("IO[bytes]", _Seekable(content)))
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise content.damaged(str(error)) from None
    with archive:
        yield Archive(content, archive)


def _directory_size(content: Content) -> int:
    """How long an archive's directory says it is; 0 where no end of one is found."""
    count = min(content.size, _END_SIZE + _LONGEST_COMMENT)
    tail = content.read(content.size - count, count)
    at = tail.rfind(_END, 0, len(tail) - _END_SIZE + len(_END))
    if at < 0:
        return 0
    size = int(unpack_from("<I", tail, at + 12)[0])
    if size != _IN_LONG_END or tail[at - _LOCATOR_SIZE :][:4] != _LONG_LOCATOR:
        return size
    begin = int(unpack_from("<Q", tail, at - _LOCATOR_SIZE + 8)[0])
    return int(unpack_from("<Q", content.read(begin, 56), 40)[0])


class _Seekable(RawIOBase):
    """The bytes of a content as a file, as `zipfile` wants them."""

    def __init__(self, content: Content) -> None:
        self._content, self._at = content, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max((0, self._at, self._content.size)[whence] + offset, 0)
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(self._content.size - self._at, 0)
        count = left if size < 0 else min(size, left)
        data = self._content.read(self._at, count)
        self._at += count
        return data
