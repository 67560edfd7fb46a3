"""Zarr: a folder of arrays in groups, each in chunks that are files. zarr-python reads and writes the chunks."""

from __future__ import annotations

from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from lrn_cli.errors import LrnError
from lrn_cli.tensors.format import WrittenFormat
from lrn_cli.tensors.tensor import Reading, Sink, Source, TensorInfo, Writing

if TYPE_CHECKING:
    from lrn_cli.tensors.remote.forms import Remote
    from lrn_cli.tensors.remote.objects import Object
    from lrn_cli.tensors.shared import Shared


class Zarr(WrittenFormat):
    """Stores of Zarr 2 and 3 on a disk; zarr-python, an extra, is imported when the numbers of one are wanted."""

    name = "zarr"
    suffixes = (".zarr",)
    may_crash = True
    marks = ("zarr.json", ".zarray", ".zgroup")
    keeps_filters = True
    holds_several = True
    in_python = 'zarr.open_array({file}, path={member}, mode="r")[...]'

    def matches(self, _head: bytes) -> bool:
        """No file is a store: a folder is, by what is in it."""
        return False

    def describe(self, path: Path, _reading: Reading) -> list[TensorInfo]:
        """All arrays, by the order of their names."""
        from lrn_cli.tensors.zarr.source import describe

        return describe(path)

    def open(self, path: Path, info: TensorInfo, reading: Reading) -> Source:
        """The array of that path."""
        from lrn_cli.tensors.zarr.source import ZarrSource

        return ZarrSource(path, info.member, reading)

    def open_named(self, path: Path, file: FileIO, member: str, reading: Reading) -> Source:
        """The array of that path, with or without a slash before it; what is damaged says how."""
        from lrn_cli.tensors.zarr.source import open_member

        file.close()
        return open_member(self, path, member, reading)

    def is_name(self, path: Path, member: str, _infos: Sequence[TensorInfo]) -> bool:
        """Whether a group or an array is called so."""
        from lrn_cli.tensors.zarr.nodes import find

        return find(path, member) is not None

    def without_tensor(self, path: Path) -> LrnError:
        """A store of groups."""
        return LrnError(f"{path}: holds no array", f"ls -R {path}")

    def check(self, writing: Writing) -> None:
        """Refuse a place in a store that cannot be written, or not without what is there."""
        from lrn_cli.tensors.zarr.destination import destinations

        destinations([writing])

    def at_url(self, found: Object | None) -> Remote:
        """The same behind a URL."""
        from lrn_cli.tensors.remote.zarr import RemoteZarr

        return RemoteZarr(self, found)

    def share(self, writing: Writing) -> Shared:
        """Begin an array that several machines write; a store is never a pipe."""
        from lrn_cli.tensors.zarr.slabs import SharedZarr

        return SharedZarr(writing)

    def begin(self, writings: Sequence[Writing]) -> Sequence[Sink]:
        """Begin a store, or arrays beside those of an old one."""
        from lrn_cli.tensors.zarr.sink import begin

        return begin(writings)


FORMATS = (Zarr(),)
