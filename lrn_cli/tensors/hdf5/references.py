"""Attributes and references. A reference is an address in its own file: in a copy it must be made anew."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5d, h5r, h5s, h5t

from lrn_cli.tensors.hdf5 import links
from lrn_cli.tensors.hdf5.complaints import H5PY_ERRORS
from lrn_cli.tensors.hdf5.listing import Item, elsewhere
from lrn_cli.tensors.tensor import Array

Finder = Callable[[Item], "str | None"]
"""Gives the path, in the new file, of what an object of the old file has become; None where it is not there."""


class References:
    """Brings attributes and references from one file into another.

    Args:
        old: The file they are from.
        new: The file they are brought into.
        find: What becomes of the objects that are referred to.
        notice: Takes a warning for the user, one line.
    """

    def __init__(self, old: h5py.File, new: h5py.File, find: Finder, notice: Callable[[str], None]) -> None:
        self._old, self._new, self._find, self._notice = old, new, find, notice
        self._lost = False

    def copy_attributes(self, old: Item, new: Item, shown: str, *, without: Collection[str] = ()) -> None:
        """Give a new object the attributes of an old one.

        Args:
            old: The old object.
            new: The new object, which has none of them.
            shown: Its path, for notices.
            without: Names of attributes that are left out.
        """
        for name in _attribute_names(old):
            if name.decode("utf-8", "replace") not in without:
                self._copy_attribute(old, new, name, shown)

    def mend(self, old: Item, new: Item, shown: str) -> None:
        """Make the references anew that HDF5 has emptied when it copied an object: in attributes and elements."""
        for name in _attribute_names(old):
            dtype = _dtype(h5a.open(old, name))
            if dtype is not None and refers(dtype) and h5a.exists(new, name):
                h5a.delete(new, name)
                self._copy_attribute(old, new, name, shown)
        if isinstance(old, h5d.DatasetID) and not elsewhere(old.get_create_plist()):
            dtype = _dtype(old)
            if dtype is not None and refers(dtype) and old.get_space().get_simple_extent_npoints():
                self._lost = False
                elements = np.empty(old.shape, dtype)
                old.read(h5s.ALL, h5s.ALL, elements)
                new.write(h5s.ALL, h5s.ALL, self.moved(elements))
                self._report(shown)

    def moved(self, value: Any) -> Any:
        """The value with its references made anew, also those in arrays and records; it may be changed in place."""
        if isinstance(value, np.ndarray):
            for place in np.ndindex(value.shape):
                value[place] = self.moved(value[place])
            return value
        if isinstance(value, np.void) and value.dtype.names:
            return tuple(self.moved(value[name]) for name in value.dtype.names)
        return self._anew(value) if isinstance(value, h5r.Reference) else value

    def _copy_attribute(self, old: Item, new: Item, name: bytes, shown: str) -> None:
        label = f"the attribute {name.decode('utf-8', 'replace')} of {shown}"
        try:
            attribute = h5a.open(old, name)
            dtype = attribute.dtype
            made = h5a.create(new, name, attribute.get_type().copy(), attribute.get_space())
            if attribute.get_space().get_simple_extent_type() == h5s.NULL:
                return
            value, memory_type = _read(attribute)
            if refers(dtype):
                self._lost = False
                value = self.moved(value)
                self._report(label)
            made.write(value, mtype=memory_type)
        except H5PY_ERRORS:
            if h5a.exists(new, name):
                h5a.delete(new, name)
            self._notice(f"{label} is too long for this file, or of a kind that h5py cannot copy, and is left out")

    def _anew(self, reference: h5r.Reference) -> h5r.Reference:
        if not reference:
            return reference
        try:
            target = h5r.dereference(reference, self._old.id)
            path = self._find(target) if target is not None else None
            if path is None:
                self._lost = True
            elif isinstance(reference, h5r.RegionReference):
                region = h5r.get_region(reference, self._old.id)
                return h5r.create(self._new.id, links.encoded(path), h5r.DATASET_REGION, region)
            else:
                return h5r.create(self._new.id, links.encoded(path), h5r.OBJECT)
        except H5PY_ERRORS:
            self._lost = True
        return type(reference)()

    def _report(self, label: str) -> None:
        if self._lost:
            self._notice(f"{label} refers to objects that are not in the output: those references are empty now")


def refers(dtype: np.dtype[Any]) -> bool:
    """Whether elements of this dtype hold references, by themselves or in fields, arrays or sequences."""
    if h5py.check_ref_dtype(dtype):
        return True
    if dtype.names:
        return any(refers(dtype[name]) for name in dtype.names)
    if dtype.subdtype:
        return refers(dtype.subdtype[0])
    element = h5py.check_vlen_dtype(dtype)
    return isinstance(element, np.dtype) and refers(element)


def _attribute_names(item: Item) -> list[bytes]:
    names: list[bytes] = []
    h5a.iterate(item, names.append)
    return names


def _dtype(holder: h5a.AttrID | h5d.DatasetID) -> np.dtype[Any] | None:
    """The dtype of an attribute or dataset; None where NumPy has none for it."""
    try:
        dtype: np.dtype[Any] = holder.dtype
    except H5PY_ERRORS:
        return None
    return dtype


def _read(attribute: h5a.AttrID) -> tuple[Array, h5t.TypeID]:
    """The value of an attribute, and the type that describes it in memory."""
    dtype, shape = attribute.dtype, attribute.shape
    memory_type = h5t.py_create(dtype)
    if dtype.subdtype:  # NumPy merges an array type into the shape
        dtype, inner = dtype.subdtype
        shape += inner
    value: Array = np.zeros(shape, dtype)
    attribute.read(value, mtype=memory_type)
    return value, memory_type
