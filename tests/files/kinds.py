"""Datatypes of HDF5 in all their details, as tuples that can be compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from h5py import h5o, h5t

Kind: TypeAlias = "tuple[Any, ...]"
Finder: TypeAlias = Callable[[int], str]


def kind_of(kind: h5t.TypeID, find: Finder) -> Kind:
    """Everything that HDF5 says of a datatype.

    Args:
        kind: The datatype.
        find: Names the committed datatype at an address of the file.
    """
    committed = find(h5o.get_info(kind).addr) if kind.committed() else None
    return (type(kind).__name__, kind.get_size(), ("committed", committed), *_details(kind, find))


def bare(kind: Kind) -> Kind:
    """The same without the name under which it is committed."""
    return (*kind[:2], *kind[3:])


def _details(kind: h5t.TypeID, find: Finder) -> Kind:
    if isinstance(kind, h5t.TypeStringID):
        return ("variable" if kind.is_variable_str() else "fixed", kind.get_cset(), kind.get_strpad())
    if isinstance(kind, (h5t.TypeCompoundID, h5t.TypeEnumID, h5t.TypeArrayID, h5t.TypeVlenID)):
        return _parts(kind, find)
    if isinstance(kind, h5t.TypeOpaqueID):
        return (kind.get_tag(),)
    if isinstance(kind, h5t.TypeReferenceID):
        return ()  # to an object or to a region: the size tells
    if type(kind).__name__ == "TypeComplexID":  # since HDF5 2.0
        return (kind_of(kind.get_super(), find),)
    return _numbers(kind)


def _parts(kind: Any, find: Finder) -> Kind:
    """The types that a type is made of, and how."""
    if isinstance(kind, h5t.TypeCompoundID):
        return tuple(
            (kind.get_member_name(at), kind.get_member_offset(at), kind_of(kind.get_member_type(at), find))
            for at in range(kind.get_nmembers())
        )
    parent = kind_of(kind.get_super(), find)
    if isinstance(kind, h5t.TypeEnumID):
        members = ((kind.get_member_name(at), kind.get_member_value(at)) for at in range(kind.get_nmembers()))
        return (parent, *members)
    return (parent, kind.get_array_dims()) if isinstance(kind, h5t.TypeArrayID) else (parent,)


def _numbers(kind: h5t.TypeID) -> Kind:
    """Order, precision, sign, place of exponent and mantissa, and whatever else there is of an atomic type."""
    asked = ("order", "precision", "offset", "pad", "sign", "fields", "ebias", "inpad", "norm")
    return tuple((name, getattr(kind, f"get_{name}")()) for name in asked if hasattr(kind, f"get_{name}"))
