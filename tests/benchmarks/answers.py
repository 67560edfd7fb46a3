"""What answers about a file take against making it: `compare --against`, `identify`, `gradient` against `apply`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.benchmarks.data import CAFFE, GIB, apart, in_page_cache, samples, write_npy
from tests.benchmarks.tables import Table, shown_size
from tests.benchmarks.timing import LRN, Settings, settled, take_turns

ANSWERS = (
    ("compare --against", ("compare", "x.npy", "--against", "y.npy", *CAFFE), 1.5),
    ("identify", ("identify", "x.npy", "y.npy"), 4.0),
    ("gradient", ("gradient", "x.npy", "y.npy", "-o", "new.npy", "-q", *CAFFE), 2.5),
)


def measure(settings: Settings, folder: Path) -> Iterator[Table]:
    """Measure each against `apply` of the same input to a new file."""
    table = Table(
        "Answers about a file against `lrn apply` of the same file",
        ("command", "goal", "command / apply", "apply s", "command s"),
        f"float32 NCHW, C = 96, {shown_size(settings.size(GIB))}, n = 5, beta = .75, in the page cache; medians of"
        f" {settings.times(5)} pairs that take turns.",
    )
    apart(write_npy, folder / "x.npy", samples(settings.size(GIB), (96, 55, 55), "float32"), "float32")
    settled((LRN, "apply", "x.npy", "-o", "y.npy", "-q", *CAFFE), folder)
    in_page_cache(folder / "x.npy")
    in_page_cache(folder / "y.npy")
    for name, words, goal in ANSWERS:
        turns = take_turns(
            partial(settled, (LRN, *words), folder, "new.npy"),
            lambda: settled((LRN, "apply", "x.npy", "-o", "new.npy", "-q", *CAFFE), folder, "new.npy"),
            settings.times(5),
        )
        table.add(name, f"≤ {goal}", turns.ratio, turns.their_seconds, turns.our_seconds)
    yield table
