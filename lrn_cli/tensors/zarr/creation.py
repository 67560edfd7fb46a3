"""The metadata of results: those of the array from which they come, with what changes, else plain ones."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from lrn_cli.boxes import run_edges
from lrn_cli.dtypes import Array, DType
from lrn_cli.formula import Span
from lrn_cli.tensors.amendments import amendments
from lrn_cli.tensors.cf import MISSING
from lrn_cli.tensors.guards import LARGEST_CHUNK
from lrn_cli.tensors.meaning import Described
from lrn_cli.tensors.tensor import Source, Writing
from lrn_cli.tensors.zarr import codecs
from lrn_cli.tensors.zarr.declared import DIMENSIONS
from lrn_cli.tensors.zarr.nodes import ATTRIBUTES, MARKS
from lrn_cli.tensors.zarr.source import ZarrSource, encode_fill

NEWEST = 3
_CHUNK = 1 << 20
"""Elements of a chunk where the source has none: a run, so that results go in as they come."""
_SMALL = 1 << 16
"""Elements of a chunk of another format's file that would make too many files of it."""

Document = dict[str, Any]
_WORDS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def write_array(folder: Path, writing: Writing, version: int) -> None:
    """Write the metadata of results into a new folder."""
    source = writing.source
    attributes = {**(_attributes(source, writing) if isinstance(source, Described) else {}), **writing.provenance}
    if isinstance(source, ZarrSource) and source.declared.node.version == version:
        document = _alike(source, writing)
    else:
        document = _plain(writing, version)
        if isinstance(source, ZarrSource):
            _name_axes(document, attributes, source.declared.dims, version)
    if version == NEWEST:
        fill = {name: encode_fill(attributes[name]) for name in MISSING[:1] if name in attributes}
        document["attributes"] = {**attributes, **fill}
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / MARKS[0 if version == NEWEST else 1], document)
    if version != NEWEST and attributes:
        write_json(folder / ATTRIBUTES, attributes)


def write_group(folder: Path, version: int) -> None:
    """Make a group."""
    folder.mkdir(parents=True, exist_ok=True)
    new = version == NEWEST
    write_json(folder / MARKS[0 if new else 2], group(version))


def group(version: int) -> Document:
    """The metadata of a group."""
    return {"attributes": {}, "zarr_format": 3, "node_type": "group"} if version == NEWEST else {"zarr_format": version}


def write_json(path: Path, document: Document) -> None:
    """Write metadata as zarr-python does."""
    path.write_text(json.dumps(document, indent=2), "utf-8")


def _attributes(source: Described, writing: Writing) -> Document:
    """Those of the source with what would say something wrong of results left out or in their type."""
    changed = amendments(source.meaning, writing.dtype)
    found, left_out = source.attributes()
    if left_out:
        writing.notice(f"{writing.path}: not kept of {writing.source.path}: attributes {', '.join(left_out)[:200]}")
    for name, value in changed.items():
        if name in found and value is None:
            del found[name]
        elif name in found:
            found[name] = value.tolist() if isinstance(value, np.ndarray) else value
    return found


def _alike(source: ZarrSource, writing: Writing) -> Document:
    document, dtype = deepcopy(source.declared.node.document), writing.dtype
    new = source.declared.node.version == NEWEST
    fitted = codecs.fit(document["codecs"] if new else document.get("filters") or [], dtype.itemsize)
    if fitted.dropped:
        writing.notice(f"written without {', '.join(fitted.dropped)}, which would not keep {dtype} numbers as they are")
    if new:
        _fit_shards(document, fitted.codecs, source, writing)
        document["data_type"] = dtype.newbyteorder("=").name
    else:
        compressor = document.get("compressor")
        document["filters"] = fitted.codecs or None
        document["compressor"] = compressor and codecs.fit([compressor], dtype.itemsize).codecs[0]
        document["dtype"] = dtype.str
    decoded = source.meaning.decoding is not None
    document["fill_value"] = _fill(math.nan if decoded else document.get("fill_value"), source.meaning.stored, dtype)
    return document


def _fit_shards(document: Document, fitted: list[Any], source: ZarrSource, writing: Writing) -> None:
    """Have shards as they are, unless one would not fit the memory in which it is put together."""
    declared = source.declared
    document["codecs"] = fitted
    size = prod(declared.outer) * writing.dtype.itemsize
    if declared.outer == declared.chunks or size <= LARGEST_CHUNK:
        return
    writing.notice(f"written without shards, which take {size:,} bytes each; the limit is {LARGEST_CHUNK:,}")
    while any(codec["name"] == codecs.SHARDING for codec in document["codecs"]):
        inside = next(codec for codec in document["codecs"] if codec["name"] == codecs.SHARDING)["configuration"]
        document["chunk_grid"]["configuration"]["chunk_shape"] = inside["chunk_shape"]
        document["codecs"] = inside["codecs"]


def _plain(writing: Writing, version: int) -> Document:
    """Chunks as they are, without a codec."""
    chunks, dtype = list(chunks_for(writing.source, writing.shape)), writing.dtype
    if version != NEWEST:
        return {
            "shape": list(writing.shape),
            "chunks": chunks,
            "dtype": dtype.str,
            "fill_value": dtype.type(0).item(),
            "order": "C",
            "filters": None,
            "dimension_separator": "/",
            "compressor": None,
            "zarr_format": version,
        }
    return {
        "shape": list(writing.shape),
        "data_type": dtype.newbyteorder("=").name,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunks}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": dtype.type(0).item(),
        "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
        "zarr_format": version,
        "node_type": "array",
        "storage_transformers": [],
    }


def chunks_for(source: Source, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The chunks of a new array: those of the source, unless they are very small, else runs of about a million."""
    own = source.info.chunks
    if own is not None and len(own) == len(shape) and prod(own) >= _SMALL and prod(own) * 8 <= LARGEST_CHUNK:
        return own
    nowhere = (Span(0, 0),) * len(shape)
    return tuple(max(edge, 1) for edge in run_edges(shape, nowhere, _CHUNK))


def _name_axes(document: Document, attributes: Document, dims: tuple[str, ...], version: int) -> None:
    """Have the names of axes where the version has them."""
    attributes.pop(DIMENSIONS, None)
    if dims and version == NEWEST:
        document["dimension_names"] = list(dims)
    elif dims:
        attributes[DIMENSIONS] = list(dims)


def _fill(value: object, old: DType, new: DType) -> object:
    """A fill value in another type; numbers that JSON lacks are words."""
    if isinstance(value, str) and value.startswith("0x"):
        if old.newbyteorder("=") == new.newbyteorder("="):
            return value
        value = float(_bits(value, old)[0])
    if isinstance(value, str):
        return value if value in _WORDS.values() else None if value == "" else 0.0
    if not isinstance(value, (bool, int, float)):
        return None if value is None else 0.0
    with np.errstate(over="ignore"):
        number = np.asarray(value).astype(new).item()
    return _WORDS.get(str(number), number)


def _bits(value: str, dtype: DType) -> Array:
    """A number whose bits are spelt out."""
    found: Array = np.frombuffer(bytes.fromhex(value[2:]), dtype.newbyteorder(">"))
    return found if found.size else np.zeros(1)
