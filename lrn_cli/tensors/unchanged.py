"""Whether a file is still what it was when it was opened: numbers from before and after a change make no tensor."""

from __future__ import annotations

import os
from pathlib import Path

from lrn_cli.errors import LrnError


class Unchanged:
    """A file as it is now, to be looked at again when it has been read.

    Args:
        path: Its name.
        descriptor: The open file; None to look at whatever has the name, for those who open it again.
    """

    def __init__(self, path: Path, descriptor: int | None = None) -> None:
        self._path, self._file = path, path if descriptor is None else descriptor
        self._before = self._state()

    def check(self) -> None:
        """Refuse what was read if the file was written to meanwhile.

        Raises:
            LrnError: It was.
        """
        if self._state() != self._before:
            raise LrnError(f"{self._path}: the file was changed while it was being read", "try again")

    def _state(self) -> tuple[int, ...]:
        found = os.stat(self._file)  # noqa: PTH116 - of a descriptor too
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
