"""A process in which hostile files are read, watched from outside: its crashes, its hangs, its memory."""

from __future__ import annotations

import os
import resource
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PATIENCE = 10.0
"""Seconds after which one input hangs."""
ALLOWED = 1 << 30
"""Bytes of memory that one input may take."""
_ROOM = 4 << 30  # of address space, so that what takes too much is measured rather than refused, within reason
_EACH = 4_000  # inputs for one process, so that what libraries leak does not add up


class Ended(NamedTuple):
    """How one input ended.

    Attributes:
        number: Of the input.
        how: `done`, `refused`, `crash`, `hang`, `memory`, or `defect`.
        text: What was said.
        peak: The most memory that its process has had until then, above what it began with, in bytes.
    """

    number: int
    how: str
    text: str = ""
    peak: int = 0


def watched(attempt: Callable[[int], tuple[str, str]], start: int, stop: int) -> Iterator[Ended]:
    """Call `attempt` with each number, in processes of their own, one after another.

    Args:
        attempt: Gives `done`, `refused` or `defect`, and what was said.
        start: The first number.
        stop: The one after the last.
    """
    at = start
    while at < stop:
        for ended in _one_process(attempt, at, min(at + _EACH, stop)):
            yield ended
            at = ended.number + 1


def _one_process(attempt: Callable[[int], tuple[str, str]], start: int, stop: int) -> Iterator[Ended]:
    """Until the process is through or ends in the middle."""
    ours, theirs = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(ours)
        _serve(attempt, start, stop, theirs)
    os.close(theirs)
    at = start
    try:
        with os.fdopen(ours, "rb") as lines:
            while at < stop:
                if not select.select([lines], [], [], PATIENCE)[0]:
                    os.kill(process, signal.SIGKILL)
                    yield Ended(at, "hang")
                    return
                line = lines.readline().decode("utf-8", "replace").rstrip("\n")
                if not line:
                    _, status = os.waitpid(process, 0)
                    process = 0
                    yield Ended(at, "crash", _reason(status))
                    return
                how, peak, text = line.split("\t", 2)
                yield Ended(at, "memory" if int(peak) > ALLOWED else how, text, int(peak))
                at += 1
                if int(peak) > ALLOWED:
                    return
    finally:
        if process:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _reason(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _serve(attempt: Callable[[int], tuple[str, str]], start: int, stop: int, out: int) -> None:
    """The process's whole life."""
    try:
        os.nice(10)
        base = _resident()
        room = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + _ROOM
        resource.setrlimit(resource.RLIMIT_AS, (room, room))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        for number in range(start, stop):
            how, text = attempt(number)
            line = f"{how}\t{_resident() - base}\t{' '.join(text.split())[:300]}\n"
            data = line.encode("utf-8", "replace")
            while data:
                data = data[os.write(out, data) :]
    except BaseException as error:
        os.write(out, f"defect\t0\tthe worker itself: {error!r}\n".encode())
    finally:
        os._exit(0)


def _resident() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
