"""Images: PNG and TIFF to read and to write, JPEG, BMP and WebP to read. Libraries are imported when one is opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lrn_cli.tensors.format import Format, WrittenFormat
from lrn_cli.tensors.tensor import Reading, Sink, Source, TensorInfo, Writing

_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # the last two are BigTIFF's
_BMP_HEADER_SIZES = {12, 40, 52, 56, 64, 108, 124}  # of its variants, in the order in which they were made


class _Image(Format):
    """What images have in common: they are read as height, width and channels, by a library that may crash."""

    is_image = True
    may_crash = True

    def describe(self, path: Path, reading: Reading) -> list[TensorInfo]:
        """The pixels."""
        from lrn_cli.tensors.images.source import header_of

        return [header_of(path, self.name, reading).describe(reading)]

    def open(self, path: Path, info: TensorInfo, reading: Reading) -> Source:
        """The pixels, decoded when the first are read."""
        from lrn_cli.tensors.images.source import ImageSource

        return ImageSource(path, self.name, info, reading)


class _WrittenImage(_Image, WrittenFormat):
    layouts: tuple[str, ...] = ("HWC",)
    in_folders = False

    def check(self, writing: Writing) -> None:
        """Refuse what is no image."""
        from lrn_cli.tensors.images.sink import check_image

        check_image(writing, self.name)

    def begin(self, writings: Sequence[Writing]) -> Sequence[Sink]:
        """Begin an image, which is encoded when it is complete."""
        from lrn_cli.tensors.images.sink import ImageSink

        (writing,) = writings
        return [ImageSink(writing, self.name)]


class Png(_WrittenImage):
    """Portable Network Graphics."""

    name, suffixes = "png", (".png",)

    def matches(self, head: bytes) -> bool:
        """Whether it begins with PNG's signature."""
        return head.startswith(b"\x89PNG\r\n\x1a\n")


class Tiff(_WrittenImage):
    """TIFF, BigTIFF too, in either byte order: a tensor for each page, counted from 1, and `*` for all of them."""

    name, suffixes = "tiff", (".tif", ".tiff")
    layouts = ("HWC", "NHWC")
    holds = "pages"

    def matches(self, head: bytes) -> bool:
        """Whether it begins with a byte order and a version."""
        return head.startswith(_TIFF_STARTS)

    def describe(self, path: Path, reading: Reading) -> list[TensorInfo]:
        """The pages."""
        from lrn_cli.tensors.images.tiff.description import describe

        return describe(path, reading)

    def choose(self, path: Path, member: str, infos: Sequence[TensorInfo], reading: Reading) -> TensorInfo:
        """The page that is meant; also the first of a file that has no other."""
        from lrn_cli.tensors.images.tiff.description import find_named

        return (find_named(path, member, infos) if member else None) or super().choose(path, member, infos, reading)

    def is_name(self, path: Path, member: str, infos: Sequence[TensorInfo]) -> bool:
        """`*` is the stack of all pages, which is one tensor."""
        return member == "*" or super().is_name(path, member, infos)

    def open(self, path: Path, info: TensorInfo, reading: Reading) -> Source:
        """A page, or the stack of them."""
        from lrn_cli.tensors.images.tiff.description import open_pages

        return open_pages(path, info, reading)

    def check(self, writing: Writing) -> None:
        """Refuse what is neither an image nor a stack of them."""
        from lrn_cli.tensors.images.tiff.writing import check

        check(writing)

    def begin(self, writings: Sequence[Writing]) -> Sequence[Sink]:
        """Begin a picture, or numbers as they are."""
        from lrn_cli.tensors.images.tiff.writing import create

        (writing,) = writings
        return [create(writing)]


class Jpeg(_Image):
    """JPEG."""

    name, suffixes = "jpeg", (".jpg", ".jpeg")

    def matches(self, head: bytes) -> bool:
        """Whether it begins with a marker, and another."""
        return head.startswith(b"\xff\xd8\xff")


class Bmp(_Image):
    """Windows bitmaps."""

    name, suffixes = "bmp", (".bmp",)

    def matches(self, head: bytes) -> bool:
        """`BM` alone could begin anything, so the size of the second header must be one that exists."""
        return head.startswith(b"BM") and int.from_bytes(head[14:16], "little") in _BMP_HEADER_SIZES


class Webp(_Image):
    """WebP."""

    name, suffixes = "webp", (".webp",)

    def matches(self, head: bytes) -> bool:
        """Whether it is a RIFF file of this kind."""
        return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


FORMATS = (Png(), Tiff(), Jpeg(), Bmp(), Webp())
