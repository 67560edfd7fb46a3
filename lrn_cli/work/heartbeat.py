"""Whether another process still gets anywhere, or stands still in a library that a damaged file has led in a circle."""

from __future__ import annotations

import mmap
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread

_INTERVAL = 0.5
"""Seconds between two beats."""
_PATIENCE, _MUCH_PATIENCE = 5.0, 120.0
"""Seconds of processor time without a sign of life: while a file's structure is read, and while its elements are, as
one call may compress a large chunk."""
_BEATS = slice(0, 8)
_BUSY = 8
_SILENT, _FIRST = bytes(8), b"\1" + bytes(7)

_own: mmap.mmap | None = None


class Pulse:
    """A process's signs of life, seen from the process that has started it.

    HDF5 is called under Python's own lock, so a call that never ends stops every thread, also the one that beats. A
    call that only takes long reads or writes meanwhile.
    """

    def __init__(self) -> None:
        # Memory that a process has in common with those that are forked from it.
        self._page = mmap.mmap(-1, mmap.PAGESIZE)
        self._parent = os.getpid()
        self._seen: tuple[bytes, int] | None = None
        self._since = 0.0

    def __reduce__(self) -> tuple[type[Pulse], tuple[()]]:
        """Where processes are not forked, nothing is seen of them: they have a page of their own."""
        return Pulse, ()

    def begin(self) -> None:
        """Beat from now on; called in the new process, which ends like after SIGTERM when the first one is gone."""
        global _own
        with suppress(RuntimeError):  # the system lets no more threads start: then nobody watches
            Thread(target=self._beat, daemon=True).start()
            _own, self._page[_BEATS] = self._page, _FIRST

    def _beat(self) -> None:
        count = 1
        while True:
            count += 1
            self._page[_BEATS] = count.to_bytes(8, "little")
            time.sleep(_INTERVAL)
            if os.getppid() != self._parent:
                os.kill(os.getpid(), signal.SIGTERM)
                return

    def stands_still(self, process: int) -> bool:
        """Whether the process has computed for long without a sign of life; asked every second or so."""
        try:
            moved, used = _transferred(process), _processor_time(process)
        except (OSError, ValueError, IndexError):
            return False  # it has ended, or this system does not tell
        if self._page[_BEATS] == _SILENT:
            return False
        seen = (self._page[_BEATS], moved)
        if seen != self._seen:
            self._seen, self._since = seen, used
        return used - self._since > (_MUCH_PATIENCE if self._page[_BUSY] else _PATIENCE)


def elements_follow() -> None:
    """Say that from now on a single call may take long, if this process is watched at all."""
    if _own is not None:
        _own[_BUSY] = 1


def structure_follows() -> None:
    """Say that from now on no call may take long."""
    if _own is not None:
        _own[_BUSY] = 0


def _transferred(process: int) -> int:
    """How many bytes the process has read and written."""
    lines = Path(f"/proc/{process}/io").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines[:2])


def _processor_time(process: int) -> float:
    """Seconds of processor time that the process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
