"""NumPy's .npy files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from lrn_cli.errors import LrnError
from lrn_cli.tensors.format import WrittenFormat
from lrn_cli.tensors.npy.files import FlatSource, NpySink
from lrn_cli.tensors.npy.header import MAGIC, Header, read
from lrn_cli.tensors.targets import check_target, is_stream
from lrn_cli.tensors.tensor import Reading, Sink, Source, TensorInfo, Writing

if TYPE_CHECKING:
    from lrn_cli.tensors.remote.forms import Remote
    from lrn_cli.tensors.remote.objects import Object
    from lrn_cli.tensors.shared import Shared


class Npy(WrittenFormat):
    """One array behind a header of text."""

    name = "npy"
    suffixes = (".npy",)
    in_python = "np.load({file}{options})"

    def matches(self, head: bytes) -> bool:
        """Whether it begins as `np.save` does."""
        return head.startswith(MAGIC)

    def describe(self, path: Path, _reading: Reading) -> list[TensorInfo]:
        """The one array."""
        with path.open("rb", buffering=0) as file:
            return [_read_header(path, file).describe()]

    def open(self, path: Path, _info: TensorInfo, reading: Reading) -> Source:
        """The one array, as it is now."""
        source = _open(path, path.open("rb", buffering=0))
        source.info = reading.name_bytes(source.info)
        return source

    def open_named(self, path: Path, file: FileIO, member: str, reading: Reading) -> Source:
        """The one array, from the very file that was recognised: another may take its name meanwhile."""
        if member:
            return super().open_named(path, file, member, reading)
        source = _open(path, file)
        source.info = self.choose(path, "", [source.info], reading)
        return source

    def check(self, writing: Writing) -> None:
        """Refuse a name for the array, and what is in its place."""
        if writing.member:
            raise LrnError(
                f"{writing.path}: an .npy file holds one array, none is called {writing.member}", f"-o {writing.path}"
            )
        check_target(writing.path, force=writing.force, source=writing.source.path)

    def share(self, writing: Writing) -> Shared | None:
        """Begin a file that several machines write; None for a pipe or device."""
        from lrn_cli.tensors.npy.pages import SharedNpy

        return None if is_stream(writing.path) else SharedNpy(writing)

    def at_url(self, found: Object | None) -> Remote:
        """The same behind a URL."""
        from lrn_cli.tensors.remote.npy import RemoteNpy

        return RemoteNpy(self, found)

    def begin(self, writings: Sequence[Writing]) -> Sequence[Sink]:
        """Begin a file, or what goes to a pipe or device."""
        (writing,) = writings
        if not is_stream(writing.path):
            return [NpySink(writing)]
        from lrn_cli.tensors.npy.streams import DeviceSink

        return [DeviceSink(writing)]


def _open(path: Path, file: FileIO) -> Source:
    try:
        header = _read_header(path, file)
    except BaseException:
        file.close()
        raise
    return FlatSource(path, header.describe(), file, header.offset)


def _read_header(path: Path, file: FileIO) -> Header:
    header = read(file, str(path))
    held = os.fstat(file.fileno()).st_size - header.offset
    # Pickled objects have no fixed size; that they are refused is said where the tensor is chosen.
    if held != header.nbytes and not header.dtype.hasobject:
        raise _wrong_size(path, file, header, held)
    return header


def _wrong_size(path: Path, file: FileIO, header: Header, held: int) -> LrnError:
    declared = f"its header declares {header.nbytes} bytes of elements, {held} follow"
    if held < header.nbytes:
        return LrnError(f"{path}: the file is cut short: {declared}", "write the file again with np.save")
    again = os.pread(file.fileno(), len(MAGIC), header.offset + header.nbytes) == MAGIC
    more = held - header.nbytes
    what = "holds more than one array" if again else f"goes on for {more} byte{'s'[: more > 1]} behind its array"
    from lrn_cli.advice import free, program, spell

    # NumPy reads the first array of a file and looks no further.
    first = program(f"np.save({spell(free(f'{path.stem}.first.npy'))}, np.load({spell(str(path))}))")
    return LrnError(f"{path}: the file {what}: {declared}", first)


FORMATS = (Npy(),)
