"""Which axis of one tensor is which of another, where the one has the other's axes in another order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_ORDERS = (("NCHW", "NHWC"), ("CHW", "HWC"), ("NCDHW", "NDHWC"))


class Match(NamedTuple):
    """How the axes of a second tensor correspond to those of the first.

    Attributes:
        axes: For each axis of the second, which of the first that is.
        layouts: The layouts of both, where they are not the same; else None.
    """

    axes: tuple[int, ...]
    layouts: tuple[str, str] | None = None


def match(first: Sequence[int], second: Sequence[int]) -> Match | None:
    """How two shapes correspond: axis by axis, or as one layout to another; None where they do not.

    >>> match((2, 3), (2, 3)), match((2, 3), (3, 2))
    (Match(axes=(0, 1), layouts=None), None)
    >>> match((1, 96, 27, 20), (1, 27, 20, 96))
    Match(axes=(0, 2, 3, 1), layouts=('NCHW', 'NHWC'))
    """
    if tuple(first) == tuple(second):
        return Match(tuple(range(len(first))))
    for channels_first, channels_last in _ORDERS:
        for one, other in ((channels_first, channels_last), (channels_last, channels_first)):
            if len(one) == len(first) == len(second):
                axes = tuple(one.index(letter) for letter in other)
                if all(first[axis] == length for axis, length in zip(axes, second, strict=True)):
                    return Match(axes, (one, other))
    return None
