"""Stored values of HDF5 as they are, bit for bit: through the library itself, not through NumPy, which would tidy them.

What is compared must not come from the code under test, nor go the way it goes: the padding of a string, the bytes
between the fields of a record, and a string that is missing rather than empty are lost on the way through h5py.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from math import prod
from typing import Any, TypeAlias

from h5py import h5a, h5d, h5f, h5g, h5o, h5p, h5s, h5t

_HDF5 = ctypes.CDLL(h5d.__file__)  # what it is linked with is found through it
_ALL = _DEFAULT = 0
_REGION = 1
_OBJECT_SIZE = 8
_ID = ctypes.c_int64

Value: TypeAlias = "bytes | str | tuple[Value, ...] | None"
Finder: TypeAlias = Callable[[int], str]
"""Gives the name of the object at an address of the file."""


def _call(name: str, *arguments: Any) -> int:
    function = getattr(_HDF5, name)
    function.restype = _ID
    result = int(function(*arguments))
    if result < 0:
        raise OSError(f"{name} failed")
    return result


class Values:
    """Reads values of one file.

    Args:
        file: The file.
        find: Names the objects that references lead to.
    """

    def __init__(self, file: h5f.FileID, find: Finder) -> None:
        self._file, self._find = file, find

    def of(self, holder: h5d.DatasetID | h5a.AttrID) -> tuple[Value, ...]:
        """All elements of a dataset or an attribute, in their order; nothing of one without elements."""
        kind, space = holder.get_type(), holder.get_space()
        count = 0 if space.get_simple_extent_type() == h5s.NULL else space.get_simple_extent_npoints()
        if not count:
            return ()
        memory = ctypes.create_string_buffer(count * kind.get_size())
        if isinstance(holder, h5a.AttrID):
            _call("H5Aread", _ID(holder.id), _ID(kind.id), memory)
        else:
            _call("H5Dread", _ID(holder.id), _ID(kind.id), _ID(_ALL), _ID(_ALL), _ID(_DEFAULT), memory)
        found = self._several(kind, count, memory.raw)
        if not is_flat(kind):
            _call("H5Dvlen_reclaim", _ID(kind.id), _ID(space.id), _ID(_DEFAULT), memory)
        return found

    def fill(self, dataset: h5d.DatasetID) -> Value:
        """The value of elements that were never written, as its creator has set it; None where nobody has."""
        storage, kind = dataset.get_create_plist(), dataset.get_type()
        if storage.fill_value_defined() != h5d.FILL_VALUE_USER_DEFINED:
            return None
        memory = ctypes.create_string_buffer(kind.get_size())
        _call("H5Pget_fill_value", _ID(storage.id), _ID(kind.id), memory)
        return self._several(kind, 1, memory.raw)

    def _several(self, kind: h5t.TypeID, count: int, memory: bytes) -> tuple[Value, ...]:
        if is_flat(kind):
            return (memory,)
        size = kind.get_size()
        return tuple(self._one(kind, memory[at * size : (at + 1) * size]) for at in range(count))

    def _one(self, kind: h5t.TypeID, memory: bytes) -> Value:
        """One element whose memory has pointers or addresses in it."""
        if is_flat(kind):
            return memory
        if isinstance(kind, h5t.TypeStringID):
            pointer = int.from_bytes(memory, "little")
            return ctypes.string_at(pointer) if pointer else None
        if isinstance(kind, h5t.TypeVlenID):
            length, pointer = struct.unpack("=QQ", memory)
            element = kind.get_super()
            data = ctypes.string_at(pointer, length * element.get_size()) if length else b""
            return self._several(element, length, data) if length else ()
        if isinstance(kind, h5t.TypeArrayID):
            return self._several(kind.get_super(), prod(kind.get_array_dims()), memory)
        if isinstance(kind, h5t.TypeCompoundID):
            return tuple(self._field(kind, at, memory) for at in range(kind.get_nmembers()))
        return self._target(kind, memory)

    def _field(self, kind: h5t.TypeCompoundID, at: int, memory: bytes) -> Value:
        field, start = kind.get_member_type(at), kind.get_member_offset(at)
        return self._one(field, memory[start : start + field.get_size()])

    def _target(self, kind: h5t.TypeReferenceID, memory: bytes) -> Value:
        """Where a reference leads; its own bytes are an address, which is another in another file."""
        if not any(memory):
            return None
        if kind.get_size() == _OBJECT_SIZE:  # no comparison with the type itself: that of a committed type is another
            return self._find(int.from_bytes(memory, "little"))
        target = h5d.DatasetID(_call("H5Rdereference2", _ID(self._file.id), _ID(_DEFAULT), _REGION, memory))
        region = h5s.SpaceID(_call("H5Rget_region", _ID(self._file.id), _REGION, memory))
        return self._find(h5o.get_info(target).addr), region.encode()


def is_flat(kind: h5t.TypeID) -> bool:
    """Whether elements are plain bytes: no pointers, no references."""
    if isinstance(kind, (h5t.TypeVlenID, h5t.TypeReferenceID)):
        return False
    if isinstance(kind, h5t.TypeStringID):
        return not kind.is_variable_str()
    if isinstance(kind, h5t.TypeArrayID):
        return is_flat(kind.get_super())
    if isinstance(kind, h5t.TypeCompoundID):
        return all(is_flat(kind.get_member_type(at)) for at in range(kind.get_nmembers()))
    return True


def refers(kind: h5t.TypeID) -> bool:
    """Whether elements have references in them."""
    if isinstance(kind, (h5t.TypeVlenID, h5t.TypeArrayID)):
        return refers(kind.get_super())
    if isinstance(kind, h5t.TypeCompoundID):
        return any(refers(kind.get_member_type(at)) for at in range(kind.get_nmembers()))
    return isinstance(kind, h5t.TypeReferenceID)


def has_symbol_table(group: h5g.GroupID) -> bool:
    """Whether a group keeps its links as HDF5 did before 1.8, so that old readers find them."""
    memory = ctypes.create_string_buffer(64)
    _call("H5Gget_info", _ID(group.id), memory)
    return int.from_bytes(memory.raw[:4], "little", signed=True) == 0


def group_numbers(storage: h5p.PropGCID) -> dict[str, tuple[int, ...]]:
    """What a group's creation list has besides what h5py shows: its links' expected number and length, and the like."""
    found = {}
    for name in ("est_link_info", "link_phase_change"):
        numbers = ctypes.c_uint(), ctypes.c_uint()
        _call(f"H5Pget_{name}", _ID(storage.id), *map(ctypes.byref, numbers))
        found[name] = tuple(number.value for number in numbers)
    return found
