"""From an open tensor to an output: blocks in, arithmetic, blocks out, by threads that each do all three."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from lrn_cli.arithmetic.kernel import Kernel, kernels
from lrn_cli.arithmetic.precision import Precision
from lrn_cli.arithmetic.windows import Window
from lrn_cli.boxes import Block, Box, inside
from lrn_cli.dtypes import Array
from lrn_cli.formula import ResponseNorm
from lrn_cli.passes.cutting import Cut, cut
from lrn_cli.passes.frame import Frame
from lrn_cli.passes.step import Carried, Normalizing
from lrn_cli.passes.sweep import Step, Sweep
from lrn_cli.tensors.tensor import Source


class Transfer:
    """Normalises an open tensor and hands on the results.

    Args:
        source: Where the elements come from.
        write: Takes each block of results, in the source's storage order, from any thread; see `Sink.write`.
        in_order: Whether it must be given them in their order.
        flat: Whether they go to a file in which elements lie one after another.
        dtype: Of the results.
        norm: The canonical form.
        window: Over the tensor, in the order of its axes.
        types: What to compute in.
        advanced: Called with the number of bytes read after each block, from any thread.
    """

    def __init__(
        self,
        source: Source,
        write: Callable[[Box, Array], None],
        *,
        in_order: bool = False,
        flat: bool = False,
        dtype: np.dtype[Any],
        norm: ResponseNorm,
        window: Window,
        types: Precision,
        advanced: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._write, self._dtype, self._norm, self._types, self._flat = write, dtype, norm, types, flat
        info, axes = source.info, tuple(range(len(source.info.shape)))
        order = axes[::-1] if info.fortran_order else axes
        self._window = window.reorder(order) if info.fortran_order else window
        stored = Frame(source.storage_shape, order, (axes,))
        self._sweep = Sweep((source,), stored, self._window.spans, in_order, advanced)
        self._carried = Carried(axes[-1], info.shape[-1] - info.carried) if info.carried else None

    def run(self, threads: int, memory: int | None = None, within: Box | None = None) -> int:
        """Do it.

        Args:
            threads: How many.
            memory: Bytes of scratch memory to stay within, for all of them together, as far as the window allows.
            within: Do only this part, in the source's storage order.

        Returns:
            How many results are NaN or infinite though every element of their window is finite.
        """
        with kernels(self._norm, self._window, self._types) as next_kernel:
            return self._sweep.run(self._cut, lambda how: self._step(next_kernel(), how), threads, memory, within)

    def _cut(self, memory: int | None) -> Cut:
        (source,) = self._sweep.sources
        return cut(
            self._sweep.common,
            self._window.spans,
            itemsize=source.info.dtype.itemsize + self._dtype.itemsize,
            sums=self._types.sums,
            chunks=(source.info.chunks,),
            in_turn=source.sequential or self._sweep.in_order,
            flat=self._flat,
            memory=memory,
        )

    def _step(self, kernel: Kernel, how: Cut) -> Step:
        """One thread's part, with buffers of its own."""
        normalize = Normalizing(kernel, self._window.spans, self._dtype, most=how.tile, carried=self._carried)

        def step(block: Block, tensors: Sequence[Array], turn: AbstractContextManager[None]) -> int:
            start = block.reach[-1].start if self._carried else 0
            broken, results = normalize(tensors[0], inside(block.core, block.reach), start)
            with turn:
                self._write(block.core, results)
            return broken

        return step
