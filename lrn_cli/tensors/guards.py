"""How large a tensor may be: what is far larger than its file is refused before memory or disk is taken for it."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from lrn_cli import layouts
from lrn_cli.errors import LrnError
from lrn_cli.tensors.tensor import Source, TensorInfo

_ALWAYS = 384 << 20
"""Bytes that any file may declare."""
_TIMES = 200
"""How often its own size a file may declare beyond that: deflate makes a thousand zeros one byte, and HDF5 and sparse
storage any number."""
LARGEST_CHUNK = 256 << 20
"""Bytes of a compressed chunk, which is unpacked as a whole."""


def check_size(word: str, source: Source, limit: int | None, *, elsewhere: bool) -> None:
    """Refuse a tensor that is too large.

    Args:
        word: What to call it.
        source: The tensor, of which nothing is read yet.
        limit: The most bytes that its elements may take; None refuses only what is far larger than its file.
        elsewhere: Whether its elements may be in other files.

    Raises:
        LrnError: It is too large.
    """
    info = source.info
    if limit is not None:
        if info.nbytes > limit:
            raise LrnError(f"{_show_size(word, info)}, the limit is {limit:,}", f"--max-bytes {info.nbytes}")
        return
    if source.path is None or elsewhere or info.nbytes <= _ALWAYS:
        return
    held = source.held
    if info.nbytes > most_unpacked(held):
        raise LrnError(
            f"{_show_size(word, info)}, {info.nbytes // max(held, 1):,} times its file of {held:,}",
            f"--max-bytes {info.nbytes} if that is what it holds",
        )


def most_unpacked(held: int) -> int:
    """How many bytes a file of `held` bytes may hold unpacked, unless more is asked for."""
    return max(_ALWAYS, held * _TIMES)


def check_chunk(shown: str, nbytes: int, limit: int | None, *, what: str, otherwise: str = "") -> None:
    """Refuse compressed chunks of so many bytes, if one would take too much memory.

    Args:
        shown: What is compressed.
        nbytes: Of a chunk, unpacked.
        limit: As was asked for; None for the usual one.
        what: What the chunks are called.
        otherwise: What can be done about it besides, for the hint.

    Raises:
        LrnError: It would.
    """
    most = LARGEST_CHUNK if limit is None else limit
    if nbytes > most:
        raise LrnError(
            f"{shown}: is compressed in {what} of {nbytes:,} bytes, each unpacked as a whole; the limit is {most:,}",
            f"--max-bytes {nbytes}{otherwise}",
        )


def _show_size(word: str, info: TensorInfo) -> str:
    return f"{word}: {layouts.describe(info.shape)} {info.dtype} take {info.nbytes:,} bytes"


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


_FOR_EACH_CHUNK = 4
"""Copies of a chunk that a library may have at one time: before and behind filters, and as it doubles its memory."""

_one_at_a_time = Lock()  # the limit is the whole process's, and HDF5 lets in one thread at a time, too


@contextmanager
def limit_memory(chunk: int) -> Iterator[None]:
    """Limit the memory of this process to what it has and what unpacking takes.

    HDF5 doubles its memory until what is packed in a chunk fits, whatever the chunk's size should be: 5 MB took 20 GB.
    Other libraries take what the packed bytes say. What they cannot get they report as an error.

    Args:
        chunk: Bytes of a chunk.
    """
    try:
        import resource
    except ImportError:  # this system has no such limit
        yield
        return
    with _one_at_a_time:
        before = resource.getrlimit(resource.RLIMIT_DATA)
        with suppress(OSError, ValueError):
            held = int(Path("/proc/self/statm").read_text().split()[5]) * mmap.PAGESIZE
            wanted = held + LARGEST_CHUNK + _FOR_EACH_CHUNK * chunk
            if before[0] == resource.RLIM_INFINITY or wanted < before[0]:
                resource.setrlimit(resource.RLIMIT_DATA, (wanted, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_DATA, before)
