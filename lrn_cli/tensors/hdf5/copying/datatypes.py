"""Committed datatypes: types that are objects of their file, and stay so in a copy."""

from __future__ import annotations

from collections.abc import Iterator

import h5py
from h5py import h5g, h5t

from lrn_cli.tensors.hdf5 import calls
from lrn_cli.tensors.hdf5.listing import identity


class Datatypes:
    """Brings types into a new file, each committed one once, whoever needs it first.

    Args:
        new: The file.
        kept: Whether committed types stay objects of their own; else they become plain types of whoever has them.
    """

    def __init__(self, new: h5py.File, *, kept: bool) -> None:
        self._new, self._kept = h5g.open(new.id, b"/"), kept
        self._made: dict[tuple[int, int], tuple[h5t.TypeID, h5t.TypeID]] = {}

    def bring(self, kind: h5t.TypeID) -> h5t.TypeID:
        """The type for an object of the new file that has `kind` in the old one."""
        if not (kind.committed() and self._kept):
            return kind.copy()
        mark = identity(kind)
        if mark not in self._made:
            made = kind.copy()
            # Without a name: that comes in its turn, so that files that keep the order of their members keep it here.
            calls.commit(self._new, made, kind.get_create_plist())
            self._made[mark] = kind, made
        return self._made[mark][1]

    def __iter__(self) -> Iterator[tuple[h5t.TypeID, h5t.TypeID]]:
        """Each committed type, old and new."""
        return iter(self._made.values())
