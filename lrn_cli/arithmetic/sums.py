"""Sums over sliding windows, by doubling.

A window of 5 is two pairs of pairs and one: three additions instead of four, and the cost grows with the logarithm of
the window. Each window is summed for itself, as a tree: running sums that add the head and subtract the tail cancel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lrn_cli.dtypes import Array

Addition = tuple[Array, Array, Array]
"""Two arrays to add, and where the result goes."""


class Sums(NamedTuple):
    """Additions to do in order, and where the sums are then."""

    additions: tuple[Addition, ...]
    total: Array


def slide(source: Array, width: int, stride: int, count: int, spares: Sequence[Array], *, again: bool = True) -> Sums:
    """The additions after which `total[t] == sum(source[t + j * stride] for j < width)`.

    Args:
        source: 1-D, at least `count + (width - 1) * stride` elements.
        width: Elements in a window.
        stride: Distance between them.
        count: How many windows, beginning at 0, 1, 2, ...
        spares: Buffers as long as the source, all distinct from it: as many as `spares_for` says.
        again: Whether a buffer may be used again once its sums have been read to their end. They have not where the
            additions are done part by part.

    Returns:
        None, and the source itself, if the window is 1 wide; else `total` is one of `spares`.

    >>> import numpy as np
    >>> additions, total = slide(np.arange(6.0), 3, 1, 4, [np.empty(6) for _ in range(3)])
    >>> for addition in additions:
    ...     _ = np.add(*addition)
    >>> total[:4]
    array([ 3.,  6.,  9., 12.])
    """
    additions: list[Addition] = []
    powers, power_width = source, 1
    total: Array | None = source if width & 1 else None
    covered = width & 1

    def next_spare() -> Array:
        used = [powers, total] if again else [result.base for _, _, result in additions]
        return next(spare for spare in spares if not any(spare is other for other in used))

    while 2 * power_width <= width:
        doubled = next_spare()
        length = count + (width - 2 * power_width) * stride
        additions.append((powers[:length], _shift(powers, power_width * stride, length), doubled[:length]))
        powers, power_width = doubled, 2 * power_width
        if width & power_width:
            if total is None:
                total = powers
            else:
                target = total if total is not source else next_spare()
                additions.append((total[:count], _shift(powers, covered * stride, count), target[:count]))
                total = target
            covered += power_width
    assert total is not None  # noqa: S101 - a width of 1 or more has a bit set
    return Sums(tuple(additions), total)


def spares_for(width: int, *, again: bool) -> int:
    """How many buffers `slide` needs beside its source."""
    return 3 if again else width.bit_length()


def fold(terms: Array, axis: int) -> Sums:
    """The additions, in the terms' own memory, after which `total` is their sum along an axis, kept 1 long.

    >>> import numpy as np
    >>> terms = np.arange(10.0).reshape(2, 5)
    >>> additions, total = fold(terms, axis=1)
    >>> for addition in additions:
    ...     _ = np.add(*addition)
    >>> total.tolist()
    [[10.0], [35.0]]
    """

    def at(begin: int, end: int) -> Array:
        part: Array = terms[(slice(None),) * axis + (slice(begin, end),)]
        return part

    additions, left = [], terms.shape[axis]
    while left > 1:
        half = left // 2
        additions.append((at(0, half), at(half, 2 * half), at(0, half)))
        if left % 2:
            additions.append((at(0, 1), at(left - 1, left), at(0, 1)))
        left = half
    return Sums(tuple(additions), at(0, 1))


def _shift(array: Array, by: int, length: int) -> Array:
    return array[by : by + length]
