"""What an HDF5 file contains: its objects, each once, and its datasets as tensors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import h5py
import numpy as np
from h5py import h5d, h5ds, h5g, h5l, h5o, h5p, h5t

from lrn_cli.tensors.hdf5 import filters
from lrn_cli.tensors.hdf5.complaints import H5PY_ERRORS, in_words, open_file
from lrn_cli.tensors.tensor import Reading, TensorInfo

Item: TypeAlias = h5g.GroupID | h5d.DatasetID | h5t.TypeID
"""An object of a file: the low-level identifiers, which open no other file. `h5py.Dataset` asks for the shape, and that
opens the files of a virtual dataset."""

_DAMAGED = TensorInfo(shape=(), dtype=np.dtype("V"), filters=("damaged",))


def describe(path: Path, reading: Reading) -> list[TensorInfo]:
    """All datasets of a file, in its order, each under the first of its names.

    No link into another file is followed, and no other file is opened. A dataset whose numbers are in another file has
    "external storage" or "virtual" before its filters; one that HDF5 cannot open has "damaged" and no dtype.

    Raises:
        LrnError: The file cannot be opened.
    """
    with open_file(path) as file, in_words(path, "is damaged: HDF5 cannot read its structure", "copy it again"):
        found = [tensor_info(item, name, reading) for name, item in objects(file) if not isinstance(item, h5g.GroupID)]
    return [info for info in found if info is not None]


def objects(file: h5py.File) -> Iterator[tuple[str, Item | None]]:
    """Every object that hard links lead to, with its path, each once; None for an object that cannot be opened.

    A stack rather than recursion: how deep the groups of a file are nested is up to who made it.
    """
    seen = set()
    waiting = [(h5g.open(file.id, b"/"), b".", "/")]
    while waiting:
        parent, name, path = waiting.pop()
        try:
            item = h5o.open(parent, name)
            mark = identity(item)
        except H5PY_ERRORS:
            yield path, None
            continue
        if mark in seen:
            continue
        seen.add(mark)
        yield path, item
        if isinstance(item, h5g.GroupID):
            waiting.extend(reversed([(item, child, join(path, child)) for child in _hard_links(item)]))


def identity(item: Item) -> tuple[int, int]:
    """What tells an object from all others: its file and its address there."""
    about = h5o.get_info(item)
    return about.fileno, about.addr


def join(path: str, name: bytes) -> str:
    """The path of a group's member."""
    return f"{path.rstrip('/')}/{name.decode('utf-8', 'surrogateescape')}"


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


def elsewhere(storage: h5p.PropDCID) -> str:
    """How a dataset with this creation list keeps its numbers in other files; empty where it does not."""
    if storage.get_layout() == h5d.VIRTUAL:
        return "virtual"
    return "external storage" if storage.get_external_count() else ""


def _tensor_info(item: h5d.DatasetID, path: str, reading: Reading) -> TensorInfo | None:
    storage = item.get_create_plist()
    outside = elsewhere(storage)
    shape = _virtual_shape(storage) if outside == "virtual" and not reading.allow_external else item.shape
    if shape is None:
        return None
    return TensorInfo(
        shape=tuple(int(length) for length in shape),
        dtype=_dtype(item),
        member=path,
        chunks=storage.get_chunk() if storage.get_layout() == h5d.CHUNKED else None,
        filters=((outside,) if outside else ()) + filters.names(storage),
        auxiliary=bool(h5ds.is_scale(item)),
    )


def _virtual_shape(storage: h5p.PropDCID) -> tuple[int, ...]:
    """The shape that a virtual dataset declares: to ask for its present one would open its files."""
    if not storage.get_virtual_count():
        return ()
    shape: tuple[int, ...] = storage.get_virtual_vspace(0).get_simple_extent_dims()
    return shape


def _dtype(item: h5d.DatasetID) -> np.dtype[Any]:
    """The dtype of the elements: enumerations count as their integers, what NumPy has no dtype for as plain bytes."""
    try:
        dtype: np.dtype[Any] = item.dtype
    except H5PY_ERRORS:
        return np.dtype((np.void, item.get_type().get_size()))
    return np.dtype(dtype.str) if h5py.check_enum_dtype(dtype) else dtype


def _hard_links(group: h5g.GroupID) -> Iterator[bytes]:
    """Names of the members that are in the group itself, in its order."""
    try:
        for name in group:
            if group.links.get_info(name).type == h5l.TYPE_HARD:
                yield name
    except H5PY_ERRORS:
        return  # the rest of a damaged group cannot be seen
