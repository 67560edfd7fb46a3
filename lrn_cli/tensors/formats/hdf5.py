"""HDF5: many datasets in one file, with attributes, chunks, filters and links."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path

from lrn_cli.advice import program, spell
from lrn_cli.errors import LrnError
from lrn_cli.tensors.format import WrittenFormat, has_wildcards
from lrn_cli.tensors.tensor import Reading, Sink, Source, TensorInfo, Writing

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
# The signature stands behind a user block of 0, 512, 1024, ... bytes: these are the places in a file's first bytes,
_SIGNATURE_OFFSETS = (0, 512, 1024, 2048)
_NEXT_OFFSET = 4096  # and this is the first behind them


class Hdf5(WrittenFormat):
    """HDF5, whatever its files are called; h5py is imported when one is opened."""

    name = "h5"
    suffixes = (".h5", ".hdf5", ".hdf", ".nc", ".nc4", ".mat", ".nxs", ".he5", ".keras")
    holds = "datasets"
    may_crash = True
    keeps_filters = True
    holds_several = True
    in_python = "h5py.File({file})[{member}][...]"

    def matches(self, head: bytes) -> bool:
        """Whether the signature is among the first bytes, where HDF5 looks for it."""
        return any(head[at : at + len(_SIGNATURE)] == _SIGNATURE for at in _SIGNATURE_OFFSETS)

    def matches_further_in(self, file: FileIO) -> bool:
        """Whether the signature stands behind a larger user block, which is looked for where HDF5 itself does."""
        size, at = os.fstat(file.fileno()).st_size, _NEXT_OFFSET
        while at + len(_SIGNATURE) <= size:
            if os.pread(file.fileno(), len(_SIGNATURE), at) == _SIGNATURE:
                return True
            at *= 2
        return False

    def describe(self, path: Path, reading: Reading) -> list[TensorInfo]:
        """All datasets, in the file's order."""
        from lrn_cli.tensors.hdf5.description import describe

        return describe(path, reading)

    def open(self, path: Path, info: TensorInfo, reading: Reading) -> Source:
        """The dataset of that path."""
        from lrn_cli.tensors.hdf5.source import Hdf5Source

        return Hdf5Source(path, info.member, reading)

    def open_several(self, path: Path, infos: Sequence[TensorInfo], reading: Reading) -> Iterator[Source]:
        """The datasets of those paths, in one open file."""
        from lrn_cli.tensors.hdf5.source import Hdf5Source

        first = None
        for info in infos:
            source = Hdf5Source(path, info.member, reading, first)
            first = first or source
            yield source

    def open_named(self, path: Path, file: FileIO, member: str, reading: Reading) -> Source:
        """The dataset of that path, also through links that `describe` leaves out."""
        if not member or (has_wildcards(member) and not self.is_name(path, member, ())):
            return super().open_named(path, file, member, reading)
        from lrn_cli.tensors.hdf5.source import Hdf5Source

        file.close()
        source = Hdf5Source(path, member, reading)
        try:
            self.refuse_unless_tensor(path, source.info, reading)
        except LrnError:
            source.close()
            raise
        return source

    def is_name(self, path: Path, member: str, _infos: Sequence[TensorInfo]) -> bool:
        """Whether a dataset, or a link to one, is called so."""
        from lrn_cli.tensors.hdf5.description import is_there

        return is_there(path, member)

    def without_tensor(self, path: Path) -> LrnError:
        """A file of groups, with the line that lists them."""
        return LrnError(f"{path}: holds no dataset", program(f"h5py.File({spell(str(path))}).visit(print)"))

    def check(self, writing: Writing) -> None:
        """Refuse a place in a file that cannot be written, or not without what is there."""
        from lrn_cli.tensors.hdf5.destination import destinations

        destinations([writing])

    def begin(self, writings: Sequence[Writing]) -> Sequence[Sink]:
        """Begin a file, or datasets beside those of an old one."""
        from lrn_cli.tensors.hdf5.sink import begin

        return begin(writings)


FORMATS = (Hdf5(),)
