"""References. One is an address in its own file: in a copy it must be made anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import h5py
from h5py import h5g, h5i, h5o, h5s

from lrn_cli.tensors.hdf5 import calls, links
from lrn_cli.tensors.hdf5.calls import Item
from lrn_cli.tensors.hdf5.copying.values import Elements, Leaf, Role
from lrn_cli.tensors.hdf5.library import H5PY_ERRORS
from lrn_cli.tensors.hdf5.listing import identity

Finder: TypeAlias = Callable[[Item], "str | None"]
"""Gives the path, in the new file, of what an object of the old file has become; None where it is not there."""

Meaning: TypeAlias = "tuple[tuple[int, int], tuple[object, ...]] | None"
"""Where a reference leads: the object, and which of its elements; None where it leads nowhere."""


class References:
    """Brings references from one file into another.

    Args:
        new: The file they are brought into.
        find: What becomes of the objects that are referred to.
    """

    def __init__(self, new: h5py.File, find: Finder) -> None:
        self._new, self._find = h5g.open(new.id, b"/"), find

    def bring(self, elements: Elements, owner: Item) -> bool:
        """Make the references among elements that were read anew, where they are in memory.

        Args:
            elements: Of an attribute or a dataset.
            owner: The object that has them, in the file in which they lead somewhere.

        Returns:
            Whether all of them lead somewhere in the new file; the others are empty now.
        """
        complete = True
        if elements.form.refers:
            for leaf in elements.leaves():
                if leaf.role in (Role.OBJECT, Role.REGION) and any(leaf.data):
                    complete &= self._bring(leaf, owner)
        return complete

    def _bring(self, leaf: Leaf, owner: Item) -> bool:
        try:
            path = self._find(calls.dereference(owner, leaf.data))
            if path is not None:
                region = calls.region(owner, leaf.data) if leaf.role is Role.REGION else None
                leaf.data = calls.refer(self._new, links.encode(path), region)
                return True
        except H5PY_ERRORS:
            pass  # it led nowhere in the old file either
        leaf.data = bytes(leaf.size)
        return False

    def expected(self, leaf: Leaf, owner: Item) -> Meaning:
        """Where a reference of the old file must lead in the new one; arguments as of `bring`."""
        try:
            path = self._find(calls.dereference(owner, leaf.data)) if any(leaf.data) else None
            if path is None:
                return None
            return identity(h5o.open(self._new, links.encode(path))), _selection(owner, leaf)
        except H5PY_ERRORS:
            return None

    def found(self, leaf: Leaf) -> Meaning:
        """Where a reference of the new file leads."""
        if not any(leaf.data):
            return None
        return identity(calls.dereference(self._new, leaf.data)), _selection(self._new, leaf)


def _selection(owner: Item, leaf: Leaf) -> tuple[object, ...]:
    """Which elements a reference to a region selects, however that is written; nothing for one to an object."""
    if leaf.role is not Role.REGION:
        return ()
    region = calls.region(owner, leaf.data)
    kind = region.get_select_type()
    if kind == h5s.SEL_HYPERSLABS:
        return kind, region.get_select_hyper_blocklist().tolist()
    return kind, region.get_select_elem_pointlist().tolist() if kind == h5s.SEL_POINTS else []


def name_of(item: Item) -> str:
    """The path by which HDF5 knows an object; empty where it knows none."""
    return (h5i.get_name(item) or b"").decode("utf-8", "surrogateescape")
