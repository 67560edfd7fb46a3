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

from lrn_cli import layouts
from lrn_cli._version import __version__
from lrn_cli.errors import LrnError
from lrn_cli.pages.document import Block, Code, Heading, Table
from lrn_cli.tensors.selection import STREAM, open_tensor, split
from lrn_cli.tensors.targets import is_url, place
from lrn_cli.tensors.tensor import Reading

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


def table_of_files(words: Sequence[str]) -> Table:
    """Each tensor with its shape and type, its file with size and checksum; dashes for what is no file here."""
    known: dict[Path, str] = {}  # of a file with many tensors once
    return Table(("file", "shape", "dtype", "bytes", "SHA-256"), tuple(_describe(word, known) for word in words))


def _describe(word: str, known: dict[Path, str]) -> tuple[str, ...]:
    path = place(split(word)[0])
    if word == STREAM or is_url(path) or not path.is_file():
        return word, "-", "-", "-", "-"
    if path not in known:
        known[path] = _checksum(path)
    return word, *_shape_and_type(word), f"{path.stat().st_size:,}", known[path]


def _checksum(path: Path) -> str:
    taken = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            taken.update(piece)
    return taken.hexdigest()


def _shape_and_type(word: str) -> tuple[str, str]:
    """What the file says of the tensor; dashes where that takes options which only its command had."""
    try:
        with open_tensor(word, Reading()) as source:
            return layouts.describe(source.info.shape), source.info.type_name
    except LrnError:
        return "-", "-"


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
