"""Safetensors files, written and read byte by byte as their format is described."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lrn_cli.tensors.tensor import Array
from tests.tensors.formats.battery import Battery, Example, random

NAME = "layer.0/weight"
WORDS = {"?": "BOOL", "u1": "U8", "i2": "I16", "f2": "F16", "i4": "I32", "f4": "F32", "f8": "F64", "u8": "U64"}


def safetensors(tensors: dict[str, Array], metadata: dict[str, str] | None = None, spaces: int = 0) -> bytes:
    """A file of these tensors, in their order."""
    header: dict[str, Any] = {} if metadata is None else {"__metadata__": metadata}
    data = b""
    for name, values in tensors.items():
        word, end = WORDS[values.dtype.str[1:].replace("b1", "?")], len(data) + values.nbytes
        header[name] = {"dtype": word, "shape": values.shape, "data_offsets": [len(data), end]}
        data += values.tobytes()
    text = json.dumps(header).encode() + b" " * spaces
    return len(text).to_bytes(8, "little") + text + data


def parse(path: Path) -> tuple[dict[str, Any], bytes]:
    """The header and all elements of a file."""
    whole = path.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    assert length % 8 == 0
    return json.loads(whole[8 : 8 + length]), whole[8 + length :]


def tensor(path: Path, name: str) -> Array:
    """One tensor."""
    header, data = parse(path)
    about = header[name]
    types = {word: dtype for dtype, word in WORDS.items()}
    values = np.frombuffer(data[slice(*about["data_offsets"])], types[about["dtype"]])
    return values.reshape(about["shape"])


def tell(path: Path) -> list[object]:
    """What the file says beside the tensor: its texts, the order of its tensors, and the bytes of the others."""
    whole = path.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    header, data = json.loads(whole[8 : 8 + length]), whole[8 + length :]
    return [header.pop("__metadata__", None)] + [
        (name, about["dtype"], about["shape"], b"" if name == NAME else data[slice(*about["data_offsets"])])
        for name, about in header.items()
    ]


def make(path: Path, tensors: dict[str, Array], metadata: dict[str, str] | None, spaces: int) -> None:
    """A file."""
    path.write_bytes(safetensors(tensors, metadata, spaces))


def example(
    name: str, values: Array, *, others: bool = True, metadata: dict[str, str] | None = None, spaces: int = 0
) -> Example:
    """A tensor between two others."""
    around = {"before": random((3, 4), "f8"), NAME: values, "behind": random((5,), "u1")}
    tensors = around if others else {NAME: values}
    file = partial(make, tensors=tensors, metadata=metadata, spaces=spaces)
    load = partial(tensor, name=NAME)
    return Example(name, "safetensors", ".safetensors", values, file, load, NAME, tell)


class TestSafetensors(Battery):
    """Each kind of number, alone and among others, with texts and spaces."""

    EXAMPLES = (
        example("float32", random((3, 5, 4, 6))),
        example("float64 alone", random((7, 9), "f8"), others=False),
        example("half precision", random((1, 2, 11, 13), "f2")),
        example("whole numbers", random((5, 6, 8), "i2"), metadata={"format": "pt", "ü": 'a "b"\n'}),
        example("booleans", random((5, 7), "?"), others=False, spaces=3),
        example("a vector", random((17,)), metadata={}),
    )
