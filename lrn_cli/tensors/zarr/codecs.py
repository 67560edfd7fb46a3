"""Codecs: which may be opened, what they are called, and which fit numbers of another type.

Zarr finds codecs by their names among all that is installed, and some run code of whoever made the store: `pickle`.
So those are listed that may be used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from lrn_cli.errors import LrnError
from lrn_cli.tensors.zarr.nodes import AGAIN

SHARDING = "sharding_indexed"
_SHARDS = "shards"
_DELTA = "delta"
_PLAIN = ("bytes", "transpose")
_PACKING = ("blosc", "zstd", "gzip", "zlib", "lz4", "crc32c", "crc32", "adler32", "shuffle", _DELTA)
_NUMCODECS = "numcodecs."
_DEEPEST = 3
"""Shards within shards."""

Codec = dict[str, Any]


class Chain(NamedTuple):
    """What is done to a chunk.

    Attributes:
        names: Of the codecs that do something, in the order in which they are applied.
        inner: The shape of the chunks within a shard; None where there are no shards.
    """

    names: tuple[str, ...]
    inner: object = None


def read(shown: str, version: int, document: dict[str, Any]) -> Chain:
    """The codecs of an array, whatever they are.

    Raises:
        LrnError: They are not spelt as codecs are.
    """
    if version == 2:
        return Chain(tuple(str(codec.get("id"))[:60] for codec in _old(shown, document)))
    return _chain(shown, document.get("codecs"), 0)


def refuse_unlisted(shown: str, chain: Chain) -> None:
    """Refuse an array whose codecs are not all in the list.

    Raises:
        LrnError: One is not.
    """
    unlisted = next((name for name in chain.names if name not in (*_PLAIN, *_PACKING, _SHARDS)), None)
    if unlisted is not None:
        raise LrnError(
            f"{shown}: is stored with {unlisted!r}; what is read is {', '.join(_PACKING)}",
            "save it again with zarr-python and one of these",
        )


def _old(shown: str, document: dict[str, Any]) -> list[Codec]:
    """Filters and compressor of version 2."""
    filters, compressor = document.get("filters") or [], document.get("compressor")
    found: list[Any] = (
        [*filters, *([] if compressor is None else [compressor])] if isinstance(filters, list) else [None]
    )
    if not all(isinstance(codec, dict) for codec in found):
        raise LrnError(f"{shown}: the metadata is damaged: filters or compressor are no codecs", AGAIN)
    return found


def _chain(shown: str, codecs: object, depth: int) -> Chain:
    names: list[str] = []
    inner: object = None
    for codec in _listed(shown, codecs):
        name = _name(codec)
        if name == SHARDING and depth < _DEEPEST:
            about = codec.get("configuration")
            about = about if isinstance(about, dict) else {}
            index = _chain(shown, about.get("index_codecs", []), _DEEPEST)
            inside = _chain(shown, about.get("codecs"), depth + 1)
            inner = about.get("chunk_shape") if inside.inner is None else inside.inner
            names += [_SHARDS, *inside.names, *(one for one in index.names if one != "crc32c")]
        elif name != "bytes":
            names.append(name[:60])
    return Chain(tuple(names), inner)


def _listed(shown: str, codecs: object) -> list[Codec]:
    listed: list[Any] = codecs if isinstance(codecs, list) else [None]
    found = [{"name": one} if isinstance(one, str) else one for one in listed]
    if not all(isinstance(codec, dict) for codec in found):
        raise LrnError(f"{shown}: the metadata is damaged: it lists no codecs", AGAIN)
    return found


def _name(codec: Codec) -> str:
    return str(codec.get("name")).removeprefix(_NUMCODECS)


class Fitted(NamedTuple):
    """Codecs for other numbers.

    Attributes:
        codecs: As they stand in metadata.
        dropped: Names of those that would change such numbers.
    """

    codecs: list[Codec]
    dropped: tuple[str, ...]


def fit(codecs: list[Any], itemsize: int) -> Fitted:
    """The codecs of an array of version 3, or its filters of version 2, for floating-point numbers of that size.

    Differences (`delta`) are exact for whole numbers alone.
    """
    dropped: list[str] = []
    return Fitted(list(_fit(codecs, itemsize, dropped)), tuple(dropped))


def _fit(codecs: list[Any], itemsize: int, dropped: list[str]) -> Iterator[Codec]:
    for given in codecs:
        codec: Codec = {"name": given} if isinstance(given, str) else dict(given)
        old = "id" in codec
        name = str(codec["id"]) if old else _name(codec)
        about: Codec = codec if old else dict(codec.get("configuration") or {})
        if name == _DELTA:
            dropped.append(name)
            continue
        if name == "shuffle":
            about["elementsize"] = itemsize
        elif name == "blosc" and "typesize" in about:
            about["typesize"] = itemsize
        elif name == "bytes" and itemsize > 1:
            about.setdefault("endian", "little")
        elif name == SHARDING:
            about["codecs"] = list(_fit(about["codecs"], itemsize, dropped))
        yield codec if old else {**codec, **({"configuration": about} if about or "configuration" in codec else {})}
