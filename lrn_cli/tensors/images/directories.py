"""TIFF's directories of tags, which EXIF has as well, written."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from io import BytesIO

import numpy as np

from lrn_cli.tensors.images.meanings import COMMENT
from lrn_cli.tensors.images.tags import IN_UTF_16, LONG, PARTS, SIZES, Form, Order, Tag, read_tags

_ONLY_BIGTIFF = {16: LONG, 18: LONG}
_SIGNED_8 = 17


def encode(tags: Iterable[Tag], start: int, form: Form = Form(), following: int = 0) -> bytes:  # noqa: B008 - immutable
    """A directory, with its values and the directories that belong to it.

    Args:
        tags: What it shall hold; for BigTIFF alone some with 64-bit numbers (see `without_big_numbers`).
        start: Where in the file it will stand, an even number.
        form: How the file spells numbers.
        following: Where the next directory is.
    """
    (number, entry, place), order = form.codes, form.order
    rows, head, tail, short = sorted(tags), b"", b"", struct.calcsize(place)
    behind = start + struct.calcsize(f"={number}") + (struct.calcsize(f"={entry}") + short) * len(rows) + short
    for tag in rows:
        at = behind + len(tail)
        if tag.tags:
            head += struct.pack(f"{order}{entry}{place}", tag.number, 16 if form.big else LONG, 1, at)
            tail += encode(tag.tags, at, form)
            continue
        head += struct.pack(f"{order}{entry}", tag.number, tag.kind, len(tag.data) // SIZES[tag.kind])
        data = _order(tag, order)
        if len(data) <= short:
            head += data.ljust(short, b"\0")
        else:
            head += struct.pack(f"{order}{place}", at)
            tail += data + bytes(len(data) % 2)
    return struct.pack(f"{order}{number}", len(rows)) + head + struct.pack(f"{order}{place}", following) + tail


def _order(tag: Tag, order: Order) -> bytes:
    """A tag's values in that order of bytes."""
    if order == "<":
        return tag.data
    if tag.number == COMMENT and tag.data.startswith(IN_UTF_16):
        return IN_UTF_16 + np.frombuffer(tag.data[8 : len(tag.data) - len(tag.data) % 2], "<u2").astype(">u2").tobytes()
    return np.frombuffer(tag.data, f"<u{PARTS[tag.kind]}").astype(f">u{PARTS[tag.kind]}").tobytes()


def exif_block(tags: Iterable[Tag]) -> bytes:
    """Tags as an EXIF block, which is a TIFF file without pixels."""
    return b"II*\0\x08\0\0\0" + encode(tags, 8)


def without_big_numbers(tag: Tag) -> Tag | None:
    """The tag with 32-bit numbers where it has BigTIFF's; None where they do not fit.

    >>> without_big_numbers(Tag(1, 16, bytes([7]) + bytes(7)))
    Tag(number=1, kind=4, data=b'\\x07\\x00\\x00\\x00', tags=())
    """
    if tag.kind == _SIGNED_8 or (tag.kind in _ONLY_BIGTIFF and max(tag.numbers()) >= 1 << 32):
        return None
    if tag.kind not in _ONLY_BIGTIFF:
        return tag
    return tag._replace(kind=_ONLY_BIGTIFF[tag.kind], data=struct.pack(f"<{len(tag.numbers())}I", *tag.numbers()))


def with_tags(tiff: bytes, tags: Mapping[int, Tag]) -> bytes:
    """A little-endian TIFF file with further tags; its own stay what they are.

    The directory is written anew behind the pixels, where it may stand as well as before them.
    """
    own = read_tags(BytesIO(tiff)).tags
    start = len(tiff) + len(tiff) % 2
    directory = encode({**tags, **own}.values(), start)
    return b"".join([tiff[:4], struct.pack("<I", start), tiff[8:], bytes(start - len(tiff)), directory])
