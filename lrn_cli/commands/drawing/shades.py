"""A small heat map of block characters, for a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lrn_cli.commands.terminal.console import is_terminal

if TYPE_CHECKING:
    from lrn_cli.analysis.comparison.where import Array, ErrorMap

_SHADES = "·░▒▓█"
"""From no difference to the largest; shades and not colours, so that NO_COLOR has nothing to take away."""
_ROWS, _COLUMNS = 16, 48


def can_be_shown() -> bool:
    """Whether standard output is a terminal that has these characters."""
    if not is_terminal(sys.stdout):
        return False
    try:
        _SHADES.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def heat_map(found: ErrorMap) -> list[str]:
    """The map as lines of at most 48 characters, with a line above that says which axes it shows."""
    import numpy as np

    plane, cells = found.plane, _coarser(found.grid)
    finite = cells[np.isfinite(cells)]
    largest = finite.max() if finite.size and finite.max() > 0 else 1.0
    # Whatever differs at all is not shown as equal, and a mismatch is the darkest.
    levels = np.ceil(np.clip(np.nan_to_num(cells / largest, posinf=1.0), 0, 1) * (len(_SHADES) - 1)).astype(int)
    down = "" if plane.rows is None else f", axis {plane.rows} down"
    head = f"largest |a-b|: axis {plane.columns} across{down}, {_SHADES[-1]} is {largest:.3g}"
    return [head, *("".join(_SHADES[level] for level in row) for row in levels)]


def _coarser(grid: Array) -> Array:
    """The map in so few rows and columns that it stays small."""
    import numpy as np

    for axis, most in enumerate((_ROWS, _COLUMNS)):
        count = grid.shape[axis]
        if count > most:
            starts = np.arange(most) * count // most
            grid = np.maximum.reduceat(grid, starts, axis=axis)
    return grid
