"""The header of a safetensors file: read with suspicion, written as the reference library writes it.

The file is the header's length in 8 bytes, the header, which is JSON and may end in spaces, and the elements of all
tensors without a gap. What is valid is what the reference library takes (`Metadata::validate` in
safetensors/src/tensor.rs), but that a name may not stand twice: its format says so, and readers differ.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.dtypes import bits_of, name_of
from lrn_cli.errors import LrnError
from lrn_cli.narrow import SIZES
from lrn_cli.tensors.safetensors.types import TYPES
from lrn_cli.tensors.tensor import TensorInfo

METADATA = "__metadata__"
LONGEST = 100_000_000
"""Bytes of a header: the reference library reads no longer one."""
_UNASKED = 32 << 20
"""Bytes of a header that are read without `--max-bytes`: as text and as objects it takes several times that."""
_MOST_VALUES = 2_000_000
"""Values in a header; a tensor has about ten. A few bytes of JSON make an object of a hundred."""
_LARGEST = 1 << 64
_AGAIN = "copy or download the file again"


class Tensor(NamedTuple):
    """One tensor of a file; `begin` and `end` are in bytes behind the header."""

    name: str
    word: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def itemsize(self) -> int:
        """Bytes of an element, and what it is aligned to."""
        return TYPES[self.word].itemsize

    def describe(self) -> TensorInfo:
        """The same as for a tensor of any format."""
        dtype = TYPES[self.word]
        if (name := name_of(dtype)) in SIZES:
            return TensorInfo(self.shape, np.dtype((np.void, SIZES[name])), self.name, narrow=name)
        return TensorInfo(self.shape, dtype, self.name)


class Header(NamedTuple):
    """What a file declares.

    Attributes:
        metadata: Texts by name; None where the file has none.
        tensors: In the order of the header.
        offset: Where the elements begin.
    """

    metadata: dict[str, str] | None
    tensors: tuple[Tensor, ...]
    offset: int


def read(path: Path, file: FileIO, max_bytes: int | None = None) -> Header:
    """The header of an open file.

    Raises:
        LrnError: It is none, or not one of this file.
    """
    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(os.pread(file.fileno(), 8, 0), "little")
    if length > LONGEST:
        raise LrnError(
            f"{path}: declares a header of {length:,} bytes, no safetensors file has more than {LONGEST:,}", _AGAIN
        )
    most = max(_UNASKED, max_bytes or 0)
    if length > most:
        raise LrnError(
            f"{path}: has a header of {length:,} bytes, the limit is {most:,}",
            f"--max-bytes {max(size, length)} if that is what it holds",
        )
    text = os.pread(file.fileno(), length, 8)
    if len(text) < length:
        raise LrnError(
            f"{path}: the file is cut short: it declares a header of {length:,} bytes, {len(text):,} follow", _AGAIN
        )
    try:
        metadata, tensors = _parse(text)
        held = _check(tensors)
    except (ValueError, RecursionError) as error:
        # Of a number of thousands of digits Python also says what its programmer could do.
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error).partition(";")[0]
        raise LrnError(f"{path}: the header of the safetensors file cannot be read: {reason}", _AGAIN) from None
    if held != size - 8 - length:
        what = "is cut short" if held > size - 8 - length else "goes on behind its tensors"
        raise LrnError(f"{path}: the file {what}: its header declares {held} bytes, {size - 8 - length} follow", _AGAIN)
    return Header(metadata, tensors, 8 + length)


def encode(metadata: Mapping[str, str] | None, tensors: Iterable[Tensor]) -> bytes:
    """A header, its length before it, letter by letter as the reference library writes it."""
    fields: dict[str, object] = {} if metadata is None else {METADATA: dict(metadata)}
    for name, word, shape, begin, end in tensors:
        fields[name] = {"dtype": word, "shape": shape, "data_offsets": (begin, end)}
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _parse(text: bytes) -> tuple[dict[str, str] | None, tuple[Tensor, ...]]:
    if sum(text.count(sign) for sign in (b",", b"[", b"{")) > _MOST_VALUES:
        raise ValueError(f"it holds more than {_MOST_VALUES:,} values")
    fields = json.loads(text.decode(), object_pairs_hook=_distinct, parse_constant=_refuse_constant)
    if not isinstance(fields, dict):
        raise ValueError("it is no JSON object")
    metadata = fields.pop(METADATA, None)
    if metadata is not None:
        texts = [*metadata, *metadata.values()] if isinstance(metadata, dict) else [metadata]
        if not all(isinstance(item, str) for item in texts):
            raise ValueError(f"{METADATA} is not one of texts by name")
        "".join(texts).encode()  # an error for half of a pair of surrogates
    return metadata, tuple([_tensor(name, value) for name, value in fields.items()])


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"{name[:60]!r} stands in it twice")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _tensor(name: str, value: object) -> Tensor:
    name.encode()
    fields = value if isinstance(value, dict) else {}
    word, shape, offsets = fields.get("dtype"), _counts(fields.get("shape")), _counts(fields.get("data_offsets"))
    if not isinstance(word, str) or shape is None or offsets is None or len(offsets) != 2:
        raise ValueError(f"what it says of {name[:60]!r} is no type, shape and place of a tensor")
    if word not in TYPES:
        raise ValueError(f"{word[:60]!r}, the type of {name[:60]!r}, is none of {', '.join(TYPES)}")
    return Tensor(name, word, shape, *offsets)


def _counts(value: object) -> tuple[int, ...] | None:
    """A list of numbers of elements or bytes; None where it is none that the reference library takes."""
    listed = isinstance(value, list) and all(type(item) is int and 0 <= item < _LARGEST for item in value)
    return tuple(value) if listed else None  # type: ignore[arg-type] # it is a list


def _check(tensors: Iterable[Tensor]) -> int:
    """How many bytes the tensors take, which have to lie one after another and be as large as they are declared."""
    at = 0
    for tensor in sorted(tensors, key=lambda tensor: (tensor.begin, tensor.end)):
        if tensor.begin != at or tensor.end < at:
            raise ValueError(
                f"{tensor.name[:60]!r} lies at bytes {tensor.begin} to {tensor.end}, where {at} comes next"
            )
        bits = _bits(tensor)
        if bits != 8 * (tensor.end - at):
            raise ValueError(f"{tensor.name[:60]!r} has {tensor.end - at} bytes, and its shape takes {-(-bits // 8)}")
        at = tensor.end
    return at


def _bits(tensor: Tensor) -> int:
    elements = 1
    for length in tensor.shape:
        elements *= length
        if elements >= _LARGEST:
            raise ValueError(f"{tensor.name[:60]!r} has more elements than there can be")
    return elements * bits_of(TYPES[tensor.word])
