"""Survey: one tensor read once, block by block, and what it looks like as data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from math import prod
from typing import Any, NamedTuple

import numpy as np

from lrn_cli import layouts
from lrn_cli.analysis.comparison.error_map import plane_of
from lrn_cli.analysis.survey.histogram import Histogram
from lrn_cli.analysis.survey.tally import Profile, Tally
from lrn_cli.arithmetic.tiling import largest_tile
from lrn_cli.boxes import Block
from lrn_cli.cells import NONE, cell
from lrn_cli.dtypes import Array
from lrn_cli.formula import Span
from lrn_cli.passes.cutting import Cut, into_blocks
from lrn_cli.passes.frame import block_lengths, frame
from lrn_cli.passes.sweep import Sweep
from lrn_cli.tensors.tensor import Source

_RUN = 1 << 18
"""Elements of a block of a pipe."""
_BUFFERS = 8
"""Arrays of float64 as large as a block that a tally takes while it counts one."""


COLUMNS = ("file", "shape", "layout", "dtype", "least", "most", "mean", "rms", "nan", "infinite")


class Survey(NamedTuple):
    """What one tensor looks like.

    Attributes:
        name: As typed.
        shape: Of the tensor.
        type_name: Of its elements.
        layout: A letter for each axis; None where it is not known.
        tiles: Means in the cells of small pictures: of each of the first channels, or of the whole plane.
        apart: Whether each picture is of a channel.
        axes: Which axes of the tensor are the pictures' rows and columns; None for rows that are not there.
        profile: Each channel's numbers.
        histogram: Of all finite elements.
        nan, infinite: How many elements are not finite.
    """

    name: str
    shape: tuple[int, ...]
    type_name: str
    layout: str | None
    tiles: Array
    apart: bool
    axes: tuple[int | None, int]
    profile: Profile
    histogram: Histogram
    nan: int
    infinite: int

    @property
    def least(self) -> float | None:
        """The least finite element."""
        return _finite(self.profile.least.min(initial=math.inf))

    @property
    def most(self) -> float | None:
        """The largest finite element."""
        return _finite(self.profile.most.max(initial=-math.inf))

    @property
    def mean(self) -> float | None:
        """Of the finite elements."""
        return _finite(_divide(self.profile.total.sum(), self.profile.count.sum()))

    @property
    def rms(self) -> float | None:
        """The root of the mean square of the finite elements."""
        return _finite(math.sqrt(_divide(self.profile.squares.sum(), self.profile.count.sum())))

    def as_data(self) -> dict[str, Any]:
        """The same as JSON types, but for the pictures."""
        with np.errstate(all="ignore"):
            means = self.profile.total / self.profile.count
        return {
            "name": self.name,
            "shape": list(self.shape),
            "dtype": self.type_name,
            "layout": self.layout,
            **{name: getattr(self, name) for name in ("least", "most", "mean", "rms", "nan", "infinite")},
            "channel_means": [_finite(mean) for mean in means.tolist()] if self.layout else None,
        }

    def row(self) -> list[str]:
        """The same as cells under `COLUMNS`, but for the channels; what there is none of is a dash."""
        numbers = (self.least, self.most, self.mean, self.rms, self.nan, self.infinite)
        return [self.name, layouts.describe(self.shape), self.layout or NONE, self.type_name, *map(cell, numbers)]


def survey(
    name: str,
    source: Source,
    layout: str | None,
    *,
    threads: int,
    memory: int | None = None,
    advanced: Callable[[int], None] = lambda _: None,
) -> Survey:
    """Read a tensor once and say what it looks like.

    Args:
        name: As typed.
        source: The tensor.
        layout: A letter for each axis; None where nobody knows.
        threads: How many to use.
        memory: Bytes of scratch memory to stay within, as far as that can be.
        advanced: Called with the number of bytes read after each block, from any thread.
    """
    info = source.info
    common = frame([source], [tuple(range(len(info.shape)))])
    plane = plane_of(info.shape, layout)
    still = (Span(0, 0),) * len(info.shape)
    gathered = [Tally(plane, common.order)]

    def cut(most: int | None) -> Cut:
        each = info.dtype.itemsize + 8 * _BUFFERS
        elements = most and max(most // each, 1)
        run = _RUN if source.sequential else None
        lengths = block_lengths(common, still, [info.chunks], most=elements, run=run)
        tile = largest_tile(np.dtype(np.float64))
        return into_blocks(common.shape, still, lengths, tile=tile, nbytes=prod(lengths) * each)

    def make_step(_: Cut) -> Callable[[Block, Sequence[Array], AbstractContextManager[None]], int]:
        gathered.append(tally := Tally(plane, common.order))

        def step(block: Block, tensors: Sequence[Array], _: AbstractContextManager[None]) -> int:
            tally.add(tensors[0], [piece.start for piece in block.core])
            return 0

        return step

    Sweep([source], common, still, advanced=advanced).run(cut, make_step, threads, memory)
    whole = gathered[0]
    for other in gathered[1:]:
        whole.merge(other)
    apart = plane.channels is not None and plane.channels not in (plane.rows, plane.columns)
    return Survey(
        name,
        info.shape,
        info.type_name,
        layout,
        whole.tiles,
        apart,
        (plane.rows, plane.columns),
        whole.profile,
        whole.histogram,
        whole.nan,
        whole.infinite,
    )


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _divide(total: float, count: float) -> float:
    return float(total) / float(count) if count else math.nan
