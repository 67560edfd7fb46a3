"""How many inputs a worker is given at a time: about five seconds' work, and less towards the end."""

from __future__ import annotations

from math import ceil

_SECONDS = 5.0
"""A group costs the scheduler 1 to 6 ms, so that a thousand workers can have groups of so long."""
_LEAST = 0.1
"""Seconds below which what a group costs would be more than what it evens out at the end."""
_SHARE = 4
"""Towards the end each worker is given a quarter of what would be its part of the rest."""
_FIRST = 8
"""Inputs of a group before anything is known."""


class Sizes:
    """Sizes of groups, from how long those took that are done.

    >>> sizes = Sizes()
    >>> sizes.following(left=1_000_000, slots=2)
    8
    >>> sizes.learn(8, 0.008)
    >>> sizes.following(left=1_000_000, slots=2), sizes.following(left=9_000, slots=4), sizes.following(left=9, slots=1)
    (5000, 563, 9)
    >>> sizes.learn(4, 40.0)
    >>> sizes.following(left=1_000, slots=2)
    1
    """

    def __init__(self) -> None:
        self._count = self._seconds = 0.0

    def learn(self, count: int, seconds: float) -> None:
        """Take note of a group: what came before counts half each time, as files need not be alike."""
        self._count, self._seconds = self._count / 2 + count, self._seconds / 2 + seconds

    def following(self, *, left: int, slots: int) -> int:
        """How many of `left` inputs the next group has, where `slots` threads work."""
        share = ceil(left / (_SHARE * max(slots, 1)))
        if not self._count:
            return max(1, min(share, _FIRST))
        each = max(self._seconds / self._count, 1e-6)
        return max(1, min(left, int(_SECONDS / each), max(share, int(_LEAST / each))))
