"""Which files are read by libraries that a damaged file may crash."""

from __future__ import annotations

from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.registry import sniff
from lrn_cli.tensors.selection import STREAM, split


def may_crash(word: str) -> bool:
    """Whether a file that is there, as typed, may crash the library that reads it; a stream is read by none.

    >>> may_crash("-"), may_crash("samples/feats.npy"), may_crash("samples/feats.h5::/conv1")
    (False, False, True)
    """
    if word == STREAM:
        return False
    try:
        path = Path(split(word)[0])
        return path.is_file() and sniff(path).may_crash
    except (LrnError, OSError):
        return False  # whoever opens it says why it cannot be read
