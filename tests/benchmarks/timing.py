"""Runs of commands: their time, their peak memory, and two of them that take turns."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

LRN = str(Path(sysconfig.get_path("scripts"), "lrn"))
TIMEOUT = 900.0
"""Seconds after which a command hangs rather than works."""

# Set on machines of developers, not of users: without bytecode on the disk, every start would compile the sources.
_NOT_AS_USERS_HAVE_IT = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONDEVMODE", "LRN_CONVENTION")

Command = Sequence[str]


class MeasurementError(RuntimeError):
    """What was to be measured did not work, so that there is nothing to measure."""


@dataclass(frozen=True)
class Settings:
    """How much to measure, and with what.

    Attributes:
        quick: A tenth of the size and fewer repetitions.
        interpreters: The Pythons in which peers are looked for, in this order.
    """

    quick: bool
    interpreters: tuple[str, ...]

    def size(self, full: int) -> int:
        """What is measured at full size, or a tenth of it."""
        return max(full // 10, 1) if self.quick else full

    def times(self, full: int) -> int:
        """How often to measure: at least three times."""
        return min(full, 3) if self.quick else full


class Run(NamedTuple):
    """What one run of a command took: seconds, and at most so many bytes of resident memory."""

    seconds: float
    peak: int


@dataclass(frozen=True)
class Turns:
    """Runs of two commands that took turns, so that what slows the machine for a while slows both."""

    ours: list[Run]
    theirs: list[Run]

    @property
    def our_seconds(self) -> float:
        return median(run.seconds for run in self.ours)

    @property
    def their_seconds(self) -> float:
        return median(run.seconds for run in self.theirs)

    @property
    def ratio(self) -> float:
        """The median of the ratios of neighbours, which drift touches less than the ratio of the medians."""
        return median(a.seconds / b.seconds for a, b in zip(self.ours, self.theirs, strict=True))

    @property
    def our_peak(self) -> int:
        return max(run.peak for run in self.ours)


def environment() -> dict[str, str]:
    """The environment that a user's shell would give."""
    return {name: value for name, value in os.environ.items() if name not in _NOT_AS_USERS_HAVE_IT}


def run(command: Command, folder: Path) -> Run:
    """Run a command in a folder, in silence.

    Its peak memory is at least ours: what Linux counts begins before the new program takes the place of ours. So this
    process holds no data (see `data.apart`).

    Raises:
        MeasurementError: It ended with another code than 0; with what it said on standard error.
    """
    with tempfile.TemporaryFile() as said:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said
        )
        watchdog = threading.Timer(TIMEOUT, process.kill)
        watchdog.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - begin
        except BaseException:
            process.kill()
            raise
        finally:
            watchdog.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise MeasurementError(
                f"{' '.join(command)} ended with {process.returncode}:\n{said.read().decode()[-2000:]}"
            )
    return Run(seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def settled(command: Command, folder: Path, *outputs: str) -> Run:
    """Run a command once its outputs are removed and nothing waits for the disk.

    Outputs of 1 GiB that are still to be written would be written during the next run, which would then wait for the
    disk, or not, by chance: with a limit on dirty pages a write blocks once there are too many. Removed files need not
    be written any more, and `sync` waits for the rest.
    """
    for name in outputs:
        remove(folder / name)
    os.sync()
    return run(command, folder)


def take_turns(ours: Callable[[], Run], theirs: Callable[[], Run], times: int) -> Turns:
    """Run both in turn, theirs first."""
    pairs = [(theirs(), ours()) for _ in range(times)]
    return Turns([pair[1] for pair in pairs], [pair[0] for pair in pairs])


def remove(path: Path) -> None:
    """Remove a file or a folder that may be there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def clear(folder: Path) -> None:
    """Remove what is in a folder."""
    for path in folder.iterdir():
        remove(path)


def say(text: str) -> None:
    """Tell whoever waits what is being measured; standard output is for the tables."""
    print(f"  {text}", file=sys.stderr, flush=True)
