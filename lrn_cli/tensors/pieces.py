"""Bytes that are copied from one open file to another in large pieces, inside the kernel where it can."""

from __future__ import annotations

import os

_PIECE = 1 << 26
"""Bytes of one call: so few that a signal is not kept waiting."""
_IN_MEMORY = 1 << 22


def copy_bytes(source: int, target: int, size: int, at: int = 0, to: int = 0) -> int:
    """Copy `size` bytes at `at` of one file to `to` in another; some file systems then share them until one changes.

    Returns:
        How many were there to copy.

    Raises:
        OSError: They cannot be read or written.
    """
    done = 0
    while done < size and (piece := _copy_inside(source, target, min(size - done, _PIECE), at + done, to + done)):
        done += piece
    while done < size and (data := os.pread(source, min(size - done, _IN_MEMORY), at + done)):
        done += os.pwrite(target, data, to + done)
    return done


def _copy_inside(source: int, target: int, size: int, at: int, to: int) -> int:
    """How many bytes the kernel has copied; 0 where it does not do that between such files."""
    try:
        return os.copy_file_range(source, target, size, at, to)
    except (AttributeError, OSError):
        return 0
