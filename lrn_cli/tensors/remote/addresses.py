"""URLs: which are taken, how they are taken apart, and how they are shown."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path, PosixPath
from typing import Any
from urllib.parse import urlsplit

from lrn_cli.errors import LrnError, show_as

SCHEMES = ("s3", "gs", "https", "http")
WEB = ("https", "http")
_SPELT = {"s3a": "s3", "s3n": "s3", "gcs": "gs"}
_KEPT = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws/credentials",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS, or gcloud auth application-default login",
    "https": "curl --user NAME -O {}",
    "http": "curl --user NAME -O {}",
}
"""Where whoever reads such URLs looks for who asks."""
_PARTS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)")


class Url(PosixPath):
    """A URL where paths are taken: taken apart as one and shown without what is secret in it. The system has none such.

    Args:
        text: As typed.

    Attributes:
        text: What is asked for.
        scheme: In small letters.

    Raises:
        LrnError: It is none that is taken.

    >>> url = Url("https://example.org/maps/x.npy?Signature=abc")
    >>> str(url), url.name, url.suffix, str(url.parent), str(url.with_suffix(".h5"))
    ('https://example.org/maps/x.npy', 'x.npy', '.npy', 'https://example.org/maps', 'https://example.org/maps/x.h5')
    """

    text: str
    scheme: str

    def __new__(cls, text: str) -> Url:  # noqa: D102 - as any constructor
        scheme = check(text)
        self = super().__new__(cls, _without_query(text))
        self.text, self.scheme = text, scheme
        if text != (shown := str(self)):
            show_as(text, shown)  # of what is secret nothing is said, whoever says it
        return self

    if sys.version_info >= (3, 12):

        def __init__(self, text: str) -> None:
            super().__init__(_without_query(text))

    def __str__(self) -> str:
        return _without_query(self.text)

    def __reduce__(self) -> Any:
        return Url, (self.text,)

    def joinpath(self, *names: Any) -> Url:
        """What is below it."""
        steps = [step for name in names for step in str(name).split("/") if step not in ("", ".")]
        return Url("/".join([str(self).rstrip("/"), *steps]))

    def __truediv__(self, name: Any) -> Url:
        return self.joinpath(name)

    @property
    def parent(self) -> Url:
        """What it lies in; of a host or bucket, that itself."""
        start, _, rest = str(self).partition("://")
        before, inside, _ = rest.rstrip("/").rpartition("/")
        return Url(f"{start}://{before}") if inside else self

    def with_suffix(self, suffix: str) -> Url:
        """The same with another suffix."""
        return self.with_name(self.stem + suffix)

    def with_name(self, name: str) -> Url:
        """The same with another name."""
        return self.parent.joinpath(name)


def check(text: str) -> str:
    """The scheme of a URL.

    Raises:
        LrnError: It is one that is not taken: others lead to files of this machine, or through fsspec's other layers.
    """
    found = _PARTS.match(text)
    scheme, where = (found[1].lower(), found[2]) if found else ("", "")
    shown = show(text)
    if scheme not in SCHEMES:
        near = _SPELT.get(scheme)
        hint = f"{near}://{where}{text[found.end() :]}" if near and found and "@" not in where else "one of these"
        raise LrnError(f"{shown}: is none of the URLs that are taken: s3://, gs://, https://, http://", hint)
    if scheme in WEB and not text.isprintable():
        raise LrnError(f"{shown!a}: has control characters, which no URL has", "the URL without them")
    if "@" in where:
        raise LrnError(
            f"{shown}: holds a name or a password, which are not taken from URLs", _KEPT[scheme].format(shown)
        )
    if not where:
        raise LrnError(f"{shown}: names no {'host' if scheme in WEB else 'bucket'}", f"{scheme}://NAME/x.npy")
    return scheme


def show(text: str) -> str:
    """A URL without what is secret: name and password, and the signature that stands among the fields behind `?`.

    >>> show("s3://key:secret@bucket/x.npy"), show("https://a.org/x.npy?sig=1")
    ('s3://bucket/x.npy', 'https://a.org/x.npy')
    """
    found = _PARTS.match(text)
    if found is None:
        return text
    return _without_query(f"{found[1]}://{found[2].rpartition('@')[2]}{text[found.end() :]}")


def _without_query(text: str) -> str:
    """A web server's URL up to its path; in the name of an object `?` and `#` are letters as others."""
    if text[:4].lower() != "http":
        return text
    return urlsplit(text)._replace(query="", fragment="").geturl()


def ways(word: str) -> Iterator[tuple[str, str]]:
    """What stands before and behind each `::` of a URL with a member, from the left; an address in brackets has some.

    >>> list(ways("http://[::1]:80/x.h5::/a")), list(ways("s3://b/x.npy"))
    ([('http://[::1]:80/x.h5', '/a')], [])
    """
    found = _PARTS.match(word)
    at = word.find("::", found.end() if found else 0)
    while at >= 0:
        yield word[:at], word[at + 2 :]
        at = word.find("::", at + 2)


def split(word: str, is_known: Callable[[str], bool]) -> tuple[str, str]:
    """The URL and the member that a word names; see `selection.split`.

    Args:
        word: As typed.
        is_known: Whether a name ends as those of tensor files do.

    Raises:
        LrnError: It is no URL that is taken.
    """
    check(word)
    found = list(ways(word))
    known = (way for way in (*found, (word, "")) if is_known(show(way[0])))
    return next(known, None) or next(iter(found[-1:]), (word, ""))


def url_of(path: Path) -> Url:
    """The URL that stands where a path may."""
    assert isinstance(path, Url)  # noqa: S101 - whoever asks has seen that it is one
    return path
