"""Outputs of engines with a mistake: which sums, that no window gives, explain an output that no normalization does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import prod
from typing import NamedTuple

import numpy as np

from lrn_cli.analysis.identification.alignment import Pair
from lrn_cli.analysis.identification.allowance import Allowance
from lrn_cli.analysis.identification.fitting import Fit, Observations, fit
from lrn_cli.analysis.identification.lines import Lines
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
    made = [one for place in likely or places[:1] for one in _guess(pair, place, allowed.spread / typical)]
    guesses = [made[place] for place in np.argsort(_misfits([one.seen for one in made]), kind="stable")]
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


def _misfits(seen: Sequence[Observations]) -> Array:
    """How badly each fits, roughly; those that are of the same elements follow one another."""
    found = [np.empty(0)]
    for _, group in groupby(seen, key=lambda one: id(one.logs)):
        logs, noise, sums = (
            np.stack(column) for column in zip(*((one.logs, one.noise, one.sums) for one in group), strict=True)
        )
        found.append(Lines(logs[0] - np.median(logs[0]), noise[0]).misfits(sums))
    return np.concatenate(found)


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
    x, y = fields.rows
    squares, places = np.square(x), np.flatnonzero((x * np.sign(y) > 0) & np.isfinite(y))
    if places.size < _FEWEST:
        return
    places = places[:: max(1, places.size // _FITTED)]
    logs, noise = np.log(np.abs(x.flat[places])) - np.log(np.abs(y.flat[places])), np.ones(places.size)
    for window in range(min(_WIDEST, 2 * channels) + 1):
        sums = squares @ _weights(oddity, window, channels, pair.shape[0]).T
        yield _Guess(oddity, window, Observations(sums.flat[places], logs, noise), fields.in_float32)


def _guess_averages(oddity: Oddity, pair: Pair, fields: Fields, spread: float) -> Iterator[_Guess]:
    positions = fields.positions(_FITTED, np.random.default_rng(0))
    if positions[0].size < _FEWEST:
        return
    windows = range(2, min(_WIDEST, 2 * max(fields.lengths)) + 1)
    spans = [[Span((size - 1) // 2, size // 2).within(length) for length in fields.lengths] for size in windows]
    seen = fields.observations(spans[0], positions, pair.grid.dtype, spread)
    for window, reach in zip(windows, spans, strict=True):
        average = fields.sums(reach, positions) / fields.counts(reach, positions)
        yield _Guess(oddity, window, seen._replace(sums=average), fields.in_float32)


def _weights(oddity: Oddity, window: int, channels: int, batch: int) -> Array:
    """How often the square of each channel counts in the sum of each."""
    found = np.zeros((channels, channels))
    for channel in range(channels):
        for other, times in oddity.terms(window, channel, channels, batch).items():
            found[channel, other] = times
    return found


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
