"""Objects of one file copied into another, and the proof that they have arrived."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

import h5py
from h5py import h5d, h5g, h5o, h5p, h5t

from lrn_cli.errors import LrnError
from lrn_cli.tensors.hdf5 import calls
from lrn_cli.tensors.hdf5.calls import Item
from lrn_cli.tensors.hdf5.copying import datasets
from lrn_cli.tensors.hdf5.copying.attributes import copy_attribute, names_of
from lrn_cli.tensors.hdf5.copying.datatypes import Datatypes
from lrn_cli.tensors.hdf5.copying.references import Finder, References
from lrn_cli.tensors.hdf5.copying.verification import Verification
from lrn_cli.tensors.hdf5.library import H5PY_ERRORS
from lrn_cli.tensors.hdf5.listing import identity


class Copy(NamedTuple):
    """An object that has been copied.

    Attributes:
        old: The object.
        path: Where its copy is.
        names: Of the attributes that it has been given.
        filled: Whether its elements were copied by us.
    """

    old: Item
    path: str
    names: tuple[bytes, ...]
    filled: bool = False


class Copies:
    """Copies objects between two files.

    Args:
        old: The file they are from.
        new: The file they are copied into.
        find: What becomes of the objects that are referred to.
        notice: Takes a warning for the user, one line.
        whole: Whether the new file gets all objects of the old one, its committed datatypes among them.
    """

    def __init__(
        self, old: h5py.File, new: h5py.File, find: Finder, notice: Callable[[str], None], *, whole: bool
    ) -> None:
        self._old, self._find, self._notice = old, find, notice
        self._found: dict[tuple[int, int], str | None] = {}
        self._references = References(new, self._find_once)
        self._made: list[Copy] = []
        self.datatypes = Datatypes(new, kept=whole)

    def copy(self, old: h5d.DatasetID | h5t.TypeID, parent: h5g.GroupID, name: bytes, entering: h5p.PropLCID) -> Item:
        """Make a new object like an old one, still without its attributes and without elements that refer to others."""
        if isinstance(old, h5t.TypeID):
            made = self.datatypes.bring(old)
            h5o.link(made, parent, name, entering)
            return made
        if datasets.spoiled_by_copying(old):
            return datasets.make_like(old, parent, name, self.datatypes.bring(old.get_type()), entering)
        settings = h5p.create(h5p.OBJECT_COPY)
        settings.set_copy_object(h5o.COPY_WITHOUT_ATTR_FLAG)
        h5o.copy(old, b".", parent, name, settings, entering)
        return h5o.open(parent, name)

    def finish(self, old: Item, new: Item, path: str, *, without: Collection[bytes] = ()) -> None:
        """Give a copy its attributes, and the elements that `copy` has left out: once all objects are there.

        Args:
            old: The old object.
            new: The new one.
            path: Where it is.
            without: Names of attributes that are left out.
        """
        filled = isinstance(old, h5d.DatasetID) and isinstance(new, h5d.DatasetID) and datasets.spoiled_by_copying(old)
        if filled and not datasets.fill(old, new, self._references):
            self._say_lost(path)
        self.describe(old, new, path, without=without, filled=filled)

    def describe(
        self, old: Item, new: Item, path: str, *, without: Collection[bytes] = (), filled: bool = False
    ) -> None:
        """Give a new object the attributes of an old one; arguments as of `finish`."""
        calls.copy_comment(old, new)
        self._made.append(Copy(old, path, self._copy_attributes(old, new, f"of {path}", without), filled))

    def describe_nameless(self, old: h5t.TypeID, new: h5t.TypeID) -> None:
        """Give a committed datatype that has no name its attributes."""
        self._copy_attributes(old, new, "of a datatype without a name")

    def _copy_attributes(self, old: Item, new: Item, whose: str, without: Collection[bytes] = ()) -> tuple[bytes, ...]:
        """Copy the attributes that can be copied; return their names."""
        copied = []
        for name in names_of(old):
            if name in without:
                continue
            label = f"the attribute {name.decode('utf-8', 'replace')} {whose}"
            try:
                if not copy_attribute(old, new, name, self._references, self.datatypes):
                    self._say_lost(label)
                copied.append(name)
            except LrnError as error:
                raise error.about(f"{self._old.filename}, {whose.removeprefix('of ')}") from None
            except H5PY_ERRORS:
                self._notice(f"{label} is too long for this file, or of a kind that h5py cannot copy, and is left out")
        return tuple(copied)

    def verify(self, path: Path, shown: Path) -> None:
        """Read what was copied from the new file, once that is complete and closed, and compare it.

        Args:
            path: The new file, under the name that it has meanwhile.
            shown: The name that it is to have.

        Raises:
            LrnError: Something has not arrived as it was.
        """
        with Verification(path, self._old, self._find_once, shown) as verification:
            for copy in self._made:
                verification.compare(copy.old, copy.path, copy.names, elements=copy.filled)

    def _find_once(self, item: Item) -> str | None:
        """What an object has become, as it was found first: later the new file may be closed."""
        mark = identity(item)
        if mark not in self._found:
            self._found[mark] = self._find(item)
        return self._found[mark]

    def _say_lost(self, label: str) -> None:
        self._notice(f"{label} refers to objects that are not in the output: those references are empty now")
