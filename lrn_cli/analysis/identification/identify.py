"""`identify`: which normalization turned one tensor into another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from lrn_cli import layouts
from lrn_cli.analysis.comparison.tolerance import round_up
from lrn_cli.analysis.identification.alignment import Pair, alignments, rewindable
from lrn_cli.analysis.identification.allowance import Allowance, allow, allow_as_engines
from lrn_cli.analysis.identification.attempt import Attempt
from lrn_cli.analysis.identification.oddities import recognise
from lrn_cli.analysis.identification.places import places
from lrn_cli.analysis.identification.report import Identification
from lrn_cli.errors import LrnError
from lrn_cli.tensors.arrays import ArraySource
from lrn_cli.tensors.selection import open_values
from lrn_cli.tensors.tensor import Reading, Source

_LOOKS, _LOOKED_AT = 8, 512
"""How many planes are looked at for signs, and how far along their axes."""
_OTHER_SIGNS = "the output has another sign than the input, or is not 0 where that is: no normalization does so"
_MORE, _MOST_ALLOWED = 1.02, 0.01
"""How much more a tolerance is than what is off, and the largest that is proposed."""
_NEARER = 100
"""By how many times an output may come nearer to the formula than the engine that may have made it is known to."""
_MOST_ORDERS = 4
"""How many orders of the output's axes are tried that have the input's signs and zeros."""


def identify(
    x: ArrayLike | str | Path,
    y: ArrayLike | str | Path,
    *,
    layout: str | None = None,
    axis: int | None = None,
    rtol: float | None = None,
    atol: float | None = None,
) -> Identification:
    """Find the normalization y = x / (bias + scale * sum of x^2 over a window) ^ beta that made y from x.

    Args:
        x: The input, any real numbers: an array, or a file's name as on the command line.
        y: The output, of the same shape or with its axes in another order; axes of one position may come or go.
        layout: Which axis of x is which, as in "NHWC"; by default every axis is tried for the channels.
        axis: The channel axis, instead of a layout.
        rtol, atol: The tolerance, |formula - y| <= atol + rtol * |y|; by default that of y's type, or of the grid that
            its numbers are on.

    Raises:
        LrnError: A tensor is not numeric or empty, no order of the axes makes the shapes the same, or a tolerance is
            none.

    >>> x = np.arange(1.0, 25.0).reshape(4, 6)
    >>> answer = identify(x, x / np.sqrt(1 + 0.5 * x**2))
    >>> answer.found, dict(answer.window), answer.scale, answer.bias, answer.beta
    (True, {'C': Span(before=0, after=0)}, 0.5, 1.0, 0.5)
    """
    with ExitStack() as stack:
        sources = [stack.enter_context(_source(given)) for given in (x, y)]
        for source in sources:
            source.survey()
        return identify_sources(*sources, layout=layout, axis=axis, rtol=rtol, atol=atol)


def _source(given: ArrayLike | str | Path) -> Source:
    if isinstance(given, (str, Path)):
        return open_values(str(given), Reading())
    return ArraySource(given)


def identify_sources(
    x: Source,
    y: Source,
    *,
    layout: str | None = None,
    axis: int | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    advanced: Callable[[int], None] = lambda _: None,
) -> Identification:
    """The same over open tensors, block by block; `advanced` is told of the bytes compared."""
    if not x.info.shape or 0 in x.info.shape:
        raise LrnError(f"the input is {layouts.describe(x.info.shape)}: no elements to tell from", "a tensor with some")
    x, y = rewindable(x), rewindable(y)
    pairs = list(alignments(x, y))
    first = pairs[0]
    known = layouts.choose(first.shape, **x.info.asked(layout, axis))
    allowed = allow(first, rtol, atol)
    plausible = [pair for pair in pairs if not _is_contradicted(pair)]
    orders = plausible[:_MOST_ORDERS] or pairs[:1]
    best = _search_usual([Attempt(pair, known, allowed) for pair in orders], advanced)
    if best.found or best.lost_in_half:
        return best
    odd = recognise(orders[0], places(orders[0].shape, known), allowed)
    notes = (*([odd] if odd else []), *([] if plausible else [_OTHER_SIGNS]))
    if notes:
        return replace(best, notes=(*notes, *best.notes))
    found = _search_further(best, orders, known, allowed, advanced)
    return found or (best if allowed.asked else _with_more_allowed(best, orders, known, advanced))


def _search_usual(attempts: Sequence[Attempt], advanced: Callable[[int], None]) -> Identification:
    """What is found where windows usually lie, or else the best attempt."""
    answers: list[Identification] = []
    for attempt in attempts:
        answer = attempt.run(advanced, hopeful_only=bool(answers))
        if answer.found:
            return answer
        answers.append(answer)
    return min(answers, key=lambda answer: (answer.norm is None, answer.max_relative))


def _search_further(
    best: Identification,
    pairs: Sequence[Pair],
    known: str | None,
    allowed: Allowance,
    advanced: Callable[[int], None],
) -> Identification | None:
    """What is found where windows seldom lie, or by the measure of engines that are far off; None where nothing is."""
    for pair in pairs:
        answer = Attempt(pair, known, allowed).run_elsewhere(advanced)
        if answer is not None and answer.found:
            return answer
    for pair in pairs:
        if pair.order != best.order or allowed.asked:
            continue
        # Who is far off is so everywhere: what comes nearer is something else, as two normalizations in a row.
        far = best.max_relative
        likely = [engine for engine in allow_as_engines(pair) if engine.relative / _NEARER <= far <= engine.relative]
        # What the least exact one does not allow none does.
        if likely and (widest := Attempt(pair, known, likely[-1]).run(advanced, hopeful_only=True)).found:
            closer = (Attempt(pair, known, engine).run(advanced, hopeful_only=True) for engine in likely[:-1])
            return next((answer for answer in closer if answer.found), widest)
    return None


def _with_more_allowed(
    best: Identification, pairs: Sequence[Pair], known: str | None, advanced: Callable[[int], None]
) -> Identification:
    """The best attempt, with the tolerance under which it would be found, where that is not much more than usual."""
    rtol = round_up(best.max_relative * _MORE, 2)
    pair = next((pair for pair in pairs if pair.order == best.order), pairs[0])
    if best.norm is None or rtol > _MOST_ALLOWED:
        return best
    answer = Attempt(pair, known, allow(pair, rtol)).run(advanced, hopeful_only=True)
    told = f"with --rtol {rtol:g} it is found: an engine that is so far off may have made it"
    return replace(best, notes=(*best.notes, told)) if answer.found else best


def _is_contradicted(pair: Pair) -> bool:
    """Whether a result has another sign than its element, or an element of zero a result; by a look at some rows."""
    rng = np.random.default_rng(0)
    for _ in range(_LOOKS):
        outer, inner = pair.shape[:-2], pair.shape[-2:]
        corner = [int(rng.integers(length)) for length in outer]
        box = (*(slice(at, at + 1) for at in corner), *(slice(0, min(length, _LOOKED_AT)) for length in inner))
        x, y = pair.read(box)
        if (np.sign(x) * np.sign(y) < 0).any() or ((x == 0) & (np.abs(y) > 0)).any():
            return True
    return False
