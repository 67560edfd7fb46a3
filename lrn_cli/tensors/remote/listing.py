"""What lies below a URL: the objects that are tensor files, and which names are there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.remote.addresses import WEB, Url, url_of
from lrn_cli.tensors.remote.library import file_system, in_words
from lrn_cli.tensors.remote.objects import kind_of, look

_MOST = 1_000_000
"""Objects below a URL."""


class Below(NamedTuple):
    """An object.

    Attributes:
        place: Its path from the URL that was searched.
        size: Its bytes.
    """

    place: str
    size: int


def can_list(path: Path) -> bool:
    """Whether a server tells what it has."""
    return url_of(path).scheme not in WEB


def folders(path: Path) -> set[str]:
    """The names of the folders in a folder.

    Raises:
        LrnError: They cannot be listed.
    """
    url = url_of(path)
    if not can_list(url):
        raise LrnError(f"{url}: is a group, and a web server does not list what is in it", f"{url}::/NAME")
    with in_words(url):
        found = file_system(url).ls(url.text, detail=True)
    return {one["name"].rstrip("/").rpartition("/")[2] for one in found if one["type"] == "directory"}


def walk(text: str) -> Iterator[Below]:
    """All objects below a URL, in the order of their names.

    Raises:
        LrnError: They cannot be listed, or are very many.
    """
    url = Url(text)
    if not can_list(url):
        raise LrnError(f"{url}: a web server gives no list of its files", "--files-from LIST")
    with in_words(url):
        found = file_system(url).find(url.text, detail=True)
    if len(found) > _MOST:
        raise LrnError(f"{url}: {len(found):,} objects lie below it, the most are {_MOST:,}", f"a part of {url}/")
    root = "/".join(url.parts[1:]) + "/"
    for name in sorted(found):
        if name.startswith(root) and not name.endswith("/"):
            yield Below(name.removeprefix(root), int(found[name]["size"] or 0))


def size_of(path: Path) -> int:
    """Bytes of an object, or of those that lie in it."""
    url = url_of(path)
    found = None if url.scheme not in WEB and kind_of(url) == "directory" else look(url)
    return sum(below.size for below in walk(url.text)) if found is None else found.size or 0


def names(url: Url) -> set[str]:
    """The names of what lies in a URL, objects and folders.

    Raises:
        LrnError: They cannot be listed.
    """
    try:
        with in_words(url):
            found = file_system(url).ls(url.text, detail=False)
    except LrnError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return set()
        raise
    return {name.rstrip("/").rpartition("/")[2] for name in found}
