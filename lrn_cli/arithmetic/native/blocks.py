"""Blocks put to the compiled passes, in memory that is laid out as these read it."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrn_cli.arithmetic import native
from lrn_cli.arithmetic.native.jobs import TYPES, Job, Layout, packed, plan
from lrn_cli.arithmetic.precision import Precision
from lrn_cli.arithmetic.windows import Window
from lrn_cli.boxes import Box
from lrn_cli.formula import ResponseNorm

Array = NDArray[Any]
Described = tuple[int, ...]
"""An array as the extension takes it: addresses, size, strides and type."""

POWERS = {1.0: 0, 0.5: 1, 0.75: 2}
_ANY_POWER = 3
_LARGEST = {np.dtype("f4"): float(np.finfo("f4").max), np.dtype("f8"): float(np.finfo("f8").max)}
_LARGEST[np.dtype("f2")] = 65519.99  # the next float32 is rounded to infinity

BUDGET = 1 << 14
"""Elements of scratch memory that the passes aim for: what lies in a core's own cache beside the block, in float32 and
in float64, where runs of half the length would gain less there than they lose."""
SHORTEST = 256
"""Elements of a run that are taken at once all the same: below, calls of loops cost more than the cache gains."""
_REMEMBERED = 64


def is_left_to_numpy(norm: ResponseNorm, window: Window, precision: Precision) -> bool:
    """Whether the compiled passes do not do this at all; this is the whole list."""
    return (
        # Long double, in which sums of float64 are taken where beta multiplies their error.
        precision.sums != precision.powers
        or precision.sums not in _LARGEST
        # Results in float64, whose last digits the series of other powers does not have.
        or (norm.beta not in POWERS and not precision.series)
        # Windows that no convention has: over three axes, or over two that one sum covers.
        or len(window.sequence) > 2
        or (window.covers and len(window.sequence) > 1)
    )


class Compiled:
    """Normalises blocks of one tensor by the compiled passes; each thread has its own.

    Args:
        norm: The canonical form.
        window: Over the tensor, in the order of the blocks' axes.
        precision: The floating-point types to compute in.
        bounds: Of what has lost nothing, if they are others than those of powers.
    """

    def __init__(
        self, norm: ResponseNorm, window: Window, precision: Precision, bounds: Sequence[float] | None = None
    ) -> None:
        self._window, self._sums, self._choice = window, precision.sums, native.chosen
        self._how = (int(window.covers), int(precision.sums == np.float64), POWERS.get(norm.beta, _ANY_POWER))
        self._numbers = (norm.scale, norm.bias, norm.beta, *(bounds or _bounds(norm, precision)))
        self._jobs: dict[Any, Job] = {}
        self._memory = {use: np.empty(0, np.uint8) for use in ("values", "dy", "results")}

    @property
    def nbytes(self) -> int:
        """Size of the scratch memory it keeps."""
        return sum(memory.nbytes for memory in self._memory.values())

    def __call__(self, block: Array, out: Array, core: Box | None = None, dy: Array | None = None) -> bool:
        """Normalise a block as `Kernel` does, or take its gradient for `dy`, and write nothing where that fails.

        Returns:
            Whether it is done. If not, something may have left its range, or is not for these passes.
        """
        kind = out.dtype.newbyteorder("=")
        if not block.size or kind not in _LARGEST or not out.flags.writeable:
            return False
        job = self._job(block, out, core)
        read = [self._source(block, job, "values")]
        if dy is not None:
            read.append(self._source(dy, self._job(dy, out, core), "dy"))
        # Results do not go where the block may have to be read again.
        apart = not (np.may_share_memory(block, out) or (dy is not None and np.may_share_memory(dy, out)))
        if job.target and out.dtype == kind and out.flags.aligned and apart:
            return self._run(job, read, _described(out, job.target), kind)
        shape = tuple([out.shape[axis] for axis in job.order])
        results = self._room("results", shape, kind)
        lengths = (job.lengths[0], job.core[1], job.core[3])
        if not self._run(job, read, _described(results, packed(lengths, kind.itemsize)), kind):
            return False
        np.copyto(out.transpose(job.order), results)
        return True

    def _source(self, block: Array, job: Job, use: str) -> Described:
        """What is read: the block itself, or a copy in an order and type that the passes take."""
        part = block[job.part]
        if job.source and block.dtype in TYPES and block.flags.aligned:
            return _described(part, job.source)
        part = part.transpose(job.order)
        kind = block.dtype.newbyteorder("=")
        values = self._room(use, part.shape, kind if kind in TYPES else self._sums)
        np.copyto(values, part, casting="unsafe")
        return _described(values, packed(job.lengths, values.itemsize))

    def _run(self, job: Job, read: Sequence[Described], target: Described, kind: np.dtype[Any]) -> bool:
        done: bool = self._choice.compiled.normalize(
            self._choice.variant,
            read[0],
            target,
            job.lengths,
            job.core,
            job.window,
            *self._how,
            (*self._numbers, _LARGEST[kind]),
            (BUDGET, SHORTEST),
            *read[1:],
        )
        return done

    def _room(self, use: str, shape: Sequence[int], kind: np.dtype[Any]) -> Array:
        nbytes = prod(shape) * kind.itemsize
        if self._memory[use].nbytes < nbytes:
            self._memory[use] = np.empty(nbytes, np.uint8)
        return self._memory[use][:nbytes].view(kind).reshape(shape)

    def _job(self, block: Array, out: Array, core: Box | None) -> Job:
        within = None if core is None else tuple([(piece.start, piece.stop) for piece in core])
        key = (block.shape, block.strides, block.itemsize, out.shape, out.strides, out.itemsize, within)
        if key not in self._jobs:
            if len(self._jobs) >= _REMEMBERED:
                self._jobs.clear()
            self._jobs[key] = plan(self._window, block, out, core or tuple(slice(0, n) for n in block.shape))
        return self._jobs[key]


def _described(array: Array, layout: Layout) -> Described:
    address = array.__array_interface__["data"][0]
    return address, address + layout.lowest, layout.nbytes, *layout.strides, TYPES[array.dtype]


def _bounds(norm: ResponseNorm, precision: Precision) -> tuple[float, float, float, float]:
    """The bases that have a power, from the least to the largest, and the same of the powers that have lost nothing.

    What is outside is computed once more, by `Kernel`, which decides for itself; so a bound may be too narrow.
    """
    limits = np.finfo(precision.powers)
    tiny, top = np.longdouble(limits.tiny), np.longdouble(limits.max)
    # As in `Kernel`: below, a base may have lost bits, or s * sqrt(s) under the root.
    low = np.sqrt(tiny) * max(1.0, abs(norm.scale))
    if norm.beta not in POWERS:
        # The compiled series has no powers beyond these.
        farthest = 2.0 ** (999 / max(abs(norm.beta), 1.0))
        return max(float(low), 1 / farthest), min(float(top), farthest), 2.0**-999, 2.0**999
    # Beyond, s * sqrt(s) is infinite.
    high = top ** np.longdouble(2 / 3) if norm.beta == 0.75 else top
    least, most = low ** np.longdouble(norm.beta) * (1 + 1e-6), high ** np.longdouble(norm.beta) * (1 - 1e-6)
    return float(low), float(high), float(max(least, tiny)), float(min(most, top))
