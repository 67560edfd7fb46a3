"""Which files are read by libraries that a damaged file may crash."""

from __future__ import annotations

from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.registry import sniff
from lrn_cli.tensors.selection import STREAM, split
from lrn_cli.tensors.targets import is_stream


def may_crash(source: str, output: str | None = None) -> bool:
    """Whether an input, or the old file that an output is added to, may crash the library that reads it.

    Of a stream nothing is known; and no other process than this one can be sure to have it.

    >>> may_crash("-", "samples/feats.h5"), may_crash("samples/feats.npy"), may_crash("samples/feats.h5")
    (False, False, True)
    """
    if source == STREAM or (source and is_stream(Path(split(source)[0]))):
        return False
    return _is_fragile(source) or (output is not None and _is_fragile(output))


def _is_fragile(word: str) -> bool:
    try:
        path = Path(split(word)[0])
        return path.is_file() and sniff(path).may_crash
    except (LrnError, OSError):
        return False  # whoever opens it says why it cannot be read
