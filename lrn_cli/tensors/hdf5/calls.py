"""The few functions of HDF5's C interface that h5py does not offer as they are.

h5py turns texts, sequences and references into Python objects and back. On that way the padding of a text, the
difference between an empty text and none, and sequences of sequences get lost. HDF5 itself carries all of them as they
are. It is the very library that h5py has loaded: the symbols are found through h5py's own module, so identifiers mean
the same here and there.

Every function gives what HDF5 gives and raises `OSError` where HDF5 refuses, as h5py does.
"""

from __future__ import annotations

import ctypes
import errno
import os
from ctypes import c_char_p, c_int, c_int64, c_size_t, c_uint, c_void_p
from functools import cache
from typing import Any, TypeAlias

from h5py import h5a, h5d, h5g, h5i, h5p, h5s, h5t
from h5py._objects import phil

Item: TypeAlias = h5g.GroupID | h5d.DatasetID | h5t.TypeID
"""An object of a file: the low-level identifiers, which open no other file. `h5py.Dataset` asks for the shape, and that
opens the files of a virtual dataset."""
Holder: TypeAlias = h5a.AttrID | h5d.DatasetID
"""What has elements."""

_DEFAULT = 0  # H5P_DEFAULT
_OBJECT, _REGION = 0, 1  # H5R_OBJECT1 and H5R_DATASET_REGION1
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}

# hid_t has 64 bits since HDF5 1.10, the oldest that h5py still takes.
_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "H5Aread": (c_int64, c_int64, c_void_p),
    "H5Awrite": (c_int64, c_int64, c_void_p),
    "H5Dread": (c_int64, c_int64, c_int64, c_int64, c_int64, c_void_p),
    "H5Dwrite": (c_int64, c_int64, c_int64, c_int64, c_int64, c_void_p),
    "H5Dvlen_reclaim": (c_int64, c_int64, c_int64, c_void_p),
    "H5Aget_create_plist": (c_int64,),
    "H5Acreate2": (c_int64, c_char_p, c_int64, c_int64, c_int64, c_int64),
    "H5Pclose": (c_int64,),
    "H5Pset_metadata_read_attempts": (c_int64, c_uint),
    "H5Pget_link_phase_change": (c_int64, c_void_p, c_void_p),
    "H5Pset_link_phase_change": (c_int64, c_uint, c_uint),
    "H5Pget_est_link_info": (c_int64, c_void_p, c_void_p),
    "H5Pset_est_link_info": (c_int64, c_uint, c_uint),
    "H5Tcommit_anon": (c_int64, c_int64, c_int64, c_int64),
    "H5Oget_comment": (c_int64, c_char_p, c_size_t),
    "H5Oset_comment": (c_int64, c_char_p),
    "H5Rdereference2": (c_int64, c_int64, c_int, c_void_p),
    "H5Rget_region": (c_int64, c_int, c_void_p),
    "H5Rcreate": (c_void_p, c_int64, c_char_p, c_int, c_int64),
}
_WIDE = {"H5Aget_create_plist", "H5Acreate2", "H5Oget_comment", "H5Rdereference2", "H5Rget_region"}
"""Those that give identifiers or sizes, the others give a small number."""


def read(holder: Holder, kind: h5t.TypeID, memory: int, chosen: h5s.SpaceID, within: h5s.SpaceID) -> None:
    """Read elements into memory at an address, in a type of their own class: variable-length parts as pointers.

    Args:
        holder: An attribute, which is read as a whole, or a dataset.
        kind: The type of the elements in memory.
        memory: The address of enough of it.
        chosen: Which elements of a dataset.
        within: The space of the elements in memory.
    """
    if isinstance(holder, h5a.AttrID):
        _call("H5Aread", holder.id, kind.id, memory)
    else:
        _call("H5Dread", holder.id, kind.id, within.id, chosen.id, _DEFAULT, memory)


def write(holder: Holder, kind: h5t.TypeID, memory: int, chosen: h5s.SpaceID, within: h5s.SpaceID) -> None:
    """Write elements from memory; arguments as of `read`."""
    if isinstance(holder, h5a.AttrID):
        _call("H5Awrite", holder.id, kind.id, memory)
    else:
        _call("H5Dwrite", holder.id, kind.id, within.id, chosen.id, _DEFAULT, memory)


