"""From an open tensor to an output: blocks in, arithmetic, blocks out, by threads that each do all three."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from math import prod
from typing import Any

import numpy as np

from lrn_cli.arithmetic.blocks import (
    Block,
    Box,
    blocks,
    file_edges,
    inside,
    largest_tile,
    run_edges,
    size,
    tile_edges,
    tiles,
)
from lrn_cli.arithmetic.kernel import Kernel
from lrn_cli.arithmetic.pool import kernels
from lrn_cli.arithmetic.precision import Precision
from lrn_cli.arithmetic.threads import Turns, share
from lrn_cli.arithmetic.windows import Spans, Window
from lrn_cli.formula import ResponseNorm
from lrn_cli.tensors.tensor import Array, Sink, Source

_STREAM_BLOCK = 1 << 15
"""Elements of a block in a pipe: small, so that the next program can begin."""
_MEMORY = 160 << 20
"""Bytes of scratch memory for all threads together, where none is given."""
_BUFFERS = 7
"""Scratch buffers that the arithmetic uses for the usual windows."""
_CHUNKED_BLOCK = 1 << 23
"""The most elements of a block that is made larger to hold whole chunks."""


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
        axes = range(len(self._shape))
        self._window = window.reordered(axes[::-1] if source.info.fortran_order else axes)
        self._reading, self._writing = Turns(), Turns()
        self._most: int | None = None

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
        self._most = None if memory is None else self._elements(memory // threads)
        lengths = self._lengths()
        if self._source.sequential:
            self._source.shared_elements = _shared(self._shape, self._window.spans, lengths)
        pieces = prod(-(-length // edge) for length, edge in zip(self._shape, lengths, strict=True))
        items = enumerate(blocks(self._shape, self._window.spans, lengths))
        # A window may force blocks so large that not every thread can have its own.
        threads = max(1, min(threads, pieces, (memory or _MEMORY) // self._bytes(lengths)))
        in_turn = self._source.sequential or self._sink.sequential
        turns = (self._reading, self._writing) if in_turn else ()
        with kernels(self._norm, self._window, self._types) as next_kernel:
            broken = share(items, lambda: self._worker(next_kernel()), threads, turns)
        self._source.finish()
        return broken

    def _elements(self, memory: int) -> int:
        """How many elements of a block fit in that many bytes: coming in, going out, and in scratch."""
        each = self._source.info.dtype.itemsize + self._dtype.itemsize + _BUFFERS * self._types.sums.itemsize
        return max(memory // each, 1)

    def _bytes(self, lengths: Sequence[int]) -> int:
        """How many bytes one thread needs for blocks of that size."""
        spans = self._window.spans
        block = _with_neighbours(lengths, spans, self._shape)
        tile = _with_neighbours(tile_edges(block, spans, self._largest_tile), spans, block)
        both = self._source.info.dtype.itemsize + self._dtype.itemsize
        return prod(block) * both + prod(tile) * _BUFFERS * self._types.sums.itemsize

    @property
    def _largest_tile(self) -> int:
        return min(largest_tile(self._types.sums), self._most or sys.maxsize)

    def _lengths(self) -> Sequence[int]:
        if self._source.sequential or self._sink.sequential:
            return run_edges(self._shape, self._window.spans, min(_STREAM_BLOCK, self._most or _STREAM_BLOCK))
        chunks = self._source.info.chunks
        lengths = file_edges(self._shape, self._window.spans, self._most)
        return lengths if chunks is None or self._most else _whole_chunks(lengths, chunks, self._shape)

    def _worker(self, kernel: Kernel) -> Callable[[tuple[int, Block]], int]:
        """One thread's part, with buffers of its own."""
        read_turn = self._reading.of if self._source.sequential else lambda _: nullcontext()
        write_turn = self._writing.of if self._sink.sequential else lambda _: nullcontext()
        carried = self._source.info.carried
        step = _Step(kernel, self._window.spans, self._dtype, most=self._largest_tile, carried=carried)
        incoming = np.empty(0, self._source.info.dtype)

        def work(item: tuple[int, Block]) -> int:
            nonlocal incoming
            index, block = item
            shape = size(block.reach)
            if incoming.size < prod(shape):
                incoming = np.empty(prod(shape), self._source.info.dtype)
            values = incoming[: prod(shape)].reshape(shape)
            with read_turn(index):
                self._source.read(block.reach, values)
            broken, results = step(values, inside(block.core, block.reach))
            with write_turn(index):
                self._sink.write(block.core, results)
            self._advanced(prod(size(block.core)) * values.itemsize)
            return broken

        return work


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
        shape, taken = size(core), values.shape[-1] - self._carried
        if self._results.size < prod(shape):
            self._results = np.empty(prod(shape), self._dtype)
        results = self._results[: prod(shape)].reshape(shape)
        if self._carried:
            results[..., taken:] = values[core][..., taken:]
        part = (*core[:-1], slice(core[-1].start, min(core[-1].stop, taken)))
        pieces = tiles(values[..., :taken], results[..., :taken], self._spans, self._most, part)
        return sum(self._kernel(*tile) for tile in pieces), results


def _whole_chunks(lengths: Sequence[int], chunks: Sequence[int], shape: Sequence[int]) -> Sequence[int]:
    """Block edges that end where chunks do, as far as that keeps blocks within reason."""
    aligned = [
        min(-(-edge // chunk) * chunk, length) for edge, chunk, length in zip(lengths, chunks, shape, strict=True)
    ]
    return aligned if prod(aligned) <= _CHUNKED_BLOCK else lengths


def _shared(shape: Sequence[int], spans: Spans, lengths: Sequence[int]) -> int:
    """How many elements a run and the next one have in common."""
    return sum(
        sum(span) * prod(shape[axis + 1 :])
        for axis, (span, edge, length) in enumerate(zip(spans, lengths, shape, strict=True))
        if edge < length
    )


def _with_neighbours(lengths: Sequence[int], spans: Spans, shape: Sequence[int]) -> tuple[int, ...]:
    """The shape of a block together with what its windows reach."""
    return tuple(min(edge + sum(span), end) for edge, span, end in zip(lengths, spans, shape, strict=True))
