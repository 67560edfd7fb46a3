"""HDF5: many datasets in one file, with attributes, chunks, filters and links."""

from __future__ import annotations

from pathlib import Path

from lrn_cli.tensors.tensor import Format, Reading, Sink, Source, TensorInfo, Writing

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
# The signature stands behind a user block of 0, 512, 1024, ... bytes.
_SIGNATURE_OFFSETS = (0, 512, 1024, 2048)


def _matches(head: bytes) -> bool:
    return any(head[at : at + len(_SIGNATURE)] == _SIGNATURE for at in _SIGNATURE_OFFSETS)


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


FORMATS = (
    Format(
        name="h5",
        suffixes=(".h5", ".hdf5", ".hdf"),
        matches=_matches,
        describe=_describe,
        open=_open,
        create=_create,
        check=_check,
        keeps_filters=True,
        finds_names=True,
        may_crash=True,
    ),
)
