"""The passes over one block, written down once per block shape: which operation reads and writes which buffer.

A pass over a block in cache takes a few microseconds, so looking up views and names between passes would cost as much
as the arithmetic. What depends on the shape alone is therefore made once, and a block is a run through a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from math import prod
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.arithmetic.geometry import Geometry
from lrn_cli.arithmetic.precision import Precision
from lrn_cli.arithmetic.sums import Addition, fold, slide, spares_for
from lrn_cli.dtypes import Array
from lrn_cli.formula import ResponseNorm

_STAGE = 1 << 18
"""Elements that go through all passes before the next ones are begun: as many as a tile that does not go in stages."""


class Pass(NamedTuple):
    """One operation; the last argument is where the result goes."""

    operation: Callable[..., Any]
    arguments: tuple[Any, ...]

    def cut(self, begin: int, end: int) -> Pass:
        """The same on a part of its flat arrays; a number is the same for all of them."""
        return Pass(self.operation, tuple(a[begin:end] if isinstance(a, np.ndarray) else a for a in self.arguments))


class Stage(NamedTuple):
    """A part of a block that goes through all passes at once.

    Attributes:
        taken: Which of the block's values are squared now: those of this part and the windows that reach beyond it.
        gaps: Where their squares go.
        passes: From the squares to the powers of the bases, in order.
        finished: Which of the block's values have their powers then.
        powers: These powers.
    """

    taken: Any
    gaps: Array
    passes: tuple[Pass, ...]
    finished: Any
    powers: Array


class Program(NamedTuple):
    """All passes over a block of one shape.

    Attributes:
        stages: In order; values are indexed flat where there are several.
        bases: bias + scale * sum, in the block's shape and scratch order; 1 long where one serves a whole axis.
        powers: The bases raised to beta, in the same shape.
        quotients: Room for results that cannot be written to their place at once.
        flat: Whether stages index the block's values as one run.
    """

    stages: tuple[Stage, ...]
    bases: Array
    powers: Array
    quotients: Array
    flat: bool


def buffers_for(plan: Geometry) -> int:
    """How many buffers the passes over a block need."""
    most = max((spares_for(width, again=not plan.flat) for width, _ in plan.steps), default=0)
    # Beside those for the sums along an axis: the squares, the sums along the axis before, powers and quotients.
    return most + 4


def write_down(plan: Geometry, buffers: Sequence[Array], norm: ResponseNorm, precision: Precision) -> Program:
    """Write down the passes over a block.

    Args:
        plan: How the block lies in the buffers.
        buffers: As many as `buffers_for` says, of at least `plan.size` elements; the first is for the squares, and zero
            in the gaps.
        norm: The canonical form.
        precision: The floating-point types; the buffers have that of the sums.
    """
    if plan.covered:
        return _write_down_one_sum(plan, buffers, norm, precision)
    # Along one axis after the other: the sums along the first are summed along the second.
    squares, *spares = buffers
    passes: list[Pass] = []
    total, count = squares, plan.size
    for width, stride in plan.steps:
        # The last windows begin where a whole one still fits in, so there are fewer sums than elements.
        count -= (width - 1) * stride
        free = [spare for spare in spares if spare is not total]
        additions, total = slide(total, width, stride, count, free, again=not plan.flat)
        passes += _add(additions)
    # In stages every pass is still at work when the last one begins: nothing that one of them writes is free.
    written = [step.arguments[-1].base for step in passes] if plan.flat else [total]
    other, third, *_ = (spare for spare in spares if not any(spare is buffer for buffer in written))
    powers = total if norm.beta == 1 else other
    passes += _finish(total[: plan.reached], powers[: plan.reached], norm, precision)
    # A sum stands where its window begins, so all of them stand at the beginning of their rows.
    rows = tuple(slice(0, length) for length in plan.shape)
    gaps, bases, raised, quotients = (
        buffer[: prod(plan.padded)].reshape(plan.padded)[part]
        for buffer, part in ((squares, plan.interior), (total, rows), (powers, rows), (third, rows))
    )
    stages = _in_stages(plan, squares, powers, passes) if plan.flat else (Stage((), gaps, tuple(passes), (), raised),)
    return Program(stages, bases, raised, quotients, plan.flat)


def _in_stages(plan: Geometry, squares: Array, powers: Array, passes: Sequence[Pass]) -> tuple[Stage, ...]:
    """Cut the passes so that what one writes is still in cache when the next one reads it.

    A pass that feeds windows runs ahead of the last one by as much as the windows reach.
    """
    # One stage, from `begin` to `end` of the results; whatever feeds a window has come further by what it reaches:
    #   powers   ......|======|
    #   sums     .........|======|
    #   squares  ............|======|
    before: int = plan.interior[plan.windowed[0]].start * plan.steps[0][1]
    count = plan.reached
    stages = -(-count // _STAGE)
    ends = [count * stage // stages for stage in range(stages + 1)]

    def progress(end: int, length: int) -> int:
        """How far a pass over `length` elements has come when `end` elements are finished."""
        return end + length - count if end else 0

    def squares_done(end: int) -> int:
        return max(0, min(progress(end, plan.size) - before, count))

    return tuple(
        Stage(
            taken=slice(squares_done(begin), squares_done(end)),
            gaps=squares[before : before + count][squares_done(begin) : squares_done(end)],
            passes=tuple(
                step.cut(progress(begin, len(step.arguments[-1])), progress(end, len(step.arguments[-1])))
                for step in passes
            ),
            finished=slice(begin, end),
            powers=powers[begin:end],
        )
        for begin, end in pairwise(ends)
    )


def _write_down_one_sum(plan: Geometry, buffers: Sequence[Array], norm: ResponseNorm, precision: Precision) -> Program:
    """The passes where one sum serves all elements along the window's axes."""
    squares, other, third, *_ = (buffer[: plan.size].reshape(plan.shape) for buffer in buffers)
    first = tuple(slice(0, 1) if axis in plan.windowed else slice(None) for axis in range(len(plan.shape)))
    passes, folded = [], squares
    for axis in plan.windowed:
        additions, folded = fold(folded, axis)
        passes += _add(additions)
    powers = folded if norm.beta == 1 else other[first]
    passes += _finish(folded, powers, norm, precision)
    return Program((Stage((), squares, tuple(passes), (), powers),), folded, powers, third, flat=False)


def _add(additions: Sequence[Addition]) -> list[Pass]:
    return [Pass(np.add, addition) for addition in additions]


def _finish(base: Array, power: Array, norm: ResponseNorm, precision: Precision) -> Iterator[Pass]:
    """From the sums to the powers; by square roots where those suffice, which round alike on every machine."""
    if norm.scale != 1:
        yield Pass(np.multiply, (base, precision.sums.type(norm.scale), base))
    if norm.bias != 0:
        yield Pass(np.add, (base, precision.sums.type(norm.bias), base))
    if norm.beta in (0.5, 0.75):
        yield Pass(np.sqrt, (base, power))
        if norm.beta == 0.75:
            yield Pass(np.multiply, (base, power, power))
            yield Pass(np.sqrt, (power, power))
    elif norm.beta != 1:
        yield Pass(_power_of_any_kind(precision), (base, norm.beta, power))


def _power_of_any_kind(precision: Precision) -> Callable[..., Any]:
    if precision.series:
        from lrn_cli.arithmetic.powers import power as by_series

        return partial(by_series, fine=True) if precision.fine else by_series
    return partial(np.power, dtype=precision.powers, casting="unsafe")
