"""Files of web servers, of which a part is asked for; a server may send what it likes, and not all know of parts."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.remote.addresses import Url

_UNPACKED = {"Accept-Encoding": "identity"}
"""A part of what is packed on its way cannot be unpacked."""
_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})")
_SILENT = 60.0
"""Seconds without a byte after which a server is given up."""
_PART, _WHOLE, _BEYOND = 206, 200, 416


class Answer(NamedTuple):
    """What a server has answered when a part was asked for.

    Attributes:
        status: Of HTTP.
        start: Where what was sent begins.
        size: Of the file; None where that is not said.
        state: Changes with the file's contents; empty where nothing of the kind is said.
        data: What was sent, or as much of it as was asked for.
    """

    status: int
    start: int
    size: int | None
    state: str
    data: bytes


class Failed(Exception):  # noqa: N818 - a status, which `library.explain` puts into words
    """A server has answered that it sends nothing."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def _ask(system: Any, url: Url, start: int, stop: int) -> Answer:
    from aiohttp import ClientTimeout

    session = await system.set_session()
    headers = {"Range": f"bytes={start}-{stop - 1}", **_UNPACKED}
    timeout = ClientTimeout(total=None, sock_connect=_SILENT, sock_read=_SILENT)
    async with session.get(system.encode_url(url.text), headers=headers, timeout=timeout) as answer:
        data = bytearray()
        # No more than was asked for: what is said of the length, or not, is up to the server.
        while answer.status in (_PART, _WHOLE) and len(data) < stop - start:
            if not (more := await answer.content.read(stop - start - len(data))):
                break
            data += more
        begins, size = _place(answer)
        state = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        return Answer(answer.status, begins, size, state, bytes(data))


def _place(answer: Any) -> tuple[int, int | None]:
    """Where in the file an answer begins, and how long that is."""
    if answer.status == _PART:
        found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        return (int(found[1]), int(found[2])) if found else (0, None)
    length = answer.headers.get("Content-Length", "")
    return 0, int(length) if length.isdigit() and len(length) < 19 else None


def ask(system: Any, url: Url, start: int, stop: int) -> Answer:
    """A part of a file, whatever the status."""
    from fsspec.asyn import sync

    answer: Answer = sync(system.loop, _ask, system, url, start, stop)
    return answer


def look(system: Any, url: Url, count: int) -> tuple[int | None, str, bytes, bool]:
    """Size, state and first bytes of a file, and whether parts of it can be asked for; see `objects.Object`."""
    answer = ask(system, url, 0, count)
    if answer.status == _BEYOND:
        return 0, answer.state, b"", False
    if answer.status not in (_PART, _WHOLE):
        raise _failure(answer.status)
    return answer.size, answer.state, answer.data, answer.status == _PART and answer.size is not None


async def part(system: Any, url: Url, start: int, stop: int, state: str) -> bytes:
    """A part of a file that was in that state."""
    answer = await _ask(system, url, start, stop)
    if answer.status not in (_PART, _WHOLE):
        raise _failure(answer.status)
    if state and answer.state and answer.state != state:
        raise LrnError(f"{url}: the file was replaced while it was being read", "try again")
    if answer.status != _PART or answer.start != start:
        raise LrnError(f"{url}: the server sends another part than was asked for", f"curl -O {url}")
    return answer.data


def _failure(status: int) -> Exception:
    return FileNotFoundError() if status in (404, 410) else Failed(status)


def stream(system: Any, url: Url) -> Any:
    """A file from its beginning to its end."""
    from aiohttp import ClientTimeout

    timeout = ClientTimeout(total=None, sock_connect=_SILENT, sock_read=_SILENT)
    # Of a size that is known it does not ask, and of a block of none it makes a stream.
    return system.open(url.text, "rb", block_size=0, size=1, headers=_UNPACKED, timeout=timeout)
