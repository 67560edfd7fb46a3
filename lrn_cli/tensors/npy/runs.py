"""Where the elements of a block lie in a file that stores the tensor without gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from lrn_cli.arithmetic.blocks import Box, size


def runs(box: Box, shape: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The contiguous runs of a block, as position of the first element and number of elements.

    >>> list(runs((slice(0, 2), slice(1, 3), slice(0, 4)), (2, 3, 4)))
    [(4, 8), (16, 8)]
    """
    lengths = size(box)
    if lengths == tuple(shape):
        yield 0, prod(lengths)
        return
    inner = len(shape)
    while inner > 0 and lengths[inner - 1] == shape[inner - 1]:
        inner -= 1
    # The axis before the full ones is the last that a run reaches along.
    split = max(inner - 1, 0)
    count = prod(lengths[split:])
    strides = [prod(shape[axis + 1 :]) for axis in range(len(shape))]
    first = sum(piece.start * stride for piece, stride in zip(box, strides, strict=True))
    for index in product(*(range(length) for length in lengths[:split])):
        yield first + sum(at * stride for at, stride in zip(index, strides, strict=False)), count
