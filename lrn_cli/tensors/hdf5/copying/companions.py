"""The other objects of the source's file, which are copied along into the new file."""

from __future__ import annotations

from collections.abc import Callable, Collection

import h5py
from h5py import h5g, h5l, h5o, h5t

from lrn_cli.tensors.hdf5 import links
from lrn_cli.tensors.hdf5.complaints import in_words
from lrn_cli.tensors.hdf5.copying.copies import Copies
from lrn_cli.tensors.hdf5.listing import Item, identity, join
from lrn_cli.tensors.hdf5.properties import link_list
from lrn_cli.tensors.hdf5.source import Hdf5Source


class Companions:
    """Copies all objects of a file but one, which the caller makes itself.

    Several names of one object stay names of one object, soft and external links stay links, and references point to
    the copies.

    Args:
        source: The dataset that is not copied, in the file to copy from.
        new: The file to copy into, empty.
        notice: Takes a warning for the user, one line.

    Attributes:
        copies: What was copied.
    """

    def __init__(self, source: Hdf5Source, new: h5py.File, notice: Callable[[str], None]) -> None:
        self._old, self._new, self._shown, self._notice = source.file, new, source.path, notice
        self._own, self._own_path = source.dataset.id, source.info.member
        self._own_mark = identity(self._own)
        self._paths: dict[tuple[int, int], str] = {}
        self._waiting: list[tuple[Item, Item, str]] = []
        self._other_names: list[tuple[h5g.GroupID, bytes, int]] = []
        self.copies = Copies(source.file, new, lambda item: self._paths.get(identity(item)), notice, whole=True)

    def copy(self, make: Callable[[int], None], made_path: str, *, without: Collection[bytes] = ()) -> None:
        """Copy everything, and give what `make` makes the attributes of the dataset that it stands for.

        Args:
            make: Makes the dataset that stands for the one that is not copied, its name in the given character set.
                Where it keeps its path this is called when its turn comes, so that files that keep the order of their
                members keep it here.
            made_path: The path of what `make` makes.
            without: Names of its attributes that are left out.

        Raises:
            LrnError: An object is damaged, or the disk is full.
        """
        with in_words(self._shown, "its other objects cannot all be copied", "--only"):
            self._paths[self._own_mark] = made_path
            self._copy_tree(make if made_path == self._own_path else None)
            if made_path != self._own_path:
                make(h5t.CSET_UTF8)
            made = h5o.open(self._new.id, links.encoded(made_path))
            for group, name, charset in self._other_names:
                h5o.link(made, group, name, link_list(charset))
            for old, new, path in self._waiting:
                self.copies.finish(old, new, path)
            self.copies.describe(self._own, made, made_path, without=without)
            for old, new in tuple(self.copies.datatypes):
                if identity(old) not in self._paths:
                    self.copies.describe_nameless(old, new)

    def _copy_tree(self, make: Callable[[int], None] | None) -> None:
        roots = h5g.open(self._old.id, b"/"), h5g.open(self._new.id, b"/")
        self._paths[identity(roots[0])] = "/"
        self._waiting.append((*roots, "/"))
        waiting = [(*roots, "/", name) for name in reversed(list(roots[0]))]
        while waiting:
            old, new, path, name = waiting.pop()
            where = join(path, name)
            if where == self._own_path:
                if make is not None:
                    make(old.links.get_info(name).cset)
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
            return self._copy_object(old, new, name, path, about.cset)
        else:
            self._notice(
                f"{self._shown}: {path} is a link of a kind that only its own program can follow, and is left out"
            )
        return None

    def _copy_object(
        self, old: h5g.GroupID, new: h5g.GroupID, name: bytes, path: str, charset: int
    ) -> tuple[h5g.GroupID, h5g.GroupID] | None:
        item, entering = h5o.open(old, name), link_list(charset)
        mark = identity(item)
        if mark == self._own_mark:
            self._other_names.append((new, name, charset))
            return None
        if mark in self._paths:
            h5o.link(h5o.open(self._new.id, links.encoded(self._paths[mark])), new, name, entering)
            return None
        self._paths[mark] = path
        if isinstance(item, h5g.GroupID):
            copy = h5g.create(new, name, entering, item.get_create_plist())
            self._waiting.append((item, copy, path))
            return item, copy
        self._waiting.append((item, self.copies.copy(item, new, name, entering), path))
        return None
