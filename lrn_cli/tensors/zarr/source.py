"""Arrays of a store, read block by block."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from lrn_cli.boxes import Box, inside
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors import cf
from lrn_cli.tensors.format import Format, has_wildcards
from lrn_cli.tensors.guards import check_chunk, limit_memory
from lrn_cli.tensors.meaning import NAMES, Attributes, Meaning
from lrn_cli.tensors.targets import is_url
from lrn_cli.tensors.tensor import Reading, Source, TensorInfo
from lrn_cli.tensors.zarr import codecs
from lrn_cli.tensors.zarr import declared as declarations
from lrn_cli.tensors.zarr.assembly import groups
from lrn_cli.tensors.zarr.census import Census, count
from lrn_cli.tensors.zarr.declared import Declared
from lrn_cli.tensors.zarr.kept import LARGE, Kept
from lrn_cli.tensors.zarr.library import in_words, need_zarr, open_array
from lrn_cli.tensors.zarr.nodes import AGAIN, Node, find, walk

_UNPACKED_AT_ONCE = 10
"""Chunks that it unpacks at one time (its `async.concurrency`)."""
_DAMAGED_CHUNK = "a chunk is cut short or damaged"
_FLOAT, _SPELT = "<d", 12
"""A float as xarray's `FillValueCoder` has it (xarray/backends/zarr.py), and how long that is in base64."""
_DAMAGED = TensorInfo(shape=(), dtype=np.dtype("V"), filters=("damaged",))


def describe(root: Path) -> list[TensorInfo]:
    """All arrays of a store; one whose metadata is damaged, and which is not all of it, has no type.

    Raises:
        LrnError: The metadata of a group, or of the only array, is damaged.
    """
    found: list[TensorInfo] = []
    for node in walk(root):
        if isinstance(node, LrnError):
            raise node
        if node.is_array:
            found.append(_described(root, node))
    return found


def _described(root: Path, node: Node) -> TensorInfo:
    try:
        declared = declarations.read(node, name(root, node.member))
        return declared.describe(count(root, declared).absent)
    except LrnError:
        if not node.member:
            raise
        return _DAMAGED._replace(member=node.member)


def name(root: Path, member: str) -> str:
    """What a user types for an array."""
    return f"{root}::{member}" if member else str(root)


