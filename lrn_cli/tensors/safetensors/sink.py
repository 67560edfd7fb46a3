"""Writing tensors into a safetensors file, with all else that is in it, or in the one from which they come."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from io import FileIO
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.guards import Unchanged
from lrn_cli.tensors.joining import Joined, join
from lrn_cli.tensors.npy.files import FlatSink, NewFile
from lrn_cli.tensors.pieces import copy_bytes
from lrn_cli.tensors.replace import one_at_a_time
from lrn_cli.tensors.safetensors.header import LONGEST, METADATA, Header, Tensor, encode, read
from lrn_cli.tensors.safetensors.provenance import record
from lrn_cli.tensors.safetensors.source import SafetensorsSource
from lrn_cli.tensors.safetensors.types import word_for
from lrn_cli.tensors.tensor import Sink, Writing

_NOTHING = Header(None, (), 0)


class Plan(NamedTuple):
    """An output before it is begun.

    Attributes:
        head: Its header, with the length.
        tensors: All that it will have, by name.
        places: Where the outputs stand in it.
        base: The header of the file whose other tensors are kept.
        kept: Those.
        old: The file to which the outputs are added, as it was when its header was read; None where it is a new one.
    """

    head: bytes
    tensors: dict[str, Tensor]
    places: list[Joined]
    base: Header
    kept: tuple[Tensor, ...]
    old: Unchanged | None

    @property
    def nbytes(self) -> int:
        """Size of the file."""
        return len(self.head) + max((tensor.end for tensor in self.tensors.values()), default=0)


def plan(writings: Sequence[Writing]) -> Plan:
    """What a file will hold to which these are written.

    Raises:
        LrnError: It cannot be written, or not without what is there.
    """
    path, source = writings[0].path, writings[0].source
    own = isinstance(source, SafetensorsSource)
    places = join(writings, "safetensors", _names, own=own)
    old = Unchanged(path) if places[0].adds else None
    base = _NOTHING
    if places[0].base is not None:
        base = source.header if isinstance(source, SafetensorsSource) and old is None else _header(path)
    made = {to.replaced or to.member: _make(writing, to) for writing, to in zip(writings, places, strict=True)}
    laid_out = _lay_out(_in_place(sorted(base.tensors, key=lambda tensor: (tensor.begin, tensor.end)), made))
    metadata = record(base.metadata, writings[0].provenance, [place.member for place in places])
    head = encode(metadata, [laid_out[tensor.name] for tensor in _in_place(base.tensors, made)])
    if len(head) > LONGEST:
        raise LrnError(f"{path}: its header would have {len(head):,} bytes, the limit is {LONGEST:,}", "--only")
    kept = tuple([tensor for tensor in base.tensors if tensor.name not in made])
    return Plan(head, laid_out, places, base, kept, old)


def _in_place(tensors: Sequence[Tensor], made: dict[str, Tensor]) -> list[Tensor]:
    """Tensors with those in their places that are made, by the names that they replace, and the other made ones."""
    there = {tensor.name for tensor in tensors}
    return [made.get(tensor.name, tensor) for tensor in tensors] + [made[name] for name in made if name not in there]


def _names(path: Path) -> set[str]:
    return {tensor.name for tensor in _header(path).tensors}


def _header(path: Path) -> Header:
    with path.open("rb", buffering=0) as file:
        return read(path, file, LONGEST)


def _make(writing: Writing, place: Joined) -> Tensor:
    """The tensor that is written, which has no place yet."""
    shown = f"{writing.path}::{place.member}"
    if place.member == METADATA:
        raise LrnError(f"{shown}: is what safetensors calls its texts, not a tensor", "another path behind ::")
    try:
        place.member.encode()
    except UnicodeEncodeError:
        raise LrnError(f"{shown}: the name of a tensor is text in UTF-8", "another path behind ::") from None
    size = writing.dtype.itemsize * int(np.prod(writing.shape, dtype=object))
    return Tensor(place.member, word_for(writing.dtype, writing.narrow), writing.shape, 0, size)


def _lay_out(tensors: Sequence[Tensor]) -> dict[str, Tensor]:
    """The tensors one after another: in their order where each begins at a multiple of its elements' size, else the
    largest elements first, as the reference library has them (PyTorch reads no others)."""
    placed = _one_after_another(tensors)
    if any(tensor.begin % tensor.itemsize for tensor in placed.values()):
        return _one_after_another(sorted(tensors, key=lambda tensor: -tensor.itemsize))
    return placed


def _one_after_another(tensors: Sequence[Tensor]) -> dict[str, Tensor]:
    placed, at = {}, 0
    for tensor in tensors:
        end = at + tensor.end - tensor.begin
        placed[tensor.name] = tensor._replace(begin=at, end=end)
        at = end
    return placed


class _File(NewFile):
    """The new file, with the tensors that are kept in their places."""

    def __init__(self, writing: Writing, planned: Plan) -> None:
        super().__init__(writing, planned.nbytes, adds=planned.old is not None)
        self._planned = planned
        try:
            self.put(memoryview(planned.head), 0)
            if isinstance(writing.source, SafetensorsSource) and planned.old is None:
                self._copy(writing.source.file)
            elif planned.old is not None:
                with writing.path.open("rb", buffering=0) as file:
                    self._copy(file)
        except BaseException:
            self.abort()
            raise

    def _copy(self, base: FileIO) -> None:
        planned = self._planned
        for tensor in planned.kept:
            size, to = tensor.end - tensor.begin, len(planned.head) + planned.tensors[tensor.name].begin
            with self.in_words():
                done = copy_bytes(base.fileno(), self.descriptor, size, planned.base.offset + tensor.begin, to)
            if done < size:
                raise LrnError(f"{self.path}: {tensor.name} was cut while it was copied", "try again")

    def commit(self) -> None:
        """Give the file its name, unless another has added to the old one meanwhile, which would be lost."""
        old = self._planned.old
        with nullcontext() if old is None else one_at_a_time(self.path):
            if old is not None:
                old.check()
            super().commit()


class SafetensorsSink(FlatSink):
    """A tensor of a new file, in C order and little-endian whatever its source is."""

    def __init__(self, file: NewFile, writing: Writing, offset: int) -> None:
        super().__init__(file, writing.shape, writing.dtype.itemsize, offset)
        self._reversed, self._dtype = writing.source.info.fortran_order, writing.dtype.newbyteorder("<")

    def write(self, box: Box, block: Array) -> None:
        """Write a block; see `Sink`."""
        if self._reversed:
            box, block = box[::-1], block.T
        super().write(box, np.ascontiguousarray(block, self._dtype))


def begin(writings: Sequence[Writing]) -> list[Sink]:
    """Begin a file with tensors, or tensors beside the others of a file.

    Raises:
        LrnError: As `plan`, or the file's beginnings cannot be written.
    """
    planned = plan(writings)
    file = _File(writings[0], planned)
    offsets = [len(planned.head) + planned.tensors[place.member].begin for place in planned.places]
    return [SafetensorsSink(file, *of) for of in zip(writings, offsets, strict=True)]
