"""The proof that what was copied has arrived: it is read from the new file and compared with what it was."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path
from types import TracebackType

import h5py
from h5py import h5a, h5d, h5o, h5s

from lrn_cli.errors import LrnError
from lrn_cli.tensors.hdf5 import links
from lrn_cli.tensors.hdf5.calls import Holder, Item
from lrn_cli.tensors.hdf5.copying import datasets
from lrn_cli.tensors.hdf5.copying.references import Finder, References
from lrn_cli.tensors.hdf5.copying.values import Elements, Leaf, Role, elements, form_of
from lrn_cli.tensors.hdf5.library import H5PY_ERRORS, open_file
from lrn_cli.tensors.hdf5.listing import declared_space


class Verification:
    """A new file, open, beside the one from which it was made.

    Args:
        path: The new file, under the name that it has meanwhile.
        old: The file that objects were copied from.
        find: What has become of them.
        shown: The name that the new file is to have.
    """

    def __init__(self, path: Path, old: h5py.File, find: Finder, shown: Path) -> None:
        self._new, self._old, self._shown = open_file(path), old.filename, shown
        self._references = References(self._new, find)

    def compare(self, old: Item, path: str, names: Iterable[bytes], *, elements: bool) -> None:
        """Compare an object with its copy: attributes, type and, where that is asked for, elements.

        Args:
            old: The object.
            path: Where its copy is.
            names: Of the attributes to compare.
            elements: Whether to compare the elements of a dataset.

        Raises:
            LrnError: They differ, or the copy cannot be read.
        """
        what = path
        try:
            new = h5o.open(self._new.id, links.encode(path))
            for name in names:
                what = f"the attribute {name.decode('utf-8', 'replace')} of {path}"
                self._compare_attribute(old, new, name)
            what = path
            if elements and isinstance(old, h5d.DatasetID) and isinstance(new, h5d.DatasetID):
                self._compare_elements(old, new)
        except H5PY_ERRORS as error:
            raise LrnError(
                f"{self._shown}: {what} would not be what it is in {self._old}, and nothing is written",
                f"-o {self._shown.with_suffix('.npy')}",
            ) from error

    def _compare_attribute(self, old: Item, new: Item, name: bytes) -> None:
        ours, theirs = h5a.open(old, name), h5a.open(new, name)
        _require(_alike(ours, theirs))
        with elements(ours) as before, elements(theirs) as after:
            _require(self._same(before, after, old))

    def _compare_elements(self, old: h5d.DatasetID, new: h5d.DatasetID) -> None:
        _require(_alike(old, new))
        if form_of(old.get_type()).plain:
            return  # copied as bytes, which are not read again
        for ours, chosen in datasets.blocks(old):
            with elements(new, chosen) as theirs:
                _require(self._same(ours, theirs, old))

    def _same(self, old: Elements, new: Elements, owner: Item) -> bool:
        if old.form.role is Role.TEXT:
            return old.texts() == new.texts()
        pairs = zip_longest(old.leaves(), new.leaves())
        return all(a is not None and b is not None and self._same_leaf(a, b, owner) for a, b in pairs)

    def _same_leaf(self, old: Leaf, new: Leaf, owner: Item) -> bool:
        if old.role in (Role.OBJECT, Role.REGION):
            return self._references.expected(old, owner) == self._references.found(new)
        return old.size == new.size and old.data == new.data

    def __enter__(self) -> Verification:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._new.close()


def _alike(old: Holder, new: Holder) -> bool:
    """Whether type and shape are the same."""
    spaces = [(space.get_simple_extent_type(), space.shape) for space in map(_space, (old, new))]
    return bool(old.get_type().copy().equal(new.get_type().copy())) and spaces[0] == spaces[1]


def _space(holder: Holder) -> h5s.SpaceID:
    return declared_space(holder) if isinstance(holder, h5d.DatasetID) else holder.get_space()


def _require(same: bool) -> None:
    if not same:
        raise ValueError("differs")
