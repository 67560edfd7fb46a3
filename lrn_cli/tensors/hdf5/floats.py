"""HDF5's types for the floating-point numbers that NumPy lacks: their bits are declared, so that they are known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from h5py import h5d, h5s, h5t

from lrn_cli.boxes import Box, size
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.narrow import BFLOAT16, SIZES, check_narrow
from lrn_cli.tensors.hdf5.calls import Item


class _Bits(NamedTuple):
    """Where the parts of a number lie: the sign, the exponent and its length, the length of what follows the point."""

    sign: int
    exponent: int
    exponent_length: int
    fraction_length: int
    bias: int


# As HDF5 2.0 predefines them (H5Tfloat.c: H5T_FLOAT_BF16LE, H5T_FLOAT_F8E4M3, H5T_FLOAT_F8E5M2).
_DECLARED = {
    BFLOAT16: _Bits(15, 7, 8, 7, 127),
    "float8_e4m3fn": _Bits(7, 3, 4, 3, 7),
    "float8_e5m2": _Bits(7, 2, 5, 2, 15),
}


def find_narrow(kind: h5t.TypeID) -> str:
    """Which of these types one of HDF5's is; empty where it is none, or none that this machine can compute."""
    if not isinstance(kind, h5t.TypeFloatID) or kind.get_size() > 2:
        return ""
    sign, exponent, exponent_length, fraction, fraction_length = kind.get_fields()
    bits = _Bits(sign, exponent, exponent_length, fraction_length, kind.get_ebias())
    name = next((name for name, declared in _DECLARED.items() if declared == bits and not fraction), "")
    try:
        if name:
            check_narrow(name)
    except LrnError:
        return ""
    return name


def make_type(name: str) -> h5t.TypeID:
    """HDF5's type for one of these types; plain bytes where its bits do not tell it."""
    bits = _DECLARED.get(name)
    if bits is None:
        return h5t.py_create(np.dtype((np.void, SIZES[name])))
    kind = h5t.IEEE_F32LE.copy()
    kind.set_fields(bits.sign, bits.exponent, bits.exponent_length, 0, bits.fraction_length)
    kind.set_ebias(bits.bias)
    kind.set_size(SIZES[name])
    kind.set_precision(8 * SIZES[name])
    return kind


def read_bytes(dataset: h5d.DatasetID, box: Box, out: Array) -> None:
    """Read a block without any conversion, the lowest byte first."""
    dataset.read(h5s.create_simple(out.shape), _select(dataset, box), out, dataset.get_type())
    if _is_reversed(dataset):
        out.view(np.uint16).byteswap(inplace=True)


def write_bytes(dataset: h5d.DatasetID, box: Box, block: Array) -> None:
    """Write a block, whose elements have the lowest byte first, without any conversion."""
    if _is_reversed(dataset):
        block = block.view(np.uint16).byteswap()
    dataset.write(h5s.create_simple(block.shape), _select(dataset, box), block, dataset.get_type())


def _is_reversed(dataset: Item) -> bool:
    kind = dataset.get_type()
    return isinstance(kind, h5t.TypeFloatID) and kind.get_size() == 2 and kind.get_order() == h5t.ORDER_BE


def _select(dataset: h5d.DatasetID, box: Box) -> h5s.SpaceID:
    space = dataset.get_space()
    space.select_hyperslab(tuple(part.start for part in box), size(box))
    return space
