"""Whether a file is the gradient: one sweep over x, dy and the file, and what follows from what it has gathered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

import numpy as np

from lrn_cli.analysis.comparison.tolerance import Tolerance, tolerance
from lrn_cli.analysis.gradient.mistakes import Backward
from lrn_cli.analysis.gradient.numeric import Differences, Measured, choose
from lrn_cli.analysis.gradient.tally import Tally
from lrn_cli.analysis.gradient.verdict import Check, Numeric, judge
from lrn_cli.boxes import Block, inside
from lrn_cli.conventions.binding import Bound
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.narrow import smallest
from lrn_cli.passes.cutting import Cut
from lrn_cli.passes.derive import Pair, cut_pair
from lrn_cli.passes.sweep import Step, Sweep

_ELEMENTS = 1 << 16
"""Of a block that is looked at at once: there are some twenty numbers for each of its elements."""


class Asked(NamedTuple):
    """What is asked.

    Attributes:
        names: What x, dy and the file are called.
        bound: The convention with its numbers.
        numeric: Whether to compare with finite differences, too.
        rtol: The tolerance; None for what is usual.
    """

    names: tuple[str, str, str]
    bound: Bound
    numeric: bool = False
    rtol: float | None = None


def check(
    three: Pair,
    asked: Asked,
    threads: int,
    memory: int | None = None,
    advanced: Callable[[int], None] = lambda _: None,
) -> Check:
    """Tell whether a file is the gradient of a tensor.

    Args:
        three: The tensor, the derivative by its results, and the file.
        asked: What is asked of them.
        threads: How many.
        memory: Bytes of scratch memory to stay within, for all of them together, as far as the window allows.
        advanced: Called with the number of bytes read after each block, from any thread.

    Raises:
        LrnError: The tolerance is negative or no number, or x has channels that are no part of the formula.
    """
    allowed = _tolerance(three, asked)
    if three.carried is not None:
        raise LrnError(f"{asked.names[0]}: has transparency, which has no gradient to check", "an image without it")
    reach, found, measured = three.window.twice, list[Tally](), list[Measured]()
    sample = choose(three.common.shape) if asked.numeric and all(three.common.shape) else np.empty((0, 0))
    stored = three.sources[-1].info.dtype
    limit = float(np.finfo(stored).max) if stored.kind == "f" else np.inf
    work = np.dtype(np.promote_types(np.float64, three.x.info.dtype.newbyteorder("=")))

    def make_step(how: Cut) -> Step:
        backward = Backward(three.norm, three.window, asked.bound.divisor, work)
        differences = Differences(three.norm, three.window, sample) if len(sample) else None
        found.append(Tally(limit))
        tally = found[-1]

        def step(block: Block, tensors: Sequence[Array], _turn: AbstractContextManager[None]) -> int:
            x, dy, mine = tensors[0], tensors[1], tensors[2].astype(work)
            core = inside(block.core, block.reach)
            with np.errstate(all="ignore"):
                made = backward(x, dy)
                if differences is not None:
                    measured.extend(differences.measure(block, x, dy, mine, made.dx[core]))
                tally.add(mine, made, core, [piece.start for piece in block.core])
            return 0

        return step

    most = _ELEMENTS * 20 * work.itemsize if memory is None else memory
    sweep = Sweep(three.sources, three.common, reach, advanced=advanced, reaching=2)
    sweep.run(lambda within: cut_pair(three, reach, memory=min(within or most, most)), make_step, threads, memory)
    total = Tally()
    for tally in found:
        total.merge(tally, three.common.first_index)
    numeric = Numeric.of(measured, three.common.first_index) if asked.numeric else None
    return judge(asked.names, asked.bound, total, allowed, numeric)


def _tolerance(three: Pair, asked: Asked) -> Tolerance:
    """What was given, else what `compare` allows for the narrowest type, or twice what the engine needs itself.

    The file may also be off by the smallest number of its type, as what is rounded to that is.
    """
    infos = [source.info for source in three.sources]
    kinds = [info.dtype.newbyteorder("=") for info in infos if info.dtype.kind == "f"]
    narrowest = min([np.dtype(np.float64), *kinds], key=lambda kind: kind.itemsize)
    allowed = tolerance(narrowest, asked.rtol, narrow=[info.narrow for info in infos if info.narrow]).rtol
    engine, mine = asked.bound.convention.engine, infos[-1]
    if asked.rtol is None and engine is not None:
        allowed = max(allowed, 2 * engine.tolerance.get(narrowest.name, 0.0))
    if mine.narrow:
        return Tolerance(allowed, smallest(mine.narrow))
    return Tolerance(allowed, float(np.finfo(mine.dtype).smallest_subnormal) if mine.dtype.kind == "f" else 0.0)
