"""Arrays in memory, against memcpy and the engines of the frameworks; and how cost grows with the window."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks import engines
from tests.benchmarks.engines import CELLS, NEEDS, SIZES, WIDTHS, WINDOWS, Cell
from tests.benchmarks.tables import Table
from tests.benchmarks.timing import TIMEOUT, MeasurementError, Settings, environment, say

OURS = ("memcpy", "lrn", "numpy")
"""A copy by one thread, the compiled part, and the passes of NumPy that serve without it."""
FUSED = 1.0
"""How many times what OpenVINO's fused kernel takes we may take, where it has one."""
OTHERS = 0.67
"""How many times what the fastest peer takes we may take elsewhere."""

Milliseconds = dict[tuple[str, int], float]
"""By engine and the index of the cell."""


def measure(settings: Settings, folder: Path) -> Iterator[Table]:
    """Measure the cells with every engine there is, then our windows."""
    say("looking for peers")
    found = peers(settings.interpreters, folder)
    yield _cells(settings, folder, found)
    yield _windows(settings, folder)
    yield _sizes(settings, folder)


def peers(interpreters: tuple[str, ...], folder: Path) -> dict[str, tuple[str, str]]:
    """For each engine that one of the interpreters can import, the first that can, and the engine's version."""
    found = {}
    for engine in NEEDS:
        for python in interpreters if engine not in OURS else ():
            done = _run(python, folder, engine)
            if done.returncode == 0:
                # The engine's own comes first; a build's name behind a dash says nothing to a reader.
                found[engine] = (python, done.stdout.splitlines()[-1].split()[0].partition("-")[0])
                break
    return found


def has_fused_kernel(cell: Cell) -> bool:
    """Whether OpenVINO compiles one for it; for other numbers it takes its general one, which calls `pow`."""
    return cell.layout == "NCHW" and cell.beta == 0.75


def most_copies(cell: Cell) -> float:
    """How many times what one thread's memcpy takes we may take."""
    if cell.beta not in (0.5, 0.75, 1.0):
        return 10
    return 2.2 if cell.layout == "NCHW" else 3.0 if cell.shape[-1] > 3 else 6


def _cells(settings: Settings, folder: Path, found: dict[str, tuple[str, str]]) -> Table:
    pythons = dict.fromkeys(OURS, sys.executable) | {engine: python for engine, (python, _) in found.items()}
    ms = _measured("cells", pythons, settings, folder)
    shown = [engine for engine in NEEDS if any((engine, index) in ms for index in range(len(CELLS)))]
    versions = ", ".join(f"{engine} {version}" for engine, (_, version) in found.items()) or "no peers found"
    table = Table(
        "In memory: `normalize`, float32, two threads",
        (
            "cell",
            *(f"{engine} ms" for engine in shown),
            *("lrn / fastest peer", "goal", "lrn / memcpy", "goal"),
        ),
        "Medians; the engines take turns, each in a process of its own; memcpy is that of one thread, numpy is lrn"
        f" without its compiled part ({versions}).",
    )
    for index, cell in enumerate(CELLS):
        ours = ms["lrn", index]
        others = [ms[engine, index] for engine in shown if engine not in OURS and (engine, index) in ms]
        table.add(
            f"{cell.scaled(_divisor(settings))}, n={cell.width}, beta={cell.beta:g}",
            *(ms.get((engine, index)) for engine in shown),
            ours / min(others) if others else None,
            f"≤ {FUSED if has_fused_kernel(cell) else OTHERS:g}",
            ours / ms["memcpy", index],
            f"≤ {most_copies(cell):g}",
        )
    return table


def _windows(settings: Settings, folder: Path) -> Table:
    ms = _measured("windows", {"lrn": sys.executable}, settings, folder)
    table = Table(
        "Large windows: time relative to that of n = 5",
        ("cell", *(f"n = {width}" for width in WIDTHS), "n = 5 in ms"),
        "float32, two threads. The first row is log n / log 5, what logarithmic growth would be.",
    )
    table.add("log n / log 5", *(math.log(width) / math.log(5) for width in WIDTHS), None)
    for first in range(0, len(WINDOWS), len(WIDTHS)):
        row = [ms["lrn", index] for index in range(first, first + len(WIDTHS))]
        cell = WINDOWS[first]
        where = "within channels" if cell.within else "across channels"
        table.add(f"{cell.scaled(_divisor(settings))}, {where}", *(taken / row[0] for taken in row), row[0])
    return table


def _sizes(settings: Settings, folder: Path) -> Table:
    ms = _measured("sizes", {"lrn": sys.executable}, settings, folder)
    table = Table(
        "More of the same shape in memory",
        ("array", "goal", "times the best", "ns per element", "ms"),
        "float32, two threads, n = 5, beta = .75; linear from 1 MiB on.",
    )
    # By cell, as the smallest cannot be a tenth of their size and are then the same.
    taken = {cell.scaled(_divisor(settings)): ms["lrn", index] for index, cell in enumerate(SIZES)}
    best = min(time / math.prod(cell.shape) for cell, time in taken.items())
    for cell, time in taken.items():
        each = time / math.prod(cell.shape)
        table.add(str(cell), "≤ 2", each / best, 1e6 * each, time)
    return table


def _measured(what: str, pythons: dict[str, str], settings: Settings, folder: Path) -> Milliseconds:
    """Let each engine measure all its cells, in turns; the medians of the turns."""
    taken: dict[tuple[str, int], list[float]] = {}
    for turn in range(1 if settings.quick else 3):
        for engine, python in pythons.items():
            say(f"{what}: {engine}, turn {turn + 1}")
            done = _run(python, folder, engine, what, str(_divisor(settings)), str(settings.times(7)))
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["?"])[-1]
                if engine in OURS:
                    raise MeasurementError(f"{engine} failed: {reason}")
                say(f"{engine} left out: {reason}")
            for line in done.stdout.splitlines():
                result = json.loads(line)
                taken.setdefault((engine, result["index"]), []).append(result["ms"])
    return {key: median(values) for key, values in taken.items()}


def _run(python: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # The program is handed over as text: if it were named by its path, the folder of the benchmarks would come first in
    # the engine's search for modules, and an engine that imports a module called `data` would get ours.
    program = Path(engines.__file__).read_text(encoding="utf-8")
    return subprocess.run(
        [python, "-c", program, *arguments],
        cwd=folder,
        env=environment() | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def _divisor(settings: Settings) -> int:
    return 10 if settings.quick else 1
