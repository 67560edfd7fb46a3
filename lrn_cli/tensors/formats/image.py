"""Images: PNG and TIFF to read and to write, JPEG, BMP and WebP to read. Pillow is imported when one is opened."""

from __future__ import annotations

from pathlib import Path

from lrn_cli.tensors.format import Format, WrittenFormat
from lrn_cli.tensors.tensor import Reading, Sink, Source, TensorInfo, Writing

_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # the last two are BigTIFF's
_BMP_HEADER_SIZES = {12, 40, 52, 56, 64, 108, 124}  # of its variants, in the order in which they were made


class _Image(Format):
    """What all images have in common: one tensor, of height, width and channels."""

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
    layout = "HWC"

    def check(self, writing: Writing) -> None:
        """Refuse what is no image."""
        from lrn_cli.tensors.images.sink import check_image

        check_image(writing, self.name)

    def create(self, writing: Writing) -> Sink:
        """Begin an image, which is encoded when it is complete."""
        from lrn_cli.tensors.images.sink import ImageSink

        return ImageSink(writing, self.name)


class Png(_WrittenImage):
    """Portable Network Graphics."""

    name, suffixes = "png", (".png",)

    def matches(self, head: bytes) -> bool:
        """Whether it begins with PNG's signature."""
        return head.startswith(b"\x89PNG\r\n\x1a\n")


class Tiff(_WrittenImage):
    """TIFF, BigTIFF too, in either byte order."""

    name, suffixes = "tiff", (".tif", ".tiff")

    def matches(self, head: bytes) -> bool:
        """Whether it begins with a byte order and a version."""
        return head.startswith(_TIFF_STARTS)


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
