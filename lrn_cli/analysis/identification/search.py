"""From samples of a pair to the window and the numbers that explain them, and to what the samples leave open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from lrn_cli.analysis.identification.alignment import Pair
from lrn_cli.analysis.identification.allowance import Allowance
from lrn_cli.analysis.identification.candidates import Candidate, narrow_down, shortlist
from lrn_cli.analysis.identification.doubts import doubt
from lrn_cli.analysis.identification.fitting import Fit, Observations, fit
from lrn_cli.analysis.identification.places import Place
from lrn_cli.analysis.identification.rounding import (
    COARSE,
    PER_DIGIT,
    Natural,
    in_float32,
    in_float64,
    natural,
)
from lrn_cli.analysis.identification.sampling import Fields, sample
from lrn_cli.conventions.decimals import significant_digits
from lrn_cli.dtypes import Array
from lrn_cli.formula import Span, Spans

_READ = 1 << 16
"""Elements to read for each place where a window may lie."""
_SCREENED = 1 << 14
_BETTER, _MOST_PLACES = 0.6, 3
"""How much of what is left at the usual places may be left at an unusual one, and how many such are looked at."""
_FITTED = 3000
"""Elements to fit to: half of them those with the largest and smallest sums, which say most."""
_MOST_FITTED = 40
_MOST_ROUNDED = 8
_AS_GOOD = 30.0
"""How much greater the deviance of a window may be for it to fit as well."""
_FOUR_DIGITS = 3e-4
"""What three standard deviations of a number must be below, relative, for the data to determine it."""
_WIDER = 12
"""How many windows wider than the tensor are tried."""


class Fitted(NamedTuple):
    """A window with the numbers that fit best."""

    candidate: Candidate
    seen: Observations
    fit: Fit
    deviance: float


class Finding(NamedTuple):
    """What explains the samples best.

    Attributes:
        place: Where the window lies.
        spans: How far it reaches along each axis.
        numbers: Round ones.
        chosen: The window as it is on this tensor, and the numbers that fit best.
        rivals: All that fits as well, the chosen one among them.
        determined: What the samples leave no choice about.
        doubt: Why it may be no normalization though it fits; empty where nothing speaks against it.
    """

    place: Place
    spans: Spans
    numbers: Natural
    chosen: Fitted
    rivals: tuple[Fitted, ...]
    determined: tuple[str, ...]
    doubt: str


@np.errstate(all="ignore")  # what is tried need not make sense
def search(
    pair: Pair,
    places: Sequence[Place],
    allowed: Allowance,
    extra: Sequence[Sequence[int]] = (),
) -> Finding | None:
    """Find what explains samples of a pair; None where they hold nothing but zeros.

    Args:
        pair: The tensors.
        places: Where the window may lie.
        allowed: How far the output may be from the formula.
        extra: Indices of elements that must be among the samples.
    """
    typical, dtype = allowed.typical, pair.grid.dtype
    rng = np.random.default_rng(0)
    spread = allowed.spread / typical
    fields = {place.axes: sample(pair, place.axes, _READ, rng, extra) for place in places}
    screened = [item for place in places for item in shortlist(fields[place.axes], place, rng, spread)]
    candidates = narrow_down(screened, typical, _MOST_FITTED)
    if not candidates:
        return None
    fitted = list(_fit_each(candidates, fields, dtype, (typical, spread), rng))
    rivals = _as_good(fitted, pair.shape)
    # What float32 computed may be kept in float64.
    narrower = min(pair.narrower, 4 if all(field.in_float32 for field in fields.values()) else 8)
    rounded = [(item, *_round(item)) for item in rivals[:_MOST_ROUNDED]]
    chosen, spans, numbers = min(rounded, key=lambda item: item[2].cost + item[0].candidate.unusual * PER_DIGIT)
    return Finding(
        chosen.candidate.place,
        spans,
        numbers,
        chosen,
        tuple(rivals),
        tuple(_determine(chosen, rivals, pair.shape, numbers, typical)),
        doubt(chosen.candidate, chosen.seen, chosen.fit, numbers, allowed.most(narrower)),
    )


@np.errstate(all="ignore")
def most_likely(pair: Pair, where: Sequence[Place], usual: Sequence[Place], allowed: Allowance) -> list[Place]:
    """The places whose windows fit a few elements best; none where none does so far better than at the usual ones.

    Args:
        pair: The tensors.
        where: The places.
        usual: Those that have been tried.
        allowed: How far the output may be from the formula.
    """

    def least(place: Place) -> float:
        windows = shortlist(sample(pair, place.axes, _SCREENED, rng), place, rng, allowed.spread / allowed.typical)
        return windows[0][0] if windows else np.inf

    rng = np.random.default_rng(0)
    enough = _BETTER * min(map(least, usual), default=np.inf)
    near = sorted(((least(place), place) for place in where), key=lambda item: item[0])
    return [place for found, place in near[:_MOST_PLACES] if found < enough]


def _fit_each(
    candidates: Sequence[Candidate],
    fields: dict[tuple[int, ...], Fields],
    dtype: np.dtype[np.floating],
    errors: tuple[float, float],
    rng: np.random.Generator,
) -> Iterator[Fitted]:
    """Every candidate with its best numbers; those at one place are fitted to the same elements."""
    chosen: dict[tuple[int, ...], tuple[Array, ...]] = {}
    found, (typical, spread) = [], errors
    for candidate in candidates:
        axes = candidate.place.axes
        if axes not in chosen:
            chosen[axes] = _pick_elements(fields[axes], candidate, rng)
        seen = fields[axes].observations(candidate.spans, chosen[axes], dtype, spread)
        found.append((candidate, seen, fit(seen, typical)))
    sigma = min(best.sigma for _, _, best in found)
    for candidate, seen, best in found:
        yield Fitted(candidate, seen, best._replace(sigma=sigma), seen.deviance(best.values, sigma))


def _pick_elements(fields: Fields, candidate: Candidate, rng: np.random.Generator) -> tuple[Array, ...]:
    """Elements to fit to: some at random, and those with the largest and the smallest sums."""
    every = fields.positions(_READ, rng)
    if every[0].size <= _FITTED:
        return every
    order = np.argsort(fields.sums(candidate.spans, every), kind="stable")
    edge = _FITTED // 4
    inner = rng.choice(order[edge:-edge], _FITTED - 2 * edge, replace=False)
    taken = np.sort(np.concatenate([order[:edge], inner, order[-edge:]]))
    return tuple(index[taken] for index in every)


def _as_good(fitted: Sequence[Fitted], shape: Sequence[int]) -> list[Fitted]:
    """Those that fit as well as the best, the usual ones first."""
    best = min(fitted, key=lambda item: item.deviance / item.seen.logs.size)
    size = best.seen.logs.size
    # Elements read for another place are others, so that deviances compare only roughly.
    margin = 0.0 if prod(shape) <= _FITTED else 5 * size**0.5
    good = [
        item
        for item in fitted
        if item.deviance * size / item.seen.logs.size
        <= best.deviance + _AS_GOOD + (margin if item.candidate.place.axes != best.candidate.place.axes else 0)
    ]
    return sorted(good, key=lambda item: item.candidate.unusual)


def _round(item: Fitted) -> tuple[Spans, Natural]:
    """Round numbers for a window, and the window itself: a wider one where that makes them rounder."""
    candidate = item.candidate
    windows = {_size(window): window for window in _nominal(candidate)}
    wider = [(size, 1 + 0.1 * more) for more, size in enumerate(windows, start=1)]
    divisors = [(1, 0.0), (_size(candidate.wanted), 0.0), *wider[1:]]
    # Beside coarse errors it does not show whether an engine keeps its parameters in float32.
    kept = [in_float64] if item.fit.sigma > COARSE else [in_float64, in_float32]
    numbers = min((natural(item.seen, item.fit, divisors, stored) for stored in kept), key=lambda found: found.cost)
    return windows.get(numbers.divisor, candidate.wanted), numbers


def _size(window: Spans) -> int:
    """How many elements a window holds."""
    return prod(span.width for span in window)


def _nominal(candidate: Candidate) -> Iterator[Spans]:
    """The window, and wider ones that would be the same where it covers its axes."""
    yield candidate.wanted
    if candidate.covers:
        for more in range(1, _WIDER):
            yield tuple(Span(span.before + more // 2 + more % 2, span.after + more // 2) for span in candidate.wanted)


def _determine(
    chosen: Fitted, rivals: Sequence[Fitted], shape: Sequence[int], numbers: Natural, typical: float
) -> Iterator[str]:
    """What the rivals agree upon and, of the numbers, what is known to four digits."""
    if not numbers.typed.scale:
        return
    candidates = [item.candidate for item in rivals]
    reaches = {candidate.reach for candidate in candidates}
    if len(reaches) == 1 and not any(candidate.covers for candidate in candidates):
        yield "window"
    # A window of the element alone is the same on every axis there is.
    telling = frozenset() not in reaches
    one_axis = len({candidate.place.channel_axis for candidate in candidates}) == 1
    if one_axis and (telling or sum(length > 1 for length in shape) <= 1):
        yield "axis"
    if telling and len({candidate.place.within for candidate in candidates}) == 1:
        yield "region"
    yield from _determine_numbers(chosen, rivals, numbers, typical)


def _determine_numbers(chosen: Fitted, rivals: Sequence[Fitted], numbers: Natural, typical: float) -> Iterator[str]:
    best, bases = chosen.fit, chosen.seen.base(chosen.fit.values)
    smallest, lost = float(np.min(bases)), 2 * typical * float(np.max(bases))
    for name in ("scale", "bias", "beta"):
        value: float = getattr(numbers.typed, name)
        size = smallest if name == "bias" and value == 0 else value
        certain = 3 * getattr(best.spreads, name) <= _FOUR_DIGITS * size
        alike = all(abs(getattr(item.fit.values, name) - value) <= 2 * _FOUR_DIGITS * size for item in rivals)
        # A running sum loses as much everywhere, and the bias seems to be another: only a round one is then believed.
        moved = name == "bias" and lost > _FOUR_DIGITS * size and significant_digits(value) > 2
        if certain and alike and not moved:
            yield name
