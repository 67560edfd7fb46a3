"""NumPy's .npy files and .npz archives, as NumPy writes and reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lrn_cli.tensors.tensor import Array, Reading
from tests.tensors.formats.battery import Battery, Example, random

_AS_USUAL = Reading()


def npy(name: str, values: Array, reading: Reading = _AS_USUAL) -> Example:
    """An array that `np.save` writes."""
    return Example(
        name, "npy", ".npy", values, lambda path: np.save(path, values), np.load, tell=order, reading=reading
    )


def order(path: Path) -> tuple[bool, str]:
    """Whether an array is stored in C order, and its type with the byte order."""
    loaded = np.load(path)
    return loaded.flags.c_contiguous, loaded.dtype.str


class TestNpy(Battery):
    """Both orders of axes and of bytes, each kind of number, no axes at all and many."""

    EXAMPLES = (
        npy("float32", random((3, 5, 4, 6))),
        npy("in Fortran order", random((3, 5, 4, 6), order="F")),
        npy("big-endian", random((7, 9), ">f8")),
        npy("half precision", random((1, 1, 11, 13), "f2")),
        npy("whole numbers", random((5, 6, 7), "i2")),
        npy("booleans", random((5, 7), "?")),
        npy("a vector", random((17,))),
        npy("nine axes", random((2,) * 9)),
        npy("bytes of bfloat16", random((3, 5, 4, 6)).view("V2"), Reading(input_dtype="bfloat16")),
    )


def archive(name: str, values: Array, *, packed: bool) -> Example:
    """The second of two arrays that NumPy archives."""
    save = np.savez_compressed if packed else np.savez
    return Example(name, "npz", ".npz", values, lambda path: save(path, a=values[:1], b=values), member="b")


class TestNpz(Battery):
    """Archives, packed and not."""

    EXAMPLES = (
        archive("stored", random((3, 5, 4, 6)), packed=False),
        archive("packed", random((3, 5, 4, 6)), packed=True),
        archive("in Fortran order", random((5, 4, 6), ">f8", order="F"), packed=True),
    )
