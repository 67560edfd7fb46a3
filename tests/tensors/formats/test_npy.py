"""NumPy's .npy files and .npz archives, as NumPy writes and reads them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from lrn_cli.dtypes import Array
from lrn_cli.tensors.tensor import Reading
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
    """The second of three arrays that NumPy archives."""
    save = np.savez_compressed if packed else np.savez

    def make(path: Path) -> None:
        save(path, a=values[:1], b=values, text=np.array(["x"]))

    return Example(name, "npz", ".npz", values, make, lambda path: np.load(path)["b"], "b", entries)


def entries(path: Path) -> list[object]:
    """What the directory says of each entry but the place and size of what is written, the bytes of the others, the
    order of axes, and whether all checksums are right."""
    with zipfile.ZipFile(path) as archive, np.load(path) as arrays:
        listed = [(entry.filename, entry.compress_type, entry.date_time) for entry in archive.infolist()]
        others = [archive.read(name) for name, _, _ in listed if name != "b.npy"]
        return [listed, others, arrays["b"].flags.c_contiguous, arrays["b"].dtype.str, archive.testzip()]


class TestNpz(Battery):
    """Archives, packed and not."""

    EXAMPLES = (
        archive("stored", random((3, 5, 4, 6)), packed=False),
        archive("packed", random((3, 5, 4, 6)), packed=True),
        archive("in Fortran order", random((5, 4, 6), ">f8", order="F"), packed=True),
    )
