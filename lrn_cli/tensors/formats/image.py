"""Images: PNG and TIFF to read and to write, JPEG, BMP and WebP to read. Pillow is imported when one is opened."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from lrn_cli.tensors.tensor import Format, Reading, Sink, Source, TensorInfo, Writing

_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # the last two are BigTIFF's
_BMP_HEADER_SIZES = {12, 40, 52, 56, 64, 108, 124}  # of its variants, in the order in which they were made


def _is_png(head: bytes) -> bool:
    return head.startswith(b"\x89PNG\r\n\x1a\n")


def _is_tiff(head: bytes) -> bool:
    return head.startswith(_TIFF_STARTS)


def _is_jpeg(head: bytes) -> bool:
    return head.startswith(b"\xff\xd8\xff")


def _is_bmp(head: bytes) -> bool:
    """`BM` alone could begin anything, so the size of the second header must be one that exists."""
    return head.startswith(b"BM") and int.from_bytes(head[14:16], "little") in _BMP_HEADER_SIZES


def _is_webp(head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def _describe(kind: str, path: Path, reading: Reading) -> list[TensorInfo]:
    from lrn_cli.tensors.images.source import header_of

    return [header_of(path, kind, reading).described(reading)]


def _open(kind: str, path: Path, info: TensorInfo, reading: Reading) -> Source:
    from lrn_cli.tensors.images.source import ImageSource

    return ImageSource(path, kind, info, reading)


def _create(kind: str, writing: Writing) -> Sink:
    from lrn_cli.tensors.images.sink import ImageSink

    return ImageSink(writing, kind)


def _check(kind: str, writing: Writing) -> None:
    from lrn_cli.tensors.images.sink import check_image

    check_image(writing, kind)


def _image(kind: str, suffixes: tuple[str, ...], matches: Callable[[bytes], bool], *, written: bool = False) -> Format:
    return Format(
        name=kind,
        suffixes=suffixes,
        matches=matches,
        describe=partial(_describe, kind),
        open=partial(_open, kind),
        create=partial(_create, kind) if written else None,
        check=partial(_check, kind) if written else None,
        layout="HWC",
        may_crash=True,
    )


FORMATS = (
    _image("png", (".png",), _is_png, written=True),
    _image("tiff", (".tif", ".tiff"), _is_tiff, written=True),
    _image("jpeg", (".jpg", ".jpeg"), _is_jpeg),
    _image("bmp", (".bmp",), _is_bmp),
    _image("webp", (".webp",), _is_webp),
)
