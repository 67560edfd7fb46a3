"""One sweep over open tensors: each block is read once, in its turn, and given to a thread's own step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from math import prod
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.boxes import Block, Box, blocks, size
from lrn_cli.dtypes import Array
from lrn_cli.formula import Spans
from lrn_cli.passes.cutting import Cut
from lrn_cli.passes.frame import Frame, Order
from lrn_cli.tensors.tensor import Source
from lrn_cli.work.threads import Turns, share

_MEMORY = 160 << 20
"""Bytes of scratch memory for all threads together, where none is given."""

Step = Callable[[Block, Sequence[Array], AbstractContextManager[None]], int]
"""What a thread does with a block: it is given the block, each tensor's part of it (the first's, or also the second's,
with what the windows reach; valid until the next call), and the block's turn, to be entered once where steps have
something to do in order; and returns a count."""


class Sweep(NamedTuple):
    """What is read.

    Attributes:
        sources: The open tensors: one, two or three.
        common: The order of axes in which they are read.
        spans: How far windows reach in the first of them, along each axis of that order.
        in_order: Whether steps have something to do in the order of the blocks.
        advanced: Called with the number of bytes read after each block, from any thread.
        reaching: How many of them, from the first, windows reach in.
    """

    sources: Sequence[Source]
    common: Frame
    spans: Spans
    in_order: bool = False
    advanced: Callable[[int], None] = lambda _: None
    reaching: int = 1

    def run(
        self,
        cut: Callable[[int | None], Cut],
        make_step: Callable[[Cut], Step],
        threads: int,
        memory: int | None = None,
        within: Box | None = None,
    ) -> int:
        """Do it.

        Args:
            cut: Says how to cut, given the bytes of memory that a thread has for a block; None for what is quickest.
            make_step: Called once in each thread.
            threads: How many.
            memory: Bytes of scratch memory to stay within, for all of them together, as far as the windows allow.
            within: Do only this part, in the order in which all is read.

        Returns:
            The sum of what the steps have counted.
        """
        counted = 0
        if prod(self.common.shape):
            how = cut(None if memory is None else memory // threads)
            # A window may force blocks so large that not every thread can have its own.
            most = min(threads, how.pieces, (memory or _MEMORY) // how.nbytes)
            counted = self._share(how, make_step, max(1, most), within)
        for source in self.sources:
            source.finish()
        return counted

    def _share(self, how: Cut, make_step: Callable[[Cut], Step], threads: int, within: Box | None) -> int:
        """Let threads work, each with a step and buffers of its own."""
        for source in self.sources:
            source.shared_elements = how.shared
        reading = Turns() if any(source.sequential for source in self.sources) else None
        stepping = Turns() if self.in_order else None
        itemsize = sum(source.info.dtype.itemsize for source in self.sources)

        def make_worker() -> Callable[[tuple[int, Block]], int]:
            step = make_step(how)
            readers = [_reader(*of) for of in zip(self.sources, self.common.places, strict=True)]

            def work(item: tuple[int, Block]) -> int:
                index, block = item
                with _turn(reading, index):
                    boxes = [block.reach if other < self.reaching else block.core for other in range(len(readers))]
                    tensors = [read(box) for read, box in zip(readers, boxes, strict=True)]
                count = step(block, tensors, _turn(stepping, index))
                self.advanced(prod(size(block.core)) * itemsize)
                return count

            return work

        items = enumerate(blocks(self.common.shape, self.spans, how.lengths, within))
        return share(items, make_worker, threads, [turns for turns in (reading, stepping) if turns is not None])


def _turn(turns: Turns | None, index: int) -> AbstractContextManager[None]:
    """The turn of item `index`, where there are turns."""
    return nullcontext() if turns is None else turns.of(index)


def _reader(source: Source, places: Order) -> Callable[[Box], Array]:
    """Reads boxes of a frame, whose axes come as in the frame; an array is valid until the next call."""
    room, back = Room(source.info.dtype), sorted(range(len(places)), key=places.__getitem__)
    across = back != sorted(back)

    def read(box: Box) -> Array:
        stored = tuple([box[axis] for axis in places]) if across else box
        values = room(size(stored))
        source.read(stored, values)
        return values.transpose(back) if across else values

    return read


class Room:
    """Memory for one array after another, as large as the largest so far.

    >>> room = Room(np.dtype("f4"))
    >>> room((2, 3)).shape, room((4,)).shape
    ((2, 3), (4,))
    """

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._memory = np.empty(0, dtype)

    def __call__(self, shape: tuple[int, ...]) -> Array:
        """An array of that shape with nothing in it yet; the one before is no longer valid."""
        elements = prod(shape)
        if self._memory.size < elements:
            self._memory = np.empty(elements, self._memory.dtype)
        return self._memory[:elements].reshape(shape)
