"""How the numbers of an output are stored, by its source as far as that can be."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrn_cli.tensors.images.sink import has_16_bits, has_levels
from lrn_cli.tensors.images.source import ImageSource, PictureSource
from lrn_cli.tensors.images.tags import Form, Order
from lrn_cli.tensors.images.tiff import page as tags
from lrn_cli.tensors.images.tiff.page import BLACK_FIRST, NONE, RGB, TRANSPARENCY, WAYS, Page, read_pages
from lrn_cli.tensors.images.tiff.source import PageSource, StackSource
from lrn_cli.tensors.tensor import Source, Writing

_LARGEST = (1 << 32) - (64 << 20)
"""Bytes of numbers that leave room for what describes them in a file whose places have 32 bits."""
_STRIP = 1 << 20


@dataclass(frozen=True)
class Storage:
    """How numbers are stored in an output, by its source as far as that can be.

    Attributes:
        dtype: In the file's order of bytes.
        form: Of the file.
        segment: Rows, columns and channels of a strip or tile.
        tiled: Whether it is tiles.
        separate: Whether each channel has a plane of its own.
        compression, predictor: As TIFF numbers them.
        photometric: What the numbers mean.
        extra: What extra channels are.
    """

    dtype: np.dtype[Any]
    form: Form
    segment: tuple[int, int, int]
    tiled: bool = False
    separate: bool = False
    compression: int = NONE
    predictor: int = 1
    photometric: int = BLACK_FIRST
    extra: tuple[int, ...] = ()


def storage_for(writing: Writing) -> Storage:
    """How the values of an output are stored."""
    *_, length, width, channels = writing.shape
    page = _page_of(writing.source)
    dtype = _dtype(writing, page)
    order: Order = page.form.order if page is not None else "<"
    like = page if page is not None and page.compression in WAYS and page.channels == channels else None
    separate = like is not None and like.separate
    each = 1 if separate else channels
    if like is not None and like.tiled:
        segment = (*like.segment[:2], each)
    else:
        packed = like is not None and like.compression != NONE
        rows = like.segment[0] if like is not None and packed else max(1, _STRIP // (width * each * dtype.itemsize))
        segment = (min(rows, length), width, each)
    nbytes = dtype.itemsize * length * width * channels * (writing.shape[0] if len(writing.shape) == 4 else 1)
    photometric, extra = _meaning(writing.source, like, channels)
    return Storage(
        dtype.newbyteorder(order),
        Form(order, nbytes > _LARGEST or (page is not None and page.form.big)),
        segment=segment,
        tiled=like is not None and like.tiled,
        separate=separate,
        compression=like.compression if like is not None else NONE,
        predictor=_predictor(like, dtype),
        photometric=photometric,
        extra=extra,
    )


def _page_of(source: Source) -> Page | None:
    """The page that is normalised, or the first of them."""
    if isinstance(source, StackSource):
        return _page_of(source.pages[0])
    if isinstance(source, PageSource):
        return source.page
    if isinstance(source, ImageSource) and source.kind == "tiff":
        with suppress(ValueError):  # what Pillow forgives
            return read_pages(source.path)[source.page or 0]
    return None


def _dtype(writing: Writing, page: Page | None) -> np.dtype[Any]:
    """Of the numbers: a source's levels, else the values' own; half floats only where TIFF has them already."""
    source = writing.source
    if has_levels(source):
        return np.dtype(np.uint16 if has_16_bits(source) else np.uint8)
    half = writing.dtype.itemsize == 2 and not (isinstance(source, PictureSource) and source.stored_dtype.itemsize == 2)
    return np.dtype(np.float32) if half else writing.dtype.newbyteorder("=")


def _predictor(like: Page | None, dtype: np.dtype[Any]) -> int:
    if like is None or like.predictor == 1:
        return 1
    return 3 if dtype.kind == "f" else 2


def _meaning(source: Source, like: Page | None, channels: int) -> tuple[int, tuple[int, ...]]:
    """What the channels are: the source's own, else colours where there are three besides transparency."""
    if like is not None and like.photometric in (BLACK_FIRST, RGB):
        return like.photometric, like.extra
    carried = source.info.carried
    colours = channels - carried
    photometric = RGB if colours == 3 else BLACK_FIRST
    unknown = colours - (3 if photometric == RGB else 1)
    return photometric, (0,) * unknown + (TRANSPARENCY,) * carried


def describing_tags(storage: Storage, shape: tuple[int, ...], page: int | None) -> dict[int, tuple[int, ...]]:
    """The tags that say how a page is stored, but for where.

    Args:
        storage: How it is.
        shape: Length, width and channels.
        page: Which of several it is; None where there is but one.
    """
    length, width, channels = shape
    found: dict[int, tuple[int, ...]] = {
        tags.WIDTH: (width,),
        tags.LENGTH: (length,),
        tags.BITS: (storage.dtype.itemsize * 8,) * channels,
        tags.COMPRESSION: (storage.compression,),
        tags.PHOTOMETRIC: (storage.photometric,),
        tags.CHANNELS: (channels,),
        tags.PLANAR: (2 if storage.separate else 1,),
        tags.FORMAT: ({"u": 1, "f": 3}[storage.dtype.kind],) * channels,
    }
    if storage.tiled:
        found |= {tags.TILE_LENGTH: storage.segment[:1], tags.TILE_WIDTH: storage.segment[1:2]}
    else:
        found[tags.ROWS] = storage.segment[:1]
    if storage.predictor != 1:
        found[tags.PREDICTOR] = (storage.predictor,)
    if storage.extra:
        found[tags.EXTRA] = storage.extra
    if page is not None:
        found[tags.SUBFILE] = (2,)  # a page of several
    return found
