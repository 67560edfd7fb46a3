"""Figures of matplotlib as files, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lrn_cli.tensors.replace import Replacement

_DATES = {".svg": "Date", ".pdf": "CreationDate"}


def save(figure: Any, path: Path, *, force: bool) -> None:
    """Write a figure in the format that the file's suffix names, undated: the same figure gives the same file."""
    suffix = path.suffix.lower()
    replacement = Replacement(path, force=force)
    try:
        metadata = {_DATES[suffix]: None} if suffix in _DATES else {}
        figure.savefig(replacement.path, format=suffix[1:], metadata=metadata)
        replacement.commit()
    except BaseException:
        replacement.abort()
        raise
