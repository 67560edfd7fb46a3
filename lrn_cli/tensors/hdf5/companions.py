"""The other objects of the source's file, which are copied along into the new file."""

from __future__ import annotations

from collections.abc import Callable

import h5py
from h5py import h5g, h5l, h5o

from lrn_cli.tensors.hdf5 import links
from lrn_cli.tensors.hdf5.complaints import in_words
from lrn_cli.tensors.hdf5.listing import Item, identity, join
from lrn_cli.tensors.hdf5.properties import link_list
from lrn_cli.tensors.hdf5.references import References
from lrn_cli.tensors.hdf5.source import Hdf5Source


class Companions:
    """Copies all objects of a file but one, which the caller makes itself.

    Several names of one object stay names of one object, soft and external links stay links, and references point to
    the copies.

    Args:
        source: The dataset that is not copied, in the file to copy from.
        new: The file to copy into, empty.
        notice: Takes a warning for the user, one line.
    """

    def __init__(self, source: Hdf5Source, new: h5py.File, notice: Callable[[str], None]) -> None:
        self._old, self._new, self._shown, self._notice = source.file, new, source.path, notice
        self._own, self._own_path = identity(source.dataset.id), source.info.member
        self._paths: dict[tuple[int, int], str] = {}
        self._copied: list[tuple[Item, Item, str]] = []
        self._other_names: list[str] = []
        self.references = References(source.file, new, self._path_of, notice)

    def copy(self, make: Callable[[], None], made_path: str) -> None:
        """Copy everything.

        Args:
            make: Makes the dataset that stands for the one that is not copied. Where it keeps its path this is called
                when its turn comes, so that files that keep the order of their members keep it here.
            made_path: The path of what `make` makes.

        Raises:
            LrnError: An object is damaged, or the disk is full.
        """
        with in_words(self._shown, "its other objects cannot all be copied", "--only"):
            self._paths[self._own] = made_path
            self._copy_tree(make if made_path == self._own_path else None)
            if made_path != self._own_path:
                make()
            for path in self._other_names:
                h5o.link(
                    h5o.open(self._new.id, links.encoded(made_path)), self._new.id, links.encoded(path), link_list()
                )
            for old, new, path in self._copied:
                if isinstance(old, h5g.GroupID):
                    self.references.copy_attributes(old, new, path)
                else:
                    self.references.mend(old, new, path)

    def _copy_tree(self, make: Callable[[], None] | None) -> None:
        roots = h5g.open(self._old.id, b"/"), h5g.open(self._new.id, b"/")
        self._paths[identity(roots[0])] = "/"
        self._copied.append((*roots, "/"))
        waiting = [(*roots, "/", name) for name in reversed(list(roots[0]))]
        while waiting:
            old, new, path, name = waiting.pop()
            where = join(path, name)
            if where == self._own_path:
                if make is not None:
                    make()
                continue
            group = self._copy_link(old, new, name, where)
            if group is not None:
                waiting.extend((*group, where, child) for child in reversed(list(group[0])))

    def _copy_link(
        self, old: h5g.GroupID, new: h5g.GroupID, name: bytes, path: str
    ) -> tuple[h5g.GroupID, h5g.GroupID] | None:
        """Copy one member; a group is made empty and returned, old and new, for its members to be copied."""
        kind = links.link_type(old, name)
        if kind == h5l.TYPE_SOFT:
            new.links.create_soft(name, old.links.get_val(name), link_list())
        elif kind == h5l.TYPE_EXTERNAL:
            new.links.create_external(name, *old.links.get_val(name), link_list())
        elif kind == h5l.TYPE_HARD:
            return self._copy_object(old, new, name, path)
        else:
            self._notice(
                f"{self._shown}: {path} is a link of a kind that only its own program can follow, and is left out"
            )
        return None

    def _copy_object(
        self, old: h5g.GroupID, new: h5g.GroupID, name: bytes, path: str
    ) -> tuple[h5g.GroupID, h5g.GroupID] | None:
        item = h5o.open(old, name)
        mark = identity(item)
        if mark == self._own:
            self._other_names.append(path)
            return None
        if mark in self._paths:
            h5o.link(h5o.open(self._new.id, links.encoded(self._paths[mark])), new, name, link_list())
            return None
        self._paths[mark] = path
        if isinstance(item, h5g.GroupID):
            copy = h5g.create(new, name, link_list(), item.get_create_plist())
            self._copied.append((item, copy, path))
            return item, copy
        h5o.copy(old, name, new, name, lcpl=link_list())
        self._copied.append((item, h5o.open(new, name), path))
        return None

    def _path_of(self, item: Item) -> str | None:
        return self._paths.get(identity(item))
