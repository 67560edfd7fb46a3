"""The formula on one block, in preallocated scratch memory."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrn_cli.arithmetic.blocks import Box, Spans
from lrn_cli.arithmetic.geometry import Geometry, geometry
from lrn_cli.arithmetic.precision import Precision, wider
from lrn_cli.arithmetic.scratch import Scratch, seen
from lrn_cli.formula import ResponseNorm

Array = NDArray[Any]


class Kernel:
    """Normalises blocks of one tensor; each thread has its own.

    Args:
        norm: The canonical form.
        spans: The window along each axis, in the order of the blocks' axes.
        precision: The floating-point types to compute in.
    """

    def __init__(self, norm: ResponseNorm, spans: Spans, precision: Precision) -> None:
        self._norm, self._spans, self._dtype, self._power_dtype = norm, spans, precision.sums, precision.powers
        self._scale, self._bias = (precision.sums.type(number) for number in (norm.scale, norm.bias))
        self._scratch = Scratch(precision.sums)
        self._raised: set[str] = set()
        self._tiny = np.finfo(precision.powers).tiny
        # Below this a base may have lost bits: its squares, or s * sqrt(s) under the root, came near the type's end.
        self._low = np.sqrt(self._tiny) * max(1.0, abs(norm.scale))
        self._watched = {"overflow"} if self._stays_high() else {"overflow", "underflow"}

    def __call__(self, block: Array, out: Array, core: Box) -> int:
        """Normalise a block into `out`.

        Args:
            block: The elements and their neighbours, of any numeric dtype; what lies beyond it counts as zero.
            out: Receives the results for the part `core` of the block, in any floating-point dtype. It may be the
                block itself where the core is the whole block.
            core: Which part of the block that is.

        Returns:
            How many results are NaN or infinite though every element of their window is finite.
        """
        self._raised = set()
        with np.errstate(all="call", call=self._note):
            return self._normalise(geometry(block.shape, self._spans), block, out, core)

    def _normalise(self, plan: Geometry, block: Array, out: Array, core: Box) -> int:
        values = self._scratch.values(plan, block)
        bases = self._bases(plan, values)
        powers = self._powers(plan, bases)
        part, target = tuple(core[axis] for axis in plan.order), out.transpose(plan.order)
        numbers, base, power = values[part], seen(bases, plan)[part], seen(powers, plan)[part]
        doubtful = self._out_of_range(base, power) if self._raised & self._watched else None
        hopeless = np.isnan(base) | ~np.isfinite(numbers) if self._raised - {"underflow"} else None
        redone = self._redone(block, out, core) if doubtful is not None and doubtful.any() else None
        self._divide(plan, numbers, power, target)
        if redone is not None:
            np.copyto(target, redone.transpose(plan.order), where=doubtful, casting="unsafe")
        return self._count_broken(target, hopeless)

    def _bases(self, plan: Geometry, values: Array) -> Array:
        """bias + scale * (sum of squares), for each window, where it begins."""
        bases = self._scratch.sums_of_squares(plan, values)
        used = bases[: plan.count]
        if self._scale != 1:
            np.multiply(used, self._scale, out=used)
        if self._bias != 0:
            np.add(used, self._bias, out=used)
        return bases

    def _powers(self, plan: Geometry, bases: Array) -> Array:
        """The bases raised to beta; by square roots where those suffice, which round alike on every machine."""
        if self._norm.beta == 1:
            return bases
        powers = self._scratch.other_than(bases)
        base, power = bases[: plan.count], powers[: plan.count]
        if self._norm.beta in (0.5, 0.75):
            np.sqrt(base, out=power)
            if self._norm.beta == 0.75:
                np.multiply(base, power, out=power)
                np.sqrt(power, out=power)
        else:
            np.power(base, self._norm.beta, out=power, dtype=self._power_dtype, casting="unsafe")
        return powers

    def _divide(self, plan: Geometry, numbers: Array, power: Array, target: Array) -> None:
        if target.dtype == self._dtype and not plan.gathered:
            np.divide(numbers, power, out=target)
            return
        np.divide(numbers, power, out=power)
        windowed = len(plan.steps)
        if plan.gathered and math.prod(target.shape[:windowed]) < math.prod(target.shape[windowed:]):
            # Column by column: NumPy would write row by row, and the rows are short.
            for index in np.ndindex(*target.shape[:windowed]):
                target[index] = power[index]
        else:
            np.copyto(target, power, casting="unsafe")

    def _note(self, kind: str, _flag: int) -> None:
        self._raised.add(kind)

    def _stays_high(self) -> bool:
        """Whether no base and no power can come near the small end of the type."""
        norm = self._norm
        if norm.bias <= self._low or norm.scale < 0 or norm.beta < 0:
            return False
        return bool(np.log2(norm.bias) * norm.beta > np.log2(self._low))

    def _out_of_range(self, base: Array, power: Array) -> NDArray[np.bool_]:
        """Which elements left the range of the type on the way, or may have."""
        doubtful = ~(np.isfinite(base) & np.isfinite(power))
        if "underflow" in self._watched:
            doubtful |= (np.abs(base) < self._low) | (np.abs(power) < self._tiny)
        return doubtful

    def _redone(self, block: Array, out: Array, core: Box) -> Array | None:
        """The results computed in the next wider type, where there is one."""
        dtype = wider(self._power_dtype)
        if dtype is None:
            return None
        result = np.empty(out.shape, dtype)
        Kernel(self._norm, self._spans, Precision(dtype, dtype))(block, result, core)
        return result

    def _count_broken(self, target: Array, hopeless: NDArray[np.bool_] | None) -> int:
        """Results that are not finite, apart from those whose window holds something that is not."""
        if hopeless is None and not self._raised - {"underflow"}:
            return 0
        broken = ~np.isfinite(target)
        return int(np.count_nonzero(broken if hopeless is None else broken & ~hopeless))
