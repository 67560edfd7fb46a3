"""fsspec and the libraries behind it: what to say where they are missing, and of what they complain of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.remote.addresses import WEB, Url

READ, WRITTEN = "read", "written"
_TO_SAY_WHO = {
    "s3": "AWS_PROFILE, or FSSPEC_S3_ANON=true for what everybody may read",
    "gs": "gcloud auth application-default login, or FSSPEC_GS_TOKEN=anon for what everybody may read",
}
_UNREACHED = {
    "s3": "AWS_ENDPOINT_URL, if it is another server than Amazon's",
    "gs": "FSSPEC_GS_ENDPOINT_URL, if it is another server than Google's",
}

_NOBODY = {"NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError"}
_UNREACHABLE = {"ConnectionError", "ClientConnectionError", "EndpointConnectionError", "HTTPClientError"}
_CUT = {"ClientPayloadError", "IncompleteReadError", "ResponseStreamingError"}


class _Extra(NamedTuple):
    """What reads a scheme: modules that must be there, and how people call them."""

    modules: tuple[str, ...]
    shown: str
    name: str


_EXTRAS = {
    "s3": _Extra(("fsspec", "s3fs"), "s3fs", "s3"),
    "gs": _Extra(("fsspec", "gcsfs"), "gcsfs", "gs"),
    **dict.fromkeys(WEB, _Extra(("fsspec", "aiohttp"), "fsspec and aiohttp", "http")),
}


def need(url: Url) -> None:
    """Refuse a URL where what reads its scheme is missing.

    Raises:
        LrnError: It is.
    """
    extra = _EXTRAS[url.scheme]
    if any(find_spec(module) is None for module in extra.modules):
        raise LrnError(f"{url}: needs {extra.shown}", f"pip install 'lrn-tensor[{extra.name}]'")


def file_system(url: Url) -> Any:
    """What reads a scheme, with the credentials and the endpoint that its own settings say.

    Raises:
        LrnError: It is missing, or does not begin.
    """
    need(url)
    import fsspec

    protocol = "http" if url.scheme in WEB else url.scheme
    with in_words(url):
        # A listing is asked for anew each time: others write there, too.
        return fsspec.filesystem(protocol, use_listings_cache=False)


@contextmanager
def in_words(url: Url, doing: str = READ) -> Iterator[None]:
    """Turn whatever the libraries raise into one line about a URL.

    Raises:
        LrnError: In place of any other error.
    """
    try:
        yield
    except LrnError:
        raise
    except Exception as error:  # each library has its own
        raise explain(url, error, doing) from error


def explain(url: Url, error: Exception, doing: str = READ) -> LrnError:
    """What to say of an error; never its own text, in which the whole URL may stand."""
    if isinstance(error, FileNotFoundError):
        return missing(url, doing)
    reached = _of_web(url) if url.scheme in WEB else _UNREACHED[url.scheme]
    who, status = _TO_SAY_WHO.get(url.scheme, "a signed URL"), getattr(error, "status", None)
    kinds = {kind.__name__ for kind in type(error).__mro__}
    found = (
        (kinds & _NOBODY, "no credentials are found", who),
        (isinstance(error, PermissionError) or status in (401, 403), "access is denied", who),
        (status, f"the server answers with status {status}", reached),
        (isinstance(error, TimeoutError), "the server does not answer", "try again"),
        (kinds & _UNREACHABLE, "the server cannot be reached", reached),
        (kinds & _CUT, "the server ended in the middle", "try again"),
    )
    otherwise = f"cannot be {doing}: {type(error).__name__}", "--debug shows why"
    what, hint = next(((what, hint) for holds, what, hint in found if holds), otherwise)
    return LrnError(f"{url}: {what}", hint)


def missing(url: Url, doing: str = READ) -> LrnError:
    """What to say of an object that is not there, or of a bucket to which nothing can be written."""
    if doing == WRITTEN:
        return LrnError(f"{url}: cannot be written: there is no such bucket", f"another than {url.parts[1]}")
    return LrnError(f"{url}: no such object", _of_web(url) if url.scheme in WEB else f"lrn info -r {url.parent}/")


def _of_web(url: Url) -> str:
    return f"curl -I {url}"
