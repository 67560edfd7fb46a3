"""Which chunks of an array are there, and what they take: readers take those that are not for the fill value."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path
from typing import NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.zarr.declared import Declared
from lrn_cli.tensors.zarr.nodes import ATTRIBUTES, MARKS, refuse_outside


class Census(NamedTuple):
    """The files of an array.

    Attributes:
        absent: How many chunks, or shards, are not there.
        nbytes: What the others take.
    """

    absent: int
    nbytes: int


def count(root: Path, declared: Declared) -> Census:
    """Count the chunks of an array.

    Raises:
        LrnError: A symbolic link among them leads out of the store.
    """
    there = nbytes = 0
    for name, size in _files(root, declared.node.folder):
        if _is_chunk(declared, name):
            there, nbytes = there + 1, nbytes + size
    return Census(max(prod(declared.grid) - there, 0), nbytes)


def _files(root: Path, folder: Path) -> Iterator[tuple[str, int]]:
    """All files below a folder by their path from there, with their size."""
    waiting = [""]
    while waiting:
        below = waiting.pop()
        with os.scandir(folder / below) as entries:
            for entry in entries:
                if entry.is_symlink():
                    refuse_outside(root, Path(entry.path))
                elif entry.is_dir():
                    waiting.append(f"{below}{entry.name}/")
                    continue
                if not entry.is_file():
                    raise LrnError(f"{entry.path}: is a pipe or a device, not a chunk", "remove it from the store")
                if not (not below and entry.name in (*MARKS, ATTRIBUTES)):
                    yield below + entry.name, entry.stat().st_size


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
