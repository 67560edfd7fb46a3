"""Compression filters: what they are called, whether they can be applied here, whether they fit another dtype."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import NamedTuple

from h5py import h5p, h5z

_BUILT_IN = {
    h5z.FILTER_DEFLATE: "gzip",
    h5z.FILTER_SHUFFLE: "shuffle",
    h5z.FILTER_FLETCHER32: "fletcher32",
    h5z.FILTER_SZIP: "szip",
    h5z.FILTER_NBIT: "nbit",
    h5z.FILTER_SCALEOFFSET: "scaleoffset",
    h5z.FILTER_LZF: "lzf",
}
# https://github.com/HDFGroup/hdf5_plugins/blob/master/docs/RegisteredFilterPlugins.md
_LZO, _BZIP2, _BLOSC, _SNAPPY, _LZ4, _BITSHUFFLE, _ZFP, _ZSTD = 305, 307, 32001, 32003, 32004, 32008, 32013, 32015
_SZ, _BITGROOM, _BITROUND, _SZ3, _BLOSC2, _SPERR = 32017, 32022, 32023, 32024, 32026, 32028
_REGISTERED = {
    _LZO: "lzo",
    _BZIP2: "bzip2",
    _BLOSC: "blosc",
    _SNAPPY: "snappy",
    _LZ4: "lz4",
    _BITSHUFFLE: "bitshuffle",
    _ZFP: "zfp",
    _ZSTD: "zstd",
    _SZ: "sz",
    32018: "fcidecomp",
    _BITGROOM: "bitgroom",
    _BITROUND: "bitround",
    _SZ3: "sz3",
    _BLOSC2: "blosc2",
    _SPERR: "sperr",
    32033: "htj2k",
}
_ANY_DTYPE = {h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32, h5z.FILTER_LZF}
_TUNED = {h5z.FILTER_SZIP, h5z.FILTER_NBIT}
# What is in neither set may round, as far as is known here; of zfp and blosc2 their values tell.
_EXACT = {*_ANY_DTYPE, *_TUNED, _LZO, _BZIP2, _BLOSC, _SNAPPY, _LZ4, _BITSHUFFLE, _ZSTD}
_LOSSY = {h5z.FILTER_SCALEOFFSET, _ZFP, _SZ, _BITGROOM, _BITROUND, _SZ3, _SPERR}

# zfp's own header follows the filter's version: 32 bits of "zfp" and a version, 52 about the field, 12 of mode (zfp.h).
_ZFP_MAGIC, _ZFP_REVERSIBLE = b"zfp", 2176
_ZFP_ASKED_REVERSIBLE = (5, 0, 0, 0, 0, 0)  # H5Z_ZFP_MODE_REVERSIBLE of H5Zzfp_plugin.h
# Places and numbers of blosc2_filter.c and blosc2.h: no filter, shuffle, bitshuffle, delta; blosclz to zstd.
_BLOSC2_FILTER, _BLOSC2_CODEC = 5, 6
_BLOSC2_EXACT_FILTERS, _BLOSC2_EXACT_CODECS = range(4), range(6)
_BITSHUFFLE_OWN = 3  # values that it puts before those that it is given: two of its version, the size of an element

_ROUNDS = "would not keep {dtype} numbers as they are"
_LOSES = f"{_ROUNDS} (lossy)"
_MAY_ROUND = "may not keep {dtype} numbers as they are"
_ONLY_READ = "can only be read here"


class Dropped(NamedTuple):
    """A filter that was taken out.

    Attributes:
        name: What it is called.
        why: What it does, or cannot do; `{dtype}` stands for the new numbers' type.
    """

    name: str
    why: str


class _Entry(NamedTuple):
    """A filter in a creation list: the values are what the filter made of those that it was given."""

    code: int
    flags: int
    values: tuple[int, ...]
    label: bytes

    @property
    def name(self) -> str:
        """What the filter is called."""
        if self.code == h5z.FILTER_DEFLATE and self.values:
            return f"gzip {self.values[0]}"
        if self.code in _BUILT_IN:
            return _BUILT_IN[self.code]
        # Labels are free text such as b"bitshuffle; see https://github.com/...".
        words = self.label.decode("utf-8", "replace").replace(";", " ").split()
        known = _REGISTERED.get(self.code) or (words[0] if words else "")
        return f"filter {self.code} ({known})" if known else f"filter {self.code}"


def names(storage: h5p.PropDCID) -> tuple[str, ...]:
    """The filters of a dataset's creation list, in the order in which they are applied: `("shuffle", "gzip 4")`."""
    return tuple(entry.name for entry in _pipeline(storage))


