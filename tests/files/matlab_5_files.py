"""MATLAB files of versions 4 and 5, byte by byte as MathWorks' MAT-File Format document has them."""

from __future__ import annotations

import zlib
from struct import pack
from typing import Any

import numpy as np

from lrn_cli.dtypes import Array

STORED = {"i1": 1, "u1": 2, "i2": 3, "u2": 4, "i4": 5, "u4": 6, "f4": 7, "f8": 9, "i8": 12, "u8": 13}
CLASSES = {"f8": 6, "f4": 7, "i1": 8, "u1": 9, "i2": 10, "u2": 11, "i4": 12, "u4": 13, "i8": 14, "u8": 15}
CELL, STRUCT, CHAR, SPARSE, OPAQUE = 1, 2, 4, 5, 17
LOGICAL, COMPLEX = 0x200, 0x800
CODES_4 = ("f8", "f4", "i4", "i2", "u2", "u1")
_INT8, _INT32, _UINT32, _MATRIX, _COMPRESSED = 1, 5, 6, 14, 15


def file_5(*variables: bytes, order: str = "<") -> bytes:
    """A file of version 5."""
    text = b"MATLAB 5.0 MAT-file, Platform: GLNXA64, Created on: Mon Jan  1 00:00:00 2024".ljust(116)
    return text + bytes(8) + (b"\0\1IM" if order == "<" else b"\1\0MI") + b"".join(variables)


def variable(name: str, values: Array, *, order: str = "<", stored: str = "", flags: int = 0, code: int = 0) -> bytes:
    """A variable's element.

    Args:
        name: The variable's name.
        values: Its numbers.
        order: The file's byte order.
        stored: The type that they are stored in, where it is another than their own.
        flags: Those of its array.
        code: Its class, where it is not that of its numbers.
    """
    kind = values.dtype.str[1:]
    typed = values.astype(order + (stored or kind))
    numbers = part(STORED[typed.dtype.str[1:]], typed.tobytes("F"), order)
    return matrix(name, values.shape, flags | (code or CLASSES[kind]), numbers, order)


def matrix(name: str, shape: tuple[int, ...], flags: int, inside: bytes, order: str = "<") -> bytes:
    """The element of a variable, whatever is inside."""
    head = part(_UINT32, pack(f"{order}2I", flags, 0), order)
    head += part(_INT32, pack(f"{order}{len(shape)}i", *shape), order) + part(_INT8, name.encode(), order)
    return part(_MATRIX, head + inside, order)


def part(kind: int, data: bytes, order: str = "<") -> bytes:
    """A part of an element: up to four bytes stand in its tag."""
    if 0 < len(data) <= 4:
        return pack(f"{order}I", len(data) << 16 | kind) + data.ljust(4, b"\0")
    return pack(f"{order}2I", kind, len(data)) + data + bytes(-len(data) % 8)


def packed(element: bytes, order: str = "<") -> bytes:
    """An element as `save -v7` compresses it."""
    data = zlib.compress(element)
    return pack(f"{order}2I", _COMPRESSED, len(data)) + data


def file_4(*variables: tuple[str, Array], order: str = "<") -> bytes:
    """A file of version 4, of matrices."""
    return b"".join(_variable_4(name, values, order) for name, values in variables)


def _variable_4(name: str, values: Array, order: str) -> bytes:
    mopt = 1000 * "<>".index(order) + 10 * CODES_4.index(values.dtype.str[1:])
    data = values.astype(order + values.dtype.str[1:]).tobytes("F")
    return pack(f"{order}5i", mopt, *values.shape, 0, len(name) + 1) + name.encode() + b"\0" + data


def of_many_kinds(*, order: str = "<", compress: bool = False) -> bytes:
    """A file with a tensor called feats and one of everything else."""
    numbers: Any = np.random.default_rng(0).standard_normal((2, 3, 4, 5)) * 40
    one = np.ones((1, 2))
    made = [
        variable("feats", numbers.astype("f4"), order=order),
        variable("counts", np.arange(12.0).reshape(3, 4), order=order, stored="u1"),
        variable("mask", (numbers > 0).astype("u1"), order=order, flags=LOGICAL),
        variable("n", np.array([[7.0]]), order=order),
        matrix("z", (1, 2), CLASSES["f8"] | COMPLEX, part(9, one.tobytes(), order) * 2, order),
        variable("text", np.array([[104, 105]], "u2"), order=order, code=CHAR),
        matrix("cell", (1, 1), CELL, variable("", one, order=order), order),
        matrix("none", (0, 0), STRUCT, part(_INT32, pack(f"{order}i", 32), order) + part(_INT8, b"", order), order),
    ]
    return file_5(*(packed(element, order) if compress else element for element in made), order=order)
