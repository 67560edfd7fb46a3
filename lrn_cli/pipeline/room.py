"""Whether a disk has room for what is to be written to it."""

from __future__ import annotations

import os
from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.targets import is_stream

_MUCH = 1 << 24
"""Bytes of an output before which the disk is asked whether it has room."""


def check_room(path: Path | None, needed: int) -> None:
    """Refuse what the disk cannot hold; a file of a few bytes may declare a tensor of terabytes.

    Args:
        path: The output; None for a stream.
        needed: Bytes that it will take.

    Raises:
        LrnError: There are not as many.
    """
    if needed < _MUCH or path is None or is_stream(path):
        return
    there = next(folder for folder in Path(os.path.realpath(path)).parents if folder.exists())
    disk = os.statvfs(there)
    free = disk.f_bavail * disk.f_frsize
    if needed > free:
        raise LrnError(
            f"{path}: the result takes {needed:,} bytes and its disk has {free:,} free",
            "another disk behind -o, or --dtype float16",
        )
