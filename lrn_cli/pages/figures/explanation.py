"""Conventions to look at: their gains, one strong channel among weak ones, and what their windows cover."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrn_cli.analysis.explanation.gain import curves, gain, sums, top
from lrn_cli.analysis.explanation.inhibition import inhibit
from lrn_cli.conventions.binding import Bound
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
    axes = list(bound.norm.window)
    span = bound.norm.window[axes[-1]]
    places = max(span.width + 4, 9)
    if places > _WIDEST or len(axes) > 2:
        return None
    names = bound.convention.name
    scale = Scale("what counts", 0, 1, ends=("does not count", "counts"))
    at = np.arange(places)
    apart = at[None, :] - at[:, None]
    if axes == ["C"]:
        cells = ((apart >= -span.before) & (apart <= span.after)).astype(float)
        said = f"Window of {names}: {span.before} before, {span.after} after"
        x, y = "channel that may count", "channel of the result"
    else:
        near = np.abs(at - places // 2) <= span.before
        cells = (near[:, None] & near[None, :]).astype(float)
        said = f"Window of {names}: {span.width} by {span.width} within a channel"
        x, y = "W (width)", "H (height)"
    axis = Axis(x, 0, places, whole=True, centred=True)
    return Map(said, axis, axis._replace(label=y), cells, scale, square=True)


def _notes(bounds: Sequence[Bound]) -> tuple[str, ...]:
    """That one tensor has other sums under windows of other widths."""
    widths = {bound.convention.name: [span.width for span in bound.norm.window.values()] for bound in bounds}
    if len({tuple(width) for width in widths.values()}) < 2:
        return ()
    said = ", ".join(f"{' by '.join(map(str, width))} in {name}" for name, width in widths.items())
    return (f"s is summed over windows of different widths ({said}): one tensor gives them different s.",)
