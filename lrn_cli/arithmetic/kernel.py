"""The formula on one block, in preallocated scratch memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from math import prod
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lrn_cli.arithmetic import native
from lrn_cli.arithmetic.precision import Precision, wider
from lrn_cli.arithmetic.windows import Window
from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.formula import ResponseNorm

if TYPE_CHECKING:
    from lrn_cli.arithmetic.halves import Narrowing
    from lrn_cli.arithmetic.native.blocks import Compiled
    from lrn_cli.arithmetic.scratch import Scratch


class Kernel:
    """Normalises blocks of one tensor; each thread has its own.

    Args:
        norm: The canonical form.
        window: Over the tensor, in the order of the blocks' axes.
        precision: The floating-point types to compute in.
        in_place: Whether results are written over the blocks.
    """

    def __init__(self, norm: ResponseNorm, window: Window, precision: Precision, *, in_place: bool = False) -> None:
        self._norm, self._window, self._precision, self._in_place = norm, window, precision, in_place
        self._compiled = _compiled(norm, window, precision)
        self._raised = False
        self._tiny, self._low = np.finfo(precision.powers).tiny, lowest_base(norm, precision)
        self._may_vanish = not stays_high(norm, self._low)

    @property
    def nbytes(self) -> int:
        """Size of the scratch memory it has taken."""
        passes = self._scratch.nbytes if "_scratch" in vars(self) else 0
        return passes + (self._compiled.nbytes if self._compiled else 0)

    # What NumPy's passes need is made when a block comes to them first: where they are compiled, most never do.

    @cached_property
    def _scratch(self) -> Scratch:
        from lrn_cli.arithmetic.scratch import Scratch

        return Scratch(self._norm, self._window, self._precision, in_place=self._in_place)

    @cached_property
    def _narrowed(self) -> Narrowing:
        from lrn_cli.arithmetic.halves import Narrowing

        return Narrowing()

    def __call__(self, block: Array, out: Array, core: Box | None = None) -> int:
        """Normalise a block into `out`.

        Args:
            block: The elements and their neighbours, of any numeric dtype; what lies beyond it counts as zero.
            out: Receives the results for the part `core` of the block, in any floating-point dtype.
            core: Which part of the block that is; None for all of it.

        Returns:
            How many results are NaN or infinite though every element of their window is finite.
        """
        if self._compiled is not None and self._compiled(block, out, core):
            return 0
        self._raised = False
        self._scratch.fit(block.shape)
        values, run = self._scratch.values(block), self._scratch.program
        at_once = out.dtype == self._precision.sums and not self._scratch.plan.gathered and core is None
        with np.errstate(all="call", under="ignore", call=self._note):
            if at_once and (not run.flat or out.flags.c_contiguous):
                self._run(values, out)
            else:
                self._run(values, None)
                if not self._raised:
                    self._divide(values, out, core)
            # Underflow raises no flag that would tell one element from its neighbours in the block.
            if self._raised or (self._may_vanish and self._out_of_range(run.bases, run.powers).any()):
                return self._finish_with_care(values, out, core)
        return 0

    def _run(self, values: Array, out: Array | None) -> None:
        """Go through all passes, and divide into `out` if there is one, until something leaves its range."""
        run = self._scratch.program
        if run.flat:
            values = values.reshape(-1)
            out = None if out is None else out.reshape(-1)
        for taken, gaps, passes, finished, powers in run.stages:
            new = values[taken]
            np.multiply(new, new, gaps)
            for operation, arguments in passes:
                operation(*arguments)
            if out is not None and not self._raised:
                np.divide(values[finished], powers, out[finished])

    def _note(self, _kind: str, _flag: int) -> None:
        self._raised = True

    def _part(self, core: Box | None) -> Box | tuple[()]:
        """The core in scratch order."""
        return () if core is None else tuple(core[axis] for axis in self._scratch.plan.order)

    def _reorder(self, out: Array) -> Array:
        """The output in scratch order."""
        return out.transpose(self._scratch.plan.order)

    def _divide(self, values: Array, out: Array, core: Box | None) -> None:
        """Write the results to their place, through scratch memory where they change order or type on the way."""
        plan, run, part = self._scratch.plan, self._scratch.program, self._part(core)
        powers = np.broadcast_to(run.powers, plan.shape)[part]
        if out.dtype == self._precision.sums and not plan.gathered:
            np.divide(values[part], powers, out)
            return
        results, target, windowed = run.quotients[part], self._reorder(out), len(plan.windowed)
        np.divide(values[part], powers, results)
        halves = out.dtype.newbyteorder("=") == np.float16 and results.dtype == np.float32
        if halves and (bits := self._narrowed(results)) is not None:
            results, target = bits, target.view(out.dtype.str.replace("f", "u"))
        if plan.gathered and prod(target.shape[:windowed]) < prod(target.shape[windowed:]):
            # Column by column: NumPy would write row by row, and the rows are short.
            for index in np.ndindex(*target.shape[:windowed]):
                target[index] = results[index]
        else:
            np.copyto(target, results, casting="unsafe")

    def _finish_with_care(self, values: Array, out: Array, core: Box | None) -> int:
        """The whole computation again where a value has left the range of its type, or a result is not finite."""
        self._run(values, None)
        run, part = self._scratch.program, self._part(core)
        bases, powers = (np.broadcast_to(array, values.shape)[part] for array in (run.bases, run.powers))
        doubtful = self._out_of_range(bases, powers)
        redone = self._redo(values) if doubtful.any() else None
        touched = self._find_touched(values)[part]
        self._divide(values, out, core)
        target = self._reorder(out)
        if redone is not None:
            np.copyto(target, redone[part], where=doubtful, casting="unsafe")
        return int(np.count_nonzero(~np.isfinite(target) & ~touched))

    def _out_of_range(self, bases: Array, powers: Array) -> NDArray[np.bool_]:
        """Which elements left the range of the type on the way, or may have."""
        doubtful: NDArray[np.bool_] = ~(np.isfinite(bases) & np.isfinite(powers))
        if self._may_vanish:
            doubtful |= (np.abs(bases) < self._low) | (np.abs(powers) < self._tiny)
        return doubtful

    def _redo(self, values: Array) -> Array | None:
        """All results of the block computed in the next wider type, where there is one, in scratch order."""
        dtype = wider(self._precision.powers)
        if dtype is None:
            return None
        result = np.empty(values.shape, dtype)
        window = self._window.reorder(self._scratch.plan.order)
        Kernel(self._norm, window, Precision(dtype, dtype))(values, result)
        return result

    def _find_touched(self, values: Array) -> NDArray[np.bool_]:
        """Whether the window of each element holds one that is not finite, in scratch order."""
        counting = ResponseNorm(self._norm.window, scale=1.0, bias=0.0, beta=1.0)
        counter = Kernel(counting, self._window.reorder(self._scratch.plan.order), self._precision)
        counter._scratch.fit(values.shape)
        spoilt = counter._scratch.values((~np.isfinite(values)).astype(self._precision.sums))
        counter._run(spoilt, None)
        counts = np.broadcast_to(counter._scratch.program.bases, counter._scratch.plan.shape)
        return counts.transpose(np.argsort(counter._scratch.plan.order)) > 0


def lowest_base(norm: ResponseNorm, precision: Precision) -> np.floating[Any]:
    """Below this a base may have lost bits: its squares, or s * sqrt(s) under the root, came near the type's end."""
    low: np.floating[Any] = np.sqrt(np.finfo(precision.powers).tiny) * max(1.0, abs(norm.scale))
    return low


