"""One pass over the tensors: each block is read once, every side made of it, and all pairs compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from math import prod
from typing import NamedTuple

import numpy as np

from lrn_cli.analysis.comparison.sides import Normalization, joint_reach
from lrn_cli.analysis.comparison.tally import Tally, Workspace
from lrn_cli.arithmetic.kernel import Kernel, kernels
from lrn_cli.arithmetic.tiling import largest_tile, tile_edges
from lrn_cli.boxes import Block, blocks, inside, run_edges
from lrn_cli.dtypes import Array
from lrn_cli.formula import Span, Spans
from lrn_cli.passes.cutting import Cut, into_blocks
from lrn_cli.passes.frame import Frame, block_lengths
from lrn_cli.passes.sweep import Sweep
from lrn_cli.tensors.tensor import Source

Ends = tuple[int, int]
"""Which sides a pair is made of."""

_STREAM_BLOCK = 1 << 18
"""Elements of a block of a pipe."""
_PART = 1 << 17
"""Elements that are measured at once: few enough for the cache, enough that threads seldom wait for Python's lock."""
_BUFFERS = 8
"""Elements of eight bytes that a side takes for each element at hand: its kernel's scratch, or what measures it."""


class Scan(NamedTuple):
    """What to compare.

    Attributes:
        sources: One tensor or two.
        common: The order of axes in which they are compared.
        sides: For each side, which tensor it is, or how it is made of the first.
        tallies: For each pair, what makes a new tally of it.
        advanced: Called with the number of bytes read after each block, from any thread.
    """

    sources: Sequence[Source]
    common: Frame
    sides: Mapping[int, int | Normalization]
    tallies: Mapping[Ends, Callable[[], Tally]]
    advanced: Callable[[int], None] = lambda _: None

    @property
    def normalizations(self) -> dict[int, Normalization]:
        """The sides that are computed."""
        return {side: how for side, how in self.sides.items() if isinstance(how, Normalization)}

    @property
    def spans(self) -> Spans:
        """How far their windows reach together."""
        return joint_reach([how.window for how in self.normalizations.values()], len(self.common.shape))

    def run(self, threads: int, memory: int | None = None) -> dict[Ends, Tally]:
        """Do it.

        Args:
            threads: How many.
            memory: Bytes of scratch memory to stay within, for all of them together, as far as the windows allow.
        """
        gathered = [{ends: make() for ends, make in self.tallies.items()}]
        sweep = Sweep(self.sources, self.common, self.spans, advanced=self.advanced)
        with ExitStack() as stack:
            makers = {
                side: stack.enter_context(kernels(how.bound.norm, how.window, how.types))
                for side, how in self.normalizations.items()
            }

            def make_step(how: Cut) -> _Comparing:
                gathered.append({ends: make() for ends, make in self.tallies.items()})
                return _Comparing(self, {side: make() for side, make in makers.items()}, gathered[-1], how.tile)

            sweep.run(self._cut, make_step, threads, memory)
        for others in gathered[1:]:
            for ends, tally in others.items():
                gathered[0][ends].merge(tally)
        return gathered[0]

    def _cut(self, memory: int | None) -> Cut:
        read = sum(source.info.dtype.itemsize for source in self.sources)
        most = None if memory is None else max(memory // (read + _BUFFERS * 8 * len(self.sides)), 1)
        run = _STREAM_BLOCK if any(source.sequential for source in self.sources) else None
        chunks = [source.info.chunks for source in self.sources]
        lengths = block_lengths(self.common, self.spans, chunks, most=most, run=run)
        types = [how.types.sums for how in self.normalizations.values()] or [np.dtype(np.float64)]
        tile = min(*map(largest_tile, types), most or largest_tile(np.dtype(np.float32)))
        return into_blocks(self.common.shape, self.spans, lengths, tile=tile, nbytes=prod(lengths) * read)


class _Comparing:
    """One thread's step, with kernels and tallies of its own."""

    def __init__(self, scan: Scan, own: Mapping[int, Kernel], tallies: Mapping[Ends, Tally], largest_tile: int) -> None:
        self._scan, self._tallies, self._spans, self._most = scan, tallies, scan.spans, largest_tile
        self._workspace = Workspace()
        self._normalize = {side: scan.normalizations[side].worker(kernel) for side, kernel in own.items()}

    def __call__(self, block: Block, tensors: Sequence[Array], _: AbstractContextManager[None]) -> int:
        """Compare all pairs on a block of each tensor, tile by tile."""
        # A block that lies across is put in order once: everything that follows is quicker on rows without gaps.
        tensors = [np.ascontiguousarray(part, part.dtype.newbyteorder("=")) for part in tensors]
        first, within = tensors[0], inside(block.core, block.reach)
        pieces = blocks(first.shape, self._spans, tile_edges(first.shape, self._spans, self._most), within)
        for core, around in pieces:
            place = inside(core, within)
            start = [piece.start + edge.start for piece, edge in zip(around, block.reach, strict=True)]
            sides = {
                side: self._normalize[side](first[around], inside(core, around), start)
                if isinstance(how, Normalization)
                else (first[core] if how == 0 else tensors[how][place])
                for side, how in self._scan.sides.items()
            }
            self._measure(sides, [piece.start + edge.start for piece, edge in zip(core, block.reach, strict=True)])
        return 0

    def _measure(self, sides: Mapping[int, Array], corner: Sequence[int]) -> None:
        """Compare all pairs on a piece that begins at the index `corner`, in parts that stay in the cache."""
        shape = next(iter(sides.values())).shape
        still = (Span(0, 0),) * len(shape)
        for part, _ in blocks(shape, still, run_edges(shape, still, _PART)):
            at = [start + piece.start for start, piece in zip(corner, part, strict=True)]
            for (a, b), tally in self._tallies.items():
                tally.add(sides[a][part], sides[b][part], at, self._workspace)
