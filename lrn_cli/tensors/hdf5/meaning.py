"""What the attributes of a dataset say of its numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress

import h5py
import numpy as np
from h5py import h5a

from lrn_cli import layouts
from lrn_cli.dtypes import Array
from lrn_cli.tensors.amendments import MATLAB_CLASS
from lrn_cli.tensors.hdf5.library import H5PY_ERRORS
from lrn_cli.tensors.meaning import NAMES, Attributes, Meaning
from lrn_cli.tensors.tensor import TensorInfo

UNITS = "units"
_INTERNAL = ("CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "DIMENSION_LABELS", "_NCProperties", "_nc3_strict")
_OTHERS = (MATLAB_CLASS, "Python.numpy.UnderlyingType", "dtype", UNITS)


def meaning_of(dataset: h5py.Dataset, info: TensorInfo, asked: str | None) -> Meaning:
    """What a dataset's attributes say, see `Meaning`."""
    return Meaning(info, _attributes(dataset, (*NAMES, *_OTHERS)), asked)


def axes_of_matlab(shown: str, info: TensorInfo, meaning: Meaning) -> Iterator[str]:
    """That MATLAB, which wrote the dataset, counts its axes the other way round."""
    if MATLAB_CLASS in meaning.attributes and len(info.shape) > 1:
        theirs, ours = layouts.describe(info.shape[::-1]), layouts.describe(info.shape)
        yield f"{shown}: MATLAB shows {theirs}; here the axes are {ours}, and --layout and --axis go by these"


def attributes_as_json(dataset: h5py.Dataset) -> Attributes:
    """Attributes that are numbers or text, without those by which HDF5's own libraries find their way."""
    listed = [name.decode("utf-8", "replace") for name in _names(dataset)]
    names = [name for name in listed if name not in _INTERNAL and not name.startswith("_Netcdf4")]
    values = {name: value for name, value in _attributes(dataset, names).items() if value.dtype.kind in "biufU"}
    found = {name: value.tolist() for name, value in values.items()}
    return Attributes(found, [name for name in names if name not in found])


def _names(dataset: h5py.Dataset) -> list[bytes]:
    there: list[bytes] = []
    with suppress(*H5PY_ERRORS):  # a tensor can be read that has damaged attributes
        h5a.iterate(dataset.id, there.append)  # quicker than to ask for each
    return there


def _attributes(dataset: h5py.Dataset, names: Collection[str]) -> dict[str, Array]:
    """Those of the attributes that are there and have a value; text as `str`, whatever it is stored as."""
    there = _names(dataset)
    found = {name: _value(dataset, name) for name in names if name.encode() in there}
    return {name: value for name, value in found.items() if value is not None}


def _value(dataset: h5py.Dataset, name: str) -> Array | None:
    try:
        attribute = dataset.attrs.get_id(name)
        several = attribute.get_space().get_simple_extent_npoints() > 1
        if several and attribute.dtype.kind == "O":
            return None  # as long as its writer liked, and none of those that are asked for is made of such
        stored = dataset.attrs[name]
    except H5PY_ERRORS:
        return None
    value: Array = np.asarray([] if isinstance(stored, h5py.Empty) else stored)
    if value.dtype.kind == "S":
        value = np.char.decode(value, "utf-8", "replace")
    elif value.dtype.kind == "O" and value.size and all(isinstance(item, str) for item in value.flat):
        value = value.astype(str)
    return value if value.size else None
