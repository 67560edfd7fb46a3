"""What the attributes of a tensor say of its numbers: what has to be asked before they are normalised."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from lrn_cli.boxes import Box, blocks, run_edges, size, whole_chunks
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.formula import Span
from lrn_cli.tensors import cf
from lrn_cli.tensors.tensor import TensorInfo

UNPACK, RAW = "unpack", "raw"
NAMES = (*cf.PACKING, *cf.MISSING, *cf.RANGE)
"""Of the attributes that are looked at."""
_BLOCK = 1 << 20
"""Elements to look at at a time."""

Read = Callable[[Box, Array], None]
"""Reads a block as it is stored."""


class Attributes(NamedTuple):
    """Attributes of a tensor.

    Attributes:
        found: As JSON types.
        left_out: Names of those that are none.
    """

    found: dict[str, Any]
    left_out: Sequence[str] = ()


@runtime_checkable
class Described(Protocol):
    """A source with attributes, some of which say what its numbers mean."""

    meaning: Meaning

    def attributes(self) -> Attributes:
        """All of them."""


class Meaning:
    """What a tensor's attributes say of its numbers.

    Args:
        info: The tensor's description, with the dtype of what is stored.
        attributes: Those of `NAMES` that are there, and others; text as an array of `str`.
        asked: `unpack`, `raw`, or None where nothing was said.

    Attributes:
        stored: What the elements are in the file.
        attributes, asked: As given.
        decoding: How the numbers are decoded; None where they are taken as they are stored.
    """

    def __init__(self, info: TensorInfo, attributes: Mapping[str, Array], asked: str | None) -> None:
        self.stored, self.asked, self.attributes = info.dtype, asked, attributes
        self._shape, self._chunks = info.shape, info.chunks
        numeric = info.dtype.kind in "biuf" and not info.narrow
        self._coded = cf.decoding_of(info.dtype, self.attributes) if numeric else cf.Decoding(info.dtype, info.dtype)
        encoded = bool(self._coded.packing or self._coded.sentinels) and not self._coded.unclear
        self.decoding = self._coded if encoded and asked == UNPACK else None

    def text(self, name: str) -> str:
        """An attribute as text; empty where it is not there."""
        return cf.show(self.attributes[name]) if name in self.attributes else ""

    def named(self, names: Collection[str]) -> str:
        """Attributes with their values, as messages name them."""
        return ", ".join(f"{name} {cf.show(self.attributes[name])}" for name in names)

    def read(self, stored: Read, box: Box, out: Array) -> None:
        """Read a block, decoded where that was asked for."""
        if self.decoding is None:
            stored(box, out)
        else:
            room = cf.room_for(self.stored, out)
            stored(box, room)
            self.decoding.decode(room, out)

    def survey(self, shown: str, read: Read) -> Iterator[str]:
        """Look for what has to be asked, through all elements where an attribute tells that some may have no value.

        Args:
            shown: What to call the tensor.
            read: Reads its blocks.

        Yields:
            What the user should know.

        Raises:
            LrnError: Its numbers may stand for others, and nothing was said of it.
        """
        if self.asked != RAW:
            self._refuse_packed(shown)
            names = (*cf.MISSING, *cf.RANGE) if self.decoding else cf.MISSING
            yield from self._missing(shown, read, names)

    def _refuse_packed(self, shown: str) -> None:
        if self._coded.unclear:
            raise LrnError(f"{shown}: cannot be unpacked: {self._coded.unclear}", "--cf raw takes the stored numbers")
        if self._coded.packing and self.asked is None:
            raise LrnError(
                f"{shown}: its numbers are packed: {self.named(self._coded.packing)}",
                "--cf unpack for the numbers that they stand for, or --cf raw for the stored ones",
            )

    def _missing(self, shown: str, read: Read, names: Collection[str]) -> Iterator[str]:
        decoding = self._coded.looking_for(names)
        if not decoding.sentinels:
            return
        count, found = 0, set[str]()
        for block in self._blocks(read):
            here, named = decoding.find_missing(block)
            count += here
            found |= named
        if not count:
            return
        of = f"{count:,} of {prod(self._shape):,} values"
        why = self.named([name for name in names if name in found])
        if self.decoding is None:
            raise LrnError(
                f"{shown}: {of} are missing ({why})",
                "--cf unpack to have them as NaN, or --cf raw to take them as numbers",
            )
        yield f"{shown}: {of} were missing ({why}) and became NaN"

    def _blocks(self, read: Read) -> Iterator[Array]:
        """All elements as they are stored; a block is valid until the next."""
        nowhere = (Span(0, 0),) * len(self._shape)
        lengths = run_edges(self._shape, nowhere, _BLOCK)
        if self._chunks is not None:
            lengths = whole_chunks(lengths, self._chunks, self._shape)
        memory = np.empty(prod(lengths), self.stored)
        for core, _ in blocks(self._shape, nowhere, lengths):
            shape = size(core)
            block = memory[: prod(shape)].reshape(shape)
            read(core, block)
            yield block
