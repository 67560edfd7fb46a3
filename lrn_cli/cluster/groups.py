"""What a worker is given at a time: about five seconds' work, less towards the end, and what was lost once more."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from math import ceil
from typing import NamedTuple

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


class How(IntEnum):
    """How a group is done: each way where workers were lost in the one before."""

    AS_USUAL = 0
    APART = 1
    ALONE = 2


class Part(NamedTuple):
    """A group.

    Attributes:
        numbers: Its inputs.
        how: How they are done.
        tries: How often that was tried.
        without: Workers that are not to do it, and
        among: those of which one is to; empty where all may.
    """

    numbers: Sequence[int]
    how: How = How.AS_USUAL
    tries: int = 0
    without: frozenset[str] = frozenset()
    among: frozenset[str] = frozenset()

    def after_loss(self) -> list[Part]:
        """How it is done again when workers were lost with it; not at all if it was one input alone.

        >>> parts = Part([3, 4, 5]).after_loss()
        >>> parts = [part for before in parts for part in before.after_loss()]
        >>> [(part.numbers, part.how.name) for part in parts], Part([3], How.ALONE).after_loss()
        ([([3, 4], 'ALONE'), ([5], 'ALONE')], [])
        """
        if self.how is How.AS_USUAL:
            return [self._replace(how=How.APART)]
        if self.how is How.ALONE and len(self.numbers) == 1:
            return []
        half = (len(self.numbers) + 1) // 2
        halves = [numbers for numbers in (self.numbers[:half], self.numbers[half:]) if numbers]
        return [self._replace(numbers=numbers, how=How.ALONE) for numbers in halves]
