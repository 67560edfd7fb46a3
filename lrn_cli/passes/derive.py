"""Derivatives from open tensors: blocks of x and dy in, arithmetic, blocks or sums out, by threads that do it all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.arithmetic.gradient import GradientKernel
from lrn_cli.arithmetic.parameters import ByParameters, ParameterKernel, add_up
from lrn_cli.arithmetic.precision import Precision, gradient_precision
from lrn_cli.arithmetic.tiling import tiles
from lrn_cli.arithmetic.windows import Window
from lrn_cli.boxes import Block, Box, inside, size
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.formula import ResponseNorm, Spans
from lrn_cli.passes.cutting import Cut, cut
from lrn_cli.passes.frame import Frame, frame
from lrn_cli.passes.step import Carried, split
from lrn_cli.passes.sweep import Room, Step, Sweep
from lrn_cli.tensors.tensor import Source

BUFFERS = 16
"""Scratch buffers that the arithmetic uses: those of two kinds of sums, and both tensors in a wider type."""


class Pair(NamedTuple):
    """A tensor, and the derivative by its results or a change of it, to be read in one order.

    Attributes:
        sources: The open tensors, of one shape.
        common: The order of axes in which they are read: that of the first.
        window: In that order.
        norm: The canonical form.
        carried: What is no part of the formula, if anything.
    """

    sources: tuple[Source, ...]
    common: Frame
    window: Window
    norm: ResponseNorm
    carried: Carried | None

    @property
    def x(self) -> Source:
        """The tensor."""
        return self.sources[0]

    def types(self, dtype: np.dtype[Any]) -> Precision:
        """What to compute results of that dtype in."""
        return gradient_precision(self.x.info.dtype, dtype, self.norm)


def pair(sources: Sequence[Source], window: Window, norm: ResponseNorm) -> Pair:
    """Put tensors of one shape in one order.

    Args:
        sources: x, dy, and what else is read with them.
        window: Over the tensor, in the order of its axes.
        norm: The canonical form.

    Raises:
        LrnError: One is a stream in another order than x.
    """
    info = sources[0].info
    axes = tuple(range(len(info.shape)))
    stored = axes[::-1] if info.fortran_order else axes
    common = frame(sources, [axes] * len(sources))
    if common.order != stored:
        raise LrnError(
            "a stream comes in another order of axes (Fortran or C) than x is stored in",
            "save it to an .npy file first",
        )
    carried = Carried(stored.index(axes[-1]), info.shape[-1] - info.carried) if info.carried else None
    return Pair(tuple(sources), common, window.reorder(stored), norm, carried)


class Derivation(NamedTuple):
    """Takes the gradient of a pair, or the change of its results, and hands it on.

    Attributes:
        pair: The tensors.
        write: Takes each block of results, in x's storage order, from any thread; see `Sink.write`.
        dtype: Of the results.
        in_order: Whether `write` must be given them in their order.
        forward: Whether it is the change that is wanted.
        advanced: Called with the number of bytes read after each block, from any thread.
    """

    pair: Pair
    write: Callable[[Box, Array], None]
    dtype: np.dtype[Any]
    in_order: bool = False
    forward: bool = False
    advanced: Callable[[int], None] = lambda _: None

    def run(self, threads: int, memory: int | None = None, within: Box | None = None) -> int:
        """Do it; arguments and result as of `Transfer.run`."""
        reach = self.pair.window.twice
        sweep = Sweep(self.pair.sources, self.pair.common, reach, self.in_order, self.advanced, reaching=2)
        return sweep.run(self._cut, self._step, threads, memory, within)

    def _cut(self, memory: int | None) -> Cut:
        goes_out, reach = self.dtype.itemsize, self.pair.window.twice
        return cut_pair(self.pair, reach, goes_out=goes_out, in_order=self.in_order, memory=memory)

    def _step(self, how: Cut) -> Step:
        """One thread's part, with buffers of its own."""
        pair, room = self.pair, Room(self.dtype)
        kernel = GradientKernel(pair.norm, pair.window, pair.types(self.dtype), forward=self.forward)
        most = min(how.tile, kernel.most or how.tile)

        def step(block: Block, tensors: Sequence[Array], turn: AbstractContextManager[None]) -> int:
            results = room(size(block.core))
            broken = sum(
                kernel(*part) for part in parts(pair, block, tensors, results, reach=pair.window.twice, most=most)
            )
            with turn:
                self.write(block.core, results)
            return broken

        return step


