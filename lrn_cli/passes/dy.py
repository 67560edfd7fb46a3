"""The derivatives that come in: opened, and held against the tensor that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

import numpy as np

from lrn_cli import layouts
from lrn_cli.errors import LrnError
from lrn_cli.tensors.arrays import ArraySource
from lrn_cli.tensors.selection import STREAM, open_values
from lrn_cli.tensors.tensor import Reading, Source

ONES = "ones"
"""Instead of a file: the gradient of the sum of the results."""


def open_dy(word: str, x: tuple[str, Source], reading: Reading, stdin: IO[bytes] | None = None) -> Source:
    """Open the derivatives that come in, or another tensor that belongs to x as they do.

    Args:
        word: As typed; "ones" is no file.
        x: The tensor's word, and the tensor.
        reading: How to read.
        stdin: What `-` stands for.

    Raises:
        LrnError: They cannot be opened, are a picture, or of another shape than x.
    """
    name, source = x
    shape = source.info.shape
    if word == ONES:
        return ArraySource(np.broadcast_to(np.ones((), np.float32), shape))
    if word == name == STREAM:
        raise LrnError("standard input is given twice", "name one of the files")
    given = open_values(word, reading, stdin)
    try:
        if given.info.layout is not None:
            raise LrnError(f"{word}: is an image, whose numbers cannot be negative; dy is none", "an .npy file")
        if given.info.shape != shape:
            raise shapes_differ((name, shape), (word, given.info.shape))
    except BaseException:
        given.close()
        raise
    return given


def shapes_differ(x: tuple[str, Sequence[int]], other: tuple[str, Sequence[int]]) -> LrnError:
    """That a tensor has not the shape of x; both by their names."""
    (name, shape), (second, of_second) = x, other
    return LrnError(
        f"{second} is {layouts.describe(of_second)} and {name} is {layouts.describe(shape)}; they must be of one shape",
        "another file, or the same layout for both",
    )