def reclaim(kind: h5t.TypeID, within: h5s.SpaceID, memory: int) -> None:
    """Let go of what HDF5 has allocated for the variable-length parts of elements that were read."""
    _call("H5Dvlen_reclaim", kind.id, within.id, _DEFAULT, memory)


def create_attribute(owner: Item, name: bytes, kind: h5t.TypeID, like: h5a.AttrID) -> h5a.AttrID:
    """A new attribute with the space of another one, and with a name in the same character set."""
    space = like.get_space()  # which h5py closes when nobody holds it any more
    settings = _call("H5Aget_create_plist", like.id)
    try:
        made = _call("H5Acreate2", owner.id, name, kind.id, space.id, settings, _DEFAULT)
    finally:
        _call("H5Pclose", settings)
    return h5i.wrap_identifier(made)


def copy_comment(old: Item, new: Item) -> None:
    """Give an object the comment of another one, if it has one (h5py's own call reads the wrong memory)."""
    length = _call("H5Oget_comment", old.id, None, 0)
    if length:
        comment = ctypes.create_string_buffer(length + 1)
        _call("H5Oget_comment", old.id, comment, length + 1)
        _call("H5Oset_comment", new.id, comment)


def copy_group_settings(group: h5g.GroupID, settings: h5p.PropGCID) -> None:
    """Set up a creation list for a group like another one.

    The list that HDF5 gives of a group is of no use for a new one: of many links it says where they are in the file.
    """
    old = group.get_create_plist()
    settings.set_link_creation_order(old.get_link_creation_order())
    settings.set_attr_creation_order(old.get_attr_creation_order())
    settings.set_attr_phase_change(*old.get_attr_phase_change())
    settings.set_obj_track_times(old.get_obj_track_times())
    for name in ("link_phase_change", "est_link_info"):
        first, second = c_uint(), c_uint()
        _call(f"H5Pget_{name}", old.id, ctypes.addressof(first), ctypes.addressof(second))
        _call(f"H5Pset_{name}", settings.id, first, second)


def limit_attempts(access: h5p.PropFAID, most: int) -> None:
    """Have HDF5 read what another program is changing so many times at most until it is sound."""
    _call("H5Pset_metadata_read_attempts", access.id, most)


def commit(owner: Item, kind: h5t.TypeID, settings: Any) -> None:
    """Make a type an object of the owner's file, still without a name."""
    _call("H5Tcommit_anon", owner.id, kind.id, settings.id, _DEFAULT)


def dereference(item: Item, reference: bytes) -> Item:
    """The object that a reference leads to.

    Args:
        item: Any object of the file that the reference is from.
        reference: As it is in memory: 8 bytes to an object, 12 to a region of a dataset.
    """
    return h5i.wrap_identifier(_call("H5Rdereference2", item.id, _DEFAULT, _kind(reference), reference))


def region(item: Item, reference: bytes) -> h5s.SpaceID:
    """The selection that a reference to a region makes in its dataset; arguments as of `dereference`."""
    return h5s.SpaceID(_call("H5Rget_region", item.id, _REGION, reference))


def refer(item: Item, path: bytes, selection: h5s.SpaceID | None = None) -> bytes:
    """A reference to what stands at a path in the item's file, or to a region of it."""
    reference = ctypes.create_string_buffer(8 if selection is None else 12)
    kind, space = (_OBJECT, -1) if selection is None else (_REGION, selection.id)
    _call("H5Rcreate", ctypes.addressof(reference), item.id, path, kind, space)
    return reference.raw


def _kind(reference: bytes) -> int:
    return _OBJECT if len(reference) == 8 else _REGION


@cache
def _function(name: str) -> Any:
    function = getattr(ctypes.CDLL(h5d.__file__, use_errno=True), name)
    function.argtypes = _ARGUMENTS[name]
    function.restype = c_int64 if name in _WIDE else c_int
    return function


def _call(name: str, *arguments: object) -> int:
    with phil:  # h5py's own lock, under which all calls into HDF5 are made
        ctypes.set_errno(0)
        found: int = _function(name)(*arguments)
        reason = ctypes.get_errno()
    if found >= 0:
        return found
    if reason in _NO_ROOM:
        raise OSError(reason, os.strerror(reason))
    raise OSError(f"{name} failed")