class ZarrSource(Source):
    """An array of a store.

    Args:
        root: The store.
        member: The array's path in it.
        reading: How to read.

    Attributes:
        declared: Its metadata.
        meaning: What its attributes say of its numbers.

    Raises:
        LrnError: There is no such array, it is none that is read, or zarr-python is missing.
    """

    path: Path

    def __init__(self, root: Path, member: str, reading: Reading) -> None:
        self.path, self._long_call = root, reading.long_call
        shown = self._shown = name(root, member)
        node = find(root, member)
        if node is None or not node.is_array:
            raise LrnError(f"{shown}: is {'a group, not an array' if node else 'not there'}", f"lrn info {root}")
        self.declared: Declared = declarations.read(node, shown)
        codecs.refuse_unlisted(shown, self.declared.chain)
        self._census = Census(0, 0, 0) if reading.part else count(root, self.declared)
        self.info = reading.name_bytes(self.declared.describe(self._census.absent))
        self._chunk = prod(self.declared.chunks) * self.info.dtype.itemsize
        check_chunk(shown, self._chunk, reading.max_bytes, what="chunks")
        if not self.declared.filters and self._census.largest > self._chunk:  # it would be read whole
            raise LrnError(f"{shown}: {_DAMAGED_CHUNK}: one has {self._census.largest:,} bytes", AGAIN)
        self.left_behind = "its attributes" if node.attributes() else ""
        given = {key: np.asarray(value) for key, value in _of_numbers(node)}
        self.meaning = Meaning(self.info, given, reading.cf)
        if self.meaning.decoding is not None:
            self.info = self.info._replace(dtype=self.meaning.decoding.dtype)
        need_zarr(root)
        self._array: Any = open_array(root, node) if self.info.is_numeric else None  # else it will be refused
        large = self._array is not None and self._chunk >= LARGE
        self._kept = Kept(self._array, self.declared.chunks) if large else None

    def attributes(self) -> Attributes:
        """As they are in the store, but for a fill value, which is its number."""
        found = self.declared.node.attributes().items()
        return Attributes({name: decode_fill(value) if name == cf.MISSING[0] else value for name, value in found})

    @property
    def held(self) -> int:
        """Bytes of its chunks."""
        return self._census.nbytes

    def survey(self) -> tuple[str, ...]:
        """Look at what its attributes say, and whether all of its chunks are there."""
        absent, total = self._census.absent, prod(self.declared.grid)
        fill = self.declared.node.document.get("fill_value")
        gap = [
            f"{self._shown}: {absent:,} of {total:,} {self.declared.files} are not there and count as"
            f" {0 if fill is None else str(fill)[:20]}: left out as such, or never written"
        ]
        return (*(gap if absent else ()), *self.meaning.survey(self._shown, self._read_stored))

    def read(self, box: Box, out: Array) -> None:
        """Read a block."""
        self.meaning.read(self._read_stored, box, out)

    def _read_stored(self, box: Box, out: Array) -> None:
        if not out.size:
            return
        packed = bool(self.declared.filters) or is_url(self.path)  # there nobody knows how much will come
        with in_words(self._shown, _DAMAGED_CHUNK, AGAIN), self._long_call():
            if self._kept is not None:
                with limit_memory(self._chunk * _UNPACKED_AT_ONCE) if packed else nullcontext():
                    self._kept.read(box, out)
                return
            for part in groups(box, self.declared.chunks):
                with limit_memory(self._chunk * _UNPACKED_AT_ONCE) if packed else nullcontext():
                    found: Any = self._array[part]
                out[inside(part, box)] = found


def decode_fill(value: object) -> object:
    """The fill value that xarray has put into an attribute of version 3: of a float its bits, in base64."""
    if isinstance(value, str) and len(value) == _SPELT:
        with suppress(ValueError, struct.error):
            (value,) = struct.unpack(_FLOAT, base64.standard_b64decode(value))
    return value


def encode_fill(value: object) -> object:
    """The same for it."""
    return base64.standard_b64encode(struct.pack(_FLOAT, value)).decode() if isinstance(value, float) else value


def _of_numbers(node: Node) -> Iterator[tuple[str, object]]:
    """Those attributes that say what the numbers mean; others are nobody's affair.

    xarray keeps the number that stands for a missing one as the fill value in version 2, which it writes only where
    there is one: where nothing is packed and its names of axes are missing, that is zarr-python's own 0.
    """
    found, fill = node.attributes(), node.document.get("fill_value")
    by_xarray = declarations.DIMENSIONS in found and fill != 0
    if node.version == 2 and (by_xarray or not found.keys().isdisjoint(cf.PACKING)):
        found = {cf.MISSING[0]: fill, **found}
    if cf.MISSING[0] in found:
        found = {**found, cf.MISSING[0]: decode_fill(found[cf.MISSING[0]])}
    for key, value in found.items():
        listed = value if isinstance(value, list) else [value]
        if key in NAMES and listed and all(type(one) in (int, float) for one in listed):
            yield key, value


def open_member(form: Format, path: Path, member: str, reading: Reading) -> Source:
    """The array of that path in a store, the only one where none is named; see `Format.open_named`."""
    root_is_array = (root := find(path, "")) is not None and root.is_array
    named = bool(member.strip("/")) and not (has_wildcards(member) and not form.is_name(path, member, ()))
    if not root_is_array and (not named or find(path, member) is None):
        slashed = "/" + member.strip("/") if named or has_wildcards(member) else ""
        member = form.choose(path, slashed, form.describe(path, reading), reading).member
    source = ZarrSource(path, member, reading)
    try:
        form.refuse_unless_tensor(path, source.info, reading)
    except LrnError:
        source.close()
        raise
    return source
