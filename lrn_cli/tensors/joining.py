"""Where in a file of several tensors an output is to stand: the rules that all such formats have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.targets import check_target, is_stream
from lrn_cli.tensors.tensor import Writing

NAMELESS = "data"
"""What a tensor is called that has no name of its own and comes from no file."""


class Joined(NamedTuple):
    """Where an output is to stand in a file whose tensors have plain names.

    Attributes:
        member: Its name.
        base: The file whose other tensors are kept; None where there is none.
        replaced: The name of the tensor in it whose place the output takes; empty where it takes none.
        adds: Whether `base` is the output's own file, that is there already.
    """

    member: str
    base: Path | None = None
    replaced: str = ""
    adds: bool = False


def join(
    writings: Sequence[Writing], what: str, names_in: Callable[[Path], Collection[str]], *, own: bool
) -> list[Joined]:
    """Where outputs are to stand that go to one file, after what would refuse them there has been looked for.

    Args:
        writings: All of one path, and from one file.
        what: The format, as it is called in messages.
        names_in: The names of what is in a file of the format.
        own: Whether they are from a file of the format.

    Raises:
        LrnError: One is taken and `force` is not given, two have one name, or the file cannot be written.
    """
    found = [_join(writing, what, names_in, own=own) for writing in writings]
    names = [place.member for place in found]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise LrnError(f"{writings[0].path}: two tensors would be called {twice}", "a file for each")
    return found


def _join(writing: Writing, what: str, names_in: Callable[[Path], Collection[str]], *, own: bool) -> Joined:
    adds = check_file(writing, what, named=bool(writing.member))
    source, path = writing.source, writing.path
    # The path of an HDF5 dataset begins with a slash, which is no part of a name elsewhere.
    member = writing.member or (source.info.member if own else default_member(writing).strip("/"))
    if adds:
        there = member in names_in(path)
        if there and not writing.force:
            raise taken_error(f"{path}::{member}")
        return Joined(member, path, member if there else "", adds=True)
    if not own or writing.only or source.path is None:
        return Joined(member)
    if member != source.info.member and member in names_in(source.path):
        raise in_the_way(writing, member)
    return Joined(member, source.path, source.info.member)


def check_file(writing: Writing, what: str, *, named: bool) -> bool:
    """Whether an output joins what is in a file that is there, after it was seen that the file can be written.

    Args:
        writing: What is to be written.
        what: The format, as it is called in messages.
        named: Whether a place in the file was named.

    Raises:
        LrnError: It is a pipe or a device, or as `check_target`.
    """
    path = writing.path
    if is_stream(path):
        hint = "-o x.h5, or --output-format npy" if what == "HDF5" else f"-o x.{what}, or --output-format npy"
        raise LrnError(f"{path}: {what} cannot be written to a pipe or a device", hint)
    adds = named and path.exists()
    check_target(path, force=writing.force or adds, source=writing.source.path)
    return adds


def default_member(writing: Writing) -> str:
    """What an output is called where nothing was typed: as its source, else as the file that it is from."""
    path = writing.source.path
    return writing.source.info.member or (path.stem if path else "") or NAMELESS


def taken_error(shown: str) -> LrnError:
    """The error for a tensor that is there and may not be replaced."""
    return LrnError(
        f"{shown}: is there already, and is not replaced without --force",
        "--skip-existing to leave it, another path behind ::, or --force to replace it",
    )


def in_the_way(writing: Writing, member: str) -> LrnError:
    """The error for a name that the new file will have already, as that of another tensor of the source's file."""
    return LrnError(
        f"{writing.path}::{member}: would take the place of {writing.source.path}::{member}, which is copied along",
        "--only, or another path behind ::",
    )
