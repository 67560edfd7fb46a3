"""The picture of gains as a figure of matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lrn_cli.analysis.gain import MOST, Curve, gain, top
from lrn_cli.commands.drawing.saving import save

_SAMPLES = 2001


def plot(curves: Sequence[Curve], path: Path, *, force: bool) -> None:
    """Draw the gains against the sum of squares, with axes and a legend, to an image file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.add_subplot()
    sums = np.linspace(0, MOST, _SAMPLES)
    for curve in curves:
        gains = gain(curve.norm, sums)
        axes.plot(sums, np.where(np.isfinite(gains), gains, np.nan), label=curve.label)
    axes.set_title("Gain of local response normalization: 1 / (bias + scale · s) ^ beta")
    axes.set_xlabel("sum of squares s in the window (unit of x, squared)")
    axes.set_ylabel("gain y/x (a factor, no unit)")
    axes.set_xlim(0, MOST)
    axes.set_ylim(0, top(curves) * 1.02)
    axes.grid(alpha=0.3)
    # Below the axes, where it covers no curve.
    figure.legend(loc="outside lower center", fontsize="small", ncols=2)
    save(figure, path, force=force)
