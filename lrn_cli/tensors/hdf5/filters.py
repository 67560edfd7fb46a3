"""Compression filters: what they are called, whether they can be applied here, whether they fit another dtype."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

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
_REGISTERED = {
    307: "bzip2",
    32001: "blosc",
    32004: "lz4",
    32008: "bitshuffle",
    32013: "zfp",
    32015: "zstd",
    32017: "sz",
    32018: "fcidecomp",
    32024: "sz3",
    32026: "blosc2",
}
_ANY_DTYPE = {h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32, h5z.FILTER_LZF}


def names(storage: h5p.PropDCID) -> tuple[str, ...]:
    """The filters of a dataset's creation list, in the order in which they are applied: `("shuffle", "gzip 4")`."""
    return tuple(_name(*entry) for entry in _pipeline(storage))


def missing(storage: h5p.PropDCID) -> str:
    """The first filter without which the dataset cannot be read here; empty where there is none."""
    return next((_name(*entry) for entry in _pipeline(storage) if not _available(entry[0])), "")


def drop_unfit(storage: h5p.PropDCID, *, same_dtype: bool) -> tuple[str, ...]:
    """Take the filters out that cannot be applied to the new numbers.

    scaleoffset rounds, and is made for other numbers; szip and nbit are tuned to the old dtype; some filters can only
    be read.

    Args:
        storage: A creation list, which is changed.
        same_dtype: Whether the dtype stays what the filters were chosen for.

    Returns:
        Names of what was taken out.
    """
    tuned = {h5z.FILTER_SCALEOFFSET} if same_dtype else {h5z.FILTER_SCALEOFFSET, h5z.FILTER_SZIP, h5z.FILTER_NBIT}
    return _drop(storage, lambda code: code in tuned or not _can_encode(code))


def drop_particular(storage: h5p.PropDCID) -> tuple[str, ...]:
    """Take all filters out except those that fit any numbers; return their names."""
    return _drop(storage, lambda code: code not in _ANY_DTYPE)


def _drop(storage: h5p.PropDCID, unfit: Callable[[int], bool]) -> tuple[str, ...]:
    dropped = [entry for entry in _pipeline(storage) if unfit(entry[0])]
    for entry in dropped:
        storage.remove_filter(entry[0])
    return tuple(_name(*entry) for entry in dropped)


def _pipeline(storage: h5p.PropDCID) -> list[tuple[int, tuple[int, ...], bytes]]:
    entries = (storage.get_filter(place) for place in range(storage.get_nfilters()))
    return [(code, values, label) for code, _, values, label in entries]


def _name(code: int, values: tuple[int, ...], label: bytes) -> str:
    if code == h5z.FILTER_DEFLATE and values:
        return f"gzip {values[0]}"
    if code in _BUILT_IN:
        return _BUILT_IN[code]
    # Labels are free text such as b"bitshuffle; see https://github.com/...".
    words = label.decode("utf-8", "replace").replace(";", " ").split()
    known = _REGISTERED.get(code) or (words[0] if words else "")
    return f"filter {code} ({known})" if known else f"filter {code}"


def _available(code: int) -> bool:
    """Whether HDF5 has the filter; those that the package hdf5plugin brings are known only once it is imported."""
    if not h5z.filter_avail(code):
        with suppress(ImportError):
            import_module("hdf5plugin")
    return bool(h5z.filter_avail(code))


def _can_encode(code: int) -> bool:
    return _available(code) and bool(h5z.get_filter_info(code) & h5z.FILTER_CONFIG_ENCODE_ENABLED)
