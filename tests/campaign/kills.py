"""Runs that are killed at random moments: what was there stays until the whole new tensor takes its place."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np

from tests.benchmarks.tables import Table
from tests.campaign.settings import Settings, say

LRN = (sys.executable, "-m", "lrn_cli", "apply")
_OPTIONS = ("-c", "caffe", "-q", "-j", "2")
_SIGNALS = {signal.SIGKILL: 137, signal.SIGTERM: 143, signal.SIGINT: 130}
_SETTLED = 1.5
"""Seconds after which the processes of a killed batch have noticed that they are alone, and cleaned up."""


class Case(NamedTuple):
    """A kind of run.

    Attributes:
        words: The command's arguments.
        outputs: What it makes.
        force: Whether these are there already, and are replaced.
    """

    words: tuple[str, ...]
    outputs: tuple[str, ...]
    force: bool


CASES = {
    "new .npy": Case(("x.npy", "-o", "out/y.npy"), ("y.npy",), False),
    ".npy over an old one": Case(("x.npy", "-o", "out/y.npy", "--force"), ("y.npy",), True),
    "new .h5": Case(("x.h5", "-o", "out/y.h5"), ("y.h5",), False),
    ".h5 over an old one": Case(("x.h5", "-o", "out/y.h5", "--force"), ("y.h5",), True),
    "batch": Case((*(f"in/{i}.npy" for i in range(12)), "-o", "out/"), tuple(f"{i}.npy" for i in range(12)), False),
}


def campaign(settings: Settings, folder: Path) -> Iterator[Table]:
    """Kill runs of each kind with each signal, the moments spread over the time that they take."""
    _write_inputs(folder)
    whole = {name: _whole(case, folder) for name, case in CASES.items()}
    counts: dict[tuple[str, signal.Signals], Counter[str]] = {}
    choose = random.Random(0)  # noqa: S311 - not for secrets
    pairs = [(name, number) for name in CASES for number in _SIGNALS]
    for at in range(settings.runs):
        name, number = pairs[at % len(pairs)]
        expected, seconds = whole[name]
        found = _killed(CASES[name], number, choose.random() * seconds * 1.1, expected, folder)
        counts.setdefault((name, number), Counter()).update(found)
        if bad := [what for what in found if what.startswith("!")]:
            say(f"kills: {name}, {number.name}: {', '.join(bad)}")
            settings.failures.append(f"kills: {name}, {number.name}: {', '.join(bad)}")
    columns = (
        "run",
        "signal",
        "runs",
        "target old",
        "target whole",
        "target else",
        "left behind",
        "other exit",
        "next run fails",
    )
    table = Table(f"{settings.runs} runs killed at random moments", columns)
    for (name, number), count in counts.items():
        runs = count["old"] + count["whole"] + count["!torn"]
        last = (count["!torn"], count["!left" if number != signal.SIGKILL else "left"], count["!exit"], count["!next"])
        table.add(name, number.name, runs, count["old"], count["whole"], *last)
    yield table


def _write_inputs(folder: Path) -> None:
    x = np.random.default_rng(0).standard_normal((24, 64, 55, 55)).astype("f4")
    np.save(folder / "x.npy", x)
    with h5py.File(folder / "x.h5", "w") as file:
        file.create_dataset("x", data=x, chunks=(1, 64, 55, 55), compression="lzf")
    (folder / "in").mkdir()
    for number in range(12):
        np.save(folder / "in" / f"{number}.npy", x[:4])


def _content(path: Path) -> bytes:
    """What must be the same: of HDF5 the numbers, as two files with the same may differ."""
    if path.suffix == ".h5" and path.stat().st_size > len(b"old"):
        with suppress(OSError, KeyError), h5py.File(path) as file:
            return bytes(file["x"][:].tobytes())
    return path.read_bytes()


def _prepared(case: Case, folder: Path) -> None:
    shutil.rmtree(folder / "out", ignore_errors=True)
    (folder / "out").mkdir()
    if case.force:
        for name in case.outputs:
            (folder / "out" / name).write_bytes(b"old")


def _whole(case: Case, folder: Path) -> tuple[dict[str, bytes], float]:
    """What an unharmed run makes, and how many seconds it takes: the shortest of three."""
    seconds = []
    for _ in range(3):
        _prepared(case, folder)
        begin = time.monotonic()
        subprocess.run([*LRN, *case.words, *_OPTIONS], cwd=folder, check=True)
        seconds.append(time.monotonic() - begin)
    return {name: _content(folder / "out" / name) for name in case.outputs}, min(seconds)


def _killed(case: Case, number: signal.Signals, after: float, whole: dict[str, bytes], folder: Path) -> list[str]:
    """What is to be said of one run; what begins with `!` must not be."""
    _prepared(case, folder)
    process = subprocess.Popen(
        [*LRN, *case.words, *_OPTIONS], cwd=folder, start_new_session=True, stderr=subprocess.PIPE
    )
    time.sleep(after)
    # Ctrl-C reaches all processes of a terminal, the others only one.
    if process.poll() is None:
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    code = process.wait(30)
    said = process.stderr.read() if process.stderr else b""
    # A signal that comes before our first line is Python's own affair.
    early = b"KeyboardInterrupt" in said  # which we never raise
    good = code in (0, -number, _SIGNALS[number]) and b"Traceback" not in said
    found = [] if good else ["early"] if early else ["!exit"]
    if "!exit" in found:
        say(f"kills: exit {code}: {said.decode()[-300:]}")
    if number == signal.SIGKILL:
        time.sleep(_SETTLED if len(case.outputs) > 1 else 0.0)
    found += _targets(case, whole, folder)
    left = [path for path in (folder / "out").iterdir() if path.name not in case.outputs]
    found += [("left" if number == signal.SIGKILL else "!left")] if left else []
    if number == signal.SIGKILL:
        again = subprocess.run([*LRN, *case.words, "--force", *_OPTIONS], cwd=folder, check=False, capture_output=True)
        found += [] if again.returncode == 0 and _targets(case, whole, folder) == ["whole"] else ["!next"]
    return found


def _targets(case: Case, whole: dict[str, bytes], folder: Path) -> list[str]:
    """Whether all targets are whole, or old, or some are neither."""
    states = set()
    for name in case.outputs:
        path = folder / "out" / name
        data = _content(path) if path.exists() else b"old" if not case.force else b""
        states.add("whole" if data == whole[name] else "old" if data == b"old" else "!torn")
    if "!torn" in states:
        return ["!torn"]
    return ["whole"] if states == {"whole"} else ["old"]
