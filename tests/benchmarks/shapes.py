"""Whether cost depends on anything but the number of elements: the same bytes in other shapes, and more of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.benchmarks.data import CAFFE, MIB, TF, Shape, apart, in_page_cache, reshape, samples, write_npy
from tests.benchmarks.tables import Table, shown_size
from tests.benchmarks.timing import LRN, Command, Run, Settings, clear, remove, say, settled

UNITS = 2**21
"""Elements come in multiples of nine times this, which all the shapes divide: 72 MiB in float32."""


class Form(NamedTuple):
    """A shape, with -1 for the length that makes up the number of elements."""

    name: str
    shape: Shape
    options: Command

    def filled(self, elements: int) -> Shape:
        """The shape with so many elements."""
        rest, odd = divmod(elements, -math.prod(self.shape))
        if odd:
            raise ValueError(f"{elements} elements do not fill the shape {self.shape}")
        return tuple(rest if length == -1 else length for length in self.shape)


FORMS = (
    Form("images of 96 channels", (-1, 96, 256, 256), CAFFE),
    Form("one plane, 1x1xHxW", (1, 1, -1, 8192), CAFFE),
    Form("many small maps, Nx64x3x3", (-1, 64, 3, 3), CAFFE),
    Form("C = 1", (-1, 1, 256, 256), CAFFE),
    Form("C = 3", (-1, 3, 256, 256), CAFFE),
    Form("C = 4096", (-1, 4096, 24, 24), CAFFE),
    Form("CHW of huge planes", (3, -1, 8192), CAFFE),
    Form("2^20 rows", (2**20, -1), (*CAFFE, "--layout", "NC")),
    Form("2^20 columns, channels first", (-1, 2**20), (*CAFFE, "--layout", "CN")),
    Form("one long vector", (-1,), (*CAFFE, "--layout", "C")),
    Form("images of 96 channels", (-1, 256, 256, 96), TF),
    Form("one plane, 1xHxWx1", (1, -1, 8192, 1), TF),
    Form("many small maps, Nx3x3x64", (-1, 3, 3, 64), TF),
    Form("C = 1", (-1, 256, 256, 1), TF),
    Form("C = 3", (-1, 256, 256, 3), TF),
    Form("C = 4096", (-1, 24, 24, 4096), TF),
    Form("2^20 rows", (2**20, -1), (*TF, "--layout", "NC")),
)
SAMPLE = (64, 32, 32)
SIZES = tuple(MIB * 4**power for power in range(7))
"""1 MiB to 4 GiB."""


def measure(settings: Settings, folder: Path) -> Iterator[Table]:
    """Measure shapes of one size, then sizes of one shape."""
    yield _by_shape(settings, folder)
    yield _by_size(settings, folder)


def _by_shape(settings: Settings, folder: Path) -> Table:
    elements, times = 9 * UNITS * (1 if settings.quick else 8), settings.times(5)
    table = Table(
        "The same bytes in different shapes",
        ("convention", "shape", "goal", "times the best", "ns per element", "s"),
        f"{elements * 4 // MIB} MiB of float32, .npy to .npy; medians of {times} rounds over all shapes. The time of"
        " a run on 100 elements just before is taken off; blank where less than a tenth of it would be left.",
    )
    apart(write_npy, folder / "x.npy", (elements,))
    apart(write_npy, folder / "start.npy", (1, 1, 1, 100))
    in_page_cache(folder / "x.npy")
    taken: list[list[float]] = [[] for _ in FORMS]
    starts: list[list[float]] = [[] for _ in FORMS]
    for turn in range(times):
        say(f"shapes: round {turn + 1}")
        for form, start, seconds in zip(FORMS, starts, taken, strict=True):
            reshape(folder / "x.npy", form.filled(elements))
            start.append(_start(folder).seconds)
            seconds.append(_apply(folder, form.options).seconds)
    costs = [_cost(*both, elements) for both in zip(taken, starts, strict=True)]
    for form, seconds, cost in zip(FORMS, taken, costs, strict=True):
        shape = "x".join(map(str, form.filled(elements)))
        convention = form.options[1].partition(":")[0]
        table.add(convention, f"{form.name}: {shape}", "≤ 2", _relative(cost, costs), cost, median(seconds))
    clear(folder)
    return table


def _by_size(settings: Settings, folder: Path) -> Table:
    table = Table(
        "More of the same shape",
        ("bytes", "goal", "times the best", "ns per byte", "lrn s", "start s", "cp s"),
        f"N{'x'.join(map(str, ('', *SAMPLE)))} under caffe, float32, .npy to .npy; medians. The time of a run on 100"
        " elements just before is taken off; blank where less than a tenth of it would be left."
        " Of the largest sizes the operating system may begin to write while they are measured, as of those of `cp`.",
    )
    apart(write_npy, folder / "start.npy", (1, 1, 1, 100))
    rows = []
    for size in (settings.size(full) for full in SIZES):
        say(f"sizes: {size / MIB:.1f} MiB")
        rows.append((size, *_compared(size, settings, folder)))
    costs = [row[1] for row in rows]
    for size, cost, lrn, start, cp in rows:
        table.add(shown_size(size), "≤ 2", _relative(cost, costs), cost, lrn, start, cp)
    return table


def _compared(size: int, settings: Settings, folder: Path) -> tuple[float | None, float, float, float]:
    """Nanoseconds per byte without the start, then the seconds of the run, of the start and of `cp`."""
    apart(write_npy, folder / "x.npy", samples(size, SAMPLE, "float32"))
    in_page_cache(folder / "x.npy")
    # Where a run is little more than a start, the difference needs more of them.
    times = settings.times(5) if size > 16 * MIB else settings.times(5) * 5
    starts, runs, copies = [], [], []
    for _ in range(times):
        starts.append(_start(folder).seconds)
        runs.append(_apply(folder, CAFFE).seconds)
        copies.append(settled(("cp", "x.npy", "y.npy"), folder, "y.npy").seconds)
    remove(folder / "x.npy")
    remove(folder / "y.npy")
    return _cost(runs, starts, size), median(runs), median(starts), median(copies)


def _cost(runs: list[float], starts: list[float], units: int) -> float | None:
    """Nanoseconds for each of the units without the start; None where the start is so much of it that noise is left."""
    difference = median(run - start for run, start in zip(runs, starts, strict=True))
    return 1e9 * difference / units if difference > median(starts) / 10 else None


def _relative(cost: float | None, costs: list[float | None]) -> float | None:
    """How many times the least of the costs that are known."""
    return None if cost is None else cost / min(other for other in costs if other is not None)


def _start(folder: Path) -> Run:
    return settled((LRN, "apply", "start.npy", "-o", "y.npy", "-q", *CAFFE), folder, "y.npy")


def _apply(folder: Path, options: Command) -> Run:
    return settled((LRN, "apply", "x.npy", "-o", "y.npy", "-q", *options), folder, "y.npy")
