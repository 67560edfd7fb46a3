"""A stranger's file as readers of models see it: what is asked for is compared with what is there first."""

from __future__ import annotations

import os
from functools import cached_property
from io import FileIO
from pathlib import Path

from lrn_cli.errors import LrnError

HEAD = 4096
"""Bytes that a format is recognised by."""
TEXT = 16 << 20
"""Bytes of the longest text that is read, and of what is inflated: nets are a thousandth of it, without weights."""
STRING = 64 << 10
"""Bytes of the longest name or word."""
DEPTH = 64
"""How deep messages, blocks and lists may lie in each other."""
LAYERS = 10_000
"""LRN layers of one file."""


class Content:
    """An open file.

    Args:
        path: Its name.
        file: Open for reading, without a buffer; whoever opened it closes it.

    Attributes:
        path: Its name.
        size: Its bytes.
        head: The first of them, by which formats are recognised.
    """

    def __init__(self, path: Path, file: FileIO) -> None:
        self.path, self._file = path, file
        self.size = os.fstat(file.fileno()).st_size
        self.head = os.pread(file.fileno(), HEAD, 0)

    def read(self, at: int, count: int) -> bytes:
        """So many bytes from there.

        Raises:
            LrnError: There are fewer.
        """
        if count > self.size - at or min(at, count) < 0:
            raise self.damaged(f"{count:,} bytes are announced at byte {at:,}, it ends at {self.size:,}")
        found = bytearray()
        while len(found) < count and (more := os.pread(self._file.fileno(), count - len(found), at + len(found))):
            found += more
        if len(found) < count:
            raise self.damaged(f"it ends early, at byte {at + len(found):,}")
        return bytes(found)

    @cached_property
    def whole(self) -> bytes:
        """All of it, for formats that are small.

        Raises:
            LrnError: It is larger than a text may be.
        """
        if self.size > TEXT:
            raise LrnError(
                f"{self.path}: {self.size:,} bytes of text, the limit is {TEXT:,}", "the net without weights"
            )
        return self.read(0, self.size)

    @cached_property
    def text(self) -> str:
        """All of it as text: UTF-8 without a byte-order mark, what is not UTF-8 replaced.

        Raises:
            LrnError: As `whole`.
        """
        return self.whole.decode("utf-8-sig", "replace")

    @cached_property
    def is_text(self) -> bool:
        """Whether its first bytes are text: no zero and hardly a control character among them."""
        controls = self.head.translate(None, bytes((9, 10, 12, 13, 27, *range(32, 256))))
        return bool(self.head.strip()) and b"\0" not in controls and len(controls) * 100 <= len(self.head)

    def damaged(self, what: str) -> LrnError:
        """The error for a file that is not what it seems to be; no layer of it is listed then."""
        return LrnError(f"{self.path}: damaged: {what}", "copy or export it again")
