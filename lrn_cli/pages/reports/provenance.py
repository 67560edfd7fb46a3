"""Of what and by what a report was made: files with their checksums, the command, versions."""

from __future__ import annotations

import hashlib
import platform
import shlex
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from lrn_cli._version import __version__
from lrn_cli.pages.document import Block, Code, Heading, Table
from lrn_cli.tensors.selection import STREAM, split

_PIECE = 1 << 20


class Made(NamedTuple):
    """How a report came about.

    Attributes:
        command: The words that were typed behind `lrn`.
        files: The tensors that were read, as typed.
        arithmetic: What computed.
    """

    command: tuple[str, ...]
    files: tuple[str, ...] = ()
    arithmetic: str = ""


def checksums(words: Sequence[str]) -> list[tuple[str, str, str]]:
    """Each word's file, its bytes and its SHA-256; dashes for a pipe, which is gone.

    >>> checksums(["-"])
    [('-', '-', '-')]
    """
    return [_checksum(word) for word in words]


def _checksum(word: str) -> tuple[str, str, str]:
    path = Path(split(word)[0])
    if word == STREAM or not path.is_file():
        return word, "-", "-"
    taken = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            taken.update(piece)
    return word, f"{path.stat().st_size:,}", taken.hexdigest()


def blocks(made: Made) -> list[Block]:
    """The last part of every report."""
    return [
        Heading("How this was made"),
        Code(shlex.join(("lrn", *made.command)), "sh"),
        Table(("of", "version"), tuple(_versions(made))),
    ]


def _versions(made: Made) -> list[tuple[str, str]]:
    found = [("lrn", __version__), ("arithmetic", made.arithmetic), ("Python", platform.python_version())]
    for name in ("numpy", "h5py"):
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:  # copied there without what describes it
            found.append((name, "unknown"))
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return [*found, ("system", f"{platform.system()} {platform.machine()}"), ("made", now)]
