""".npy arrays behind URLs: read at any place where the server knows of parts, and written from beginning to end."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import prod
from pathlib import Path

from lrn_cli.errors import LrnError
from lrn_cli.tensors.npy.files import FlatSource
from lrn_cli.tensors.npy.header import encode_header, read
from lrn_cli.tensors.npy.streams import StreamSink, StreamSource
from lrn_cli.tensors.remote.addresses import Url, url_of
from lrn_cli.tensors.remote.blocks import Blocks
from lrn_cli.tensors.remote.forms import Remote
from lrn_cli.tensors.remote.objects import Object, Stream, check_unchanged, look
from lrn_cli.tensors.remote.uploads import Upload, check_place
from lrn_cli.tensors.tensor import Reading, Sink, Source, TensorInfo, Writing


class RemoteNpy(Remote):
    """One array behind a header of text; fetched as it is needed, sent as it comes."""

    def describe(self, path: Path, _reading: Reading) -> list[TensorInfo]:
        """The one array."""
        return [_read_header(self._look(url_of(path)))[0]]

    def open(self, path: Path, info: TensorInfo, reading: Reading) -> Source:
        """The one array."""
        found = self._look(url_of(path))
        if not found.in_parts:
            return _Arriving(found.url, reading)
        described, offset = _read_header(found)
        return RemoteFlat(found, info._replace(shape=described.shape), offset, reading)

    def _look(self, url: Url) -> Object:
        """The object as it was when it was recognised."""
        return self.found if self.found is not None and self.found.url.text == url.text else look(url)

    def check(self, writing: Writing) -> None:
        """Refuse a name for the array, and what is in its place."""
        if writing.member:
            hint = f"-o {writing.path}"
            raise LrnError(f"{writing.path}: an .npy file holds one array, none is called {writing.member}", hint)
        check_place(writing)

    def begin(self, writings: Sequence[Writing]) -> Sequence[Sink]:
        """Begin to send an object."""
        (writing,) = writings
        return [RemoteNpySink(writing)]


def _read_header(found: Object) -> tuple[TensorInfo, int]:
    """What an array is, and where its elements begin."""
    header = read(BytesIO(found.head), str(found.url))
    held = None if found.size is None else found.size - header.offset
    if held is not None and held != header.nbytes and not header.dtype.hasobject:
        what = "is cut short" if held < header.nbytes else "goes on behind its array"
        raise LrnError(
            f"{found.url}: the object {what}: its header declares {header.nbytes} bytes of elements, {held} follow",
            "write it again with np.save, and send it again",
        )
    return header.describe(), header.offset


class RemoteFlat(FlatSource):
    """A tensor whose elements lie one after another in an object.

    Args:
        found: The object.
        info: The tensor's description.
        offset: Of its first element, in bytes.
        reading: How to read.
    """

    def __init__(self, found: Object, info: TensorInfo, offset: int, reading: Reading) -> None:
        self.path, self.info, self._offset, self._found = found.url, info, offset, found
        self._blocks = Blocks(found, reading.long_call)

    @property
    def held(self) -> int:
        """Bytes of the object."""
        return self._found.size or 0

    def _fill(self, memory: memoryview, position: int) -> None:
        self._blocks.read(memory, position)

    def finish(self) -> None:
        """Check that nobody has replaced the object meanwhile."""
        check_unchanged(self._found)

    def close(self) -> None:
        """Drop what was fetched."""
        self._blocks.drop()


class _Arriving(StreamSource):
    """An array that comes in one piece, as its server knows of no parts."""

    def __init__(self, url: Url, reading: Reading) -> None:
        self._arriving = Stream(url)
        try:
            super().__init__(self._arriving, str(url), reading)  # type: ignore[arg-type] # it has what is used
        except BaseException:
            self._arriving.close()
            raise

    def close(self) -> None:
        """Let go of it."""
        self._arriving.close()


class RemoteNpySink(StreamSink):
    """An .npy array that is an object when all of it has been sent."""

    def __init__(self, writing: Writing) -> None:
        head = encode_header(writing.shape, writing.source.info.fortran_order, writing.dtype, writing.narrow)
        size = len(head) + prod(writing.shape) * writing.dtype.itemsize
        self._upload = Upload(url_of(writing.path), size, force=writing.force, long_call=writing.long_call)
        try:
            super().__init__(self._upload, writing)  # type: ignore[arg-type] # it has what is used
        except BaseException:
            self.abort()
            raise

    def commit(self) -> None:
        """Send what is left, and have the object appear."""
        self._upload.commit()

    def abort(self) -> None:
        """Give up: nothing appears."""
        self._upload.abort()
