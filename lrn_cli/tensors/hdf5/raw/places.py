"""Where in a file HDF5 keeps the elements of a dataset, if they lie there as they are in memory.

HDF5 does everything under one lock, and h5py holds Python's own meanwhile: while one thread reads or writes, no other
computes. What is stored plainly needs neither.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import prod
from typing import Any, TypeAlias

import h5py
import numpy as np
from h5py import h5d, h5f, h5fd, h5i, h5p, h5t
from numpy.typing import NDArray

from lrn_cli.tensors.hdf5.library import H5PY_ERRORS
from lrn_cli.tensors.hdf5.raw.descriptor import Descriptor
from lrn_cli.tensors.hdf5.raw.elements import ChunkedElements, FlatElements

Elements: TypeAlias = FlatElements | ChunkedElements

_MOST_CHUNKS = 1 << 20
_NOWHERE = 1 << 62
_MOST_AXES = 16  # chunks are copied as arrays of twice as many axes, of which NumPy 1 has 32 at most


def elements_of(dataset: h5py.Dataset, dtype: np.dtype[Any], *, made: bool = False) -> Elements | None:
    """The elements of an open dataset, to be read and written past HDF5; None where only HDF5 can do that.

    Args:
        dataset: The dataset.
        dtype: What its elements are in memory.
        made: Whether it was just made and is to be written.
    """
    try:
        file = h5i.get_file_id(dataset.id)
        if dtype.kind not in "iuf" or not h5t.py_create(dtype).equal(dataset.id.get_type()):
            return None
        if file.get_access_plist().get_driver() != h5fd.SEC2:
            return None
        if file.get_intent() & h5f.ACC_SWMR_READ:
            return None  # another program writes to it, and HDF5 alone knows in which order to look
        # A file that is being made has its full size only when HDF5 closes it.
        size = _NOWHERE if made else os.fstat(file.get_vfd_handle()).st_size
        flat = dataset.id.get_create_plist().get_layout() == h5d.CONTIGUOUS
        return (_find_flat if flat else _find_chunks)(dataset.id, file, dtype, size)
    except (*H5PY_ERRORS, OverflowError):
        return None  # whatever is wrong with it, HDF5 is to find it where that is reported


def _find_flat(dataset: h5d.DatasetID, file: h5f.FileID, dtype: np.dtype[Any], file_size: int) -> Elements | None:
    shape = tuple(int(length) for length in dataset.shape)
    offset = None if dataset.get_create_plist().get_external_count() else dataset.get_offset()
    if offset is None or offset + prod(shape) * dtype.itemsize > file_size:
        return None
    return FlatElements(Descriptor(file.get_vfd_handle()), offset, shape, dtype.itemsize)


def _find_chunks(dataset: h5d.DatasetID, file: h5f.FileID, dtype: np.dtype[Any], file_size: int) -> Elements | None:
    storage, shape = dataset.get_create_plist(), tuple(int(length) for length in dataset.shape)
    # Not every version of HDF5 counts the user block when it says where a chunk is.
    if not can_be_plain(storage, shape) or file.get_create_plist().get_userblock():
        return None
    places = _chunk_places(dataset, storage.get_chunk(), dtype.itemsize, file_size)
    if places is None or (places < 0).all() or (file_size == _NOWHERE and (places < 0).any()):
        return None  # HDF5 allocates as it writes, and fills in as it reads
    return ChunkedElements(Descriptor(file.get_vfd_handle()), places, shape, storage.get_chunk(), dtype)


def can_be_plain(storage: h5p.PropDCID, shape: Sequence[int]) -> bool:
    """Whether chunks stored like this are read and written past HDF5."""
    if storage.get_layout() != h5d.CHUNKED or storage.get_nfilters() or len(shape) > _MOST_AXES:
        return False
    return 0 < prod(_grid(shape, storage.get_chunk())) <= _MOST_CHUNKS and hasattr(h5d.DatasetID, "chunk_iter")


def _chunk_places(
    dataset: h5d.DatasetID, chunk: tuple[int, ...], itemsize: int, file_size: int
) -> NDArray[np.int64] | None:
    """The position in the file of every chunk, -1 where it was never written; None where one is not what it must be."""
    found: list[h5d.StoreInfo] = []
    places = np.full(_grid(dataset.shape, chunk), -1, np.int64)

    def take(stored: h5d.StoreInfo) -> bool | None:
        if stored.byte_offset is not None and stored.byte_offset < _NOWHERE:
            found.append(stored)
        return True if len(found) > places.size else None  # a damaged index may never end

    dataset.chunk_iter(take)
    if not found:
        return places
    corners = np.array([stored.chunk_offset for stored in found], np.int64)
    about = np.array([stored[1:] for stored in found], np.int64)
    masks, offsets, sizes = about.T
    size = prod(chunk) * itemsize
    aligned = len(found) <= places.size and not (corners % chunk).any() and (corners < dataset.shape).all()
    if not aligned or masks.any() or (sizes != size).any() or (offsets > file_size - size).any():
        return None
    places[tuple((corners // chunk).T)] = offsets
    return places


def _grid(shape: Sequence[int], chunk: Sequence[int]) -> tuple[int, ...]:
    """How many chunks there are along each axis."""
    return tuple(-(-length // edge) for length, edge in zip(shape, chunk, strict=True))
