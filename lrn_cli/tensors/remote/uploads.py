"""Objects that appear when all of them has been sent, and never in the place of others unasked."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from lrn_cli.errors import LrnError
from lrn_cli.tensors.remote.addresses import WEB, Url, url_of
from lrn_cli.tensors.remote.blocks import BLOCK
from lrn_cli.tensors.remote.library import WRITTEN, file_system, in_words, need
from lrn_cli.tensors.remote.objects import kind_of
from lrn_cli.tensors.targets import Pending, exists_error, present_error
from lrn_cli.tensors.tensor import LongCall, Writing

_MOST_PARTS = 9_000
"""Parts of an upload: S3 takes 10,000."""


def check_place(writing: Writing) -> None:
    """Refuse a place to which nothing can be sent, or not without what is there.

    Raises:
        LrnError: It is such a one.
    """
    url = url_of(writing.path)
    refuse_unwritable(url)
    if not writing.force and _is_there(url):
        raise present_error(url, writing.source.path)


def _is_there(url: Url) -> bool:
    """Whether an object has that name, as far as it may be known: in the end the server itself refuses one."""
    try:
        return kind_of(url) == "file"
    except LrnError as error:
        if isinstance(error.__cause__, PermissionError):
            return False
        raise


def refuse_unwritable(url: Url) -> None:
    """Refuse a URL to which nothing can be written.

    Raises:
        LrnError: It is a web server's or a bucket's, or what writes there is missing.
    """
    if url.scheme in WEB:
        raise LrnError(f"{url}: a web server is only read from", f"-o {url.name or 'out.npy'}")
    need(url)
    if len(url.parts) < 3:
        raise LrnError(f"{url}: names a bucket, not an object in it", f"-o {url}/out.npy")


class Upload(Pending):
    """An object being sent, in large parts.

    Args:
        url: Where it is to appear.
        size: How many bytes it will have.
        force: Whether an object that is there may be replaced.
        long_call: Entered while parts are sent.

    Raises:
        LrnError: It cannot be begun.
    """

    def __init__(self, url: Url, size: int, *, force: bool, long_call: LongCall) -> None:
        self._url, self._long_call = url, long_call
        with in_words(url, WRITTEN):
            # `x` has the server refuse, in the same step in which the object would appear.
            mode, block = "wb" if force else "xb", max(BLOCK, -(-size // _MOST_PARTS))
            self._file: Any = file_system(url).open(url.text, mode, block_size=block)
            self._file.forced = True  # whoever closes it unasked, as Python does with what is left, publishes nothing

    def write(self, memory: memoryview) -> int:
        """Send the next bytes, or keep them until they are a part."""
        with in_words(self._url, WRITTEN), self._long_call():
            self._file.forced = False
            self._file.write(memory)
            self._file.forced = True
        return len(memory)

    def commit(self) -> None:
        """Send what is left, and have the object appear."""
        with in_words(self._url, WRITTEN), self._long_call():
            self._file.forced = False
            try:
                self._file.close()
            except FileExistsError:
                raise exists_error(self._url, "appeared meanwhile") from None

    def abort(self) -> None:
        """Give up: nothing appears, and what was sent is dropped."""
        self._file.forced = True
        with suppress(Exception):  # of a server that is gone: an upload that is never completed is never seen
            self._file.discard()
        self._file.closed = True
