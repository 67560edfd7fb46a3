"""How soon the command is there, against an interpreter that imports the same libraries."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.benchmarks.data import TF, apart, write_npy
from tests.benchmarks.tables import Table
from tests.benchmarks.timing import LRN, Command, Run, Settings, remove, run, say, take_turns

CASES: tuple[tuple[str, Command, str], ...] = (
    ("`lrn --version`", (LRN, "--version"), "import click"),
    ("`lrn --help`", (LRN, "--help"), "import click"),
    ("`lrn apply`, 100 elements", (LRN, "apply", "x.npy", "-o", "y.npy", *TF), "import numpy, click"),
)


def measure(settings: Settings, folder: Path) -> Iterator[Table]:
    """Measure starts that do nothing, and one that normalises almost nothing."""
    times = 5 if settings.quick else 21
    table = Table(
        "Start",
        ("command", "goal", "ratio", "against `python -c`", "its ms", "lrn ms"),
        f"Medians of {times} pairs that take turns, bytecode on the disk.",
    )
    apart(write_npy, folder / "x.npy", (1, 1, 1, 100))
    for name, command, imports in CASES:
        say(f"start: {name}")
        theirs = (sys.executable, "-c", imports)
        for first in (theirs, command):  # the first start may have to compile
            _fresh(first, folder)
        turns = take_turns(partial(_fresh, command, folder), partial(_fresh, theirs, folder), times)
        table.add(name, "≤ 1.5", turns.ratio, f"`{imports}`", 1e3 * turns.their_seconds, 1e3 * turns.our_seconds)
    yield table


def _fresh(command: Command, folder: Path) -> Run:
    """Run a command without its output of last time; nothing here is large enough to wait for a disk."""
    remove(folder / "y.npy")
    return run(command, folder)
