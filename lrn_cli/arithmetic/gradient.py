"""The derivatives of the formula on one block, in preallocated scratch memory.

    J^T dy at k    dy[k] s[k]^-beta - 2 scale beta x[k] * sum of dy[i] x[i] s[i]^(-beta-1) over the mirrored window of k
    J v    at i    v[i] s[i]^-beta - 2 scale beta x[i] s[i]^(-beta-1) * sum of x[j] v[j] over the window of i

The mirrored window of k is all i in whose windows k lies: what reached before reaches behind, and the other way round.
Each sum is taken by itself, by the passes that take the sums of squares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lrn_cli.arithmetic import native
from lrn_cli.arithmetic.kernel import lowest_base, stays_high
from lrn_cli.arithmetic.precision import BY_SQUARE_ROOTS, Precision, wider
from lrn_cli.arithmetic.schedule import Program
from lrn_cli.arithmetic.scratch import Scratch
from lrn_cli.arithmetic.windows import Window
from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.formula import ResponseNorm

if TYPE_CHECKING:
    from lrn_cli.arithmetic.native.blocks import Compiled

ONLY_SUMS = ResponseNorm({}, scale=1.0, bias=0.0, beta=1.0)
"""With these numbers the bases are the sums as they are."""


_NUMPYS_TILE = 1 << 16
"""Elements that NumPy's passes work on at once: they have twice the buffers of the formula's, of eight bytes each."""


class GradientKernel:
    """Differentiates blocks of one tensor; each thread has its own.

    Args:
        norm: The canonical form.
        window: Over the tensor, in the order of the blocks' axes.
        precision: The floating-point types to compute in, the same for sums and powers.
        forward: Whether J v is wanted, and not J^T dy.

    Attributes:
        most: Elements of the largest block to give it at once, as far as the window allows; None for any.
    """

    def __init__(self, norm: ResponseNorm, window: Window, precision: Precision, *, forward: bool = False) -> None:
        self._norm, self._window, self._precision, self._forward = norm, window, precision, forward
        self._compiled = None if forward else _compiled(norm, window, precision)
        self.most = _NUMPYS_TILE if self._compiled is None else None
        self._normal = Scratch(norm, window, precision)
        self._sums = Scratch(ONLY_SUMS, window if forward else window.mirrored, precision)
        self._ratios = np.empty(0, precision.sums)
        self._factor = precision.sums.type(2) * precision.sums.type(norm.scale) * precision.sums.type(norm.beta)
        self._raised = False
        self._tiny, self._low = np.finfo(precision.powers).tiny, lowest_base(norm, precision)
        self._may_vanish = not stays_high(norm, self._low)

    def __call__(self, x: Array, dy: Array, out: Array, core: Box | None = None) -> int:
        """Differentiate a block into `out`.

        Args:
            x: The elements, and around the core all that lies twice as far as the window reaches; what lies beyond
                counts as zero.
            dy: The derivative by each of their results, or with `forward` the change of each element.
            out: Receives the results for the part `core` of the block, in any floating-point dtype.
            core: Which part of the block that is; None for all of it.

        Returns:
            How many results are NaN or infinite though all that they depend on is finite.
        """
        if self._compiled is not None and self._compiled(x, out, core, dy):
            return 0
        self._fit(x.shape)
        values, given = self._normal.values(x), self._sums.values(dy)
        self._raised = False
        with np.errstate(all="call", call=self._note):
            result = self._derive(values, given)
        broken = 0
        with np.errstate(all="ignore"):
            order = self._normal.plan.order
            part = () if core is None else tuple(core[axis] for axis in order)
            target = out.transpose(order)
            if self._raised or (self._may_vanish and self._has_vanished):
                broken = self._finish_with_care(values, given, result, target, part)
            else:
                np.copyto(target, result[part], casting="unsafe")
        return broken

    def _fit(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        self._normal.fit(shape)
        self._sums.fit(shape)
        size = self._normal.plan.size
        if self._ratios.size < size:
            self._ratios = np.empty(size, self._precision.sums)

    def _note(self, _kind: str, _flag: int) -> None:
        self._raised = True

    @property
    def _has_vanished(self) -> bool:
        """Whether a base or a power came near the small end of the type, where it may have lost bits without a flag."""
        run = self._normal.program
        return not (np.abs(run.bases).min() >= self._low and np.abs(run.powers).min() >= self._low)

    def _derive(self, values: Array, given: Array) -> Array:
        """The results for the whole block, in scratch order; right where all windows lie in the block."""
        run = self._normal.sum_products(values, values)
        ratios, first = self._ratios[: values.size].reshape(values.shape), run.quotients
        if self._forward:
            np.divide(values, np.multiply(run.powers, run.bases, out=first), out=ratios)
            np.multiply(ratios, self._sums.sum_products(values, given).bases, out=ratios)
            np.divide(given, run.powers, out=first)
        else:
            self._divide(given, run, ratios)
            np.multiply(values, self._sums.sum_products(ratios, values).bases, out=ratios)
        np.multiply(ratios, self._factor, out=ratios)
        return np.subtract(first, ratios, out=ratios)

    def _divide(self, given: Array, run: Program, ratios: Array) -> None:
        """dy s^-beta, which is the first term, and dy s^(-beta-1), of which with x the second one is a sum."""
        first = run.quotients
        if self._norm.beta in BY_SQUARE_ROOTS:
            np.divide(given, np.multiply(run.powers, run.bases, out=first), out=ratios)
            np.multiply(ratios, run.bases, out=first)
        else:  # with a beta of 0 dy must come out as it went in
            np.divide(given, run.powers, out=first)
            np.divide(first, run.bases, out=ratios)

    def _finish_with_care(
        self, values: Array, given: Array, result: Array, target: Array, part: Box | tuple[()]
    ) -> int:
        """Write the results, those in a wider type on whose way something left the range of this one."""
        dirty = self._out_of_range(values, given)
        affected = (dirty if self._forward else self._reached_by(dirty))[part] | ~np.isfinite(result[part])
        np.copyto(target, result[part], casting="unsafe")
        if affected.any() and (dtype := wider(self._precision.powers)) is not None:
            window = self._window.reorder(self._normal.plan.order)
            redone = np.empty(values.shape, dtype)
            GradientKernel(self._norm, window, Precision(dtype, dtype), forward=self._forward)(values, given, redone)
            np.copyto(target, redone[part], where=affected, casting="unsafe")
        if np.isfinite(target).all():
            return 0
        return int(np.count_nonzero(~(np.isfinite(target) | self._depends_on_no_number(values, given)[part])))

    def _out_of_range(self, values: Array, given: Array) -> NDArray[np.bool_]:
        """At which elements something on the way left the range of the type, or may have."""
        run, tiny = self._normal.program, self._tiny
        bases, powers = (np.broadcast_to(array, values.shape) for array in (run.bases, run.powers))
        ratios = (values if self._forward else given) / (powers * bases)
        doubtful: NDArray[np.bool_] = ~(np.isfinite(bases) & np.isfinite(powers) & np.isfinite(ratios))
        doubtful |= (np.abs(bases) < self._low) | (np.abs(powers) < tiny)
        doubtful |= (np.abs(ratios) < tiny) & (values != 0) & (given != 0)
        return doubtful

    def _depends_on_no_number(self, values: Array, given: Array) -> NDArray[np.bool_]:
        """Which results depend on an element that is not finite."""
        strange, strangely = ~np.isfinite(values), ~np.isfinite(given)
        if self._forward:
            return self._reached_by(strange | strangely)
        # A base depends on all of its window, a result on all bases of the mirrored one.
        plain = Scratch(ONLY_SUMS, self._window, self._precision)
        plain.fit(self._shape)
        return self._reached_by(_reached(plain, strange) | strangely)

    def _reached_by(self, elements: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which results depend on one of these elements of what is summed last."""
        return _reached(self._sums, elements)


def _reached(scratch: Scratch, elements: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which windows hold one of these elements, in scratch order."""
    marks = elements.astype(np.float64)
    reached: NDArray[np.bool_] = np.broadcast_to(scratch.sum_products(marks, marks).bases, elements.shape) > 0
    return reached


def _compiled(norm: ResponseNorm, window: Window, precision: Precision) -> Compiled | None:
    """The compiled passes, where there are any that do this."""
    if native.chosen.variant is None:
        return None
    from lrn_cli.arithmetic.native.gradients import compile_gradient, is_left_to_numpy

    return None if is_left_to_numpy(norm, window, precision) else compile_gradient(norm, window, precision)
