"""The datasets of an HDF5 file as tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5ds, h5g, h5p

from lrn_cli.tensors.hdf5 import filters, links, virtual
from lrn_cli.tensors.hdf5.calls import Item
from lrn_cli.tensors.hdf5.floats import find_narrow
from lrn_cli.tensors.hdf5.library import H5PY_ERRORS, in_words, open_to_read
from lrn_cli.tensors.hdf5.listing import elsewhere, objects
from lrn_cli.tensors.tensor import Reading, TensorInfo

_DAMAGED = TensorInfo(shape=(), dtype=np.dtype("V"), filters=("damaged",))


def describe(path: Path, reading: Reading) -> list[TensorInfo]:
    """All datasets of a file, in its order, each under the first of its names.

    No link into another file is followed, and no other file is opened. A dataset whose numbers are in another file has
    "external storage" or "virtual" before its filters; one that HDF5 cannot open has "damaged" and no dtype.

    Raises:
        LrnError: The file cannot be opened.
    """
    with open_to_read(path) as file, in_words(path, "is damaged: HDF5 cannot read its structure", "copy it again"):
        found = [tensor_info(item, name, reading) for name, item in objects(file) if not isinstance(item, h5g.GroupID)]
    return [info for info in found if info is not None]


def is_there(path: Path, member: str) -> bool:
    """Whether a file has an object at that path, also by a link within it.

    Raises:
        LrnError: The file cannot be opened.
    """
    with open_to_read(path) as file:
        return links.exists(file, member)


def tensor_info(item: Item | None, path: str, reading: Reading) -> TensorInfo | None:
    """A dataset as a tensor; None for what is no tensor: a committed type, a dataset without a dataspace.

    Args:
        item: The low-level identifier; None where the object could not be opened.
        path: Its path in the file.
        reading: Whether other files may be opened to find its shape.
    """
    if item is not None and not isinstance(item, h5d.DatasetID):
        return None
    try:
        return _tensor_info(item, path, reading)
    except H5PY_ERRORS:
        return TensorInfo(_DAMAGED.shape, _DAMAGED.dtype, path, filters=_DAMAGED.filters)


def _tensor_info(item: h5d.DatasetID, path: str, reading: Reading) -> TensorInfo | None:
    storage = item.get_create_plist()
    outside = elsewhere(storage)
    shape = _virtual_shape(item, storage, reading) if outside == "virtual" else item.shape
    if shape is None:
        return None
    kind = item.get_type()
    return TensorInfo(
        shape=tuple(int(length) for length in shape),
        dtype=_dtype(item) if not (narrow := find_narrow(kind)) else np.dtype((np.void, kind.get_size())),
        member=path,
        chunks=storage.get_chunk() if storage.get_layout() == h5d.CHUNKED else None,
        filters=((outside,) if outside else ()) + filters.names(storage),
        auxiliary=bool(h5ds.is_scale(item)),
        narrow=narrow,
    )


def _virtual_shape(item: h5d.DatasetID, storage: h5p.PropDCID, reading: Reading) -> tuple[int, ...] | None:
    """The shape of a virtual dataset.

    Only the one that it declares where it is put together from other files that are not to be opened: to ask for its
    present one would open them.
    """
    if reading.allow_external or not virtual.leads_outside(item):
        present: tuple[int, ...] | None = item.shape
        return present
    declared: tuple[int, ...] = storage.get_virtual_vspace(0).get_simple_extent_dims()
    return declared


def _dtype(item: h5d.DatasetID) -> np.dtype[Any]:
    """The dtype of the elements: enumerations count as their integers, what NumPy has no dtype for as plain bytes."""
    try:
        dtype: np.dtype[Any] = item.dtype
    except H5PY_ERRORS:
        return np.dtype((np.void, item.get_type().get_size()))
    return np.dtype(dtype.str) if h5py.check_enum_dtype(dtype) else dtype
