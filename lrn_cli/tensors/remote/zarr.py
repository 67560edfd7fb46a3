"""Zarr stores behind URLs: their chunks are sent as they come, and what makes them stores last.

Nothing there takes several objects from one name to another in one step. So a run first takes the place with an object
that only one can make, and no reader sees a store until its metadata come.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lrn_cli.errors import LrnError
from lrn_cli.tensors.remote.addresses import Url, url_of
from lrn_cli.tensors.remote.forms import Remote
from lrn_cli.tensors.remote.library import WRITTEN, file_system, in_words
from lrn_cli.tensors.remote.listing import names
from lrn_cli.tensors.remote.objects import kind_of
from lrn_cli.tensors.remote.uploads import refuse_unwritable
from lrn_cli.tensors.tensor import Reading, Sink, Source, TensorInfo, Writing
from lrn_cli.tensors.zarr.destination import Destinations, destinations, refuse_narrow
from lrn_cli.tensors.zarr.library import need_zarr, open_array
from lrn_cli.tensors.zarr.output import Output, say_left_there
from lrn_cli.tensors.zarr.sink import ZarrSink
from lrn_cli.tensors.zarr.source import open_member

_TAKEN = ".lrn-partial"
"""The object by which a run takes a place."""


class RemoteZarr(Remote):
    """Stores whose chunks are fetched and sent one by one."""

    def describe(self, path: Path, reading: Reading) -> list[TensorInfo]:
        """All arrays."""
        return self.form.describe(path, reading)

    def open(self, path: Path, info: TensorInfo, reading: Reading) -> Source:
        """The array of that path."""
        return self.form.open(path, info, reading)

    def open_member(self, path: Path, member: str, reading: Reading) -> Source:
        """The array of that path, with or without a slash before it."""
        return open_member(self.form, path, member, reading)

    def is_name(self, path: Path, member: str, infos: Sequence[TensorInfo]) -> bool:
        """Whether a group or an array is called so."""
        return self.form.is_name(path, member, infos)

    def check(self, writing: Writing) -> None:
        """Refuse a place where something is: a store is many objects, which are not replaced in one step."""
        url = url_of(writing.path)
        refuse_unwritable(url)
        need_zarr(url)
        refuse_narrow(writing)
        if not kind_of(url):
            return
        if kind_of(url / _TAKEN):
            raise _taken(url)
        why = "a store behind a URL is not replaced, or added to, in one step" if writing.force else "is not replaced"
        raise LrnError(f"{url}: is there already, and {why}", "--skip-existing to leave it, or another name")

    def begin(self, writings: Sequence[Writing]) -> Sequence[Sink]:
        """Take the place, and begin to send arrays."""
        say_left_there(writings)
        alone = [writing._replace(only=True) for writing in writings]
        where = destinations(alone, lambda _: False)
        output = _Sending(alone, where)
        try:
            return [ZarrSink(output, *of) for of in zip(alone, where.members, strict=True)]
        except BaseException:
            output.abort()
            raise


class _Sending(Output):
    """A store being sent.

    Args:
        writings, where: As of `Output`.
    """

    def __init__(self, writings: Sequence[Writing], where: Destinations) -> None:
        self._url = url_of(writings[0].path)
        self._system = file_system(self._url)
        self._taken, self._sent = False, set[str]()
        self._take()
        name = Path(tempfile.gettempdir(), self._url.name)
        super().__init__(writings, where, name)

    def _take(self) -> None:
        """Take the place, unless another run has it or has been there."""
        try:
            with in_words(self._url, WRITTEN):
                self._put(_TAKEN, b"", create=True)
        except LrnError as error:
            raise _taken(self._url) if isinstance(error.__cause__, FileExistsError) else error from None
        self._taken = True
        try:
            if names(self._url) != {_TAKEN}:
                raise LrnError(f"{self._url}: appeared meanwhile, and is not replaced", "another name")
        except BaseException:
            self._leave()
            raise

    def _put(self, key: str, data: bytes, *, create: bool = False) -> None:
        self._system.pipe_file((self._url / key).text, data, mode="create" if create else "overwrite")

    def open_array(self, member: str) -> Any:
        """An array to write to."""
        from lrn_cli.tensors.remote.chunks import Unfinished

        return open_array(self._url, self.array(member), store=Unfinished(self._url, self.root, self._sent))

    def commit(self) -> None:
        """Send the metadata, those of the root last: then it is a store."""
        with in_words(self._url, WRITTEN):
            for key in self._metadata():
                self._sent.add(key)
                self._put(key, (self.root / key).read_bytes())
        self._leave()
        self._folder.remove()

    def _metadata(self) -> Iterator[str]:
        files = (file.relative_to(self.root) for file in self.root.rglob("*") if file.is_file())
        # Attributes of version 2 stand in a file of their own, which comes before what makes an array.
        order = sorted(files, key=lambda file: (-len(file.parts), file.name != ".zattrs", str(file)))
        yield from map(str, order)

    def abort(self) -> None:
        """Remove what was sent, and give the place back."""
        for key in self._sent:
            with suppress(Exception):  # of a server that is gone: without metadata it is no store
                self._system.rm_file((self._url / key).text)
        self._sent.clear()
        self._leave()
        self._folder.remove()

    def _leave(self) -> None:
        if self._taken:
            self._taken = False
            with suppress(Exception):
                self._system.rm_file((self._url / _TAKEN).text)


def _taken(url: Url) -> LrnError:
    command = f"aws s3 rm --recursive {url}/" if url.scheme == "s3" else f"gcloud storage rm --recursive {url}/"
    return LrnError(
        f"{url}: another run writes there, or has ended in the middle of it",
        f"another name; if no run writes there: {command}",
    )
