"""Where an output goes: from what was typed behind `-o` to a file, a dataset in one, or a stream."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.registry import find_format, for_output
from lrn_cli.tensors.selection import STREAM, split
from lrn_cli.tensors.tensor import Format, Source

_IMAGES_BECOME = ".npy"
"""A folder takes the names of its inputs; images, which are only written on request, and archives become tensors."""


@dataclass(frozen=True)
class Destination:
    """Where an output goes.

    Attributes:
        path: The file; None for standard output.
        member: The dataset in it, where one was named.
        format: What it is written as.
        missing_folder: The folder to make first, where the last part of the path is missing.
    """

    path: Path | None
    member: str
    format: Format
    missing_folder: Path | None = None

    def __str__(self) -> str:
        if self.path is None:
            return STREAM
        return f"{self.path}::{self.member}" if self.member else str(self.path)


def destination(word: str | None, asked: str | None, source_word: str, source: Source) -> Destination:
    """Where the result of `source_word` goes when `word` was typed behind `-o`.

    Args:
        word: As typed; None where nothing was.
        asked: The format asked for by name.
        source_word: What was typed for the input.
        source: The open input.

    Raises:
        LrnError: Nothing was typed for a file, or no format, folder or name follows from it.
    """
    if word is None and source_word != STREAM:
        raise LrnError(f"{source_word}: nothing says where the result goes", f"lrn apply {source_word} -o out.npy")
    if word is None or word == STREAM:
        return _stream(asked)
    if not word.endswith("/") and not Path(word).is_dir():
        path, member = split(word)
        return Destination(path, member, for_output(path, asked))
    folder = Path(word)
    path = folder / _inherited_name(source_word, source, asked)
    missing = folder if not folder.exists() and folder.parent.is_dir() else None
    return Destination(path, "", for_output(path, asked), missing)


def _stream(asked: str | None) -> Destination:
    if asked not in (None, "npy"):
        raise LrnError(f"standard output carries npy, not {asked}", f"-o out.{asked}")
    return Destination(None, "", find_format("npy"))


def _inherited_name(source_word: str, source: Source, asked: str | None) -> str:
    """The name that a folder's file takes from its input."""
    if source.path is None:
        raise LrnError("standard input has no name for a file in a folder", "-o FOLDER/out.npy")
    path = source.path
    if asked is not None:
        return path.with_suffix(find_format(asked).suffixes[0]).name
    archived = source_word != str(path) and not source.info.member.startswith("/")
    if source.info.layout is None and not archived:
        return path.name
    stem = f"{path.stem}.{source.info.member}" if archived else path.stem
    return stem + _IMAGES_BECOME
