"""A stranger's file as readers of models see it: what is asked for is compared with what is there first."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from io import FileIO
from pathlib import Path
from typing import Any

from lrn_cli.errors import LrnError

HEAD = 4096
"""Bytes that a format is recognised by."""
TEXT = 16 << 20
"""Bytes of the longest text that is read, and of what is inflated: nets are a thousandth of it, without weights."""
JSON = 6 << 20
"""Bytes of JSON, which takes twenty times as much memory."""
STRING = 64 << 10
"""Bytes of the longest name or word."""
DEPTH = 64
"""How deep messages, blocks and lists may lie in each other."""
LINES = 500_000
"""Lines of a file that is read by lines."""
LAYERS = 10_000
"""LRN layers of one file."""

_LINE = re.compile(r"[^\r\n]+")


class Content:
    """A file, or what is in a part of one.

    Args:
        path: Its name.
        size: Its bytes.
        pread: Reads so many bytes from there, or fewer.

    Attributes:
        path, size: As given.
        head: The first bytes, by which formats are recognised.
    """

    def __init__(self, path: Path, size: int, pread: Callable[[int, int], bytes]) -> None:
        self.path, self.size, self._pread = path, size, pread
        self.head = pread(min(HEAD, size), 0)

    @classmethod
    def of_file(cls, path: Path, file: FileIO) -> Content:
        """An open file, which whoever opened it closes."""
        descriptor = file.fileno()
        return cls(path, os.fstat(descriptor).st_size, lambda count, at: os.pread(descriptor, count, at))

    @classmethod
    def of_bytes(cls, path: Path, data: bytes) -> Content:
        """A part of a file that has been unpacked."""
        return cls(path, len(data), lambda count, at: data[at : at + count])

    def read(self, at: int, count: int) -> bytes:
        """So many bytes from there.

        Raises:
            LrnError: There are fewer.
        """
        if count > self.size - at or min(at, count) < 0:
            raise self.damaged(f"{count:,} bytes are announced at byte {at}, it ends at {self.size}")
        found = bytearray()
        while len(found) < count and (more := self._pread(count - len(found), at + len(found))):
            found += more
        if len(found) < count:
            raise self.damaged(f"it ends early, at byte {at + len(found)}")
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

    def lines(self) -> Iterator[str]:
        """The lines of the text that are not empty, without blanks at their ends, one after the other.

        Raises:
            LrnError: As `whole`, or there are very many of them.
        """
        for number, match in enumerate(_LINE.finditer(self.text)):
            if number >= LINES:
                raise LrnError(f"{self.path}: more than {LINES:,} lines", "the net without its weights")
            if line := match[0].strip():
                yield line

    @cached_property
    def json(self) -> Any:
        """The value that it is as JSON.

        Raises:
            LrnError: It is none, too large or lies too deep.
        """
        if self.size > JSON:
            raise self._too_large("of JSON", JSON)
        try:
            return json.loads(self.text)
        except RecursionError:
            raise self.damaged("lists and objects lie too deep in each other") from None
        except ValueError as error:
            raise self.damaged(f"no JSON: {error}") from None

    @cached_property
    def is_text(self) -> bool:
        """Whether its first bytes are text: no zero and hardly a control character among them."""
        controls = self.head.translate(None, bytes((9, 10, 12, 13, 27, *range(32, 256))))
        return bool(self.head.strip()) and b"\0" not in controls and len(controls) * 100 <= len(self.head)

    def damaged(self, what: str) -> LrnError:
        """The error for a file that is not what it seems to be; no layer of it is listed then."""
        return LrnError(f"{self.path}: damaged: {what}", "copy or export it again")

    def _too_large(self, what: str, limit: int) -> LrnError:
        return LrnError(
            f"{self.path}: {self.size:,} bytes {what}, the limit is {limit:,}", "the net without its weights"
        )
