"""HDF5: many datasets in one file, with attributes, chunks, filters and links."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

from lrn_cli.advice import program, spell
from lrn_cli.errors import LrnError
from lrn_cli.tensors.tensor import Format, Reading, Sink, Source, TensorInfo, Writing

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
# The signature stands behind a user block of 0, 512, 1024, ... bytes: these are the places in a file's first bytes,
_SIGNATURE_OFFSETS = (0, 512, 1024, 2048)
_NEXT_OFFSET = 4096  # and this is the first behind them


def _matches(head: bytes) -> bool:
    return any(head[at : at + len(_SIGNATURE)] == _SIGNATURE for at in _SIGNATURE_OFFSETS)


def _matches_further_in(file: FileIO) -> bool:
    """Whether the signature stands behind a larger user block, which is looked for where HDF5 itself does."""
    size, at = os.fstat(file.fileno()).st_size, _NEXT_OFFSET
    while at + len(_SIGNATURE) <= size:
        if os.pread(file.fileno(), len(_SIGNATURE), at) == _SIGNATURE:
            return True
        at *= 2
    return False


def _describe(path: Path, reading: Reading) -> list[TensorInfo]:
    from lrn_cli.tensors.hdf5.description import describe

    return describe(path, reading)


def _open(path: Path, info: TensorInfo, reading: Reading) -> Source:
    from lrn_cli.tensors.hdf5.source import Hdf5Source

    return Hdf5Source(path, info.member, reading)


def _create(writing: Writing) -> Sink:
    from lrn_cli.tensors.hdf5.sink import create

    return create(writing)


def _check(writing: Writing) -> None:
    from lrn_cli.tensors.hdf5.destination import destination

    destination(writing)


def _without_tensor(path: Path) -> LrnError:
    return LrnError(f"{path}: holds no dataset", program(f"h5py.File({spell(str(path))}).visit(print)"))


FORMATS = (
    Format(
        name="h5",
        suffixes=(".h5", ".hdf5", ".hdf", ".nc", ".nc4", ".mat", ".nxs", ".he5", ".keras"),
        matches=_matches,
        matches_further_in=_matches_further_in,
        describe=_describe,
        open=_open,
        create=_create,
        check=_check,
        keeps_filters=True,
        finds_names=True,
        may_crash=True,
        without_tensor=_without_tensor,
        in_python="h5py.File({file})[{member}][...]",
    ),
)
