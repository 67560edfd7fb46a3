"""Safetensors files, written and read byte by byte as their format is described."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from lrn_cli.dtypes import Array

WORDS = {
    "b1": "BOOL",
    "u1": "U8",
    "i1": "I8",
    "i2": "I16",
    "u2": "U16",
    "f2": "F16",
    "i4": "I32",
    "u4": "U32",
    "f4": "F32",
    "c8": "C64",
    "f8": "F64",
    "i8": "I64",
    "u8": "U64",
}
TYPES = {word: dtype for dtype, word in WORDS.items()}


def framed(header: str | bytes, data: bytes = b"") -> bytes:
    """A file of that header."""
    text = header.encode() if isinstance(header, str) else header
    return len(text).to_bytes(8, "little") + text + data


def safetensors(tensors: dict[str, Array], metadata: dict[str, str] | None = None, spaces: int = 0) -> bytes:
    """A file of these tensors, in their order."""
    header: dict[str, Any] = {} if metadata is None else {"__metadata__": metadata}
    data = b""
    for name, values in tensors.items():
        word, end = WORDS[values.dtype.str[1:]], len(data) + values.nbytes
        header[name] = {"dtype": word, "shape": values.shape, "data_offsets": [len(data), end]}
        data += values.tobytes()
    return framed(json.dumps(header) + " " * spaces, data)


def parse(path: Path) -> tuple[dict[str, Any], bytes]:
    """The header and the elements of a file."""
    whole = path.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    return json.loads(whole[8 : 8 + length]), whole[8 + length :]


def texts(path: Path) -> dict[str, str]:
    """What a file says of itself as a whole."""
    metadata: dict[str, str] = parse(path)[0].get("__metadata__", {})
    return metadata


def names(path: Path) -> list[str]:
    """The tensors of a file, in the order of the header."""
    return [name for name in parse(path)[0] if name != "__metadata__"]


def by_place(path: Path) -> list[str]:
    """The tensors of a file, in the order of their elements; seen that each begins where the one before ends."""
    header, data = parse(path)
    order = sorted(names(path), key=lambda name: header[name]["data_offsets"])
    edges = [0, *(header[name]["data_offsets"][1] for name in order)]
    assert [header[name]["data_offsets"][0] for name in order] == edges[:-1]
    assert edges[-1] == len(data)
    return order


def tensor(path: Path, name: str) -> Array:
    """One tensor."""
    header, data = parse(path)
    about = header[name]
    return np.frombuffer(data[slice(*about["data_offsets"])], TYPES[about["dtype"]]).reshape(about["shape"])
