"""References. One is an address in its own file: in a copy it must be made anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import h5py
from h5py import h5g, h5i, h5o

from lrn_cli.tensors.hdf5 import links
from lrn_cli.tensors.hdf5.complaints import H5PY_ERRORS
from lrn_cli.tensors.hdf5.copying import calls
from lrn_cli.tensors.hdf5.copying.values import Elements, Leaf, Role
from lrn_cli.tensors.hdf5.listing import Item, identity

Finder: TypeAlias = Callable[[Item], "str | None"]
"""Gives the path, in the new file, of what an object of the old file has become; None where it is not there."""

Meaning: TypeAlias = tuple[tuple[int, int], bytes] | None
"""Where a reference leads: the object, and which of its elements; None where it leads nowhere."""


class References:
    """Brings references from one file into another.

    Args:
        old: The file they are from.
        new: The file they are brought into.
        find: What becomes of the objects that are referred to.
    """

    def __init__(self, old: h5py.File, new: h5py.File, find: Finder) -> None:
        self._old, self._new, self._find = _root(old), _root(new), find

    def bring(self, elements: Elements) -> bool:
        """Make the references among elements that were read anew, where they are in memory.

        Returns:
            Whether all of them lead somewhere in the new file; the others are empty now.
        """
        complete = True
        if elements.form.refers:
            for leaf in elements.leaves():
                if leaf.role in (Role.OBJECT, Role.REGION) and any(leaf.data):
                    complete &= self._bring(leaf)
        return complete

    def _bring(self, leaf: Leaf) -> bool:
        try:
            target = calls.dereference(self._old, leaf.data)
            path = self._find(target)
            if path is not None:
                region = calls.region(self._old, leaf.data) if leaf.role is Role.REGION else None
                leaf.data = calls.refer(self._new, links.encoded(path), region)
                return True
        except H5PY_ERRORS:
            pass  # it led nowhere in the old file either
        leaf.data = bytes(leaf.size)
        return False

    def expected(self, leaf: Leaf) -> Meaning:
        """Where a reference of the old file must lead in the new one."""
        try:
            path = self._find(calls.dereference(self._old, leaf.data)) if any(leaf.data) else None
            if path is None:
                return None
            return identity(h5o.open(self._new, links.encoded(path))), _selection(self._old, leaf)
        except H5PY_ERRORS:
            return None

    def found(self, leaf: Leaf) -> Meaning:
        """Where a reference of the new file leads."""
        if not any(leaf.data):
            return None
        return identity(calls.dereference(self._new, leaf.data)), _selection(self._new, leaf)


def _root(file: h5py.File) -> h5g.GroupID:
    return h5g.open(file.id, b"/")


def _selection(root: h5g.GroupID, leaf: Leaf) -> bytes:
    chosen: bytes = calls.region(root, leaf.data).encode() if leaf.role is Role.REGION else b""
    return chosen


def name_of(item: Item) -> str:
    """The path by which HDF5 knows an object; empty where it knows none."""
    return (h5i.get_name(item) or b"").decode("utf-8", "surrogateescape")
