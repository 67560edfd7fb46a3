"""From an open tensor to an output: blocks in, arithmetic, blocks out, by threads that each do all three."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from math import prod
from typing import Any

import numpy as np

from lrn_cli.arithmetic.kernel import Kernel, kernels
from lrn_cli.arithmetic.precision import Precision
from lrn_cli.arithmetic.tiling import tiles
from lrn_cli.arithmetic.windows import Window
from lrn_cli.boxes import Block, Box, blocks, inside, size
from lrn_cli.formula import ResponseNorm, Spans
from lrn_cli.passes.cutting import cut
from lrn_cli.tensors.tensor import Array, Sink, Source
from lrn_cli.work.threads import Turns, share

_MEMORY = 160 << 20
"""Bytes of scratch memory for all threads together, where none is given."""


class Transfer:
    """Normalises an open tensor into an open output.

    Args:
        source: Where the elements come from.
        sink: Where the results go.
        dtype: Of the results.
        norm: The canonical form.
        window: Over the tensor, in the order of its axes.
        types: What to compute in.
        advanced: Called with the number of bytes read after each block, from any thread.
    """

    def __init__(
        self,
        source: Source,
        sink: Sink,
        *,
        dtype: np.dtype[Any],
        norm: ResponseNorm,
        window: Window,
        types: Precision,
        advanced: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._source, self._sink, self._dtype = source, sink, dtype
        self._norm, self._types, self._advanced = norm, types, advanced
        self._shape = source.storage_shape
        self._window = window.reordered(range(len(self._shape))[::-1]) if source.info.fortran_order else window
        self._reading = Turns() if source.sequential else None
        self._writing = Turns() if sink.sequential else None

    def run(self, threads: int, memory: int | None = None) -> int:
        """Do it.

        Args:
            threads: How many.
            memory: Bytes of scratch memory to stay within, for all of them together, as far as the window allows.

        Returns:
            How many results are NaN or infinite though every element of their window is finite.
        """
        if not prod(self._shape):
            self._source.finish()
            return 0
        turns = [turn for turn in (self._reading, self._writing) if turn is not None]
        how = cut(
            self._shape,
            self._window.spans,
            itemsize=self._source.info.dtype.itemsize + self._dtype.itemsize,
            sums=self._types.sums,
            chunks=self._source.info.chunks,
            in_turn=bool(turns),
            memory=None if memory is None else memory // threads,
        )
        self._source.shared_elements = how.shared
        items = enumerate(blocks(self._shape, self._window.spans, how.lengths))
        # A window may force blocks so large that not every thread can have its own.
        threads = max(1, min(threads, how.pieces, (memory or _MEMORY) // how.nbytes))
        with kernels(self._norm, self._window, self._types) as next_kernel:
            broken = share(items, lambda: self._worker(next_kernel(), how.tile), threads, turns)
        self._source.finish()
        return broken

    def _worker(self, kernel: Kernel, largest_tile: int) -> Callable[[tuple[int, Block]], int]:
        """One thread's part, with buffers of its own."""
        carried = self._source.info.carried
        step = _Step(kernel, self._window.spans, self._dtype, most=largest_tile, carried=carried)
        incoming = np.empty(0, self._source.info.dtype)

        def work(item: tuple[int, Block]) -> int:
            nonlocal incoming
            index, block = item
            shape = size(block.reach)
            if incoming.size < prod(shape):
                incoming = np.empty(prod(shape), self._source.info.dtype)
            values = incoming[: prod(shape)].reshape(shape)
            with _turn(self._reading, index):
                self._source.read(block.reach, values)
            broken, results = step(values, inside(block.core, block.reach))
            with _turn(self._writing, index):
                self._sink.write(block.core, results)
            self._advanced(prod(size(block.core)) * values.itemsize)
            return broken

        return work


def _turn(turns: Turns | None, index: int) -> AbstractContextManager[None]:
    """The turn of item `index`, where there are turns."""
    return nullcontext() if turns is None else turns.of(index)


class _Step:
    """The arithmetic on a block that is in memory, tile by tile.

    Args:
        kernel: The formula.
        spans: The window along each axis.
        dtype: Of the results.
        most: Elements of the largest tile.
        carried: How many channels at the end are copied as they are.
    """

    def __init__(self, kernel: Kernel, spans: Spans, dtype: np.dtype[Any], *, most: int, carried: int) -> None:
        self._kernel, self._spans, self._dtype, self._most, self._carried = kernel, spans, dtype, most, carried
        self._results = np.empty(0, dtype)

    def __call__(self, values: Array, core: Box) -> tuple[int, Array]:
        """Normalise the part `core` of a block.

        Returns:
            The count of broken results, and the results: valid until the next call.
        """
        shape = size(core)
        if self._results.size < prod(shape):
            self._results = np.empty(prod(shape), self._dtype)
        results = out = self._results[: prod(shape)].reshape(shape)
        part = None if shape == values.shape else core
        if self._carried:
            taken = values.shape[-1] - self._carried
            results[..., taken:] = values[core][..., taken:]
            values, out = values[..., :taken], results[..., :taken]
            part = (*core[:-1], slice(core[-1].start, min(core[-1].stop, taken)))
        return sum(self._kernel(*tile) for tile in tiles(values, out, self._spans, self._most, part)), results
