"""Objects behind URLs: what is said of them, and their bytes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.remote.addresses import WEB, Url, url_of
from lrn_cli.tensors.remote.library import explain, file_system, in_words

HEAD = 16 << 10
"""Bytes that are looked at first: a format's sign, and all of an .npy header."""
_PIECE = 1 << 20
AGAIN = "try again, or copy it first"


class Object(NamedTuple):
    """What is behind a URL.

    Attributes:
        url: Where.
        size: Its bytes; None where the server does not say.
        state: Changes with its contents, where the server says anything of the kind.
        head: Its first bytes.
        in_parts: Whether parts of it can be asked for.
    """

    url: Url
    size: int | None
    state: str
    head: bytes
    in_parts: bool = True


def kind_of(path: Path) -> str:
    """`file`, `directory`, or nothing where nothing is there.

    Raises:
        LrnError: That cannot be told.
    """
    url = url_of(path)
    try:
        return str(_info(url)["type"])
    except FileNotFoundError:
        return ""
    except LrnError:
        raise
    except Exception as error:
        raise explain(url, error) from error


def _info(url: Url) -> dict[str, Any]:
    if url.scheme not in WEB:
        found: dict[str, Any] = file_system(url).info(url.text)
        return found
    from lrn_cli.tensors.remote.web import ask

    status = ask(file_system(url), url, 0, 1).status
    if status in (404, 410):
        raise FileNotFoundError
    return {"type": "file"}


def look(path: Path) -> Object:
    """What is behind a URL, with its first bytes.

    Raises:
        LrnError: Nothing is, other objects lie in it, or it cannot be read.
    """
    url = url_of(path)
    if url.scheme in WEB:
        from lrn_cli.tensors.remote.web import look as look_at_web

        with in_words(url):
            return Object(url, *look_at_web(file_system(url), url, HEAD))
    with in_words(url):
        info = _info(url)
    if info["type"] != "file":
        raise LrnError(f"{url}: is a folder, not a tensor file", f"lrn apply {url} --recursive -o out/")
    size = int(info["size"])
    found = Object(url, size, _state(info), b"")
    return found._replace(head=fetch(found, 0, min(HEAD, size))())


def _state(info: dict[str, Any]) -> str:
    said = (info.get(key) for key in ("size", "ETag", "etag", "generation", "LastModified", "updated"))
    return " ".join(str(one) for one in said if one is not None)


def fetch(found: Object, start: int, stop: int) -> Callable[[], bytes]:
    """Begin to fetch a part of an object; what is returned waits for it.

    Raises:
        LrnError: It cannot be read, or fewer bytes came; when waited for.
    """
    import asyncio

    url, system = found.url, file_system(found.url)
    if start >= stop:
        return lambda: b""
    if url.scheme in WEB:
        from lrn_cli.tensors.remote.web import part

        coming = part(system, url, start, stop, found.state)
    else:
        coming = system._cat_file(url.text, start=start, end=stop)
    future: Future[bytes] = asyncio.run_coroutine_threadsafe(coming, system.loop)

    def wait() -> bytes:
        try:
            with in_words(url):
                data = future.result()
        except BaseException:
            future.cancel()
            raise
        if len(data) != stop - start:
            raise LrnError(f"{url}: {stop - start:,} bytes were asked for, {len(data):,} came", AGAIN)
        return data

    return wait


def check_unchanged(found: Object) -> None:
    """Refuse what was read of an object that is another now.

    Raises:
        LrnError: It is, or is gone.
    """
    if found.url.scheme in WEB:
        return  # each part was asked for as a part of that
    with in_words(found.url):
        state = _state(_info(found.url))
    if state != found.state:
        raise LrnError(f"{found.url}: the object was replaced while it was being read", "try again")


class Stream:
    """An object from its beginning to its end.

    Args:
        path: Where.

    Raises:
        LrnError: It cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._url = url = url_of(path)
        with in_words(url):
            self._file: Any = _open(url)

    def read(self, count: int) -> bytes:
        """The next bytes; fewer only where it ends."""
        data = bytearray()
        with in_words(self._url):
            while len(data) < count and (more := self._file.read(min(count - len(data), _PIECE))):
                data += more
        return bytes(data)

    def readinto(self, memory: memoryview) -> int:
        """Put the next bytes into memory, as many as come at once; 0 where it ends."""
        with in_words(self._url):
            data = self._file.read(min(len(memory), _PIECE))
        memory[: len(data)] = data
        return len(data)

    def seekable(self) -> bool:
        """Never."""
        return False

    def close(self) -> None:
        """Let go of it."""
        with suppress(Exception):
            self._file.close()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open(url: Url) -> Any:
    if url.scheme not in WEB:
        return file_system(url).open(url.text, "rb")
    from lrn_cli.tensors.remote.web import stream

    return stream(file_system(url), url)
