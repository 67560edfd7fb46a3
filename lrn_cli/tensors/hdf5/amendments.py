"""Attributes that tell readers how to take stored numbers, and would make them take results for something else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5d, h5p, h5t

from lrn_cli.tensors import cf
from lrn_cli.tensors.amendments import amendments
from lrn_cli.tensors.hdf5.meaning import UNITS
from lrn_cli.tensors.meaning import Meaning

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


def fit_fill_value(storage: h5p.PropDCID, meaning: Meaning, dtype: np.dtype[Any]) -> None:
    """Have NaN for the fill value of decoded numbers, where stored ones had one."""
    if meaning.decoding is not None and storage.fill_value_defined() == h5d.FILL_VALUE_USER_DEFINED:
        storage.set_fill_value(np.array(np.nan, dtype))


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
