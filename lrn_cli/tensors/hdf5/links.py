"""Finding an object by its path without being led into another file.

HDF5 follows links by itself, also those into other files: a crafted file would return the bytes of any HDF5 file that
its reader may open. So each component of a path is looked at before it is followed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path

import h5py
from h5py import h5d, h5g, h5i, h5l, h5o

from lrn_cli.errors import LrnError
from lrn_cli.tensors import absence
from lrn_cli.tensors.hdf5.calls import Item
from lrn_cli.tensors.hdf5.library import H5PY_ERRORS, in_words
from lrn_cli.tensors.hdf5.listing import objects

ALLOW = "--allow-external"
_MOST_SOFT_LINKS = 32


@dataclass(frozen=True)
class Place:
    """Where an object is.

    Attributes:
        group: The low-level identifier of a group.
        name: The object's own name in it, which is a hard link or a link that may be followed.
        path: Its path from the root, soft links resolved; the path asked for where that leads into another file.
        foreign: Whether it is in another file.
    """

    group: h5g.GroupID
    name: bytes
    path: str
    foreign: bool = False

    def open(self) -> Item:
        """The low-level identifier of the object."""
        return h5o.open(self.group, self.name)


def parts(path: str) -> list[str]:
    """The components of a path: HDF5 passes over empty ones and dots."""
    return [part for part in path.split("/") if part not in {"", "."}]


def normal(path: str) -> str:
    """The path as HDF5 spells it: `feats//a/` is `/feats/a`."""
    return "/" + "/".join(parts(path))


def encode(path: str) -> bytes:
    """A path or name as HDF5 takes it."""
    return path.encode("utf-8", "surrogateescape")


def resolve(file: h5py.File, shown: Path, member: str, *, allow_external: bool, hint: str = ALLOW) -> Place:
    """Find an object, one component of its path after the other.

    Args:
        file: The file, open.
        shown: Its name, for messages.
        member: The path in it.
        allow_external: Whether to follow links into other files.
        hint: What to do about such a link where it is not followed.

    Raises:
        LrnError: There is no such object, or the way to it leads through another file or in a circle.
    """
    with in_words(shown, f"{normal(member)} cannot be found: the file is damaged"):
        return _Walk(file, shown, member, None if allow_external else hint).end()


def exists(file: h5py.File, member: str) -> bool:
    """Whether there is an object at that path, without following a link into another file."""
    try:
        resolve(file, Path(), member, allow_external=False)
    except LrnError:
        return False
    return True


def link_type(group: h5g.GroupID, name: bytes) -> int | None:
    """Of which type the link of that name is, as in `h5py.h5l`; None where there is none."""
    return int(group.links.get_info(name).type) if group.links.exists(name) else None


def nearest(file: h5py.File, member: str) -> str:
    """The path of the dataset that may have been meant; empty where none is near."""
    paths = [path for path, item in objects(file) if isinstance(item, h5d.DatasetID)]
    inside = [path for path in paths if path.startswith(normal(member).rstrip("/") + "/")]
    same_name = [path for path in paths if parts(path)[-1:] == parts(member)[-1:]]
    close = absence.nearest(normal(member), paths)
    return next(iter(inside or same_name or ([close] if close else paths if len(paths) == 1 else [])), "")


class _Walk:
    """One walk from the root to an object."""

    def __init__(self, file: h5py.File, shown: Path, member: str, refusal_hint: str | None) -> None:
        self._file, self._shown, self._member, self._refusal_hint = file, shown, member, refusal_hint
        self._steps = deque(parts(member))
        self._root = self._group = h5g.open(file.id, b"/")
        self._trail: list[str] = []
        self._soft_links = 0
        self._foreign = False

    def end(self) -> Place:
        """Walk to the end."""
        name = b"."
        while self._steps:
            step = self._steps.popleft()
            name = encode(step)
            kind = link_type(self._group, name)
            if kind == h5l.TYPE_SOFT:
                self._follow_soft(name)
                name = b"."
                continue
            if kind is None:
                raise self._missing()
            if kind != h5l.TYPE_HARD:
                self._look_outside(name, external=kind == h5l.TYPE_EXTERNAL)
            self._trail.append(step)
            if self._steps:
                self._enter(name)
                name = b"."
        path = normal(self._member) if self._foreign else "/" + "/".join(self._trail)
        return Place(self._group, name, path, self._foreign)

    def _follow_soft(self, name: bytes) -> None:
        self._soft_links += 1
        if self._soft_links > _MOST_SOFT_LINKS:
            raise LrnError(
                f"{self._shown}: soft links lead from {normal(self._member)} in a circle", f"h5ls -r {self._shown}"
            )
        target = self._group.links.get_val(name).decode("utf-8", "surrogateescape")
        self._steps.extendleft(reversed(parts(target)))
        if target.startswith("/"):
            self._group, self._trail = self._root, []

    def _look_outside(self, name: bytes, *, external: bool) -> None:
        here = normal("/".join([*self._trail, name.decode("utf-8", "replace")]))
        if not external:
            raise LrnError(
                f"{self._shown}: {here} is a link of a kind that only its own program can follow",
                f"lrn info {self._shown}",
            )
        other, path = (part.decode("utf-8", "replace") for part in self._group.links.get_val(name))
        if self._refusal_hint is not None:
            raise LrnError(f"{self._shown}: {here} is a link into another file, {other}::{path}", self._refusal_hint)
        self._foreign = True
        try:
            item = h5o.open(self._group, name)
        except H5PY_ERRORS:
            raise LrnError(
                f"{self._shown}: {here} links to {other}::{path}, which cannot be opened", f"ls -l {other}"
            ) from None
        # From here on an absolute soft link starts at the root of the other file.
        self._root = h5g.open(h5i.get_file_id(item), b"/")

    def _enter(self, name: bytes) -> None:
        item = h5o.open(self._group, name)
        if not isinstance(item, h5g.GroupID):
            raise self._missing(f", as {normal('/'.join(self._trail))} is no group")
        self._group = item

    def _missing(self, why: str = "") -> LrnError:
        near = nearest(self._file, self._member)
        hint = f"did you mean {self._shown}::{near}?" if near else f"lrn info {self._shown}"
        return LrnError(f"{self._shown}: has no {normal(self._member)}{why}", hint)
