"""What is in a MATLAB file of version 4 or 5, by the headers of its variables: no element is read.

https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf. SciPy's own list does not tell which are complex.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from io import FileIO
from math import prod
from pathlib import Path
from struct import Struct, unpack, unpack_from
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.dtypes import described
from lrn_cli.tensors.by_scipy.library import in_words
from lrn_cli.tensors.tensor import TensorInfo

HEADER_5 = 128
"""Bytes before the first variable."""
_HEADER_4, _LONGEST_NAME = Struct("5i"), 64
_MATRIX, _COMPRESSED = 14, 15
_LOGICAL, _COMPLEX = 0x200, 0x800
_HEAD, _PACKED_HEAD = 1 << 12, 1 << 13
"""Bytes in which a variable's header ends (32 lengths, a name of 63 letters), and compressed ones that hold as many."""
_MOST_AXES = 32
_SPARSE_4, _OPAQUE = 2, 17
_CODES_4 = ("f8", "f4", "i4", "i2", "u2", "u1")
_CODES_5 = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
_STORED_5 = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_SPARSE = described("a sparse matrix", "{}.toarray()")
_OTHERS_5 = {
    1: described("a cell array"),
    2: described("a struct"),
    3: described("an object"),
    4: np.dtype("U1"),
    5: _SPARSE,
    16: described("a function"),
    _OPAQUE: described("an object of a class"),
}


class Variable(NamedTuple):
    """A variable of a file.

    Attributes:
        info: Its description.
        begin, end: Where its element is in the file, with the header.
        flat: Where its numbers are in the file, if they lie there as they are described; 0 where they do not.
    """

    info: TensorInfo
    begin: int
    end: int
    flat: int = 0


def order_of_4(head: bytes) -> str:
    """The byte order, `<` or `>`, of a file of version 4 by its first bytes; empty where it is none.

    Nothing marks such a file but that the header of its first variable makes sense.
    """
    for order in "<>" if len(head) > _HEADER_4.size else "":
        mopt, rows, columns, imaginary, length = unpack_from(f"{order}5i", head)
        name = head[_HEADER_4.size : _HEADER_4.size + length] if 1 < length <= _LONGEST_NAME else b""
        numbers = mopt // 1000 == "<>".index(order) and mopt % 1000 // 10 < len(_CODES_4) and mopt % 10 < 3
        spelt = name.endswith(b"\0") and name[:-1].replace(b"_", b"a").isalnum()
        if numbers and spelt and rows >= 0 and columns >= 0 and imaginary in (0, 1):
            return order
    return ""


def variables(path: Path, file: FileIO) -> list[Variable]:
    """All variables of a file that have a name, in its order.

    Raises:
        LrnError: It is cut short or damaged.
    """
    with in_words(path):
        head, size = os.pread(file.fileno(), _HEAD, 0), os.fstat(file.fileno()).st_size
        order = order_of_4(head)
        found = _of_4(file, size, order) if order else _of_5(file, size, head)
        return [variable for variable in found if variable.info.member]


def _of_4(file: FileIO, size: int, order: str) -> Iterator[Variable]:
    at = 0
    while at < size:
        mopt, rows, columns, imaginary, length = unpack(f"{order}5i", os.pread(file.fileno(), _HEADER_4.size, at))
        name = os.pread(file.fileno(), min(length, _LONGEST_NAME), at + _HEADER_4.size).rstrip(b"\0")
        flat, kind = at + _HEADER_4.size + length, mopt % 10
        dtype = np.dtype(order + _CODES_4[mopt % 1000 // 10])
        shape: tuple[int, ...] = (rows, columns)
        end = flat + prod(shape) * dtype.itemsize * (2 if imaginary and kind == 0 else 1)
        _check(length > 0 and min(shape) >= 0 and end <= size)
        means = np.dtype("c16") if imaginary and kind == 0 else (dtype, np.dtype("U1"), _SPARSE)[kind]
        if kind == _SPARSE_4 and rows and columns > 1:
            # A row for each number: where it stands, and it; the last row is the matrix's own shape.
            ends = (os.pread(file.fileno(), dtype.itemsize, flat + (n * rows - 1) * dtype.itemsize) for n in (1, 2))
            shape = tuple(int(np.frombuffer(end, dtype)[0]) for end in ends)
        yield Variable(_info(name, shape, means), at, end, flat=flat)
        at = end


def _of_5(file: FileIO, size: int, head: bytes) -> Iterator[Variable]:
    order, at = "<" if head[126:128] == b"IM" else ">", HEADER_5
    while at < size:
        kind, count = unpack(f"{order}2I", os.pread(file.fileno(), 8, at))
        end = at + 8 + count
        _check(kind in (_MATRIX, _COMPRESSED) and end <= size)
        if kind == _COMPRESSED:
            piece = zlib.decompressobj().decompress(os.pread(file.fileno(), min(count, _PACKED_HEAD), at + 8), _HEAD)
            yield Variable(_header_5(piece, order)[0]._replace(filters=("deflate",)), at + 8, end)
        else:
            info, inside = _header_5(os.pread(file.fileno(), min(end - at, _HEAD), at), order)
            yield Variable(info, at, end, flat=at + inside if inside else 0)
        at = end


def _header_5(piece: bytes, order: str) -> tuple[TensorInfo, int]:
    """A variable by the beginning of its element, and where in it its numbers are if they are stored as such."""
    kind, _, _, _, flags = unpack_from(f"{order}5I", piece)
    code = flags & 0xFF
    _check(kind == _MATRIX and (code in _CODES_5 or code in _OTHERS_5))
    lengths, at = (b"", 24) if code == _OPAQUE else _part(piece, 24, order)
    name, at = _part(piece, at, order)
    shape = unpack(f"{order}{len(lengths) // 4}i", lengths)
    _check(len(shape) <= _MOST_AXES and min(shape, default=0) >= 0)
    info = _info(name, shape, _meant_5(code, flags, order))
    stored, count = unpack_from(f"{order}2I", piece.ljust(at + 8, b"\0"), at)
    # SciPy crashes over a type that there is none of.
    _check(info.dtype.kind not in "biuf" or not info.nbytes or stored & 0xFFFF in _STORED_5)
    as_meant = stored in _STORED_5 and np.dtype(order + _STORED_5[stored]) == info.dtype and count == info.nbytes
    return info, at + 8 if as_meant else 0


def _meant_5(code: int, flags: int, order: str) -> np.dtype[Any]:
    if code in _OTHERS_5:
        return _OTHERS_5[code]
    if flags & _COMPLEX:
        return np.dtype("c8" if _CODES_5[code] == "f4" else "c16")
    return np.dtype(np.bool_) if flags & _LOGICAL else np.dtype(order + _CODES_5[code])


def _part(piece: bytes, at: int, order: str) -> tuple[bytes, int]:
    """A part of an element and where the next one begins; what has up to four bytes stands in its own tag."""
    kind, count = unpack_from(f"{order}2I", piece, at)
    begin, count = (at + 4, kind >> 16) if kind >> 16 else (at + 8, count)
    _check(begin + count <= len(piece))
    return piece[begin : begin + count], at + 8 if kind >> 16 else begin + count + -count % 8


def _info(name: bytes, shape: tuple[int, ...], dtype: np.dtype[Any]) -> TensorInfo:
    # To MATLAB a single number is an array, too.
    return TensorInfo(shape, dtype, name.decode("latin-1"), fortran_order=True, auxiliary=prod(shape) == 1)


def _check(sound: bool) -> None:
    if not sound:
        raise ValueError
