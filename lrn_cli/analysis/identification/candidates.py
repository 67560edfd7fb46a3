"""Windows that may have been, by how far they reach; and which of them deserve a closer look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from lrn_cli.analysis.identification.lines import Lines
from lrn_cli.analysis.identification.places import Place
from lrn_cli.analysis.identification.sampling import Fields
from lrn_cli.dtypes import Array
from lrn_cli.formula import Span, Spans
from lrn_cli.work.threads import share, usable_cores

_EVERY_RADIUS = 96
"""Up to here every radius is tried, beyond it first those that are 4% apart."""
_STEP = 1.04
_SCREENED = 1500
_LARGEST_BOX = {2: 5, 3: 2}
"""The radius up to which windows over two axes, or over three, are tried that are no squares and no cubes."""
_AT_ONCE = 7
"""Windows that a thread tries together: products of such matrices BLAS leaves to the thread that asks for them."""
_AS_GOOD = 6.0
"""How much worse than the best a window may look on a few elements, and still be looked at closely."""


class Candidate(NamedTuple):
    """A window over a tensor, no further than its axes are long.

    Attributes:
        place: Where it lies.
        wanted: How far it reaches along each of the place's axes, before that is cut to the axis.
        spans: How far along each, cut to it.
        covers: Whether it covers its axes from every element, so that a wider one would be the same.
    """

    place: Place
    wanted: Spans
    spans: Spans
    covers: bool

    @property
    def reach(self) -> frozenset[tuple[int, Span]]:
        """What tells one window over this tensor from another: along which axes it reaches how far."""
        return frozenset((axis, span) for axis, span in zip(self.place.axes, self.spans, strict=True) if any(span))

    @property
    def unusual(self) -> float:
        """What it costs, in digits, to believe it: odd windows are usual, wide ones less so."""
        widest = max(self.wanted, key=lambda span: span.width)
        lopsided = 0.7 if any(span.before != span.after for span in self.wanted) else 0.0
        lopsided += 0.7 if len(set(self.wanted)) > 1 else 0.0
        return self.place.unusual + lopsided + 0.3 * float(np.log10(widest.width))


def shortlist(
    fields: Fields, place: Place, rng: np.random.Generator, spread: float = 0.0
) -> list[tuple[float, Candidate]]:
    """Windows at one place that may have been, by how badly they fit on a few elements, the best first.

    Args:
        fields: What is known of the place.
        place: Where.
        rng: For the elements.
        spread: As for `Fields.observations`.
    """
    positions = fields.positions(_SCREENED, rng)
    if not positions[0].size:
        return []
    dimensions = len(place.axes)
    windows = [(span,) * dimensions for span in _windows(fields.reach)]
    windows += _boxes(fields.lengths) if place.boxes else []
    scores = _scores(fields, windows, positions, spread)
    best = windows[int(np.argmin(scores))]
    if best[0].width > 2 * _EVERY_RADIUS:
        near = [(span,) * dimensions for span in _around(best[0], fields.reach)]
        near = [window for window in near if window not in windows]
        windows, scores = windows + near, np.concatenate([scores, _scores(fields, near, positions, spread)])
    unique: dict[Spans, tuple[float, Candidate]] = {}
    for score, window in zip(scores, windows, strict=True):
        cut = _cut(window, fields)
        covers = all(min(part) >= length - 1 for part, length in zip(cut, fields.lengths, strict=True))
        unique.setdefault(cut, (float(score), Candidate(place, window, cut, covers)))
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


def _cut(window: Spans, fields: Fields) -> Spans:
    return tuple(span.within(length) for span, length in zip(window, fields.lengths, strict=True))


def _boxes(lengths: Sequence[int]) -> list[Spans]:
    """Small windows that reach differently far along their axes."""
    most = _LARGEST_BOX[len(lengths)]
    along = [[span for span in _windows(most) if max(span) < length] for length in lengths]
    return [window for window in product(*along) if len(set(window)) > 1]


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


def _scores(fields: Fields, windows: Sequence[Spans], positions: tuple[Array, ...], spread: float) -> Array:
    """For each window how far the best bias and scale leave the logs of x / y from the formula, over a few betas."""
    if not windows:
        return np.empty(0)
    seen = fields.observations(_cut(windows[0], fields), positions, np.dtype(np.float64), spread)
    lines, scores = Lines(seen.logs - np.median(seen.logs), seen.noise), np.empty(len(windows))

    def work(first: int) -> int:
        group = slice(first, first + _AT_ONCE)
        sums = np.stack([fields.sums(_cut(window, fields), positions) for window in windows[group]])
        scores[group] = lines.misfits(sums)
        return 0

    groups = range(0, len(windows), _AT_ONCE)
    share(groups, lambda: work, min(usable_cores(), len(groups)))
    return scores
