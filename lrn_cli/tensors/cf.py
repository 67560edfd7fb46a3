"""Stored numbers that stand for others, by the attributes of the CF conventions: packed, missing, out of range.

https://cfconventions.org/cf-conventions/cf-conventions.html, sections 2.5.1 and 8.1.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lrn_cli.dtypes import Array, result_dtype

PACKING = ("scale_factor", "add_offset", "_Unsigned")
MISSING = ("_FillValue", "missing_value")
RANGE = ("valid_min", "valid_max", "valid_range")
"""All of them count stored numbers, before these are unpacked."""

_PIECE = 1 << 16
"""Elements decoded at once: in float64 they lie in the cache of a core."""
_FEW = 8
"""So many values that mean missing are compared one after another; that is quicker than sorting."""
_LONG = 60
"""Characters of an attribute that messages show."""


@dataclass(frozen=True)
class Sentinel:
    """Numbers that mean that a cell has no value.

    Attributes:
        name: Of the attribute that says so.
        values: The numbers; or else
        least, most: everything below and above these means it; None where there is no such end.
    """

    name: str
    values: Array | None = None
    least: Any = None
    most: Any = None

    def find(self, numbers: Array) -> Array:
        """Which of the numbers mean it."""
        if self.values is not None and len(self.values) > _FEW:
            return np.isin(numbers, self.values)
        found = np.zeros(numbers.shape, np.bool_)
        for value in () if self.values is None else self.values:
            found |= numbers == value
        if self.least is not None:
            found |= numbers < self.least
        if self.most is not None:
            found |= numbers > self.most
        return found


@dataclass(frozen=True)
class Decoding:
    """How stored numbers become the numbers that they stand for.

    Attributes:
        dtype: Of the decoded numbers.
        read_as: What the stored numbers are: their own dtype, or the unsigned integers of the same bytes.
        scale, offset: What they are multiplied by, and what is added after that.
        sentinels: What means that a cell has no value.
        packing: Names of the attributes by which a stored number stands for another.
        unclear: Why they cannot be decoded; empty where they can.
    """

    dtype: np.dtype[Any]
    read_as: np.dtype[Any]
    scale: float = 1.0
    offset: float = 0.0
    sentinels: tuple[Sentinel, ...] = ()
    packing: tuple[str, ...] = ()
    unclear: str = ""

    def looking_for(self, names: Collection[str]) -> Decoding:
        """The same with only those sentinels that these attributes name."""
        return replace(self, sentinels=tuple(sentinel for sentinel in self.sentinels if sentinel.name in names))

    def decode(self, stored: Array, out: Array) -> None:
        """Decode a block: computed in float64 and rounded once, a cell without a value becomes NaN.

        Args:
            stored: What the file has, C-contiguous; it may be in the `room_for` it in `out`.
            out: Takes the result; C-contiguous, of the same shape and of `dtype`.

        >>> decoding = Decoding(np.dtype("f4"), np.dtype("u1"), 0.5, 1.0, (Sentinel("_FillValue", np.uint8([255])),))
        >>> out = np.empty(3, "f4")
        >>> decoding.decode(np.array([0, -2, -1], "i1"), out)
        >>> out
        array([  1., 128.,  nan], dtype=float32)
        """
        numbers, results = stored.reshape(-1).view(self.read_as), out.reshape(-1)
        for start in range(0, numbers.size, _PIECE):
            piece = numbers[start : start + _PIECE]
            values = piece.astype(np.promote_types(self.dtype.newbyteorder("="), np.float64))
            # Not even by 1 and 0 where nothing is packed: that would make 0 of -0.
            if self.scale != 1:
                values *= self.scale
            if self.offset != 0:
                values += self.offset
            for sentinel in self.sentinels:
                values[sentinel.find(piece)] = np.nan
            with np.errstate(over="ignore"):
                results[start : start + _PIECE] = values

    def find_missing(self, stored: Array) -> tuple[int, set[str]]:
        """How many cells of a block have no value, and the names of the attributes that say so."""
        numbers = stored.reshape(-1).view(self.read_as)
        missing, names = np.zeros(numbers.shape, np.bool_), set()
        for sentinel in self.sentinels:
            found = sentinel.find(numbers)
            if found.any():
                names.add(sentinel.name)
                missing |= found
        return int(np.count_nonzero(missing)), names


def decoding_of(stored: np.dtype[Any], attributes: Mapping[str, Array]) -> Decoding:
    """How numbers with these attributes are decoded.

    Args:
        stored: Of the stored numbers.
        attributes: The attributes of this module's names that there are; text as an array of `str`.

    >>> packed = decoding_of(np.dtype("i2"), {"scale_factor": np.array(0.01), "add_offset": np.array(0.0)})
    >>> packed.dtype, packed.packing
    (dtype('float64'), ('scale_factor', 'add_offset'))
    """
    read_as = _read_as(stored, attributes)
    factors = {name: attributes[name] for name in PACKING[:2] if name in attributes}
    unclear = [f"{name} {show(value)}" for name, value in factors.items() if not _is_one_number(value)]
    if unclear:
        return Decoding(stored, read_as, packing=tuple(factors), unclear=f"{unclear[0]} is no single finite number")
    scale, offset = (
        float(factors[name].item()) if name in factors else neutral
        for name, neutral in zip(PACKING, (1.0, 0.0), strict=False)
    )
    scaled = (scale, offset) != (1, 0)
    return Decoding(
        _decoded_dtype(read_as, [value.dtype for value in factors.values()] if scaled else []),
        read_as,
        scale,
        offset,
        _sentinels(stored, read_as, attributes, scaled=scaled),
        packing=(tuple(factors) if scaled else ()) + (() if read_as == stored else PACKING[2:]),
    )


def room_for(stored: np.dtype[Any], out: Array) -> Array:
    """The end of the memory of `out`, as an array of its shape for what is stored and will be decoded into it.

    Decoding goes forward, and no decoded number is smaller than a stored one: none is written over before it is read.
    """
    return out.reshape(-1).view(np.uint8)[out.size * (out.itemsize - stored.itemsize) :].view(stored).reshape(out.shape)


def _is_one_number(value: Array) -> bool:
    return value.size == 1 and value.dtype.kind in "iuf" and bool(np.isfinite(value).all())


def _read_as(stored: np.dtype[Any], attributes: Mapping[str, Array]) -> np.dtype[Any]:
    """The integers that the stored ones are, by `_Unsigned`: netCDF-3 had no unsigned ones, OPeNDAP no signed bytes."""
    word = show(attributes["_Unsigned"]).lower() if "_Unsigned" in attributes else ""
    other = {("i", "true"): "u", ("u", "false"): "i"}.get((stored.kind, word))
    return np.dtype(stored.str.replace(stored.kind, other)) if other else stored


def _decoded_dtype(read_as: np.dtype[Any], factors: list[np.dtype[Any]]) -> np.dtype[Any]:
    """The type of the factors, where no number loses digits in it.

    CF advises against float for what is packed in 32 bits, and xarray and netCDF4 take double for it.
    """
    if not factors:
        return result_dtype(read_as)
    wide = np.result_type(np.float32, *factors)
    if read_as.kind == "f":
        wide = np.promote_types(wide, read_as)
        return read_as if wide == read_as.newbyteorder("=") else wide
    whole = any(factor.kind != "f" for factor in factors)
    return np.dtype(np.float64 if whole or read_as.itemsize > 2 or wide.itemsize > 4 else np.float32)


def _sentinels(
    stored: np.dtype[Any], read_as: np.dtype[Any], attributes: Mapping[str, Array], *, scaled: bool
) -> tuple[Sentinel, ...]:
    found = []
    for name in MISSING:
        values = _in_type(attributes[name], stored, read_as) if name in attributes else []
        if values:
            found.append(Sentinel(name, np.array(values, read_as)))
    for name in RANGE:
        # Floating-point limits of packed integers are in the units of what these stand for, says the NUG; xarray takes
        # no notice of them, and netCDF4 takes them for stored numbers.
        limits = attributes.get(name)
        if limits is None or limits.dtype.kind not in "iuf" or limits.size != 1 + (name == "valid_range"):
            continue
        if scaled and limits.dtype.kind == "f" and read_as.kind != "f":
            continue
        ends = [_wrap(limit, stored, read_as) for limit in limits.reshape(-1).tolist()]
        found.append(
            Sentinel(
                name,
                least=None if name == "valid_max" else ends[0],
                most=None if name == "valid_min" else ends[-1],
            )
        )
    return tuple(found)


def _in_type(values: Array, stored: np.dtype[Any], read_as: np.dtype[Any]) -> list[Any]:
    """Those of an attribute's numbers that can occur in the data, as they are there; NaN, which is no number, is none.

    A fill value of 1e20 is another number in float32 than in float64, and means the one that is there.
    """
    if values.dtype.kind not in "iuf":
        return []
    numbers = values.reshape(-1)
    if read_as.kind == "f":
        with np.errstate(over="ignore"):
            cast = numbers.astype(read_as)
        return list(cast[~np.isnan(cast) & (np.isfinite(cast) | ~np.isfinite(numbers))])
    wholes = [
        _wrap(int(number), stored, read_as) for number in numbers[np.isfinite(numbers)].tolist() if number % 1 == 0
    ]
    least, most = (0, 1) if read_as.kind == "b" else (np.iinfo(read_as).min, np.iinfo(read_as).max)
    return [number for number in wholes if least <= number <= most]


def _wrap(number: Any, stored: np.dtype[Any], read_as: np.dtype[Any]) -> Any:
    """A number that only the stored type has, as the type has it that its bytes are read as."""
    if read_as == stored:
        return number
    least, most = np.iinfo(read_as).min, np.iinfo(read_as).max
    size = 1 << (8 * read_as.itemsize)
    return number + size if number < least else number - size if number > most else number


def show(value: Array) -> str:
    """An attribute's value, as messages name it; of many numbers the first ones.

    >>> show(np.array([-1, -2], "i2")), show(np.array(0.01, "f4")), show(np.array("true"))
    ('-1 -2', '0.01', 'true')
    """
    items = [str(item)[:_LONG] for item in value.reshape(-1)[:_FEW]]
    return " ".join(items) + (" ..." if value.size > _FEW else "")
