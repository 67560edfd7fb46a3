"""Entries of zip archives that are copied as they are, without being unpacked."""

from __future__ import annotations

import os
import zipfile
from copy import copy
from struct import Struct
from typing import NamedTuple

# As APPNOTE.TXT, the specification of zip files, has it in its section 4.3.7: a signature, what is in the archive's
# directory too, and the lengths of the name and of the extra field, which follow.
_LOCAL = Struct("<4s22x2H")
_SIGNATURE = b"PK\3\4"
_ENCRYPTED, _SIZE_FOLLOWS = 1, 8
_ZIP64 = 1
_EXTRA = Struct("<2H")


class Entry(NamedTuple):
    """An entry of an open archive.

    Attributes:
        about: What the archive's directory says of it.
        extra: The extra field before its data, which may be another one.
        at: Where its data begins.
    """

    about: zipfile.ZipInfo
    extra: bytes
    at: int

    def placed(self, at: int) -> tuple[bytes, zipfile.ZipInfo]:
        """What stands before its data in a new archive at that place, and what that one's directory says of it."""
        about = copy(self.about)
        about.flag_bits &= ~_SIZE_FOLLOWS
        about.header_offset, about.extra = at, _without_sizes(about.extra)
        local = copy(about)
        local.extra = _without_sizes(self.extra)
        return local.FileHeader(zip64=True if local.extra != self.extra else None), about


def find_entry(descriptor: int, about: zipfile.ZipInfo) -> Entry:
    """An entry of an open archive, by what the directory says of it.

    Raises:
        zipfile.BadZipFile: There is none at its place, or it cannot be copied.
    """
    head = os.pread(descriptor, _LOCAL.size, about.header_offset)
    if len(head) < _LOCAL.size or not head.startswith(_SIGNATURE):
        raise zipfile.BadZipFile(f"{about.filename} is not where the directory says")
    if about.flag_bits & _ENCRYPTED and about.flag_bits & _SIZE_FOLLOWS:
        raise zipfile.BadZipFile(f"{about.filename} is encrypted by its time, and is not copied")
    _, name, extra = _LOCAL.unpack(head)
    at = about.header_offset + _LOCAL.size + name
    if at + extra + about.compress_size > os.fstat(descriptor).st_size:
        raise zipfile.BadZipFile(f"{about.filename} is cut short")
    return Entry(about, os.pread(descriptor, extra, at), at + extra)


def _without_sizes(extra: bytes) -> bytes:
    """An extra field without the part that holds large sizes and places, which is made anew."""
    kept, at = b"", 0
    while at + _EXTRA.size <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, at)
        end = at + _EXTRA.size + length
        kept += extra[at:end] if kind != _ZIP64 else b""
        at = end
    return kept
