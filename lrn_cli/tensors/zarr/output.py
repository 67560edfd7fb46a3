"""A store being made, or arrays that are to join one: written into a hidden folder beside it, then renamed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lrn_cli.errors import LrnError
from lrn_cli.tensors.pieces import copy_bytes
from lrn_cli.tensors.replace import one_at_a_time
from lrn_cli.tensors.replace_folders import UnfinishedFolder, put, sync_all
from lrn_cli.tensors.targets import is_url
from lrn_cli.tensors.tensor import Writing
from lrn_cli.tensors.zarr import consolidated
from lrn_cli.tensors.zarr.creation import write_array, write_group
from lrn_cli.tensors.zarr.destination import Destinations
from lrn_cli.tensors.zarr.files import refuse_outside
from lrn_cli.tensors.zarr.library import in_words, open_array
from lrn_cli.tensors.zarr.nodes import Node, find, parts
from lrn_cli.tensors.zarr.source import ZarrSource

_FAILED = "cannot be written"


class Output:
    """What is being made.

    Args:
        writings: What to write: arrays of one store.
        where: Where they are to stand.
        beside: What the hidden folder lies beside, if that is not the store.

    Attributes:
        root: The hidden folder, which is laid out as the store is.
    """

    def __init__(self, writings: Sequence[Writing], where: Destinations, beside: Path | None = None) -> None:
        first = writings[0]
        self._path, self._where, self._force, self._fsync = first.path, where, first.force, first.fsync
        self._folder = UnfinishedFolder(beside or first.path)
        self.root = self._folder.path
        try:
            with in_words(first.path, _FAILED, "df -h"), first.long_call():
                if where.base is not None:
                    _copy(where.base, self.root, where.left_out)
                for writing, member in zip(writings, where.members, strict=True):
                    self._make(writing, member)
        except BaseException:
            self.abort()
            raise
        say_left_there(writings)
        if not where.adds and not isinstance(first.source, ZarrSource) and first.source.left_behind:
            first.notice(f"{first.path}: not kept of {first.source.path}: {first.source.left_behind}")

    def _make(self, writing: Writing, member: str) -> None:
        """An array without its numbers, and the groups above it that are nowhere yet."""
        names, version = parts(member, self._path), self._where.version
        for end in range(len(names)):
            above = "/".join(names[:end])
            if find(self.root, above) is None and not (self._where.adds and find(self._path, above)):
                write_group(Path(self.root, *names[:end]), version)
        write_array(Path(self.root, *names), writing, version)

    def array(self, member: str) -> Node:
        """An array of the store that is being made."""
        node = find(self.root, member)
        assert node is not None  # noqa: S101 - it was just made
        return node

    def open_array(self, member: str) -> Any:
        """The same to write to, as zarr-python has it."""
        return open_array(self.root, self.array(member), write=True)

    def commit(self) -> None:
        """Make what was written appear under its name."""
        if not all(find(self.root, member) for member in self._where.members):  # chunks make folders that are gone anew
            raise LrnError(f"{self._path}: what was written of it has been removed meanwhile", "try again")
        with in_words(self._path, _FAILED, "df -h"):
            if self._where.adds:
                self._join()
                return
            if self._where.base is not None:
                consolidated.update(self.root, self._where.members, gone=self._where.left_out)
            self._folder.appear(self._path, force=self._force, fsync=self._fsync)

    def _join(self) -> None:
        """Have the new arrays take their places in the store; where one cannot, the others go back."""
        if self._fsync:
            sync_all(self.root)
        moved: list[tuple[Path, Path, bool]] = []
        with one_at_a_time(self._path):
            try:
                for member in dict.fromkeys(map(self._top, self._where.members)):
                    names = parts(member, self._path)
                    new, target = Path(self.root, *names), Path(self._path, *names)
                    new.chmod(0o755 & self._path.stat().st_mode)
                    moved.append((new, target, put(new, target, f"{self._path}::{member}", force=self._force)))
                consolidated.update(self._path, self._where.members)
            except BaseException:
                for new, target, replaced in reversed(moved):
                    with suppress(OSError, LrnError):
                        if replaced:
                            put(new, target, target, force=True)
                        else:
                            target.rename(new)
                raise
        self._folder.remove()

    def _top(self, member: str) -> str:
        """The outermost folder on the way to a member that is not in the store."""
        names = parts(member, self._path)
        ends = range(1, len(names))
        return "/".join(names[: next((n for n in ends if not Path(self._path, *names[:n]).exists()), len(names))])

    def abort(self) -> None:
        """Remove every trace of the output."""
        self._folder.remove()


def say_left_there(writings: Sequence[Writing]) -> None:
    """Say that nothing else is copied along of a store behind a URL, or to one."""
    first = writings[0]
    among = isinstance(first.source, ZarrSource) and bool(first.source.info.member) and not first.only
    if among and any(path is not None and is_url(path) for path in (first.path, first.source.path)):
        first.notice(f"{first.path}: what else is in {first.source.path} is not copied along behind a URL")


def _copy(base: Path, to: Path, left_out: Sequence[str]) -> None:
    """Copy a store but for some of its arrays."""
    skipped = {Path(base, *parts(member, base)) for member in left_out}
    for here, folders, files in os.walk(base):
        for name in [name for name in folders if Path(here, name) in skipped]:
            folders.remove(name)
        there = to / Path(here).relative_to(base)
        there.mkdir(exist_ok=True)
        for name in [*files, *(name for name in folders if Path(here, name).is_symlink())]:
            _copy_file(base, Path(here, name), there / name)


def _copy_file(base: Path, old: Path, new: Path) -> None:
    refuse_outside(base, old)
    if old.is_symlink() and old.is_dir():
        raise LrnError(f"{old}: is a symbolic link to a folder, which is not copied", "--only")
    with old.open("rb") as source, new.open("xb") as copy:
        size = os.fstat(source.fileno()).st_size
        if copy_bytes(source.fileno(), copy.fileno(), size) < size:
            raise LrnError(f"{old}: was cut while it was copied", "try again")
