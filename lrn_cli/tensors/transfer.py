"""From an open tensor to an output: blocks in, arithmetic, blocks out, by threads that each do all three."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from math import prod
from typing import Any

import numpy as np

from lrn_cli.arithmetic.blocks import Block, Box, Spans, blocks, file_edges, inside, run_edges, size, tile_edges
from lrn_cli.arithmetic.kernel import Kernel
from lrn_cli.arithmetic.precision import Precision
from lrn_cli.arithmetic.threads import Turns, share
from lrn_cli.formula import ResponseNorm
from lrn_cli.tensors.tensor import Array, Sink, Source

_STREAM_BLOCK = 1 << 15
"""Elements of a block in a pipe: small, so that the next program can begin."""
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
        spans: The window along each axis, in the order of the tensor's axes.
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
        spans: Spans,
        types: Precision,
        advanced: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._source, self._sink, self._dtype = source, sink, dtype
        self._norm, self._types, self._advanced = norm, types, advanced
        self._shape = source.storage_shape
        self._spans = spans[::-1] if source.info.fortran_order else spans
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
            self._source.shared_elements = _shared(self._shape, self._spans, lengths)
        pieces = prod(-(-length // edge) for length, edge in zip(self._shape, lengths, strict=True))
        items = enumerate(blocks(self._shape, self._spans, lengths))
        broken = share(items, self._worker, max(1, min(threads, pieces)), (self._reading, self._writing))
        self._source.finish()
        return broken

    def _elements(self, memory: int) -> int:
        """How many elements of a block fit in that many bytes: coming in, going out, and in scratch."""
        each = self._source.info.dtype.itemsize + self._dtype.itemsize + _BUFFERS * self._types.sums.itemsize
        return max(memory // each, 1)

    def _lengths(self) -> Sequence[int]:
        if self._source.sequential or self._sink.sequential:
            return run_edges(self._shape, self._spans, min(_STREAM_BLOCK, self._most or _STREAM_BLOCK))
        chunks = self._source.info.chunks
        lengths = file_edges(self._shape, self._spans, self._most)
        return lengths if chunks is None or self._most else _whole_chunks(lengths, chunks, self._shape)

    def _worker(self) -> Callable[[tuple[int, Block]], int]:
        """One thread's part, with buffers of its own."""
        read_turn = self._reading.of if self._source.sequential else lambda _: nullcontext()
        write_turn = self._writing.of if self._sink.sequential else lambda _: nullcontext()
        step = _Step(Kernel(self._norm, self._spans, self._types), self._spans, self._dtype, self._most)
        step.carried = self._source.info.carried
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

    Attributes:
        carried: How many channels at the end are copied as they are.
    """

    carried: int = 0

    def __init__(self, kernel: Kernel, spans: Spans, dtype: np.dtype[Any], most: int | None) -> None:
        self._kernel, self._spans, self._dtype, self._most = kernel, spans, dtype, most
        self._results = np.empty(0, dtype)

    def __call__(self, values: Array, core: Box) -> tuple[int, Array]:
        """Normalise the part `core` of a block.

        Returns:
            The count of broken results, and the results: valid until the next call.
        """
        shape, taken = size(core), values.shape[-1] - self.carried
        if self._results.size < prod(shape):
            self._results = np.empty(prod(shape), self._dtype)
        results = self._results[: prod(shape)].reshape(shape)
        if self.carried:
            results[..., taken:] = values[core][..., taken:]
        part = (*core[:-1], slice(core[-1].start, min(core[-1].stop, taken)))
        return self._tiles(values[..., :taken], results[..., :taken], part), results

    def _tiles(self, numbers: Array, target: Array, part: Box) -> int:
        broken, corner = 0, tuple(slice(piece.start, piece.start) for piece in part)
        for tile in blocks(numbers.shape, self._spans, tile_edges(numbers.shape, self._spans, self._most), part):
            inner = None if tile.core == tile.reach else inside(tile.core, tile.reach)
            broken += self._kernel(numbers[tile.reach], target[inside(tile.core, corner)], inner)
        return broken


def _whole_chunks(lengths: Sequence[int], chunks: Sequence[int], shape: Sequence[int]) -> Sequence[int]:
    """Block edges that end where chunks do, as far as that keeps blocks within reason."""
    aligned = [
        min(-(-edge // chunk) * chunk, length) for edge, chunk, length in zip(lengths, chunks, shape, strict=True)
    ]
    return aligned if prod(aligned) <= _CHUNKED_BLOCK else lengths


def _shared(shape: Sequence[int], spans: Spans, lengths: Sequence[int]) -> int:
    """How many elements a run and the next one have in common."""
    return sum(
        (span.before + span.after) * prod(shape[axis + 1 :])
        for axis, (span, edge, length) in enumerate(zip(spans, lengths, shape, strict=True))
        if edge < length and any(span)
    )
