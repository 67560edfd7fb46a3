"""Formats that are read from a local copy of an object, with the limits that hold for files, and sent as a whole."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError, forget_name, show_as
from lrn_cli.tensors.format import Format, WrittenFormat
from lrn_cli.tensors.remote.addresses import Url, url_of
from lrn_cli.tensors.remote.blocks import BLOCK
from lrn_cli.tensors.remote.forms import AtUrls, Remote
from lrn_cli.tensors.remote.objects import AGAIN, Object, Stream, check_unchanged, fetch, kind_of, look
from lrn_cli.tensors.remote.uploads import Upload, check_place
from lrn_cli.tensors.replace_folders import UnfinishedFolder
from lrn_cli.tensors.targets import check_room
from lrn_cli.tensors.tensor import Reading, Sink, Source, TensorInfo, Writing

_PIECE = 4 << 20
_AHEAD = 3
"""Blocks that come at one time."""


class Copy:
    """A folder of this machine for one file, which goes with the last who uses it.

    Args:
        url: What the file is, or becomes: errors say this.

    Attributes:
        path: The file, which is not there yet.
    """

    def __init__(self, url: Url) -> None:
        name = url.name if url.name not in ("", "..") else "object"
        folder = UnfinishedFolder(Path(tempfile.gettempdir(), name))
        self.path = folder.path / name
        show_as(str(self.path), str(url))
        weakref.finalize(self, _forget, folder, str(self.path), os.getpid())


def _forget(folder: UnfinishedFolder, path: str, process: int) -> None:
    if os.getpid() == process:  # and not one that began as its image
        folder.remove()
        forget_name(path)


_latest: list[tuple[Object, Copy]] = []
"""The last object that was copied: who looks into it mostly reads it next."""


class Copied(Remote):
    """A format whose objects are copied to be read, and written here to be sent."""

    def describe(self, path: Path, reading: Reading) -> list[TensorInfo]:
        """All tensors of a copy."""
        return self.form.describe(self._copy(url_of(path)).path, reading)

    def open(self, path: Path, info: TensorInfo, reading: Reading) -> Source:
        """A tensor of a copy."""
        copy = self._copy(url_of(path))
        return _keep(self.form.open(copy.path, info, reading), copy)

    def open_several(self, path: Path, infos: Sequence[TensorInfo], reading: Reading) -> Iterator[Source]:
        """Tensors of one copy."""
        copy = self._copy(url_of(path))
        return (_keep(source, copy) for source in self.form.open_several(copy.path, infos, reading))

    def open_member(self, path: Path, member: str, reading: Reading) -> Source:
        """The tensor of that name in a copy."""
        copy = self._copy(url_of(path))
        return _keep(self.form.open_named(copy.path, copy.path.open("rb", buffering=0), member, reading), copy)

    def is_name(self, path: Path, member: str, infos: Sequence[TensorInfo]) -> bool:
        """Whether a tensor of a copy is called so."""
        return self.form.is_name(self._copy(url_of(path)).path, member, infos)

    def without_tensor(self, path: Path) -> LrnError:
        """What is said of files of that format."""
        return self.form.without_tensor(path)

    def _copy(self, url: Url) -> Copy:
        found = self.found or look(url)
        for known, copy in _latest:
            if (known.url.text, known.state, known.size) == (url.text, found.state, found.size):
                return copy
        copy = Copy(url)
        _fill(found, copy.path)
        _latest[:] = [(found, copy)]
        return copy

    def check(self, writing: Writing) -> None:
        """Refuse what cannot be sent, or could not be written here."""
        check_place(writing)
        if writing.member and writing.force and kind_of(writing.path):
            raise LrnError(f"{writing.path}: nothing is added to an object that is there", "another name behind -o")
        copy = Copy(url_of(writing.path))
        self._written.check(_here(writing, copy))

    def begin(self, writings: Sequence[Writing]) -> Sequence[Sink]:
        """Begin a file of this machine that is sent when it is complete."""
        copy = Copy(url_of(writings[0].path))
        return [
            _Sent(sink, copy, writing)
            for sink, writing in zip(
                self._written.begin([_here(writing, copy) for writing in writings]), writings, strict=True
            )
        ]

    @property
    def _written(self) -> WrittenFormat:
        assert isinstance(self.form, WrittenFormat)  # noqa: S101 - else nobody was given it to write
        return self.form


def at_url(form: Format, found: Object | None = None) -> Remote:
    """A format as it is behind URLs; its objects are copied unless it knows better."""
    return form.at_url(found) if isinstance(form, AtUrls) else Copied(form, found)


def _keep(source: Source, copy: Copy) -> Source:
    """The source, with which the copy goes that it reads."""
    weakref.finalize(source, lambda _: None, copy)
    return source


def _here(writing: Writing, copy: Copy) -> Writing:
    return writing._replace(path=copy.path, force=False, fsync=False)


def _fill(found: Object, path: Path) -> None:
    """Copy an object into a new file.

    Raises:
        LrnError: It cannot be read, has not the size that was said, or there is no room for it.
    """
    if found.size is None:
        raise LrnError(f"{found.url}: the server does not say how large it is", f"curl -O {found.url}")
    check_room(path, found.size, "a copy of it")
    done = 0
    with path.open("xb") as file:
        for piece in _in_parts(found, found.size) if found.in_parts else _as_it_comes(found):
            done += len(piece)
            if done > found.size:
                break
            file.write(piece)
    if done != found.size:
        raise LrnError(
            f"{found.url}: {found.size:,} bytes were announced, {'more' if done > found.size else done} came", AGAIN
        )
    check_unchanged(found)


def _in_parts(found: Object, size: int) -> Iterator[bytes]:
    coming: deque[Callable[[], bytes]] = deque()
    for start in range(0, size, BLOCK):
        coming.append(fetch(found, start, min(start + BLOCK, size)))
        if len(coming) == _AHEAD:
            yield coming.popleft()()
    while coming:
        yield coming.popleft()()


def _as_it_comes(found: Object) -> Iterator[bytes]:
    with Stream(found.url) as stream:
        while piece := stream.read(_PIECE):
            yield piece


class _Sent(Sink):
    """What is written into a file of this machine, which is sent then."""

    def __init__(self, sink: Sink, copy: Copy, writing: Writing) -> None:
        self._sink, self._copy, self._writing = sink, copy, writing
        self.sequential = sink.sequential

    def write(self, box: Box, block: Array) -> None:
        """Write a block."""
        self._sink.write(box, block)

    def commit(self) -> None:
        """Complete the file and send it."""
        self._sink.commit()
        path, of = self._copy.path, self._writing
        with (
            path.open("rb") as file,
            Upload(url_of(of.path), path.stat().st_size, force=of.force, long_call=of.long_call) as upload,
        ):
            while piece := file.read(_PIECE):
                upload.write(memoryview(piece))

    def abort(self) -> None:
        """Nothing appears."""
        self._sink.abort()
