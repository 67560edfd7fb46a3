"""Windows that may have been: over which axes, and how far; and which of them deserve a closer look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from lrn_cli import layouts
from lrn_cli.analysis.identification.sampling import Axes, Fields
from lrn_cli.dtypes import Array
from lrn_cli.formula import Span
from lrn_cli.work.threads import share, usable_cores

_EVERY_RADIUS = 96
"""Up to here every radius is tried, beyond it first those that are 4% apart."""
_STEP = 1.04
_BETAS = np.unique(np.concatenate([np.geomspace(0.1, 5, 19), [0.5, 0.75, 1.0]]))
_SCREENED = 1500
_AT_ONCE = 32
"""Windows that a thread tries together: their sums stay in a cache."""
_AS_GOOD = 6.0
"""How much worse than the best a window may look on a few elements, and still be looked at closely."""


class Place(NamedTuple):
    """The axes over which a window may lie, and how the tensor's axes are then called.

    Attributes:
        axes: In the tensor's order.
        layout: A letter for each axis of the tensor.
        unusual: What it costs, in digits, to believe it.
    """

    axes: Axes
    layout: str
    unusual: float

    @property
    def within(self) -> bool:
        """Whether the window lies within a channel."""
        return len(self.axes) > 1

    @property
    def channel_axis(self) -> int:
        """Which axis the channels are on."""
        return self.layout.index("C")


class Candidate(NamedTuple):
    """A window over a tensor, no further than its axes are long.

    Attributes:
        place: Where it lies.
        span: How far it reaches along each of the place's axes, before that is cut to the axis.
        spans: How far along each, cut to it.
        covers: Whether it covers its axes from every element, so that a wider one would be the same.
    """

    place: Place
    span: Span
    spans: tuple[Span, ...]
    covers: bool

    @property
    def reach(self) -> frozenset[tuple[int, Span]]:
        """What tells one window over this tensor from another: along which axes it reaches how far."""
        return frozenset((axis, span) for axis, span in zip(self.place.axes, self.spans, strict=True) if any(span))

    @property
    def unusual(self) -> float:
        """What it costs, in digits, to believe it: odd windows are usual, wide ones less so."""
        lopsided = 0.7 if self.span.before != self.span.after else 0.0
        return self.place.unusual + lopsided + 0.3 * float(np.log10(self.span.width))


def places(shape: Sequence[int], known: str | None = None) -> list[Place]:
    """Where a window may lie on a tensor of that shape: across channels on any axis, or within a channel.

    Args:
        shape: Of the tensor.
        known: Its layout, if that is known.

    >>> [(place.axes, place.layout) for place in places((2, 8, 5, 5)) if place.unusual < 1]
    [((1,), 'NCHW'), ((3,), 'NHWC'), ((2, 3), 'NCHW'), ((1, 2), 'NHWC')]
    """
    rank = len(shape)
    if known is not None:
        return [Place((known.index("C"),), known, 0.0), *_within([known], shape, narrow=True)]
    usual = [word for word in (*layouts.CUSTOMARY, "C", "NC", "NCL") if len(word) == rank]
    across = {word.index("C"): Place((word.index("C"),), word, 0.0) for word in usual}
    found = [
        across.get(at, Place((at,), layouts.from_axis(at, shape), 1.5))._replace(
            # Only to decide between equals.
            unusual=(0.01 * list(across).index(at) if at in across else 1.5) + (shape[at] == 1)
        )
        for at in range(rank)
        # A channel axis of one position makes any window one of the element alone.
        if shape[at] > 1 or at in across
    ]
    return sorted([*found, *_within(usual, shape)], key=lambda place: (place.unusual > 1, place.within))


def _within(words: Sequence[str], shape: Sequence[int], *, narrow: bool = False) -> Iterator[Place]:
    for word in words:
        if "H" in word and "W" in word:
            axes = tuple(sorted((word.index("H"), word.index("W"))))
            if narrow or min(shape[axis] for axis in axes) > 1:
                yield Place(axes, word, 0.4)


def shortlist(fields: Fields, place: Place, rng: np.random.Generator) -> list[tuple[float, Candidate]]:
    """Windows at one place that may have been, by how badly they fit on a few elements, the best first."""
    positions = fields.positions(_SCREENED, rng)
    if not positions[0].size:
        return []
    spans = list(_windows(fields.reach))
    scores = _scores(fields, spans, positions)
    best = spans[int(np.argmin(scores))]
    if best.width > 2 * _EVERY_RADIUS:
        near = [s for s in _around(best, fields.reach) if s not in spans]
        spans, scores = spans + near, np.concatenate([scores, _scores(fields, near, positions)])
    unique: dict[tuple[Span, ...], tuple[float, Candidate]] = {}
    for score, span in zip(scores, spans, strict=True):
        cut = _cut(span, fields)
        covers = all(min(part) >= length - 1 for part, length in zip(cut, fields.lengths, strict=True))
        unique.setdefault(cut, (float(score), Candidate(place, span, cut, covers)))
    return sorted(unique.values(), key=lambda item: item[0])


def narrow_down(found: list[tuple[float, Candidate]], typical: float, most: int) -> list[Candidate]:
    """The windows that may be the best, or as good as the best, when fitted well; each once."""
    if not found:
        return []
    least = max(min(score for score, _ in found), 3 * typical)
    good = sorted((item for item in found if item[0] <= _AS_GOOD * least), key=lambda item: item[0])
    # Where many look as good, the data hardly tells, and the usual ones are those to know about.
    usual = sorted(good, key=lambda item: item[1].unusual)[: most // 2]
    kept: dict[tuple[frozenset[tuple[int, Span]], bool], Candidate] = {}
    for _, candidate in sorted((*good[: most // 2], *usual), key=lambda item: item[1].unusual):
        # A window of the element alone is the same on every axis; on an axis of one position every window is that.
        kept.setdefault((candidate.reach, candidate.covers), candidate)
    return list(kept.values())


def _cut(span: Span, fields: Fields) -> tuple[Span, ...]:
    return tuple(span.within(length) for length in fields.lengths)


def _windows(reach: int) -> Iterator[Span]:
    """Odd windows, and even ones leaning to either side."""
    for radius in _radii(reach):
        yield Span(radius, radius)
        if radius < reach:
            yield Span(radius + 1, radius)
            yield Span(radius, radius + 1)


def _radii(reach: int) -> Iterator[int]:
    radius = 0
    while radius < reach:
        yield radius
        radius = max(radius + 1, int(radius * _STEP)) if radius > _EVERY_RADIUS else radius + 1
    yield reach


def _around(span: Span, reach: int) -> Iterator[Span]:
    radius = min(span)
    margin = int(radius * (_STEP - 1)) + 2
    for near in range(max(radius - margin, 0), min(radius + margin, reach) + 1):
        yield Span(near, near)
        if near < reach:
            yield Span(near + 1, near)
            yield Span(near, near + 1)


def _scores(fields: Fields, spans: Sequence[Span], positions: tuple[Array, ...]) -> Array:
    """For each window how far the best bias and scale leave the logs of x / y from the formula, over a few betas."""
    if not spans:
        return np.empty(0)
    seen = fields.observations(_cut(spans[0], fields), positions, np.dtype(np.float64))
    logs = seen.logs - np.median(seen.logs)
    scores = np.empty(len(spans))

    def work(first: int) -> int:
        group = slice(first, first + _AT_ONCE)
        with np.errstate(all="ignore"):  # each thread has its own
            scores[group] = _group_scores(fields, spans[group], positions, logs)
        return 0

    groups = range(0, len(spans), _AT_ONCE)
    share(groups, lambda: work, min(usable_cores(), len(groups)))
    return scores


def _group_scores(fields: Fields, spans: Sequence[Span], positions: tuple[Array, ...], logs: Array) -> Array:
    """The same for windows of which the sums of all lie in the cache."""
    sums = np.stack([fields.sums(_cut(span, fields), positions) for span in spans])
    sums /= sums.mean(axis=1, keepdims=True)
    return least_misfit(sums, logs)


def least_misfit(sums: Array, logs: Array) -> Array:
    """For each row of sums, how badly the best of the exponents explains the logarithms of x / y."""
    squares = np.square(sums)
    least: Array = np.min([_misfit(sums, squares, logs, float(beta)) for beta in _BETAS], axis=0)
    return least


def _misfit(sums: Array, squares: Array, logs: Array, beta: float) -> Array:
    """Root mean square of what weighted linear regressions of (x / y) ** (1 / beta) on the sums leave, relative."""
    # y = x (b + s S)^-beta, so (x / y)^(1 / beta) = b + s S: a straight line over the sums, one for each window.
    target = np.exp(np.clip(logs / beta, -300, 300))
    # Errors are relative: large targets may be off by more.
    weights = 1 / np.square(target)
    total = weights.sum()
    middle = sums @ weights / total
    level = float(weights @ target) / total
    away = sums - middle[:, None]
    spread = np.square(away) @ weights
    slope = np.where(spread > 0, away @ (weights * (target - level)) / np.where(spread > 0, spread, 1), 0)
    # Neither number may be negative: then the line is level, or it goes through zero.
    slope = np.maximum(slope, 0)
    through_zero = sums @ (weights * target) / (squares @ weights)
    bias = level - slope * middle
    slope, bias = np.where(bias < 0, through_zero, slope), np.maximum(bias, 0)
    # What is left, relative; times beta it is that of x / y itself.
    left = np.multiply(slope[:, None], sums, out=away)
    left += bias[:, None]
    left /= target
    left -= 1
    return np.asarray(np.abs(beta) * np.sqrt(np.square(left, out=left).mean(axis=1)))
