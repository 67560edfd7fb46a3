"""The header of an .npy array: read with suspicion, written as NumPy writes it."""

from __future__ import annotations

import io
import re
import tokenize
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

from lrn_cli.errors import LrnError
from lrn_cli.tensors.tensor import TensorInfo

MAGIC = b"\x93NUMPY"
# Version 3 is version 2 with names in UTF-8, which only structured arrays have.
_PARSERS: dict[tuple[int, int], Callable[[Any], tuple[tuple[int, ...], bool, np.dtype[Any]]]] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
    (3, 0): npy.read_array_header_2_0,
}
_LARGEST = 2**62
"""No array has more bytes than this, whatever its header says."""
_MOST_AXES = 32
"""NumPy 1 has no more axes; NumPy 2 has 64, HDF5 32."""
_LONGEST = 10_012
"""Bytes of a header: NumPy reads no longer one, but would first fill the memory with 4 GiB that a stream declares."""

_FLOAT8, _ONE_BYTE = b"'<f1'", b"'|V1'"
"""How `np.save` calls the float8_e5m2 of ml_dtypes, which no NumPy reads, and elements of its size."""
_FLOAT8_NAME = "float8_e5m2"

_WRITE_AGAIN = "write the file again with np.save"

# What NumPy's parser raises for headers that are none, the tokenizer's for those that Python 2 might have written.
_REFUSALS = (
    ValueError,
    TypeError,
    SyntaxError,
    OverflowError,
    MemoryError,
    RecursionError,
    EOFError,
    tokenize.TokenError,
)


class Header(NamedTuple):
    """What an .npy header declares, and where the elements begin."""

    shape: tuple[int, ...]
    fortran_order: bool
    dtype: np.dtype[Any]
    offset: int
    narrow: str = ""

    def describe(self, member: str = "") -> TensorInfo:
        """The array as the tensor of a file, or as the one of that name in it."""
        return TensorInfo(self.shape, self.dtype, member, self.fortran_order, narrow=self.narrow)

    @property
    def nbytes(self) -> int:
        """Size of the elements in bytes."""
        size = self.dtype.itemsize
        for length in self.shape:
            size *= length
        return size


def read(file: IO[bytes], name: str) -> Header:
    """Read a header from a file or stream that stands at its beginning.

    Args:
        file: Where it is.
        name: What to call that in messages.

    Raises:
        LrnError: It is no .npy header, it is cut short, or it declares what no array has.
    """
    if file.seekable() and (header := _plain(file)) is not None:
        _check(header, name)
        return header
    counted = _Counted(file)
    narrow = ""
    try:
        try:
            found = _parse(counted)
        except ValueError:
            if _FLOAT8 not in counted.data:
                raise
            found, narrow = _parse(io.BytesIO(counted.data.replace(_FLOAT8, _ONE_BYTE))), _FLOAT8_NAME
    except _REFUSALS as error:
        reason, hint = _reason(error, counted.data)
        raise LrnError(f"{name}: the .npy header cannot be read: {reason}", hint) from None
    shape, fortran_order, dtype = found
    header = Header(shape, bool(fortran_order), dtype, len(counted.data), narrow)
    _check(header, name)
    return header


def _parse(file: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """What NumPy's own parser finds: shape, order and type."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # headers that Python 2 wrote are read all the same
        version = npy.read_magic(file)
        if version not in _PARSERS:
            raise ValueError(f"its version {version[0]}.{version[1]} is not known")
        return _PARSERS[version](file)


@lru_cache(maxsize=64)
def encode_header(shape: tuple[int, ...], fortran_order: bool, dtype: np.dtype[Any], narrow: str = "") -> bytes:
    """The header of an array, as `np.save` writes it: the elements after it are aligned to 64 bytes."""
    buffer = io.BytesIO()
    descr = _FLOAT8.decode().strip("'") if narrow == _FLOAT8_NAME else npy.dtype_to_descr(dtype)
    described = {"shape": shape, "fortran_order": fortran_order, "descr": descr}
    npy.write_array_header_1_0(buffer, described)
    return buffer.getvalue()


def is_possible(shape: tuple[int, ...]) -> bool:
    """Whether an array can have that shape, as far as its axes are concerned."""
    return len(shape) <= _MOST_AXES and not any(isinstance(n, bool) or not 0 <= n < _LARGEST for n in shape)


def _check(header: Header, name: str) -> None:
    if not is_possible(header.shape) or header.nbytes > _LARGEST:
        raise LrnError(f"{name}: the .npy header declares an impossible shape, {header.shape}", _WRITE_AGAIN)


def _reason(error: BaseException, text: bytes) -> tuple[str, str]:
    """Why a header cannot be read, and what to do about it."""
    reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
    if "<ast." in reason:
        word = _find_misspelled(text[text.find(b"{") :].decode("latin1"))
        if word.capitalize() in {"True", "False", "None"}:
            return (
                f"it says {word}, which Python spells {word.capitalize()}",
                f"write {word.capitalize()} in the program that made the file",
            )
        reason = f"{word} is no plain value" if word else "it is no dictionary of plain values"
    return reason, _WRITE_AGAIN


def _find_misspelled(text: str) -> str:
    """The first piece of a header that is no plain value; empty where Python finds none."""
    import ast

    plain = (ast.Expression, ast.Dict, ast.Tuple, ast.List, ast.Constant, ast.Load)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nodes = ast.walk(ast.parse(text.strip(), mode="eval"))
        return next((ast.unparse(node)[:60] for node in nodes if not isinstance(node, plain)), "")
    except _REFUSALS:
        return ""


# What `np.save` writes for a plain array, letter by letter: read without the parser for all of Python's literals.
_PLAIN = re.compile(
    rb"\{'descr': '([<>|][biuf]\d{1,2})', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,18}, ?)*\d{0,18})\), \} *\n"
)


def _plain(file: IO[bytes]) -> Header | None:
    """A header as `np.save` writes it, from a file that stands at its beginning; else None, and back to there."""
    begin = file.read(10)
    length = int.from_bytes(begin[8:10], "little")
    header = _understood(file.read(length)) if begin[:8] == MAGIC + b"\1\0" else None
    if header is None:
        file.seek(0)
    return header


@lru_cache(maxsize=64)
def _understood(text: bytes) -> Header | None:
    found = _PLAIN.fullmatch(text)
    if found is None:
        return None
    with suppress(TypeError):  # `f0` and the like
        shape = tuple(int(part) for part in found[3].split(b",") if part.strip())
        return Header(shape, found[2] == b"True", np.dtype(found[1].decode()), 10 + len(text))
    return None


class _Counted:
    """A reader that remembers what was taken: a pipe cannot tell how much that was."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.data = b""

    def read(self, count: int) -> bytes:
        if len(self.data) + count > _LONGEST:
            raise ValueError(f"it declares a length of {count} bytes")
        data = self._file.read(count)
        self.data += data
        return data
