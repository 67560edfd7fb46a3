"""Where a window may lie on a tensor: across channels on some axis, or within a channel over others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from lrn_cli import layouts
from lrn_cli.analysis.identification.sampling import Axes

_LETTERS = {1: "L", 2: "HW", 3: "DHW"}
"""What the axes of a window within a channel are called."""
_OTHERS = "NTLD"
"""What other axes are called than those of the window and of the channels."""
_VOLUME = 5
"""Axes of a tensor from which on three of them may be those of a volume."""


class Place(NamedTuple):
    """The axes over which a window may lie, and how the tensor's axes are then called.

    Attributes:
        axes: In the tensor's order.
        layout: A letter for each axis of the tensor.
        unusual: What it costs, in digits, to believe it.
        boxes: Whether a window may reach differently far along its axes.
    """

    axes: Axes
    layout: str
    unusual: float
    boxes: bool = False

    @property
    def letters(self) -> tuple[str, ...]:
        """What the axes of the window are called."""
        return tuple(self.layout[axis] for axis in self.axes)

    @property
    def within(self) -> bool:
        """Whether the window lies within a channel."""
        return "C" not in self.letters

    @property
    def channel_axis(self) -> int:
        """Which axis the channels are on."""
        return self.layout.index("C")


def places(shape: Sequence[int], known: str | None = None) -> list[Place]:
    """Where a window usually lies on a tensor of that shape: across channels on any axis, or within a channel.

    Args:
        shape: Of the tensor.
        known: Its layout, if that is known.

    >>> [(place.axes, place.layout) for place in places((2, 8, 5, 5)) if place.unusual < 1]
    [((1,), 'NCHW'), ((3,), 'NHWC'), ((2, 3), 'NCHW'), ((1, 2), 'NHWC')]
    """
    rank = len(shape)
    if known is not None:
        return [Place((known.index("C"),), known, 0.0), *_squares([known], shape, narrow=True)]
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
    return sorted([*found, *_squares(usual, shape)], key=lambda place: (place.unusual > 1, place.within))


def _squares(words: Sequence[str], shape: Sequence[int], *, narrow: bool = False) -> Iterator[Place]:
    for word in words:
        if "H" in word and "W" in word:
            axes = tuple(sorted((word.index("H"), word.index("W"))))
            if narrow or min(shape[axis] for axis in axes) > 1:
                yield Place(axes, word, 0.4)


def unusual_places(shape: Sequence[int], known: str | None = None) -> list[Place]:
    """Where else a window may lie: over any two axes or three, and over one that is known to be no channel's.

    >>> [(place.axes, place.layout) for place in unusual_places((5, 6, 2, 3))][:3]
    [((0, 1), 'HWCN'), ((0, 2), 'HCWN'), ((0, 3), 'HCNW')]
    >>> [(place.axes, place.layout) for place in unusual_places((2, 8, 30), "NCL")]
    [((2,), 'NCL'), ((1, 2), 'NCL')]
    """
    long = [axis for axis, length in enumerate(shape) if length > 1]
    found = []
    for count in (1, 2, 3) if known else (2, 3):
        for axes in combinations(long, count):
            word = _over(axes, known) if known else _call(axes, len(shape))
            if word:
                found.append(Place(axes, word, 0.6 * count, boxes=count > 1))
    return found


def _over(axes: Axes, known: str) -> str:
    """The layout that is known, for a window over axes whose letters say what they are."""
    letters = {known[axis] for axis in axes}
    return known if not letters & {"N", "."} and letters != {"C"} else ""


def _call(axes: Axes, rank: int) -> str:
    """A layout in which a window over these axes lies within a channel; empty where there is none."""
    if len(axes) == 3 and rank < _VOLUME:
        # Channels and space together, as only conventions with a list can say it.
        return next((word for word in ("NCHW", "CHW") if len(word) == rank and word[axes[0] :] == "CHW"), "")
    rest = [axis for axis in range(rank) if axis not in axes]
    if not rest or len(rest) > len(_OTHERS):
        return ""
    channel = 1 if 1 in rest else rest[0]
    free = iter(letter for letter in _OTHERS if letter not in _LETTERS[len(axes)])
    names = dict(zip(axes, _LETTERS[len(axes)], strict=True)) | {channel: "C"}
    return "".join(names[axis] if axis in names else next(free, ".") for axis in range(rank))
