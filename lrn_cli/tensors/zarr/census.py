"""Which chunks of an array are there, and what they take: readers take those that are not for the fill value."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path
from typing import NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.zarr.declared import Declared
from lrn_cli.tensors.zarr.files import can_list, sizes
from lrn_cli.tensors.zarr.nodes import ATTRIBUTES, CONSOLIDATED, MARKS, Node, walk

_OF_ARRAYS = re.compile(r"(c[/.])?\d+([/.]\d+)*|c")
"""Names of chunks: also of those that are no longer in the grid."""
_OF_NOBODY = re.compile(r"\.DS_Store|\._.*|Thumbs\.db|.*\.(lrn-)?partial")
"""What systems leave in folders, and writers of chunks that were killed."""
_INSTEAD = "another name, or move that away first"


class Census(NamedTuple):
    """The files of an array.

    Attributes:
        absent: How many chunks, or shards, are not there.
        nbytes: What the others take.
        largest: What the largest takes.
    """

    absent: int
    nbytes: int
    largest: int


def count(root: Path, declared: Declared) -> Census:
    """Count the chunks of an array; none are missed where nobody tells which are there.

    Raises:
        LrnError: A symbolic link among them leads out of the store.
    """
    if not can_list(root):
        return Census(0, 0, 0)
    there = nbytes = largest = 0
    for name, size in _chunks_of(root, declared.node.folder):
        if _is_chunk(declared, name):
            there, nbytes, largest = there + 1, nbytes + size, max(largest, size)
    return Census(max(prod(declared.grid) - there, 0), nbytes, largest)


def refuse_loss(root: Path) -> None:
    """Refuse to replace a folder in which there is more than the store that it is.

    Raises:
        LrnError: There is, or its metadata is damaged, so that nobody can say.
    """
    for node in walk(root):
        if isinstance(node, LrnError):
            raise LrnError(f"{root}: is not replaced, as not all in it is of a Zarr store: {node.message}", _INSTEAD)
        for name in _beside_nodes(root, node):
            raise LrnError(f"{root}: is not replaced, as {name} in it is no part of a Zarr store", _INSTEAD)


def _beside_nodes(root: Path, node: Node) -> Iterator[str]:
    """Files, and folders of a group, that are neither metadata nor chunks nor nodes."""
    if node.is_array:
        found = [name for name, _ in _chunks_of(root, node.folder) if not _OF_ARRAYS.fullmatch(name)]
    else:
        with os.scandir(node.folder) as entries:
            found = [
                entry.name
                for entry in entries
                if entry.name not in (*MARKS, ATTRIBUTES, CONSOLIDATED)
                and (entry.is_symlink() or not any(Path(entry.path, mark).is_file() for mark in MARKS))
            ]
    for name in sorted(found):
        if not _OF_NOBODY.fullmatch(name.rpartition("/")[2]):
            yield f"{node.member}/{name}".lstrip("/")


def _chunks_of(root: Path, folder: Path) -> Iterator[tuple[str, int]]:
    """The files of an array, but for its metadata."""
    return ((name, size) for name, size in sizes(root, folder) if name not in (*MARKS, ATTRIBUTES))


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
