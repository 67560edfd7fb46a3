"""Whether another process still gets anywhere, or stands still in a library that a damaged file has led in a circle."""

from __future__ import annotations

import mmap
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from threading import Lock, Thread

_INTERVAL = 0.5
"""Seconds between two beats."""
_PATIENCE, _MUCH_PATIENCE = 5.0, 120.0
"""Seconds of processor time without a sign of life: as a rule, and in a `long_call`."""
_BEATS = slice(0, 8)
_BUSY = 8
_SILENT = bytes(8)

_own: Pulse | None = None
"""This process's, if it is watched at all."""


class Pulse:
    """A process's signs of life, seen from the process that has started it.

    HDF5 is called under Python's own lock, so a call that never ends stops every thread, also the one that beats. A
    call that only takes long reads or writes meanwhile.
    """

    def __init__(self) -> None:
        # Memory that a process has in common with those that are forked from it.
        self._page = mmap.mmap(-1, mmap.PAGESIZE)
        self._parent = os.getpid()
        self._lock = Lock()
        self._beats = self._calls = 0
        self._seen: tuple[bytes, int] | None = None
        self._since = 0.0

    def __reduce__(self) -> tuple[type[Pulse], tuple[()]]:
        """Where processes are not forked, nothing is seen of them: they have a page of their own."""
        return Pulse, ()

    def begin(self) -> None:
        """Beat from now on; called in the new process, which ends like after SIGTERM when the first one is gone."""
        global _own  # noqa: PLW0603 - there is one process
        with suppress(RuntimeError):  # the system lets no more threads start: then nobody watches
            Thread(target=self._beat_on, daemon=True).start()
            _own = self

    def _beat_on(self) -> None:
        while True:
            with self._lock:
                self._beat()
            time.sleep(_INTERVAL)
            if os.getppid() != self._parent:
                os.kill(os.getpid(), signal.SIGTERM)
                return

    def _beat(self) -> None:
        self._beats += 1
        self._page[_BEATS] = self._beats.to_bytes(8, "little")

    @contextmanager
    def long_call(self) -> Iterator[None]:
        """Show that a call is under way that may take long."""
        with self._lock:
            self._calls += 1
            self._page[_BUSY] = True
        try:
            yield
        finally:
            with self._lock:
                self._calls -= 1
                self._beat()  # or what the call took would count against what comes after it
                self._page[_BUSY] = self._calls > 0

    def stands_still(self, process: int) -> bool:
        """Whether the process has computed for long without a sign of life; asked every second or so."""
        try:
            moved, used = _count_bytes(process), _processor_time(process)
        except (OSError, ValueError, IndexError):
            return False  # it has ended, or this system does not tell
        patience = _MUCH_PATIENCE if self._page[_BUSY] else _PATIENCE  # asked first: a call ends with a beat
        if self._page[_BEATS] == _SILENT:
            return False
        seen = (self._page[_BEATS], moved)
        if seen != self._seen:
            self._seen, self._since = seen, used
        return used - self._since > patience


@contextmanager
def long_call() -> Iterator[None]:
    """While a file's elements are read or written: one call may unpack or compress a large chunk.

    Handed down to those who make such calls, as `Reading.long_call`.
    """
    with nullcontext() if _own is None else _own.long_call():
        yield


def _count_bytes(process: int) -> int:
    """How many bytes the process has read and written."""
    lines = Path(f"/proc/{process}/io").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines[:2])


def _processor_time(process: int) -> float:
    """Seconds of processor time that the process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