def stays_high(norm: ResponseNorm, low: np.floating[Any]) -> bool:
    """Whether no base and no power can come near the small end of the type."""
    if norm.bias <= low or norm.scale < 0 or norm.beta < 0:
        return False
    return bool(np.log2(norm.bias) * norm.beta > np.log2(low))


def _compiled(norm: ResponseNorm, window: Window, precision: Precision) -> Compiled | None:
    """The compiled passes, where there are any that do this."""
    if native.chosen.variant is None:
        return None
    from lrn_cli.arithmetic.native.blocks import Compiled, is_left_to_numpy

    return None if is_left_to_numpy(norm, window, precision) else Compiled(norm, window, precision)


Use = tuple[ResponseNorm, Window, Precision, bool, native.Choice]

_KEPT_BYTES = 16 << 20
"""Kernels with more scratch memory are not kept: beside the tensors that need so much, getting it costs nothing."""
_KEPT_KERNELS = 8

_lock = Lock()
_idle: list[tuple[Use, Kernel]] = []


@contextmanager
def kernels(
    norm: ResponseNorm, window: Window, precision: Precision, *, in_place: bool = False
) -> Iterator[Callable[[], Kernel]]:
    """Give kernels for one use, a new one at each call and from any thread, and keep them for the next such use.

    Args:
        norm, window, precision, in_place: As for `Kernel`.
    """
    use, given = (norm, window, precision, in_place, native.chosen), list[Kernel]()

    def next_kernel() -> Kernel:
        with _lock:
            index = next((index for index, (other, _) in enumerate(_idle) if other == use), None)
            kernel = _idle.pop(index)[1] if index is not None else None
        given.append(kernel or Kernel(norm, window, precision, in_place=in_place))
        return given[-1]

    yield next_kernel
    # Not after a failure: a thread may still be at work with one of them.
    with _lock:
        _idle[:0] = [(use, kernel) for kernel in given if kernel.nbytes <= _KEPT_BYTES]
        del _idle[_KEPT_KERNELS:]
