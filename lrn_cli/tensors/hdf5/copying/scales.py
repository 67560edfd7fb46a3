"""Dimension scales and labels: what describes the axes of a dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import h5py
from h5py import h5d, h5g

from lrn_cli.tensors.hdf5 import links
from lrn_cli.tensors.hdf5.copying.copies import Copies
from lrn_cli.tensors.hdf5.library import H5PY_ERRORS
from lrn_cli.tensors.hdf5.properties import link_list

LISTS = frozenset({b"DIMENSION_LIST", b"REFERENCE_LIST"})
"""Attributes in which HDF5 keeps which scales are attached where; it writes them itself when one is attached."""


def copy_scales(old: h5py.Dataset, new: h5py.Dataset, copies: Copies, notice: Callable[[str], None]) -> None:
    """Copy the scales of a dataset into a new file, to the same paths, and attach them to the new dataset there."""
    root = h5g.open(new.file.id, b"/")
    for axis, path, scale in _scales(old):
        if path not in new.file:
            copy = copies.copy(scale, root, links.encode(path), link_list(path=path))
            copies.finish(scale, copy, path, without=LISTS)
        _attach(new, axis, path, notice)


def attach_present_scales(
    old: h5py.Dataset, new: h5py.Dataset, exists: Callable[[str], bool], notice: Callable[[str], None]
) -> None:
    """Attach to the new dataset those scales that its file has at the same paths.

    Args:
        old: The dataset whose scales they are.
        new: The dataset in the other file.
        exists: Whether there is an object at a path of that file.
        notice: Takes a warning for the user, one line.
    """
    for axis, path, _ in _scales(old):
        if exists(path):
            _attach(new, axis, path, notice)
        else:
            notice(f"the dimension scale {path} of axis {axis} is not in the output file, and is not attached")


def _scales(dataset: h5py.Dataset) -> Iterator[tuple[int, str, h5d.DatasetID]]:
    for axis, dimension in enumerate(dataset.dims):
        for scale in dimension.values():
            if scale.name is not None:
                yield axis, scale.name, scale.id


def _attach(dataset: h5py.Dataset, axis: int, path: str, notice: Callable[[str], None]) -> None:
    scale = dataset.file[path]
    length = dataset.shape[axis]
    if not isinstance(scale, h5py.Dataset) or not scale.is_scale or scale.id == dataset.id:
        notice(f"{path} is not a dimension scale in the output file, and is not attached to axis {axis}")
    elif scale.shape and scale.shape[0] != length:
        notice(f"the dimension scale {path} has {scale.shape[0]} values, axis {axis} {length}: it is not attached")
    else:
        try:
            dataset.dims[axis].attach_scale(scale)
        except H5PY_ERRORS:
            notice(f"the dimension scale {path} cannot be attached to axis {axis}")
