"""Attributes that tell readers how to take stored numbers, and would make them take results for something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import h5py
import numpy as np
from h5py import h5a, h5d, h5p, h5t

from lrn_cli.dtypes import Array
from lrn_cli.tensors import cf
from lrn_cli.tensors.hdf5.meaning import MATLAB_CLASS, UNITS
from lrn_cli.tensors.meaning import UNPACK, Meaning

Amendment: TypeAlias = "Array | str | None"
"""What an attribute becomes: other numbers, another text, or nothing."""

_MATLAB_DECODES = "MATLAB_int_decode"
"""As what MATLAB's integers are stored, if that is not what they are: so it stores logical arrays."""
_HDF5STORAGE = "Python.numpy.UnderlyingType"
_XARRAY = "dtype"
_DATES = re.compile(r"\w+ since \S")


def amend(source: h5py.Dataset, dataset: h5py.Dataset, meaning: Meaning, notice: Callable[[str], None]) -> None:
    """Give results those of the attributes that change, which were left out when the others were copied.

    Args:
        source: The dataset that is normalised.
        dataset: The results.
        meaning: What the attributes of the first say.
        notice: Takes a warning for the user, one line.
    """
    for name, value in amendments(meaning, dataset.dtype).items():
        if value is None or name not in source.attrs:
            continue
        if isinstance(value, str):
            _write_text(source, dataset, name, value)
        else:
            dataset.attrs.create(name, value, dtype=value.dtype)
    limits = [name for name in cf.RANGE if name in meaning.attributes and name in dataset.attrs]
    if limits:
        which = meaning.named(limits)
        notice(f"{dataset.name} keeps {which}: netCDF4 hides results out of that range; --cf raw leaves it out")
    if _DATES.match(units := meaning.text(UNITS)):
        notice(
            f"{dataset.name} keeps its units {units!r}: xarray takes the results for dates unless decode_times=False"
        )


def amendments(meaning: Meaning, dtype: np.dtype[Any]) -> dict[str, Amendment]:
    """What becomes of the attributes that would say something wrong of results, by their names.

    Args:
        meaning: What the attributes of the dataset say that is normalised.
        dtype: Of the results.
    """
    return dict([*_of_numbers(meaning, dtype), *_of_types(meaning, dtype)])


def fit_fill_value(storage: h5p.PropDCID, meaning: Meaning, dtype: np.dtype[Any]) -> None:
    """Have NaN for the fill value of decoded numbers, where stored ones had one."""
    if meaning.decoding is not None and storage.fill_value_defined() == h5d.FILL_VALUE_USER_DEFINED:
        storage.set_fill_value(np.array(np.nan, dtype))


def _of_numbers(meaning: Meaning, dtype: np.dtype[Any]) -> Iterator[tuple[str, Amendment]]:
    """What is left out for being of the stored numbers, and what stays in the results' own type."""
    yield "_Unsigned", None  # it is of integers
    asked, unpacked = meaning.asked is not None, meaning.asked == UNPACK
    if asked:
        yield from dict.fromkeys((*cf.PACKING, *cf.RANGE)).items()
    staying = cf.MISSING if asked else (*cf.PACKING, *cf.MISSING)
    for name, value in meaning.attributes.items():
        if name not in staying or value.dtype.kind not in "iuf":
            continue
        if unpacked and not np.isnan(value).all():
            yield name, None
        else:
            yield from _of_type(name, value, meaning.stored, dtype)


def _of_type(name: str, value: Array, stored: np.dtype[Any], dtype: np.dtype[Any]) -> Iterator[tuple[str, Amendment]]:
    """The attribute in the results' own type: netCDF wants that of fill values, xarray takes a factor's for theirs."""
    if value.dtype.kind == "f" and (_same(value.dtype, dtype) or _same(stored, dtype)):
        return
    with np.errstate(over="ignore"):
        cast = value.astype(dtype)
    if np.isinf(cast).sum() == np.isinf(value).sum():
        yield name, cast


def _of_types(meaning: Meaning, dtype: np.dtype[Any]) -> Iterator[tuple[str, Amendment]]:
    """What other readers convert to when they have read."""
    if meaning.text(_XARRAY).startswith(("bool", "timedelta64")):
        yield _XARRAY, None
    theirs = "single" if dtype.itemsize <= 4 else "double"
    # Where the type stays, what was said of it stays, whatever it was.
    if meaning.text(MATLAB_CLASS) not in ("", theirs) and not _same(meaning.stored, dtype):
        yield MATLAB_CLASS, theirs
        yield _MATLAB_DECODES, None
    if meaning.text(_HDF5STORAGE) not in ("", dtype.name):
        yield _HDF5STORAGE, dtype.name


def _same(a: np.dtype[Any], b: np.dtype[Any]) -> bool:
    return a.newbyteorder("=") == b.newbyteorder("=")


def _write_text(source: h5py.Dataset, dataset: h5py.Dataset, name: str, text: str) -> None:
    """Make an attribute with another text, of the same string type but for the length: MATLAB wants none to end it."""
    key = name.encode()
    old = h5a.open(source.id, key)
    kind, space = old.get_type(), old.get_space()
    if not isinstance(kind, h5t.TypeStringID) or kind.is_variable_str():
        dataset.attrs.create(name, text)
        return
    made = kind.copy()
    made.set_size(len(text))
    new = h5a.create(dataset.id, key, made, space)
    new.write(np.full(space.get_simple_extent_dims(), text.encode(), f"S{len(text)}"), mtype=made)
