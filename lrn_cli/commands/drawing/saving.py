"""Figures of matplotlib as files, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lrn_cli.errors import LrnError
from lrn_cli.tensors.replace import Replacement
from lrn_cli.tensors.targets import check_target

_FORMATS = (".png", ".svg", ".pdf")
_DATES = {".svg": "Date", ".pdf": "CreationDate"}


def asked_plot(options: Mapping[str, Any]) -> Path | None:
    """The plot that was asked for, refused before anything is read if it could not be drawn or written.

    Raises:
        LrnError: Its suffix is unknown, matplotlib is missing, or the file is there and may not be replaced.
    """
    if not options["plot"]:
        return None
    path = Path(options["plot"])
    if path.suffix.lower() not in _FORMATS:
        raise LrnError(f"{path}: a plot is one of {', '.join(_FORMATS)}", f"--plot {path.with_suffix('.png')}")
    try:
        import matplotlib  # noqa: F401 - only whether it is there
    except ImportError:
        raise LrnError("--plot needs matplotlib, which is not installed", "pip install matplotlib") from None
    check_target(path, force=options["force"])
    return path


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
