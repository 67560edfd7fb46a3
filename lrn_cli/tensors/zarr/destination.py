"""Where in which store arrays are to stand, and whether they can."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.joining import NAMELESS, in_the_way, taken_error
from lrn_cli.tensors.registry import find_mark
from lrn_cli.tensors.targets import check_target, is_same_file, is_stream, is_url, present_error
from lrn_cli.tensors.tensor import Writing
from lrn_cli.tensors.zarr.census import refuse_loss
from lrn_cli.tensors.zarr.creation import NEWEST
from lrn_cli.tensors.zarr.library import need_zarr
from lrn_cli.tensors.zarr.nodes import find, parts
from lrn_cli.tensors.zarr.source import ZarrSource


class Destinations(NamedTuple):
    """Where the arrays of one output are to stand.

    Attributes:
        members: Their paths in the store, which begin with a slash; empty for the root.
        adds: Whether they join the others of a store that is there, instead of making a new one.
        version: The store's version of the format.
        base: The store whose other groups and arrays are copied; None where there is none.
        left_out: The members of it that are not: those in whose place the outputs stand.
    """

    members: tuple[str, ...]
    adds: bool
    version: int
    base: Path | None = None
    left_out: tuple[str, ...] = ()


def destinations(writings: Sequence[Writing], check_path: Callable[[Writing], bool] | None = None) -> Destinations:
    """Where the output is to stand, after what would refuse it there has been looked for.

    Args:
        writings: What is to be written, all to one store and from one file.
        check_path: Whether it joins a store that is there; raises where none can be.

    Raises:
        LrnError: A place is taken and `force` is not given, something else is there, or zarr-python is missing.
    """
    first = writings[0]
    path, source = first.path, first.source
    adds = (check_path or _check_path)(first)
    need_zarr(path)
    root = find(path, "") if adds else None
    if root is not None and root.is_array:
        raise LrnError(f"{path}: is an array, not a group, and nothing can be added to it", "-o another.zarr")
    members = tuple(_member(writing, adds=adds) for writing in writings)
    if len({*members}) < len(members):
        twice = next(member for member in members if members.count(member) > 1)
        raise LrnError(f"{path}: two tensors would be called {twice or '/'}", "a store for each")
    for writing, member in zip(writings, members, strict=True):
        if adds:
            _check_way(path, path, member)
            _check_place(writing, member)
    if root is not None:
        return Destinations(members, adds, root.version)
    if not isinstance(source, ZarrSource):
        return Destinations(members, adds, NEWEST)
    own = tuple(one.source.info.member for one in writings)
    alone = first.only or not source.info.member or is_url(source.path)  # whose other objects stay there
    if not alone:
        _check_among_companions(writings, members, own)
    return Destinations(members, adds, source.declared.node.version, None if alone else source.path, own)


def _check_path(writing: Writing) -> bool:
    """Whether the output joins a store that is there, after it was seen that the store can be written."""
    path = writing.path
    if is_stream(path):
        raise LrnError(f"{path}: a Zarr store is a folder, not a pipe or a device", "-o x.zarr, or --output-format npy")
    refuse_narrow(writing)
    if not path.exists():
        check_target(path, force=writing.force, source=writing.source.path)
        return False
    if find_mark(path) is None:
        what, hint = ("a folder", f"-o {path}/NAME.zarr") if path.is_dir() else ("a file", "another name")
        raise LrnError(f"{path}: is {what}, not a Zarr store", hint)
    adds = bool(writing.member)
    if not adds and not writing.force:
        raise present_error(path, writing.source.path)
    if not adds and not _copies_itself(writing):
        refuse_loss(path)
    real = Path(os.path.realpath(path))
    for folder in (real.parent, real) if adds else (real.parent,):
        if not os.access(folder, os.W_OK | os.X_OK):
            raise LrnError(f"{path}: the folder {folder} cannot be written to", f"ls -ld {folder}")
    return adds


def _copies_itself(writing: Writing) -> bool:
    """Whether the store that is to be replaced is the one of which all else is copied."""
    source = writing.source
    among = isinstance(source, ZarrSource) and source.info.member and not writing.only
    return bool(among) and is_same_file(writing.path, source.path)


def refuse_narrow(writing: Writing) -> None:
    """Refuse elements of a type that NumPy lacks."""
    if writing.narrow:
        raise LrnError(f"{writing.path}: lrn writes no {writing.narrow} to Zarr", "--dtype float32")


def _member(writing: Writing, *, adds: bool) -> str:
    names = parts(writing.member, writing.path) if writing.member else []
    if writing.member and not names:
        raise LrnError(f"{writing.path}: / is the root group, not an array", f"-o {writing.path}::/{NAMELESS}")
    if not names:
        names = parts(writing.source.info.member, writing.path)
    return "/" + "/".join(names) if names else ""


def _check_way(shown: Path, root: Path, member: str) -> None:
    """Refuse a member that would lie within an array."""
    names = parts(member, root)
    for end in range(1, len(names)):
        node = find(root, "/".join(names[:end]))
        if node is not None and node.is_array:
            raise LrnError(
                f"{shown}::{node.member}: is no group, so that nothing can stand at {member}", "another path behind ::"
            )


def _check_place(writing: Writing, member: str) -> None:
    """Refuse a place that is taken by what may not be replaced."""
    shown, node = f"{writing.path}::{member}", find(writing.path, member)
    if node is not None and not node.is_array:
        raise LrnError(f"{shown}: is a group, and is not replaced by an array", f"-o {shown}/{NAMELESS}")
    if node is not None and not writing.force:
        raise taken_error(shown)
    if node is not None:
        refuse_loss(node.folder)
    if node is None and Path(writing.path, *parts(member, writing.path)).exists():
        raise LrnError(f"{shown}: is there, and neither a group nor an array", "another path behind ::")


def _check_among_companions(writings: Sequence[Writing], members: Sequence[str], own: Sequence[str]) -> None:
    """Refuse a path that the new store will have already, as a copy of another node of the source's store."""
    for writing, member in zip(writings, members, strict=True):
        source = writing.source
        if member in own or not isinstance(source, ZarrSource):
            continue
        if find(source.path, member) is not None:
            raise in_the_way(writing, member)
        _check_way(writing.path, source.path, member)
