"""One pass over the tensors: each block is read once, every side made of it, and all pairs compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrn_cli.analysis.comparison.difference import Tally, Workspace
from lrn_cli.analysis.comparison.sides import Normalization, joint_reach
from lrn_cli.arithmetic.kernel import Kernel, kernels
from lrn_cli.arithmetic.tiling import largest_tile, tile_edges
from lrn_cli.boxes import Block, blocks, inside, run_edges, size
from lrn_cli.formula import Span, Spans
from lrn_cli.passes.cutting import shared_elements
from lrn_cli.passes.frame import Frame, block_lengths, reader
from lrn_cli.tensors.tensor import Source
from lrn_cli.work.threads import Turns, share

Array = NDArray[Any]
Ends = tuple[int, int]
"""Which sides a pair is made of."""

_MEMORY = 160 << 20
"""Bytes of scratch memory for all threads together, where none is given."""
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
        if prod(self.common.shape):
            self._share(gathered, threads, memory)
        for source in self.sources:
            source.finish()
        for others in gathered[1:]:
            for ends, tally in others.items():
                gathered[0][ends].merge(tally)
        return gathered[0]

    def _share(self, gathered: list[dict[Ends, Tally]], threads: int, memory: int | None) -> None:
        """Let threads work, each with tallies of its own."""
        each = sum(source.info.dtype.itemsize for source in self.sources) + _BUFFERS * 8 * len(self.sides)
        most = None if memory is None else max(memory // threads // each, 1)
        lengths = block_lengths(self.sources, self.common, self.spans, most)
        for source in self.sources:
            source.shared_elements = shared_elements(self.common.shape, self.spans, lengths)
        turns = Turns() if any(source.sequential for source in self.sources) else None
        read = prod(lengths) * sum(source.info.dtype.itemsize for source in self.sources)
        threads = max(1, min(threads, (memory or _MEMORY) // read))
        with ExitStack() as stack:
            makers = {
                side: stack.enter_context(kernels(how.bound.norm, how.window, how.types))
                for side, how in self.normalizations.items()
            }

            def make_worker() -> Callable[[tuple[int, Block]], int]:
                gathered.append({ends: make() for ends, make in self.tallies.items()})
                return _Worker(self, {side: make() for side, make in makers.items()}, gathered[-1], most, turns)

            share(
                enumerate(blocks(self.common.shape, self.spans, lengths)),
                make_worker,
                threads,
                (turns,) if turns else (),
            )


class _Worker:
    """One thread's part, with buffers, kernels and tallies of its own."""

    def __init__(
        self,
        scan: Scan,
        own: Mapping[int, Kernel],
        tallies: Mapping[Ends, Tally],
        most: int | None,
        turns: Turns | None,
    ) -> None:
        self._scan, self._tallies, self._turns, self._spans = scan, tallies, turns, scan.spans
        self._readers = [
            reader(source, places) for source, places in zip(scan.sources, scan.common.places, strict=True)
        ]
        self._workspace = Workspace()
        self._normalized = {side: scan.normalizations[side].worker(kernel) for side, kernel in own.items()}
        types = [how.types.sums for how in scan.normalizations.values()] or [np.dtype(np.float64)]
        self._most = min(*map(largest_tile, types), most or largest_tile(np.dtype(np.float32)))

    def __call__(self, item: tuple[int, Block]) -> int:
        """Read a block of each tensor, in its turn where it must be, and compare all pairs on it."""
        index, block = item
        with self._turns.of(index) if self._turns else nullcontext():
            tensors = [read(block.reach if tensor == 0 else block.core) for tensor, read in enumerate(self._readers)]
        self._compare(block, tensors)
        self._scan.advanced(prod(size(block.core)) * sum(source.info.dtype.itemsize for source in self._scan.sources))
        return 0

    def _compare(self, block: Block, tensors: Sequence[Array]) -> None:
        first, within = tensors[0], inside(block.core, block.reach)
        pieces = blocks(first.shape, self._spans, tile_edges(first.shape, self._spans, self._most), within)
        for core, around in pieces:
            place = inside(core, within)
            sides = {
                side: self._normalized[side](first[around], inside(core, around))
                if isinstance(how, Normalization)
                else (first[core] if how == 0 else tensors[how][place])
                for side, how in self._scan.sides.items()
            }
            self._measure(sides, [piece.start + edge.start for piece, edge in zip(core, block.reach, strict=True)])

    def _measure(self, sides: Mapping[int, Array], corner: Sequence[int]) -> None:
        """Compare all pairs on a piece that begins at the index `corner`, in parts that stay in the cache."""
        shape = next(iter(sides.values())).shape
        still = (Span(0, 0),) * len(shape)
        for part, _ in blocks(shape, still, run_edges(shape, still, _PART)):
            at = [start + piece.start for start, piece in zip(corner, part, strict=True)]
            for (a, b), tally in self._tallies.items():
                tally.add(sides[a][part], sides[b][part], at, self._workspace)
