"""Which chunks of an array are there, and what they take: readers take those that are not for the fill value."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import NamedTuple

from lrn_cli.tensors.zarr.declared import Declared
from lrn_cli.tensors.zarr.files import can_list, sizes
from lrn_cli.tensors.zarr.nodes import ATTRIBUTES, MARKS


class Census(NamedTuple):
    """The files of an array.

    Attributes:
        absent: How many chunks, or shards, are not there.
        nbytes: What the others take.
    """

    absent: int
    nbytes: int


def count(root: Path, declared: Declared) -> Census:
    """Count the chunks of an array; none are missed where nobody tells which are there.

    Raises:
        LrnError: A symbolic link among them leads out of the store.
    """
    if not can_list(root):
        return Census(0, 0)
    there = nbytes = 0
    for name, size in sizes(root, declared.node.folder):
        if name not in (*MARKS, ATTRIBUTES) and _is_chunk(declared, name):
            there, nbytes = there + 1, nbytes + size
    return Census(max(prod(declared.grid) - there, 0), nbytes)


def _is_chunk(declared: Declared, name: str) -> bool:
    """Whether a file is called as a chunk of the grid."""
    key = name
    if declared.prefix:
        first, separator, key = name.partition(declared.separator)
        if first != declared.prefix:
            return False
        if not declared.shape:
            return not separator
    return _places(key.split(declared.separator), declared.grid or (1,))


def _places(words: Sequence[str], grid: Sequence[int]) -> bool:
    return len(words) == len(grid) and all(
        word.isdigit() and int(word) < length for word, length in zip(words, grid, strict=True)
    )
