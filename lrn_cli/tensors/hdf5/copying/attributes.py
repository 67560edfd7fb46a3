"""Attributes, carried in their own types: padding, character set and size stay what they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from h5py import h5, h5a, h5p

from lrn_cli.errors import LrnError
from lrn_cli.tensors.guards import LARGEST_CHUNK, limit_memory
from lrn_cli.tensors.hdf5 import calls
from lrn_cli.tensors.hdf5.calls import Item
from lrn_cli.tensors.hdf5.copying.datatypes import Datatypes
from lrn_cli.tensors.hdf5.copying.references import References
from lrn_cli.tensors.hdf5.copying.values import Role, elements, form_of


def names_of(item: Item) -> list[bytes]:
    """Names of an object's attributes, in the order in which they were made where the object keeps that."""
    kept = item.get_create_plist().get_attr_creation_order() & h5p.CRT_ORDER_TRACKED
    found: list[bytes] = []
    h5a.iterate(item, found.append, index_type=h5.INDEX_CRT_ORDER if kept else h5.INDEX_NAME)
    return found


def copy_attribute(old: Item, new: Item, name: bytes, references: References, datatypes: Datatypes) -> bool:
    """Give a new object an attribute of an old one.

    Returns:
        Whether all references in it lead somewhere in the new file.

    Raises:
        OSError: HDF5 cannot make it there; nothing is left of it.
        LrnError: Its texts or sequences take more memory than they may: many may share one place in the file.
    """
    attribute = h5a.open(old, name)
    kind = attribute.get_type()
    form, several = form_of(kind), attribute.get_space().get_simple_extent_npoints() > 1
    if Role.UNKNOWN in form.roles:
        raise OSError("its references are of a kind that cannot be made anew")
    made = calls.create_attribute(new, name, datatypes.bring(kind), attribute)
    try:
        with elements(attribute, bounds=_bounds(name) if several and not form.plain else None) as found:
            complete = references.bring(found, old)
            found.write(made)
    except BaseException:
        h5a.delete(new, name)
        raise
    return complete


@contextmanager
def _bounds(name: bytes) -> Iterator[None]:
    """Limit the memory for an attribute; HDF5 keeps what it had when that is too little, so nothing more is tried."""
    try:
        with limit_memory(0):
            yield
    except OSError as error:
        shown = name.decode("utf-8", "replace")
        raise LrnError(
            f"the attribute {shown} cannot be read within {LARGEST_CHUNK:,} bytes", "--output-format npy"
        ) from error