def missing(storage: h5p.PropDCID) -> str:
    """The first filter without which the dataset cannot be read here; empty where there is none."""
    return next((entry.name for entry in _pipeline(storage) if not _available(entry.code)), "")


def are_plugins(storage: h5p.PropDCID) -> bool:
    """Whether any filter is not HDF5's own: some of those speak to standard error themselves."""
    return any(entry.code not in _BUILT_IN for entry in _pipeline(storage))


def drop_unfit(storage: h5p.PropDCID, *, same_dtype: bool) -> tuple[Dropped, ...]:
    """Take the filters out that cannot be applied to the new numbers, and have the others start anew.

    Only those stay that are known to keep every bit. szip and nbit are tuned to the old dtype; some filters can only be
    read.

    Args:
        storage: A creation list, which is changed.
        same_dtype: Whether the dtype stays what the filters were chosen for.

    Returns:
        What was taken out.
    """
    dropped = _drop(storage, lambda entry: _why_unfit(entry, same_dtype=same_dtype))
    give_anew(storage)
    return dropped


def drop_particular(storage: h5p.PropDCID) -> tuple[Dropped, ...]:
    """Take all filters out except those that fit any numbers."""
    return _drop(storage, lambda entry: "" if entry.code in _ANY_DTYPE else _ROUNDS)


def give_anew(storage: h5p.PropDCID) -> None:
    """Turn the values of each filter back into those that it was given.

    When a dataset is made, each filter adds to its values what it has to know of dtype and chunks, and some take those
    of an earlier dataset for what they are given.
    """
    entries = _pipeline(storage)
    given = [entry._replace(values=_as_given(entry)) for entry in entries]
    if given != entries:
        storage.remove_filter(h5z.FILTER_ALL)
        for code, flags, values, _ in given:
            storage.set_filter(code, flags, values)


def _drop(storage: h5p.PropDCID, why_unfit: Callable[[_Entry], str]) -> tuple[Dropped, ...]:
    unfit = [(entry, why) for entry in _pipeline(storage) if (why := why_unfit(entry))]
    for entry, _ in unfit:
        storage.remove_filter(entry.code)
    return tuple(Dropped(entry.name, why) for entry, why in unfit)


def _why_unfit(entry: _Entry, *, same_dtype: bool) -> str:
    if not _is_exact(entry):
        return _LOSES if entry.code in _LOSSY else _MAY_ROUND
    if entry.code in _TUNED and not same_dtype:
        return _ROUNDS
    return "" if _can_encode(entry.code) else _ONLY_READ


def _is_exact(entry: _Entry) -> bool:
    """Whether the filter is known to give back every bit."""
    if entry.code == _ZFP:
        return _is_reversible(entry.values)
    if entry.code == _BLOSC2:
        inner = entry.values[_BLOSC2_FILTER : _BLOSC2_CODEC + 1]
        return len(inner) == 2 and inner[0] in _BLOSC2_EXACT_FILTERS and inner[1] in _BLOSC2_EXACT_CODECS
    return entry.code in _EXACT


def _is_reversible(values: tuple[int, ...]) -> bool:
    """Whether zfp's stored values are those of its mode without loss."""
    _, *header = values or (0,)
    stream = b"".join(word.to_bytes(4, "little") for word in header)
    return stream.startswith(_ZFP_MAGIC) and int.from_bytes(stream[8:12], "little") >> 20 == _ZFP_REVERSIBLE


def _as_given(entry: _Entry) -> tuple[int, ...]:
    if entry.code == _BITSHUFFLE:
        return entry.values[_BITSHUFFLE_OWN:]
    return _ZFP_ASKED_REVERSIBLE if entry.code == _ZFP else entry.values


def _pipeline(storage: h5p.PropDCID) -> list[_Entry]:
    return [_Entry(*storage.get_filter(place)) for place in range(storage.get_nfilters())]


def _available(code: int) -> bool:
    """Whether HDF5 has the filter; those that the package hdf5plugin brings are known only once it is imported."""
    if not h5z.filter_avail(code):
        with suppress(ImportError):
            import_module("hdf5plugin")
    return bool(h5z.filter_avail(code))


def _can_encode(code: int) -> bool:
    return _available(code) and bool(h5z.get_filter_info(code) & h5z.FILTER_CONFIG_ENCODE_ENABLED)
