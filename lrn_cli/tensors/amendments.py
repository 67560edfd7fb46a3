"""What becomes of attributes that tell readers how to take stored numbers, and would say something wrong of results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from lrn_cli.dtypes import Array
from lrn_cli.tensors import cf
from lrn_cli.tensors.meaning import UNPACK, Meaning

MATLAB_CLASS = "MATLAB_class"
Amendment: TypeAlias = "Array | str | None"
"""What an attribute becomes: other numbers, another text, or nothing."""

_MATLAB_DECODES = "MATLAB_int_decode"
"""As what MATLAB's integers are stored, if that is not what they are: so it stores logical arrays."""
_HDF5STORAGE = "Python.numpy.UnderlyingType"
_XARRAY = "dtype"


def amendments(meaning: Meaning, dtype: np.dtype[Any]) -> dict[str, Amendment]:
    """What becomes of the attributes that would say something wrong of results, by their names.

    Args:
        meaning: What the attributes of the dataset say that is normalised.
        dtype: Of the results.
    """
    return dict([*_of_numbers(meaning, dtype), *_of_types(meaning, dtype)])


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
