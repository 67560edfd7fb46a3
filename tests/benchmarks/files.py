"""One large file, normalised against copied; what it takes in memory; and HDF5 against .npy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.data import (
    ANY_BETA,
    CAFFE,
    GIB,
    MIB,
    TF,
    Shape,
    apart,
    in_page_cache,
    samples,
    write_hdf5,
    write_npy,
)
from tests.benchmarks.tables import Table, shown_size
from tests.benchmarks.timing import LRN, Command, Run, Settings, Turns, clear, remove, say, settled, take_turns


class Case(NamedTuple):
    """One kind of tensor, and how many times what `cp` takes is the most we may take."""

    name: str
    sample: Shape
    dtype: str
    convention: Command
    goal: float


NCHW = Case("NCHW C=96 float32", (96, 55, 55), "float32", CAFFE, 1.25)
CASES = (
    NCHW,
    Case("NCHW C=96 float32, beta = .6", (96, 55, 55), "float32", ANY_BETA, 3.3),
    Case("NHWC C=96 float32", (55, 55, 96), "float32", TF, 1.25),
    Case("NHWC C=3 float32", (512, 512, 3), "float32", TF, 2.0),
    Case("NCHW C=96 float16", (96, 55, 55), "float16", CAFFE, 1.6),
    Case("NCHW C=96 float64", (96, 55, 55), "float64", CAFFE, 1.6),
)
CHUNKS: tuple[tuple[str, Shape | bool | None, float], ...] = (
    ("contiguous", None, 1.3),
    ("chunks of one sample, 1x96x55x55", (1, *NCHW.sample), 1.4),
    ("chunks that h5py chooses", True, 2.0),
)


def measure(settings: Settings, folder: Path) -> Iterator[Table]:
    """Measure against `cp`, then memory, then HDF5."""
    memory = Table(
        "Peak resident memory of `lrn apply`",
        ("input", "bytes", "peak MiB", "goal"),
        "The most that the operating system has counted in any of the runs, shared libraries included.",
    )
    yield _against_cp(settings, folder, memory)
    _four_times(settings, folder, memory)
    against_npy = _hdf5(settings, folder, memory)
    yield memory
    yield against_npy


def _against_cp(settings: Settings, folder: Path, memory: Table) -> Table:
    table = Table(
        "File to file: .npy against `cp` of the same file, n = 5, beta = .75 unless it says so",
        ("input", "goal", "lrn / cp", "cp s", "lrn s", "over an old file: lrn / cp", "cp over s", "lrn --force s"),
        f"{shown_size(settings.size(GIB))} each, input in the page cache, neither waits for the disk; medians of"
        f" {settings.times(5)} pairs that take turns, the ratio is the median of those of the pairs.",
    )
    for case in CASES:
        say(f"file to file: {case.name}")
        _make(folder / "x.npy", settings.size(GIB), case)
        new, over = _new_files(case, settings, folder), _old_files(case, settings, folder)
        table.add(
            case.name,
            f"≤ {case.goal}",
            *(new.ratio, new.their_seconds, new.our_seconds),
            *(over.ratio, over.their_seconds, over.our_seconds),
        )
        _add_peak(memory, case.name, folder / "x.npy", new.ours + over.ours)
        clear(folder)
    return table


def _make(path: Path, size: int, case: Case) -> None:
    apart(write_npy, path, samples(size, case.sample, case.dtype), case.dtype)
    in_page_cache(path)


def _new_files(case: Case, settings: Settings, folder: Path) -> Turns:
    outputs = ("lrn.npy", "cp.npy")
    return take_turns(
        lambda: settled((LRN, "apply", "x.npy", "-o", "lrn.npy", "-q", *case.convention), folder, *outputs),
        lambda: settled(("cp", "x.npy", "cp.npy"), folder, *outputs),
        settings.times(5),
    )


def _old_files(case: Case, settings: Settings, folder: Path) -> Turns:
    # Each replaces what it wrote before: nothing is removed, and `sync` has the old file on the disk and in the cache.
    for name in ("lrn.npy", "cp.npy"):
        settled(("cp", "x.npy", name), folder)
    return take_turns(
        lambda: settled((LRN, "apply", "x.npy", "-o", "lrn.npy", "-q", "--force", *case.convention), folder),
        lambda: settled(("cp", "x.npy", "cp.npy"), folder),
        settings.times(5),
    )


def _four_times(settings: Settings, folder: Path, memory: Table) -> None:
    say("memory: four times the size")
    _make(folder / "x.npy", settings.size(4 * GIB), NCHW)
    taken = settled((LRN, "apply", "x.npy", "-o", "lrn.npy", "-q", *NCHW.convention), folder)
    _add_peak(memory, NCHW.name, folder / "x.npy", [taken])
    clear(folder)


def _hdf5(settings: Settings, folder: Path, memory: Table) -> Table:
    table = Table(
        "HDF5 without compression against the .npy with the same numbers",
        ("input", "goal", "HDF5 / .npy", ".npy s", "HDF5 s"),
        f"{NCHW.name}, {shown_size(settings.size(GIB))}, to a new file of the same format; medians of"
        f" {settings.times(5)} pairs that take turns.",
    )
    _make(folder / "x.npy", settings.size(GIB), NCHW)
    outputs = ("out.npy", "out.h5")
    for name, chunks, goal in CHUNKS:
        say(f"HDF5: {name}")
        remove(folder / "x.h5")
        apart(write_hdf5, folder / "x.npy", folder / "x.h5", chunks)
        in_page_cache(folder / "x.h5")
        turns = take_turns(
            lambda: settled((LRN, "apply", "x.h5", "-o", "out.h5", "-q", *NCHW.convention), folder, *outputs),
            lambda: settled((LRN, "apply", "x.npy", "-o", "out.npy", "-q", *NCHW.convention), folder, *outputs),
            settings.times(5),
        )
        table.add(name, f"≤ {goal}", turns.ratio, turns.their_seconds, turns.our_seconds)
        _add_peak(memory, f"HDF5, {name}", folder / "x.h5", turns.ours)
    clear(folder)
    return table


def _add_peak(memory: Table, name: str, path: Path, runs: list[Run]) -> None:
    memory.add(name, shown_size(path.stat().st_size), max(run.peak for run in runs) / MIB, "≤ 100")