def derive_parameters(
    pair: Pair, threads: int, memory: int | None = None, advanced: Callable[[int], None] = lambda _: None
) -> ByParameters:
    """The derivatives of the sum of dy y by the numbers of the formula.

    Args:
        pair: The tensors.
        threads: How many.
        memory: Bytes of scratch memory to stay within, for all of them together, as far as the window allows.
        advanced: Called with the number of bytes read after each block, from any thread.
    """
    own, reach = pair.x.info.dtype, pair.window.spans
    narrow = own.kind != "f" or own.itemsize < np.dtype(np.float64).itemsize
    kernels: list[ParameterKernel] = []

    def make_step(how: Cut) -> Step:
        kernels.append(ParameterKernel(pair.norm, pair.window, pair.types(np.dtype(np.float32)), narrow=narrow))
        kernel = kernels[-1]

        def step(block: Block, tensors: Sequence[Array], _turn: AbstractContextManager[None]) -> int:
            for x, dy, _, core in parts(pair, block, tensors, None, reach=reach, most=how.tile):
                kernel(x, dy if core is None else dy[core], core)
            return 0

        return step

    sweep = Sweep(pair.sources, pair.common, reach, advanced=advanced, reaching=2)
    sweep.run(lambda within: cut_pair(pair, reach, memory=within), make_step, threads, memory)
    return add_up(pair.norm, chain.from_iterable(kernel.gathered for kernel in kernels))


def cut_pair(pair: Pair, reach: Spans, *, goes_out: int = 0, in_order: bool = False, memory: int | None = None) -> Cut:
    """Cut tensors that are read together; `goes_out` is the size of a result in bytes, all else as in `cut`."""
    return cut(
        pair.common,
        reach,
        itemsize=sum(source.info.dtype.itemsize for source in pair.sources) + goes_out,
        sums=np.dtype(np.float64),
        chunks=tuple(source.info.chunks for source in pair.sources),
        in_turn=in_order or any(source.sequential for source in pair.sources),
        memory=memory,
        buffers=BUFFERS,
    )


Part = tuple[Array, Array, Array, Box | None]
"""What the arithmetic works on at once: of x and dy, where results go, and which part of x these are; None for all."""


def parts(
    pair: Pair, block: Block, tensors: Sequence[Array], results: Array | None, *, reach: Spans, most: int
) -> Iterator[Part]:
    """Cut a block of both tensors for the arithmetic, and carry over in the results what is no part of the formula.

    Args:
        pair: The tensors.
        block: Which part of them it is.
        tensors: The block of each.
        results: Room for the results of the core; None where there are none.
        reach: How far the core depends on what is around it.
        most: Elements of the largest part.
    """
    x, dy, core = tensors[0], tensors[1], inside(block.core, block.reach)
    out = np.broadcast_to(np.empty((), np.uint8), size(core)) if results is None else results
    part = core
    if pair.carried is not None:
        # As in `Normalizing`: what stays as it is has a derivative of 1.
        axis, end = pair.carried.axis, max(pair.carried.first - block.reach[pair.carried.axis].start, 0)
        part, rest = split(core, axis, end)
        if results is not None:
            results[inside(rest, core)] = dy[rest]
        before = (slice(None),) * axis + (slice(0, end),)
        x, dy, out = x[before], dy[before], out[inside(part, core)]
    if out.size:
        within = None if out.shape == x.shape else part
        for of_x, of_dy in zip(tiles(x, out, reach, most, within), tiles(dy, out, reach, most, within), strict=True):
            yield of_x.values, of_dy.values, of_x.results, of_x.core
