"""Ten thousand small files in one run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.data import MIB, TF, apart, write_tree
from tests.benchmarks.tables import Table
from tests.benchmarks.timing import LRN, MeasurementError, Run, Settings, say, settled, take_turns

SHAPE = (1, 32, 32, 24)
"""98 kB in float32."""


def measure(settings: Settings, folder: Path) -> Iterator[Table]:
    """Measure a tree of small files against `cp -r` of the tree."""
    count, times = settings.size(10_000), settings.times(5)
    say(f"many: {count} files")
    apart(write_tree, folder / "in", count, SHAPE)
    lrn = (LRN, "apply", "in", "-r", "-o", "out/", "-q", *TF)
    turns = take_turns(
        lambda: _complete(settled(lrn, folder, "out"), folder, count),
        lambda: _complete(settled(("cp", "-r", "in", "out"), folder, "out"), folder, count),
        times,
    )
    table = Table(
        "Many files: `lrn apply DIR -r -o out/` against `cp -r DIR out`",
        ("input", "goal", "lrn / cp", "cp s", "lrn s", "peak MiB"),
        f"Inputs in the page cache; medians of {times} pairs that take turns, to a new folder.",
    )
    table.add(
        f"{count} files of 98 kB",
        *("≤ 3", turns.ratio, turns.their_seconds, turns.our_seconds),
        turns.our_peak / MIB,
    )
    yield table


def _complete(taken: Run, folder: Path, count: int) -> Run:
    """The run, if it has written all that it should: a quick failure must not count as speed."""
    written = sum(1 for _ in (folder / "out").rglob("*.npy"))
    if written != count:
        raise MeasurementError(f"{written} of {count} files were written")
    return taken
