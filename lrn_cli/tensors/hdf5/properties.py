"""HDF5 property lists: how a dataset is stored, and how much of it is cached while it is read or written."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5p, h5t

from lrn_cli.tensors.hdf5 import filters
from lrn_cli.tensors.hdf5.raw.places import can_be_plain

_FILTERED_CACHE = 32 << 20
# Measured: through a larger cache chunks without filters are only copied once more, 20 to 60 % slower.
_PLAIN_CACHE = 1 << 20
_LEAST_SLOTS, _MOST_SLOTS = 521, 100_003
_PREEMPTION = 0.75  # HDF5's own default


def access_list(storage: h5p.PropDCID, itemsize: int) -> h5p.PropDAID:
    """A chunk cache that keeps what two neighbouring blocks share, so that it is not unpacked twice.

    Args:
        storage: The dataset's creation list.
        itemsize: Bytes of one element.
    """
    access = h5p.create(h5p.DATASET_ACCESS)
    if storage.get_layout() == h5d.CHUNKED:
        chunk = max(1, math.prod(storage.get_chunk()) * itemsize)
        # What does not fit in is unpacked, and when it is written packed, once for each block that touches it.
        size = max(_FILTERED_CACHE, chunk) if storage.get_nfilters() else _PLAIN_CACHE
        fitting = size // chunk
        # Ten slots for each chunk keep two chunks from driving each other out; an odd number spreads them.
        access.set_chunk_cache(min(max(_LEAST_SLOTS, 10 * fitting + 1), _MOST_SLOTS), size, _PREEMPTION)
    return access


def link_list(charset: int | None = None, *, path: str = "") -> h5p.PropLCID:
    """How a name is entered.

    Args:
        charset: The name's character set; None for that of the path: ASCII where that will do, since a name in UTF-8
            makes a group one that only HDF5 1.8 and later can read.
        path: The path that is entered; groups on the way that are missing are made.
    """
    names = h5p.create(h5p.LINK_CREATE)
    names.set_char_encoding((h5t.CSET_ASCII if path.isascii() else h5t.CSET_UTF8) if charset is None else charset)
    names.set_create_intermediate_group(bool(path))
    return names


def plain_storage() -> h5p.PropDCID:
    """Contiguous, without filters, and without fill values written first: every element will be written."""
    storage = h5p.create(h5p.DATASET_CREATE)
    storage.set_layout(h5d.CONTIGUOUS)
    _allocate_at_once(storage)
    storage.set_obj_track_times(False)
    return storage


def storage_like(dataset: h5py.Dataset, dtype: np.dtype[Any], notice: Callable[[str], None]) -> h5p.PropDCID:
    """A creation list that stores `dtype` as the dataset stores its own: its chunks, filters and fill value.

    Compact, virtual and external storage become contiguous: the first may be too small for the new dtype, the others
    would write into other files.
    """
    old = dataset.id.get_create_plist()
    if old.get_layout() == h5d.CHUNKED:
        storage = old.copy()
        storage.set_chunk(old.get_chunk())  # which forgets the size of the old elements
        # A dataset that can grow keeps its fill time: it will need its fill value.
        dropped = filters.drop_unfit(storage, same_dtype=dataset.dtype == dtype)
        report_dropped(dropped, dtype, notice)
        if dataset.maxshape == dataset.shape and can_be_plain(storage, dataset.shape):
            _allocate_at_once(storage)
    else:
        storage = plain_storage()
        storage.set_attr_creation_order(old.get_attr_creation_order())
        storage.set_attr_phase_change(*old.get_attr_phase_change())
        storage.set_obj_track_times(old.get_obj_track_times())
    if old.fill_value_defined() == h5d.FILL_VALUE_USER_DEFINED:
        with np.errstate(all="ignore"):
            storage.set_fill_value(np.asarray(dataset.fillvalue).astype(dtype))
    return storage


def _allocate_at_once(storage: h5p.PropDCID) -> None:
    """Have the places of all elements known when the dataset is made, and nothing written to them by HDF5."""
    storage.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    storage.set_fill_time(h5d.FILL_TIME_NEVER)


def report_dropped(dropped: tuple[filters.Dropped, ...], dtype: np.dtype[Any], notice: Callable[[str], None]) -> None:
    """Say which filters the output does without, in a line for each reason."""
    for why in dict.fromkeys(entry.why for entry in dropped):
        names = ", ".join(entry.name for entry in dropped if entry.why == why)
        notice(f"written without {names}, which {why.format(dtype=dtype)}")
