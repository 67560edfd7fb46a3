"""Values of every HDF5 datatype, written from memory that is laid out by hand: much of it h5py cannot write."""

from __future__ import annotations

import ctypes
import struct
from typing import Any, NamedTuple

import h5py
from h5py import h5a, h5d, h5o, h5p, h5s, h5t

_HDF5 = ctypes.CDLL(h5d.__file__)
_ID = ctypes.c_int64


class Sample(NamedTuple):
    """A value to write.

    Attributes:
        name: What it is.
        kind: Its datatype.
        shape: Of its dataspace; None for one without elements.
        memory: The elements as HDF5 has them in memory.
    """

    name: str
    kind: h5t.TypeID
    shape: tuple[int, ...] | None
    memory: bytes


class Memory:
    """Memory that elements of variable length point to."""

    def __init__(self) -> None:
        self._kept: list[Any] = []

    def text(self, value: bytes) -> bytes:
        """A pointer to a string."""
        return self._pointer(value + b"\0")

    def sequence(self, count: int, elements: bytes) -> bytes:
        """A number of elements and a pointer to them."""
        return struct.pack("=Q", count) + (self._pointer(elements) if count else bytes(8))

    def _pointer(self, data: bytes) -> bytes:
        self._kept.append(ctypes.create_string_buffer(data, len(data)))
        return struct.pack("=Q", ctypes.addressof(self._kept[-1]))


def add_attribute(holder: Any, name: str, sample: Sample, kind: h5t.TypeID | None = None) -> None:
    """Give an object an attribute with that value, of another datatype of the same layout if one is given."""
    made = h5a.create(holder.id, name.encode(), kind or sample.kind, _space(sample.shape))
    if sample.shape is not None:
        _check(_HDF5.H5Awrite(_ID(made.id), _ID(sample.kind.id), sample.memory))


def add_dataset(
    group: Any, name: str, sample: Sample, kind: h5t.TypeID | None = None, storage: h5p.PropDCID | None = None
) -> h5py.Dataset:
    """Add a dataset with that value; stored as `storage` says, else as HDF5 does of itself."""
    names = h5p.create(h5p.LINK_CREATE)
    names.set_create_intermediate_group(True)
    made = h5d.create(group.id, name.encode(), kind or sample.kind, _space(sample.shape), storage, names)
    if sample.shape is not None:
        _check(_HDF5.H5Dwrite(_ID(made.id), _ID(sample.kind.id), _ID(0), _ID(0), _ID(0), sample.memory))
    return h5py.Dataset(made)


def set_fill(storage: h5p.PropDCID, kind: h5t.TypeID, memory: bytes) -> None:
    """Set the fill value of a creation list."""
    _check(_HDF5.H5Pset_fill_value(_ID(storage.id), _ID(kind.id), memory))


def string(size: int, padding: int, cset: int = h5t.CSET_ASCII) -> h5t.TypeID:
    """A string type; of variable length where the size is `h5t.VARIABLE`."""
    made = h5t.C_S1.copy()
    made.set_size(size)
    made.set_strpad(padding)
    made.set_cset(cset)
    return made


def record(size: int, *fields: tuple[str, int, h5t.TypeID]) -> h5t.TypeID:
    """A compound type with fields at the given offsets."""
    made = h5t.create(h5t.COMPOUND, size)
    for name, offset, kind in fields:
        made.insert(name.encode(), offset, kind)
    return made


def reference(item: Any) -> bytes:
    """A reference to an object."""
    return struct.pack("=Q", h5o.get_info(item.id).addr)


def region(dataset: h5py.Dataset, start: tuple[int, ...], size: tuple[int, ...]) -> bytes:
    """A reference to a block of a dataset."""
    space = dataset.id.get_space()
    space.select_hyperslab(start, size)
    memory = ctypes.create_string_buffer(12)
    _check(_HDF5.H5Rcreate(memory, _ID(dataset.file.id.id), dataset.name.encode(), 1, _ID(space.id)))
    return memory.raw


def _space(shape: tuple[int, ...] | None) -> h5s.SpaceID:
    if shape is None:
        return h5s.create(h5s.NULL)
    return h5s.create_simple(shape) if shape else h5s.create(h5s.SCALAR)


def _check(result: int) -> None:
    if result < 0:
        raise OSError("HDF5 refused")
