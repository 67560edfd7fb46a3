"""The other objects of the source's file, which are copied along into the new file."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

import h5py
from h5py import h5d, h5g, h5l, h5o, h5p

from lrn_cli.errors import LrnError
from lrn_cli.tensors.hdf5 import calls, links
from lrn_cli.tensors.hdf5.calls import Item
from lrn_cli.tensors.hdf5.copying.copies import Copies
from lrn_cli.tensors.hdf5.library import in_words
from lrn_cli.tensors.hdf5.listing import identity, join
from lrn_cli.tensors.hdf5.properties import link_list
from lrn_cli.tensors.hdf5.source import Hdf5Source

_DEEPEST = 1000
"""How deep groups may be nested: HDF5 keeps the whole path of every object that is open."""


class Replaced(NamedTuple):
    """A dataset that is not copied, and what stands for it.

    Attributes:
        old: The dataset.
        made: The dataset in the new file, still without a name: it gets its names in their turn, so that files that
            keep the order of their members keep it here.
        path: The path that it is to have.
        without: Names of attributes that it is not given.
    """

    old: h5d.DatasetID
    made: h5d.DatasetID
    path: str
    without: Collection[bytes]


class Companions:
    """Copies all objects of a file but those that are replaced, which the caller makes itself.

    Several names of one object stay names of one object, soft and external links stay links, and references point to
    the copies.

    Args:
        source: A dataset in the file to copy from.
        new: The file to copy into, empty.
        notice: Takes a warning for the user, one line.

    Attributes:
        copies: What was copied.
    """

    def __init__(self, source: Hdf5Source, new: h5py.File, notice: Callable[[str], None]) -> None:
        self._old, self._new, self._shown, self._notice = source.file, new, source.path, notice
        self._replaced: dict[tuple[int, int], Replaced] = {}
        self._at: dict[str, Replaced] = {}
        self._paths: dict[tuple[int, int], str] = {}
        self._waiting: list[tuple[Item, Item, str]] = []
        self.copies = Copies(source.file, new, lambda item: self._paths.get(identity(item)), notice, whole=True)

    def replace(self, source: Hdf5Source, made: h5d.DatasetID, path: str, *, without: Collection[bytes]) -> None:
        """Have a dataset stand for another, which is not copied, with its names and attributes; see `Replaced`."""
        mark = identity(source.dataset.id)
        self._replaced[mark] = self._at[source.info.member] = Replaced(source.dataset.id, made, path, without)
        self._paths[mark] = path

    def copy(self) -> None:
        """Copy everything else.

        Raises:
            LrnError: An object is damaged, or the disk is full.
        """
        with in_words(self._shown, "its other objects cannot all be copied", "--only"):
            self._copy_tree()
            for at, replaced in self._at.items():
                if at != replaced.path:
                    h5o.link(replaced.made, self._new.id, links.encode(replaced.path), link_list(path=replaced.path))
            for old, new, path in self._waiting:
                self.copies.finish(old, new, path)
            for replaced in self._replaced.values():
                self.copies.describe(replaced.old, replaced.made, replaced.path, without=replaced.without)
            for kind, copy in tuple(self.copies.datatypes):
                if identity(kind) not in self._paths:
                    self.copies.describe_nameless(kind, copy)

    def _copy_tree(self) -> None:
        roots = h5g.open(self._old.id, b"/"), h5g.open(self._new.id, b"/")
        self._paths[identity(roots[0])] = "/"
        self._waiting.append((*roots, "/"))
        waiting = [(*roots, "/", name) for name in reversed(list(roots[0]))]
        while waiting:
            old, new, path, name = waiting.pop()
            where = join(path, name)
            if where.count("/") > _DEEPEST:
                raise LrnError(f"{self._shown}: groups are nested {_DEEPEST:,} deep and deeper", "--only")
            if replaced := self._at.get(where):
                if replaced.path == where:
                    h5o.link(replaced.made, new, name, link_list(old.links.get_info(name).cset))
                continue
            group = self._copy_link(old, new, name, where)
            if group is not None:
                waiting.extend((*group, where, child) for child in reversed(list(group[0])))

    def _copy_link(
        self, old: h5g.GroupID, new: h5g.GroupID, name: bytes, path: str
    ) -> tuple[h5g.GroupID, h5g.GroupID] | None:
        """Copy one member; a group is made empty and returned, old and new, for its members to be copied."""
        about = old.links.get_info(name)
        if about.type == h5l.TYPE_SOFT:
            new.links.create_soft(name, old.links.get_val(name), link_list(about.cset))
        elif about.type == h5l.TYPE_EXTERNAL:
            new.links.create_external(name, *old.links.get_val(name), link_list(about.cset))
        elif about.type == h5l.TYPE_HARD:
            item, entering = h5o.open(old, name), link_list(about.cset)
            replaced = self._replaced.get(identity(item))
            if replaced is None:
                return self._copy_object(item, new, name, path, entering)
            h5o.link(replaced.made, new, name, entering)
        else:
            self._notice(
                f"{self._shown}: {path} is a link of a kind that only its own program can follow, and is left out"
            )
        return None

    def _copy_object(
        self, item: Item, new: h5g.GroupID, name: bytes, path: str, entering: h5p.PropLCID
    ) -> tuple[h5g.GroupID, h5g.GroupID] | None:
        mark = identity(item)
        if mark in self._paths:
            h5o.link(h5o.open(self._new.id, links.encode(self._paths[mark])), new, name, entering)
            return None
        self._paths[mark] = path
        if isinstance(item, h5g.GroupID):
            settings = h5p.create(h5p.GROUP_CREATE)
            calls.copy_group_settings(item, settings)
            copy = h5g.create(new, name, entering, settings)
            self._waiting.append((item, copy, path))
            return item, copy
        self._waiting.append((item, self.copies.copy(item, new, name, entering), path))
        return None
