"""Darknet's layer [normalization], which computes no normalization of any window: described, never offered."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.oddity import Oddity

_LAYER = "pjreddie/darknet@f6afaabc:src/normalization_layer.c:66-95"
_PARSER = "pjreddie/darknet@f6afaabc:src/parser.c:523-531"


def _terms(size: int, channel: int, channels: int, _: int) -> dict[int, int]:
    """The first loop leaves out channel size/2, which the others then take away once."""
    found = dict.fromkeys(range(min(size // 2, channels)), 1)
    for at in range(1, channel + 1):
        before, after = at - (size - 1) // 2 - 1, at + size // 2
        if before >= 0:
            found[before] = found.get(before, 0) - 1
        if after < channels:
            found[after] = found.get(after, 0) + 1
    return found


ODDITIES = (
    Oddity(
        name="darknet",
        aliases=("yolo",),
        title="Darknet [normalization]",
        parameters=("size", "kappa", "alpha", "beta"),
        text="Its first loop leaves channel size/2 out of the sum, which later steps take away once all the same: for"
        " size 5 the square of channel 2 is missing from the first windows and subtracted from all that follow. The"
        " base can become negative, and the result is NaN; its own defaults (size 5, alpha 1e-4, beta 0.75, kappa 1)"
        " do so on pixels of 0 to 255. alpha is not divided.",
        instead="what it means to compute, over channels that lie centred, is -c neupy-theano",
        sources=(_LAYER, _PARSER, "Darknet f6afaabc, run"),
        terms=_terms,
        alpha_is_divided=False,
    ),
)

CONVENTIONS: tuple[Convention, ...] = ()
