"""What an array declares: its shape, type, chunks and the names of its axes, checked before anything is made of it."""

from __future__ import annotations

import re
from math import prod
from typing import Any, NamedTuple

import numpy as np

from lrn_cli import dimensions
from lrn_cli.dtypes import DType, described
from lrn_cli.errors import LrnError
from lrn_cli.tensors.npy.header import is_possible
from lrn_cli.tensors.tensor import TensorInfo
from lrn_cli.tensors.zarr import codecs
from lrn_cli.tensors.zarr.nodes import AGAIN, Node

DIMENSIONS = "_ARRAY_DIMENSIONS"
"""The attribute in which xarray keeps the names of axes in version 2."""
_NUMBERS = re.compile(r"bool|u?int(8|16|32|64)|float(16|32|64)|complex(64|128)")
_OLD = re.compile(r"[<>|=][biufcSUMmV]\d{1,6}(\[\d*[A-Za-z]{1,7}\])?|\|O")
_RAW = re.compile(r"r(\d{1,6})")
_TEXTS = ("string", "fixed_length_utf32", "null_terminated_bytes", "variable_length_bytes")
_LARGEST = 1 << 62


class Declared(NamedTuple):
    """An array's metadata.

    Attributes:
        node: The array.
        shape, dtype: Of the tensor.
        outer: The shape of what is a file each: chunks, or shards where there are any.
        chunks: The shape of the chunks.
        filters: Names of the codecs.
        dims: Names of the axes; empty where they have none.
        separator: Between the numbers in the name of a chunk.
        prefix: Before them.
    """

    node: Node
    shape: tuple[int, ...]
    dtype: DType
    outer: tuple[int, ...]
    chunks: tuple[int, ...]
    filters: tuple[str, ...]
    dims: tuple[str, ...]
    separator: str
    prefix: str
    chain: codecs.Chain

    @property
    def grid(self) -> tuple[int, ...]:
        """How many chunks, or shards, there are along each axis."""
        return tuple(-(-length // edge) for length, edge in zip(self.shape, self.outer, strict=True))

    @property
    def files(self) -> str:
        """What is a file each."""
        return "shards" if self.outer != self.chunks else "chunks"

    def describe(self, absent: int = 0) -> TensorInfo:
        """The same as for a tensor of any format; `absent` is how many chunks are not there."""
        gap = (f"{absent:,} of {prod(self.grid):,} {self.files} missing",) if absent else ()
        return TensorInfo(
            self.shape,
            self.dtype,
            self.node.member,
            chunks=self.chunks or None,
            filters=(*self.filters, *gap),
            auxiliary=self.dims == (self.node.member.rpartition("/")[2],),  # a coordinate, as xarray has them
            named=dimensions.tell(self.dims) if len(self.dims) == len(self.shape) else None,
        )


def read(node: Node, shown: str) -> Declared:
    """What an array declares.

    Raises:
        LrnError: It is no array that can be, or has codecs that are not opened.
    """
    found = node.document
    new = node.version == 3
    try:
        chain = codecs.read(shown, node.version, found)
        shape = _lengths(found.get("shape"), "shape", least=0)
        outer = _lengths(_grid(found) if new else found.get("chunks"), "chunks", least=1)
        chunks = outer if chain.inner is None else _lengths(chain.inner, "chunks of a shard", least=1)
        if len(shape) != len(outer) or len(outer) != len(chunks):
            raise ValueError(f"{len(shape)} axes and chunks of {len(outer)}")
        if any(a % b for a, b in zip(outer, chunks, strict=True)):
            raise ValueError(f"shards {outer} do not hold whole chunks {chunks}")
        if not is_possible(shape) or prod(outer) > _LARGEST:
            raise ValueError(f"the impossible shape {shape}")
        separator, prefix = _keys(found) if new else (found.get("dimension_separator", "."), "")
        if separator not in (".", "/"):
            raise ValueError(f"the separator {separator!r}")
        dtype = _new_type(found.get("data_type")) if new else _old_type(found.get("dtype"))
        if found.get("storage_transformers"):
            raise ValueError("storage transformers, which are not read")
    except LrnError:
        raise
    except ValueError as error:
        raise LrnError(f"{shown}: the metadata cannot be read: {str(error)[:160]}", AGAIN) from None
    return Declared(node, shape, dtype, outer, chunks, chain.names, _dims(node), separator, prefix, chain)


def _lengths(value: object, what: str, *, least: int) -> tuple[int, ...]:
    listed = isinstance(value, list) and all(type(one) is int and least <= one < _LARGEST for one in value)
    if not listed:
        raise ValueError(f"{what} {str(value)[:60]} are no lengths")
    return tuple(value)  # type: ignore[arg-type] # it is a list


def _configuration(value: object, *names: str) -> dict[str, Any]:
    if not isinstance(value, dict) or value.get("name") not in names:
        raise ValueError(f"{str(value)[:60]} is none of {', '.join(names)}")
    about = value.get("configuration", {})
    return about if isinstance(about, dict) else {}


def _grid(found: dict[str, Any]) -> object:
    return _configuration(found.get("chunk_grid"), "regular").get("chunk_shape")


def _keys(found: dict[str, Any]) -> tuple[object, str]:
    """How chunks are called."""
    given = found.get("chunk_key_encoding")
    given = {"name": given} if isinstance(given, str) else given
    about = _configuration(given, "default", "v2")
    new = given["name"] == "default"  # type: ignore[index] # it is a dictionary
    return about.get("separator", "/" if new else "."), "c" if new else ""


def _old_type(value: object) -> DType:
    """The type of version 2, as NumPy spells it."""
    if isinstance(value, list):
        return described("structured records")
    if not isinstance(value, str) or not _OLD.fullmatch(value):
        raise ValueError(f"the type {str(value)[:60]!r}")
    try:
        return np.dtype(value) if value != "|O" else described("text or Python objects")
    except TypeError:
        raise ValueError(f"the type {value[:60]!r}") from None


def _new_type(value: object) -> DType:
    """The type of version 3."""
    name = value.get("name") if isinstance(value, dict) else value
    about = value.get("configuration") if isinstance(value, dict) else None
    if not isinstance(name, str):
        raise ValueError(f"the type {str(value)[:60]!r}")
    if _NUMBERS.fullmatch(name):
        return np.dtype(name)
    size = about.get("length_bytes") if isinstance(about, dict) and name == "raw_bytes" else None
    if raw := _RAW.fullmatch(name):
        size = int(raw[1]) // 8
    if type(size) is int and 0 < size < 1 << 20:
        return np.dtype((np.void, size))
    if name in _TEXTS:
        return described("text")
    return described(f"of the type {name[:60]!r}", remedy=None)


def _dims(node: Node) -> tuple[str, ...]:
    named = node.document.get("dimension_names") if node.version == 3 else None
    named = node.attributes().get(DIMENSIONS) if named is None else named
    return tuple(str(name) for name in named) if isinstance(named, list) else ()
