"""Plots, by matplotlib: where two tensors differ, and the gains of conventions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lrn_cli.analysis.explanation.gain import MOST, Curve, gain, top
from lrn_cli.errors import LrnError
from lrn_cli.tensors.replace import Replacement
from lrn_cli.tensors.targets import check_target

if TYPE_CHECKING:
    from lrn_cli.analysis.comparison.verdict import Comparison, Pair


def draw_comparison(found: Comparison, path: Path, *, force: bool) -> None:
    """Draw a row for each pair that was compared, and write the file whole or not at all."""
    from matplotlib.figure import Figure

    pairs = [pair for pair in found.pairs if pair.where is not None and pair.where.grid.size]
    if not pairs:
        raise LrnError(
            f"{path}: nothing was compared element by element, so there is nothing to plot", "without --plot"
        )
    figure = Figure(figsize=(10, 3.2 * len(pairs)), layout="constrained")
    for axes, pair in zip(figure.subplots(len(pairs), 2, squeeze=False), pairs, strict=True):
        _profile(axes[0], pair)
        _map(figure, axes[1], pair)
    save(figure, path, force=force)


def _profile(axes: Any, pair: Pair) -> None:
    assert pair.where is not None  # noqa: S101 - only such pairs are drawn
    profile, channels = pair.where.profile, pair.where.plane.channels
    axes.set_title(f"{_plain(pair.a.name)} against {_plain(pair.b.name)}")
    axes.set_ylabel("largest |a-b|")
    if profile is None or channels is None:
        axes.text(0.5, 0.5, "which axis the channels are on is not known:\n--layout or --axis says it", ha="center")
        return
    axes.set_xlabel("channel")
    shown = np.where(np.isfinite(profile), profile, np.nan)
    axes.plot(np.linspace(0, pair.where.plane.shape[channels] - 1, shown.size), shown, drawstyle="steps-mid")
    axes.set_ylim(bottom=0)


def _map(figure: Any, axes: Any, pair: Pair) -> None:
    from matplotlib import colormaps

    assert pair.where is not None  # noqa: S101 - only such pairs are drawn
    plane, grid = pair.where.plane, pair.where.grid
    # A mismatch of NaN or infinity has no size: it is drawn in a colour of its own.
    image = axes.imshow(
        np.ma.masked_invalid(grid),
        aspect="auto",
        interpolation="nearest",
        cmap=colormaps["viridis"].with_extremes(bad="red"),
        extent=(0, plane.shape[plane.columns], 1 if plane.rows is None else plane.shape[plane.rows], 0),
    )
    axes.set_xlabel(f"axis {plane.columns}")
    axes.set_ylabel("" if plane.rows is None else f"axis {plane.rows}")
    axes.set_title(
        "largest |a-b|; red: NaN or infinite in one only" if not np.isfinite(grid).all() else "largest |a-b|"
    )
    figure.colorbar(image, ax=axes)


def _plain(name: str) -> str:
    """A name without what matplotlib would take for mathematics."""
    return name.replace("$", r"\$")


_SAMPLES = 2001


def draw_gains(curves: Sequence[Curve], path: Path, *, force: bool) -> None:
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


_FORMATS = (".png", ".svg", ".pdf")
_DATES = {".svg": "Date", ".pdf": "CreationDate"}


def check_plot(plot: str | None, *, force: bool) -> Path | None:
    """The plot that was asked for, refused before anything is read if it could not be drawn or written.

    Raises:
        LrnError: Its suffix is unknown, matplotlib is missing, or the file is there and may not be replaced.
    """
    if not plot:
        return None
    path = Path(plot)
    if path.suffix.lower() not in _FORMATS:
        raise LrnError(f"{path}: a plot is one of {', '.join(_FORMATS)}", f"--plot {path.with_suffix('.png')}")
    try:
        import matplotlib  # noqa: F401 - only whether it is there
    except ImportError:
        raise LrnError("--plot needs matplotlib, which is not installed", "pip install matplotlib") from None
    check_target(path, force=force, instead="another name, or --force to replace it")
    return path


def save(figure: Any, path: Path, *, force: bool) -> None:
    """Write a figure in the format that the file's suffix names, undated: the same figure gives the same file."""
    suffix = path.suffix.lower()
    replacement = Replacement(path, force=force)
    try:
        metadata = {_DATES[suffix]: None} if suffix in _DATES else {}
        figure.savefig(replacement.path, format=suffix[1:], metadata=metadata)
        replacement.commit()
    except BaseException:
        replacement.abort()
        raise
