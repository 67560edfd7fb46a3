"""Plots of where two tensors differ: the largest difference of each channel, and a map over two axes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrn_cli.commands.drawing.saving import save
from lrn_cli.errors import LrnError

if TYPE_CHECKING:
    from lrn_cli.analysis.comparison.verdict import Comparison, Pair


def draw(found: Comparison, path: Path, *, force: bool) -> None:
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
    import numpy as np

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
    import numpy as np
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
