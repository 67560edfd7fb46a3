"""What the attributes of a dataset say of its numbers: what has to be asked before they are normalised."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from math import prod

import h5py
import numpy as np
from h5py import h5a

from lrn_cli import layouts
from lrn_cli.boxes import Box, blocks, run_edges, size, whole_chunks
from lrn_cli.errors import LrnError
from lrn_cli.formula import Span
from lrn_cli.tensors import cf
from lrn_cli.tensors.hdf5.library import H5PY_ERRORS
from lrn_cli.tensors.tensor import Array, TensorInfo

MATLAB_CLASS = "MATLAB_class"
UNPACK, RAW = "unpack", "raw"
UNITS = "units"
_BLOCK = 1 << 20
"""Elements to look at at a time."""
_OTHERS = (MATLAB_CLASS, "Python.numpy.UnderlyingType", "dtype", UNITS)


class Meaning:
    """What a dataset's attributes say of its numbers.

    Args:
        dataset: The dataset.
        info: Its description, with the dtype of what is stored.
        asked: `unpack`, `raw`, or None where nothing was said.

    Attributes:
        stored: What the elements are in the file.
        attributes: Those that were looked at and are there; text as an array of `str`.
        asked: As given.
        decoding: How the numbers are decoded; None where they are taken as they are stored.
    """

    def __init__(self, dataset: h5py.Dataset, info: TensorInfo, asked: str | None) -> None:
        self.stored, self.asked = info.dtype, asked
        self.attributes = _attributes(dataset, (*cf.PACKING, *cf.MISSING, *cf.RANGE, *_OTHERS))
        self._shape, self._chunks = info.shape, info.chunks
        numeric = info.dtype.kind in "biuf" and not info.narrow
        self._coded = cf.decoding_of(info.dtype, self.attributes) if numeric else cf.Decoding(info.dtype, info.dtype)
        encoded = bool(self._coded.packing or self._coded.sentinels) and not self._coded.unclear
        self.decoding = self._coded if encoded and asked == UNPACK else None

    def text(self, name: str) -> str:
        """An attribute as text; empty where it is not there."""
        return cf.show(self.attributes[name]) if name in self.attributes else ""

    def named(self, names: Collection[str]) -> str:
        """Attributes with their values, as messages name them."""
        return ", ".join(f"{name} {cf.show(self.attributes[name])}" for name in names)

    def survey(self, shown: str, read: Callable[[Box, Array], None]) -> Iterator[str]:
        """Look for what has to be asked, through all elements where an attribute tells that some may have no value.

        Args:
            shown: What to call the dataset.
            read: Reads a block as it is stored.

        Yields:
            What the user should know.

        Raises:
            LrnError: Its numbers may stand for others, and nothing was said of it.
        """
        if self.asked != RAW:
            self._refuse_packed(shown)
            names = (*cf.MISSING, *cf.RANGE) if self.decoding else cf.MISSING
            yield from self._missing(shown, read, names)
        if MATLAB_CLASS in self.attributes and len(self._shape) > 1:
            theirs, ours = layouts.describe(self._shape[::-1]), layouts.describe(self._shape)
            yield f"{shown}: MATLAB shows {theirs}; here the axes are {ours}, and --layout and --axis go by these"

    def _refuse_packed(self, shown: str) -> None:
        if self._coded.unclear:
            raise LrnError(f"{shown}: cannot be unpacked: {self._coded.unclear}", "--cf raw takes the stored numbers")
        if self._coded.packing and self.asked is None:
            raise LrnError(
                f"{shown}: its numbers are packed: {self.named(self._coded.packing)}",
                "--cf unpack for the numbers that they stand for, or --cf raw for the stored ones",
            )

    def _missing(self, shown: str, read: Callable[[Box, Array], None], names: Collection[str]) -> Iterator[str]:
        decoding = self._coded.looking_for(names)
        if not decoding.sentinels:
            return
        count, found = 0, set[str]()
        for block in self._blocks(read):
            here, named = decoding.find_missing(block)
            count += here
            found |= named
        if not count:
            return
        of = f"{count:,} of {prod(self._shape):,} values"
        why = self.named([name for name in names if name in found])
        if self.decoding is None:
            raise LrnError(
                f"{shown}: {of} are missing ({why})",
                "--cf unpack to have them as NaN, or --cf raw to take them as numbers",
            )
        yield f"{shown}: {of} were missing ({why}) and became NaN"

    def _blocks(self, read: Callable[[Box, Array], None]) -> Iterator[Array]:
        """All elements as they are stored; a block is valid until the next."""
        nowhere = (Span(0, 0),) * len(self._shape)
        lengths = run_edges(self._shape, nowhere, _BLOCK)
        if self._chunks is not None:
            lengths = whole_chunks(lengths, self._chunks, self._shape)
        memory = np.empty(prod(lengths), self.stored)
        for core, _ in blocks(self._shape, nowhere, lengths):
            shape = size(core)
            block = memory[: prod(shape)].reshape(shape)
            read(core, block)
            yield block


def _attributes(dataset: h5py.Dataset, names: Collection[str]) -> dict[str, Array]:
    """Those of the attributes that are there and have a value; text as `str`, whatever it is stored as."""
    there: list[bytes] = []
    with suppress(*H5PY_ERRORS):  # a tensor can be read that has damaged attributes
        h5a.iterate(dataset.id, there.append)  # quicker than to ask for each
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
