"""The library tifffile, which packs and unpacks strips and tiles; an extra, as is imagecodecs, on which it relies."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.images.tiff.page import NONE, WAYS, Page

EXTRA = "pip install 'lrn-tensor[tiff]'"
_DEFLATE, _PREDICTORS = (8, 32946), {2: "differences", 3: "differences of floats"}


def is_installed() -> bool:
    """Whether the extra is."""
    return find_spec("tifffile") is not None


def missing(path: Path, what: str) -> LrnError:
    """What to say of a file that cannot be read or written without the extra."""
    return LrnError(f"{path}: {what}", EXTRA)


class Unpacking:
    """Strips and tiles of a page as numbers.

    Raises:
        LrnError: What it takes is not installed.
    """

    def __init__(self, path: Path, page: Page) -> None:
        self._dtype, self._compression, self._predictor = page.dtype, page.compression, page.predictor
        self._unpack = _codec(path, "DECOMPRESSORS", page.compression, WAYS[page.compression])
        self._sum = _codec(path, "UNPREDICTORS", page.predictor, _PREDICTORS.get(page.predictor, ""))

    def __call__(self, data: bytes, shape: tuple[int, int, int], whole: int) -> Array:
        """The numbers of a strip or tile.

        Args:
            data: As stored.
            shape: Of its rows that are wanted: rows, columns and channels.
            whole: Bytes that it may have unpacked.

        Raises:
            Exception: Of any kind, where the data are damaged.
        """
        if self._unpack is not None:
            data = self._unpack(data, out=whole)
        # Differences of floats are those of their bytes, the first ones first whatever the file's order.
        dtype = self._dtype.newbyteorder("=") if self._predictor == 3 else self._dtype
        values = np.frombuffer(data, dtype, shape[0] * shape[1] * shape[2]).reshape(shape)
        if self._sum is None:
            return values
        summed: Array = self._sum(values.astype(dtype.newbyteorder("=")), axis=-2)
        return summed


class Packing:
    """Numbers as strips and tiles, the reverse of `Unpacking`.

    Raises:
        LrnError: What it takes is not installed.
    """

    def __init__(self, path: Path, compression: int, predictor: int) -> None:
        self._predictor = predictor
        self._pack = _codec(path, "COMPRESSORS", compression, WAYS[compression])
        self._subtract = _codec(path, "PREDICTORS", predictor, _PREDICTORS.get(predictor, ""))

    def __call__(self, values: Array) -> bytes:
        """The bytes of a strip or tile (rows, columns, channels), of numbers in the file's order of bytes."""
        if self._subtract is not None:
            changed = self._subtract(values.astype(values.dtype.newbyteorder("=")), axis=-2)
            values = changed if self._predictor == 3 else changed.astype(values.dtype)
        data = np.ascontiguousarray(values).tobytes()
        return bytes(self._pack(data)) if self._pack is not None else data


def _codec(path: Path, table: str, number: int, name: str) -> Callable[..., Any] | None:
    """A function of tifffile's; None where there is nothing to do."""
    if number == NONE:
        return None
    if find_spec("imagecodecs") is None and number in _DEFLATE:
        return _inflate if table == "DECOMPRESSORS" else zlib.compress
    if find_spec("imagecodecs") is None:
        what = f"stores its pixels as {name}, which takes imagecodecs"
        raise LrnError(f"{path}: the TIFF image {what}, and that is not installed", "pip install imagecodecs")
    from tifffile import TIFF

    codecs: Mapping[int, Callable[..., Any]] = getattr(TIFF, table)
    try:
        return codecs[number]
    except KeyError:
        what = f"stores its pixels as {name}, which this imagecodecs does not know"
        raise LrnError(f"{path}: the TIFF image {what}", "pip install --upgrade imagecodecs") from None


def _inflate(data: bytes, out: int) -> bytes:
    return zlib.decompressobj().decompress(data, out)
