"""What a pickled array holds first, found by reading the pickle's instructions; none of them is carried out."""

from __future__ import annotations

import pickletools
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.npy.header import read

_LOOKED_AT = 1 << 16
"""Bytes of a pickle: the first key of a dictionary and what it leads to stand at the beginning."""
_LONGEST_KEY = 100

_SILENT = {"MARK", "MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT", "FRAME", "PROTO", "EMPTY_TUPLE", "REDUCE"}
_PYTHON_2 = {"STRING", "BINSTRING", "SHORT_BINSTRING"}
_TEXT = {"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", *_PYTHON_2}
_NUMBERS = {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "FLOAT", "BINFLOAT"}
_ATOMS = {*_TEXT, *_NUMBERS, "NONE", "NEWTRUE", "NEWFALSE"}
# The function that makes arrays is known when one stands inside of the array that is pickled, and only called up.
_ARRAYS = {"GET", "BINGET", "LONG_BINGET"}

_UNREADABLE = (OSError, EOFError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error)


class Pickled(NamedTuple):
    """The first array, or number, that a pickled array of objects leads to.

    Attributes:
        keys: The keys and positions that lead there from the first object; empty where that is it.
        what: "array", "number", or "" for something else.
        by_python_2: Whether its text is Python 2's, which `np.load` must be told.
    """

    keys: tuple[str | int, ...] = ()
    what: str = ""
    by_python_2: bool = False


def look(path: Path, member: str) -> Pickled:
    """Look at the beginning of a pickled array, in an .npy file or under its name in an archive."""
    try:
        if not member:
            with path.open("rb") as file:
                return _follow(_behind_header(file, path))
        with zipfile.ZipFile(path) as archive, archive.open(f"{member}.npy") as entry:
            return _follow(_behind_header(entry, path))
    except (*_UNREADABLE, LrnError):
        return Pickled()


def _behind_header(file: IO[bytes], path: Path) -> bytes:
    read(file, str(path))
    return file.read(_LOOKED_AT)


def _follow(data: bytes) -> Pickled:
    steps = _steps(data)
    # NumPy keeps the objects in a list, the first that there is.
    if all(name != "EMPTY_LIST" for name, _ in steps):
        return Pickled()
    keys: list[str | int] = []
    inside, said, python_2 = "", None, False
    for name, value in steps:
        python_2 = python_2 or name in _PYTHON_2
        kind = _container(name, value, said)
        if kind or name in _ARRAYS:
            key = 0 if inside == "list" else said
            if inside and isinstance(key, (str, int)) and len(str(key)) <= _LONGEST_KEY:
                keys.append(key)
            elif inside:
                break
            if not kind:
                return Pickled(tuple(keys), "array", python_2)
            inside = kind
        elif not inside and name in _NUMBERS:
            return Pickled((), "number")
        elif inside != "list" and name in _ATOMS:
            said = value  # the key of what follows, unless that is another key
        elif name != "STACK_GLOBAL":
            break
    return Pickled()


def _container(name: str, value: object, said: object) -> str:
    """Whether an instruction begins a "dict" or a "list"; empty where neither."""
    ordered = (name == "STACK_GLOBAL" and said == "OrderedDict") or value == "collections OrderedDict"
    return "dict" if ordered or name == "EMPTY_DICT" else "list" if name == "EMPTY_LIST" else ""


def _steps(data: bytes) -> Iterator[tuple[str, Any]]:
    """The instructions that make something, as far as they are there."""
    try:
        for instruction, value, _ in pickletools.genops(data):
            if instruction.name not in _SILENT:
                yield instruction.name, value
    except (ValueError, KeyError, IndexError, UnicodeError):
        return
