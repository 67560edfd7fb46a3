"""Outputs of engines with a mistake: which sums, that no window gives, explain an output that no normalization does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from lrn_cli.analysis.identification.alignment import Pair
from lrn_cli.analysis.identification.allowance import Allowance
from lrn_cli.analysis.identification.candidates import least_misfit
from lrn_cli.analysis.identification.fitting import Fit, Observations, fit
from lrn_cli.analysis.identification.places import Place
from lrn_cli.analysis.identification.rounding import Natural, in_float64, natural
from lrn_cli.analysis.identification.sampling import Fields, sample
from lrn_cli.conventions.oddity import Oddity, Shows
from lrn_cli.conventions.parameters import show
from lrn_cli.conventions.registry import oddities
from lrn_cli.dtypes import Array
from lrn_cli.formula import Span

_READ = 1 << 15
"""Elements to read: enough for three numbers."""
_FITTED = 600
_FITTED_WELL = 6
"""How many guesses are looked at closely."""
_WIDEST = 16
"""The last window parameter that is tried, and the most that channels can be for a matrix of their weights."""
_MOST_CHANNELS = 4096
_OUTLIERS = 0.002
"""The share of elements that may be further off."""
_FEWEST = 12
"""Elements below which three numbers explain anything."""


class _Guess(NamedTuple):
    """A mistake with a window parameter, and what elements tell of its sums."""

    oddity: Oddity
    window: int
    seen: Observations
    in_float32: bool

    @property
    def misfit(self) -> float:
        """How badly it fits, roughly."""
        sums, logs = self.seen.sums[None], self.seen.logs - np.median(self.seen.logs)
        sums = sums / max(float(np.abs(sums).mean()), 1e-300)
        return float(least_misfit(sums, logs, self.seen.noise)[0])

    @property
    def divisor(self) -> int:
        """What alpha is divided by."""
        return max(self.window, 1) if self.oddity.alpha_is_divided else 1


@np.errstate(all="ignore")  # what is tried need not make sense
def recognise(pair: Pair, places: Sequence[Place], allowed: Allowance) -> str:
    """Say whose mistake explains a pair, and with which numbers; empty where none does.

    Args:
        pair: The tensors.
        places: Where a window may lie.
        allowed: How far the output may be from the formula.
    """
    if found := _slices_or_zeros(pair):
        return found
    likely, typical = [place for place in places if place.unusual < 1], allowed.typical
    made = (one for place in likely or places[:1] for one in _guess(pair, place, allowed.spread / typical))
    guesses = sorted(made, key=lambda one: one.misfit)
    fitted = [(one, fit(one.seen, typical)) for one in guesses[:_FITTED_WELL]]
    least = min((found.sigma for _, found in fitted), default=np.inf)
    # What float32 computed may be kept in float64.
    narrower = min(pair.narrower, 4 if all(one.in_float32 for one in guesses) else 8)
    if least > allowed.most(narrower):
        return ""
    # An even size may be the odd one below it with another alpha: the rounder numbers are meant.
    rounded = [
        (one, natural(one.seen, found, [(one.divisor, 0.0)], in_float64))
        for one, found in fitted
        if found.sigma <= max(2 * least, 2 * typical) and found.values.scale and _explains_all(one, found, allowed)
    ]
    return _say(*min(rounded, key=lambda item: (item[1].digits, item[0].window))) if rounded else ""


def _explains_all(guess: _Guess, found: Fit, allowed: Allowance) -> bool:
    """Whether hardly an element is further off than it may be: another formula may explain all but the borders."""
    noise = guess.seen.noise
    most = allowed.relative + (noise * allowed.typical * allowed.absolute / allowed.spread if allowed.spread else 0)
    off = np.abs(guess.seen.errors(found.values)) * noise > most
    return int(np.count_nonzero(off)) <= _OUTLIERS * off.size


def _guess(pair: Pair, place: Place, spread: float) -> Iterator[_Guess]:
    """Every mistake with every window at one place."""
    if max(pair.shape[axis] for axis in place.axes) > _MOST_CHANNELS:
        return
    fields = sample(pair, place.axes, _READ, np.random.default_rng(0))
    for oddity in oddities():
        if oddity.of_a_batch and 0 in place.axes:
            continue
        if oddity.shows is Shows.AVERAGE:
            yield from _guess_averages(oddity, pair, fields, spread)
        elif oddity.shows is Shows.SUMS and not place.within:
            yield from _guess_sums(oddity, pair, place, fields)


def _guess_sums(oddity: Oddity, pair: Pair, place: Place, fields: Fields) -> Iterator[_Guess]:
    channels = pair.shape[place.channel_axis]
    for window in range(min(_WIDEST, 2 * channels) + 1):
        seen = _observe(fields, _weights(oddity, window, channels, pair.shape[0]))
        if seen is not None:
            yield _Guess(oddity, window, seen, fields.in_float32)


def _guess_averages(oddity: Oddity, pair: Pair, fields: Fields, spread: float) -> Iterator[_Guess]:
    positions = fields.positions(_FITTED, np.random.default_rng(0))
    if positions[0].size < _FEWEST:
        return
    for window in range(2, min(_WIDEST, 2 * max(fields.lengths)) + 1):
        span = Span((window - 1) // 2, window // 2)
        spans = [span.within(length) for length in fields.lengths]
        seen = fields.observations(spans, positions, pair.grid.dtype, spread)
        average = seen.sums / fields.counts(spans, positions)
        yield _Guess(oddity, window, seen._replace(sums=average), fields.in_float32)


def _weights(oddity: Oddity, window: int, channels: int, batch: int) -> Array:
    """How often the square of each channel counts in the sum of each."""
    found = np.zeros((channels, channels))
    for channel in range(channels):
        for other, times in oddity.terms(window, channel, channels, batch).items():
            found[channel, other] = times
    return found


def _observe(fields: Fields, weights: Array) -> Observations | None:
    """What some elements tell of sums with these weights; None where too few tell anything."""
    x, y = fields.rows
    sums = np.square(x) @ weights.T
    usable = (x * np.sign(y) > 0) & np.isfinite(y)
    places = np.flatnonzero(usable)
    if places.size < _FEWEST:
        return None
    places = places[:: max(1, places.size // _FITTED)]
    logs = np.log(np.abs(x)) - np.log(np.abs(y))
    return Observations(sums.ravel()[places], logs.ravel()[places], np.ones(places.size))


def _say(guess: _Guess, numbers: Natural) -> str:
    oddity, values = guess.oddity, numbers.typed
    given = (guess.window, values.bias, values.scale * guess.divisor, values.beta)
    told = [f"{name} {show(float(f'{n:.6g}'))}" for name, n in zip(oddity.parameters, given, strict=True)]
    return f"this is what {oddity.title} computes, with {', '.join(told)}: {oddity.text} Instead: {oddity.instead}."


def _slices_or_zeros(pair: Pair) -> str:
    """Whether the output is zeros, or the input but for the first slice along an axis; by a look at part of it."""
    part = _corner(pair)
    x, y = pair.read(part)
    shown = None
    if not y.any() and x.any():
        shown = Shows.ZEROS
    elif any(_is_untouched(x, y, axis) for axis in range(x.ndim)):
        shown = Shows.FIRST_SLICE
    told = [f"this is what {one.title} gives: {one.text}" for one in oddities() if one.shows is shown]
    return "; ".join(told)


def _corner(pair: Pair) -> tuple[slice, ...]:
    """A box at the beginning, of about as many elements as are read elsewhere."""
    lengths = list(pair.shape)
    while prod(lengths) > 8 * _READ:
        longest = max(range(len(lengths)), key=lengths.__getitem__)
        lengths[longest] = -(-lengths[longest] // 2)
    return tuple(slice(0, length) for length in lengths)


def _is_untouched(x: Array, y: Array, axis: int) -> bool:
    """Whether all but the first slice along an axis is handed on as it is."""
    first, rest = (np.take(np.equal(x, y), places, axis) for places in ([0], range(1, x.shape[axis])))
    return bool(rest.size and rest.all() and not first.all())
