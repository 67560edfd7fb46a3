"""NetCDF-3 files, byte by byte as the NetCDF Users Guide's appendix has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import pack
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.dtypes import Array

TYPES = {"i1": 1, "S1": 2, "i2": 3, "i4": 4, "f4": 5, "f8": 6}
_DIMENSION, _VARIABLE, _ATTRIBUTE = 10, 11, 12


class Variable(NamedTuple):
    """A variable of a file to be made.

    Attributes:
        name: Its name.
        dimensions: Their numbers; that of the record dimension first.
        values: Its numbers.
        attributes: Numbers or text by name.
    """

    name: str
    dimensions: Sequence[int]
    values: Array
    attributes: Mapping[str, Any] = {}


def file_3(
    dimensions: Sequence[tuple[str, int]], variables: Sequence[Variable], records: int = 0, version: int = 1
) -> bytes:
    """A file.

    Args:
        dimensions: Names and lengths; a length of 0 is the record dimension.
        variables: What it holds: first those without records.
        records: How many records there are.
        version: 1, or 2 for offsets of 64 bits.
    """
    lengths = [length for _, length in dimensions]
    recorded = [bool(item.dimensions) and lengths[item.dimensions[0]] == 0 for item in variables]
    place = len(_head(dimensions, variables, records, version, [0] * len(variables)))
    offsets, flat, alone = [], b"", sum(recorded) == 1
    rows = [b""] * records
    for item, is_recorded in zip(variables, recorded, strict=True):
        big = item.values.astype(item.values.dtype.newbyteorder(">"))
        offsets.append(place + len(flat) + (len(rows[0]) if is_recorded and rows else 0))
        if is_recorded:
            rows = [row + _padded(big[at].tobytes(), alone) for at, row in enumerate(rows)]
        else:
            flat += _padded(big.tobytes())
    return _head(dimensions, variables, records, version, offsets) + flat + b"".join(rows)


def _head(
    dimensions: Sequence[tuple[str, int]],
    variables: Sequence[Variable],
    records: int,
    version: int,
    offsets: Sequence[int],
) -> bytes:
    named = [_name(name) + pack(">i", length) for name, length in dimensions]
    head = b"CDF" + bytes([version]) + pack(">i", records) + _list(_DIMENSION, named) + _list(_ATTRIBUTE, [])
    lengths = [length for _, length in dimensions]
    described = []
    for item, offset in zip(variables, offsets, strict=True):
        size = item.values.dtype.itemsize * int(np.prod([lengths[at] or 1 for at in item.dimensions]))
        numbers = pack(f">{1 + len(item.dimensions)}i", len(item.dimensions), *item.dimensions)
        attributes = [_attribute(name, value) for name, value in item.attributes.items()]
        kind = pack(">2i", TYPES[item.values.dtype.str[1:]], size + -size % 4)
        begin = pack(">i" if version == 1 else ">q", offset)
        described.append(_name(item.name) + numbers + _list(_ATTRIBUTE, attributes) + kind + begin)
    return head + _list(_VARIABLE, described)


def _list(tag: int, items: Sequence[bytes]) -> bytes:
    return pack(">2i", tag, len(items)) + b"".join(items) if items else bytes(8)


def _name(name: str) -> bytes:
    return pack(">i", len(name.encode())) + _padded(name.encode())


def _attribute(name: str, value: Any) -> bytes:
    numbers = np.frombuffer(value.encode(), "S1") if isinstance(value, str) else np.atleast_1d(value)
    data = numbers.astype(numbers.dtype.newbyteorder(">")).tobytes()
    return _name(name) + pack(">2i", TYPES[numbers.dtype.str[1:]], numbers.size) + _padded(data)


def _padded(data: bytes, alone: bool = False) -> bytes:
    return data if alone else data + bytes(-len(data) % 4)


NUMBERS = np.random.default_rng(0).standard_normal((2, 3, 4, 5)) * 40
TIMES = 4


def of_many_kinds(version: int = 1) -> bytes:
    """A file with a tensor called feats, one in records, one packed, text and a coordinate."""
    dimensions = [("time", 0), ("n", 2), ("c", 3), ("y", 4), ("x", 5)]
    series = np.arange(TIMES * 3 * 5).reshape(TIMES, 3, 5)
    variables = [
        Variable("feats", (1, 2, 3, 4), NUMBERS.astype("f4"), {"units": "K"}),
        Variable("x", (4,), np.arange(5.0), {"units": "m"}),
        Variable("text", (2,), np.array([b"a", b"b", b"c"])),
        Variable("größe", (2, 4), series[0].astype("i4")),
        Variable("series", (0, 2, 4), series.astype("f8")),
        Variable("bytes", (0, 2, 4), series.astype("i1")),
        Variable(
            "packed",
            (0, 2),
            series[:, :, 0].astype("i2"),
            {"scale_factor": np.float32(0.5), "add_offset": np.float32(1), "_FillValue": np.int16(15)},
        ),
    ]
    return file_3(dimensions, variables, TIMES, version)
