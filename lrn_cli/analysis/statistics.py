"""What the numbers of a tensor are: least, largest, mean, and what is no number; read once, block by block."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from math import prod
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.boxes import Block
from lrn_cli.cells import cell
from lrn_cli.dtypes import Array
from lrn_cli.formula import Span
from lrn_cli.passes.cutting import Cut, into_blocks
from lrn_cli.passes.frame import block_lengths, frame
from lrn_cli.passes.sweep import Sweep
from lrn_cli.tensors.tensor import Source
from lrn_cli.work.threads import usable_cores

_STREAM_BLOCK = 1 << 18
"""Elements of a block of a pipe."""


class Statistics(NamedTuple):
    """What the numbers of a tensor are.

    Attributes:
        least, largest, mean: Of the finite ones; None where there is none.
        nans, infinities: How many there are.
    """

    least: float | None
    largest: float | None
    mean: float | None
    nans: int
    infinities: int

    def cells(self) -> list[str]:
        """The same as text: least, largest, mean, NaN, infinite."""
        return [*map(cell, self)]

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types."""
        return {"min": self.least, "max": self.largest, "mean": self.mean, "nan": self.nans, "inf": self.infinities}


class _Part(NamedTuple):
    """What was found of one block."""

    least: float
    largest: float
    mean: float
    finite: int
    nans: int


def measure(source: Source) -> Statistics:
    """What the numbers of an open tensor are.

    Args:
        source: It is read from its beginning.

    Raises:
        LrnError: It cannot be read.
    """
    axes = tuple(range(len(source.info.shape)))
    common, still = frame([source], [axes]), (Span(0, 0),) * len(axes)
    parts: list[_Part] = []

    def cut(_: int | None) -> Cut:
        run = _STREAM_BLOCK if source.sequential else None
        lengths = block_lengths(common, still, [source.info.chunks], run=run)
        return into_blocks(
            common.shape, still, lengths, tile=prod(lengths), nbytes=prod(lengths) * (source.info.dtype.itemsize + 8)
        )

    def step(_: Block, tensors: Sequence[Array], __: AbstractContextManager[None]) -> int:
        parts.append(_look_at(tensors[0]))
        return 0

    Sweep([source], common, still).run(cut, lambda _: step, usable_cores())
    return _together(parts, prod(source.info.shape))


def _look_at(values: Array) -> _Part:
    if values.dtype.kind == "f":
        finite = values[np.isfinite(values)]
        nans = int(np.count_nonzero(np.isnan(values)))
    else:
        finite, nans = values.reshape(-1), 0
    if not finite.size:
        return _Part(math.inf, -math.inf, 0.0, 0, nans)
    with np.errstate(over="ignore"):
        mean = float(np.mean(finite, dtype=np.float64))
    if not math.isfinite(mean):  # the sum has left the range, which no mean does
        mean = float(np.sum(finite / finite.size, dtype=np.float64))
    return _Part(float(finite.min()), float(finite.max()), mean, finite.size, nans)


def _together(parts: Sequence[_Part], elements: int) -> Statistics:
    count = sum(part.finite for part in parts)
    nans = sum(part.nans for part in parts)
    if not count:
        return Statistics(None, None, None, nans, elements - nans)
    # The exact sum does not depend on the order in which threads have come to their blocks.
    mean = math.fsum(part.mean * (part.finite / count) for part in parts)
    least, largest = min(part.least for part in parts), max(part.largest for part in parts)
    return Statistics(least, largest, mean, nans, elements - count - nans)
