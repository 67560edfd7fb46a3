"""Conventions to look at: their gains, one strong channel among weak ones, and what their windows cover."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrn_cli.analysis.explanation.gain import curves, gain, sums, top
from lrn_cli.analysis.explanation.inhibition import inhibit
from lrn_cli.conventions.binding import Bound
from lrn_cli.dtypes import Array
from lrn_cli.formula import Span
from lrn_cli.pages.pictures.figure import Axis, Bars, Chart, Figure, Line, Map, Panel, Scale
from lrn_cli.pages.pictures.ticks import round_up

_WINDOWS = 3
"""Windows that stand beside each other."""
_WIDEST = 33
"""Channels beyond which a window is not drawn."""


def draw(bounds: Sequence[Bound]) -> Figure:
    """The figure of one convention with its numbers, or of several."""
    title = "Local response normalization: y = x / (bias + scale * s) ^ beta"
    first, *below = panels(bounds)
    rows = ((first,), *(tuple(below[at : at + 2]) for at in range(0, len(below), 2)))
    return Figure(title, tuple(dict.fromkeys(map(str, bounds))), rows, _notes(bounds))


def panels(bounds: Sequence[Bound]) -> list[Panel]:
    """The gains, one strong channel among weak ones, and the windows."""
    return [gain_chart(bounds), *_bars(bounds), *_windows(bounds)]


def gain_chart(bounds: Sequence[Bound]) -> Chart:
    """The gains, each curve once, over the sums at which they fall."""
    found = curves(bounds)
    shown = sums(found)
    lines = []
    for number, curve in enumerate(found):
        gains = gain(curve.norm, shown)
        drawn = np.isfinite(gains).sum() > 1
        label = curve.label if drawn else f"{curve.label} (no number here)"
        lines.append(Line(label, shown, gains, number))
    return Chart(
        "Gain: by what an activation is multiplied",
        Axis("s: sum of squares in the window (unit of x, squared)", shown[0], shown[-1], log=True),
        Axis("gain y/x (a factor, no unit)", 0, top(found)),
        lines=tuple(lines),
    )


def _bars(bounds: Sequence[Bound]) -> list[Panel]:
    """One strong channel among weak ones, before and after."""
    found = inhibit(bounds)
    if found is None:
        return []
    places = len(found.x)
    across = any("C" in bound.norm.window for bound in bounds)
    values = np.concatenate([found.x, *found.results.values()])
    values = values[np.isfinite(values)]
    after = (Bars(f"after, {name}", y, place + 1) for place, (name, y) in enumerate(found.results.items()))
    strong, weak = found.x.max(), found.x.min()
    return [
        Chart(
            f"One strong {'channel' if across else 'position'} ({strong:g}) among weak ones ({weak:g})",
            Axis("channel" if across else "position in the channel", 0, places, whole=True, centred=True),
            Axis("activation", -round_up(-values.min()) if values.min() < 0 else 0, round_up(values.max())),
            bars=(Bars("before", found.x), *after),
        )
    ]


def _windows(bounds: Sequence[Bound]) -> list[Map]:
    """What each window covers: a row of cells for each channel, or the box around one element."""
    seen = {tuple(bound.norm.window.items()): bound for bound in reversed(bounds)}
    drawn = [_window(bound) for bound in reversed(seen.values())]
    return [panel for panel in drawn if panel is not None][:_WINDOWS]


def _window(bound: Bound) -> Map | None:
    axes, spans = list(bound.norm.window), list(bound.norm.window.values())
    places = max(9, *(span.width + 4 for span in spans))
    if places > _WIDEST or len(axes) > 2:
        return None
    at = np.arange(places)
    if len(axes) == 1:
        cells = _covered(at[None, :] - at[:, None], spans[0])
        said = f"{spans[0].before} before, {spans[0].after} after"
        place = "channel" if axes == ["C"] else f"position along {axes[0]}"
        x, y = f"{place} that may count", f"{place} of the result"
    else:
        rows, columns = (_covered(at - places // 2, span) for span in spans)
        cells = rows[:, None] & columns
        where = f"along {' and '.join(axes)}" if "C" in axes else "within a channel"
        said = f"{' by '.join(str(span.width) for span in spans)} {where}"
        y, x = (_LABELS.get(axis, axis) for axis in axes)
    axis = Axis(x, 0, places, whole=True, centred=True)
    scale = Scale("what counts", 0, 1, ends=("does not count", "counts"))
    title = f"Window of {bound.convention.name}: {said}"
    return Map(title, axis, axis._replace(label=y), cells.astype(float), scale, square=True)


_LABELS = {"C": "channel", "H": "H (height)", "W": "W (width)"}


def _covered(apart: Array, span: Span) -> Array:
    """Whether a window reaches so far."""
    return (apart >= -span.before) & (apart <= span.after)


def _notes(bounds: Sequence[Bound]) -> tuple[str, ...]:
    """That one tensor has other sums under windows of other widths."""
    widths = [(one.convention.name, tuple(span.width for span in one.norm.window.values())) for one in bounds]
    if len({width for _, width in widths}) < 2:
        return ()
    said = ", ".join(f"{' by '.join(map(str, width))} in {name}" for name, width in dict.fromkeys(widths))
    return (f"s is summed over windows of different widths ({said}): one tensor gives them different s.",)
