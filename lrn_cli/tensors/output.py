"""Where an output goes: from what was typed behind `-o` to a file, a dataset in one, or a stream."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.format import WrittenFormat
from lrn_cli.tensors.registry import find_format, find_mark, for_output, formats, is_plain_folder, writable
from lrn_cli.tensors.selection import STREAM, split
from lrn_cli.tensors.targets import is_url, place
from lrn_cli.tensors.tensor import Source

_OTHERS_BECOME = "npy"
"""What a folder makes of inputs whose format is not written, or only on request, as archives and images."""


class Destination(NamedTuple):
    """Where an output goes.

    Attributes:
        path: The file; None for standard output.
        member: The dataset in it, where one was named.
        format: What it is written as.
        missing_folder: The folder to make first, where the last part of the path is missing.
    """

    path: Path | None
    member: str
    format: WrittenFormat
    missing_folder: Path | None = None

    def __str__(self) -> str:
        if self.path is None:
            return STREAM
        return f"{self.path}::{self.member}" if self.member else str(self.path)


def destination(
    word: str | None, asked: str | None, source_word: str, source: Source, root: Path | None = None
) -> Destination:
    """Where the result of `source_word` goes when `word` was typed behind `-o`.

    Args:
        word: As typed; None where nothing was.
        asked: The format asked for by name.
        source_word: What was typed for the input.
        source: The open input.
        root: The folder below which all missing folders may be made, where there is one.

    Raises:
        LrnError: Nothing was typed for a file, or no format, folder or name follows from it.
    """
    if word is None and source_word != STREAM:
        raise LrnError(f"{source_word}: nothing says where the result goes", f"lrn apply {source_word} -o out.npy")
    if word is None or word == STREAM:
        return _stream(asked)
    name, member = split(word)
    if member or not is_folder(word):
        path = place(name)
        return Destination(path, member, for_output(path, asked), None if root is None else _missing(path, root))
    if source.path is None:
        raise LrnError("a stream has no name for a file in a folder", "-o FOLDER/out.npy")
    path = place(file_named(source_word, word, asked))
    return Destination(path, "", for_output(path, asked), _missing(path, root))


def is_folder(word: str) -> bool:
    """Whether an output is a folder for files: it is there, or its name ends in a slash."""
    # Another thread may make the folder meanwhile: so a slash is enough, unless a store is there.
    return is_url(word) or find_mark(word) is None if word.endswith("/") else is_plain_folder(word)


def file_named(source_word: str, word: str, asked: str | None) -> str:
    """The output file: `word` itself, or in a folder the one that takes its name from the input.

    Args:
        source_word: What was typed for the input.
        word: What was typed for the output.
        asked: The format asked for by name.

    >>> file_named("maps/x.h5::/conv1", "out/", None), file_named("x.npz::a", "out/", None)
    ('out/x.h5', 'out/x.a.npy')
    """
    if not is_folder(word):
        return split(word)[0]
    path, member = split(source_word)
    name = place(path).name if is_url(path) else os.path.basename(path.rstrip("/"))
    stem, suffix = os.path.splitext(name)
    if asked is None and suffix.lower() in _suffixes_kept():
        return os.path.join(word, name)
    inner = "." + member.strip("/").replace("/", ".") if member.strip("*") else ""  # all of it
    return os.path.join(word, f"{stem}{inner}{find_format(asked or _OTHERS_BECOME).suffixes[0]}")


def says_image(word: str) -> bool:
    """Whether an input's name is that of an image, of which a folder makes something else.

    >>> says_image("a/x.JPG"), says_image("x.h5::/a.png")
    (True, False)
    """
    return place(split(word)[0]).suffix.lower() in _suffixes_of_images()


@cache
def _suffixes_of_images() -> frozenset[str]:
    return frozenset(suffix for form in formats() if form.is_image for suffix in form.suffixes)


@cache
def _suffixes_kept() -> frozenset[str]:
    """Suffixes of formats that a folder's outputs take over from its inputs."""
    return frozenset(suffix for form in writable() if form.in_folders for suffix in form.suffixes)


def _missing(path: Path, root: Path | None) -> Path | None:
    return None if is_url(path) or os.path.isdir(os.path.dirname(path)) else folder_to_make(path.parent, root)


def folder_to_make(folder: Path, root: Path | None) -> Path | None:
    """The folder to make before writing: the last part of a path, or all that is missing below `root`."""
    if folder.exists():
        return None
    below = root is not None and (folder == root or root in folder.parents) and root.parent.is_dir()
    return folder if below or folder.parent.is_dir() else None


def _stream(asked: str | None) -> Destination:
    if asked not in (None, "npy"):
        raise LrnError(f"standard output carries npy, not {asked}", f"-o out.{asked}")
    return Destination(None, "", find_format("npy"))
