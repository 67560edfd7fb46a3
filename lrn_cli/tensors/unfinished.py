"""Unfinished files: what they are called, and how they go when their process ends before they are done."""

from __future__ import annotations

import atexit
import os
from contextlib import suppress
from pathlib import Path

_PARTIAL = ".lrn-partial"
_RUN = os.urandom(8).hex()
"""In the names of all unfinished files of a run: nobody guesses it, so nobody can have put a link in their place."""

_unfinished: set[Path] = set()
"""Files that this process has begun. A signal may end it before whoever is to remove them knows of them."""


def begun(target: str) -> Path:
    """The name of a new unfinished file beside its target; it is removed with the process unless it is `ended`."""
    folder, name = os.path.split(target)
    short = os.fsencode(name)[:80].decode("utf-8", "ignore")  # a name has 255 bytes at most
    path = Path(folder, f".{short}.{_RUN}.{os.getpid()}.{os.urandom(4).hex()}{_PARTIAL}")
    _unfinished.add(path)
    return path


def ended(path: Path) -> None:
    """Forget an unfinished file that has its name or is removed."""
    _unfinished.discard(path)


@atexit.register
def remove_own_unfinished() -> None:
    """Remove what this process has begun and not finished, before it ends."""
    while _unfinished:
        with suppress(OSError):
            _unfinished.pop().unlink()


def remove_unfinished(target: Path, process: int) -> None:
    """Remove what another process of this run, which has crashed, left of a target."""
    with suppress(OSError):
        for path in Path(os.path.realpath(target)).parent.glob(f".*.{_RUN}.{process}.*{_PARTIAL}"):
            path.unlink(missing_ok=True)
