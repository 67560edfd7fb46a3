"""How a TIFF file stores its pixels: in a way that Pillow reads, in another, or no longer whole."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import IO

from PIL.TiffImagePlugin import TiffImageFile

from lrn_cli.advice import free, program, spell
from lrn_cli.errors import LrnError
from lrn_cli.tensors.images.tags import Directory, numbers_of, read_tags

# Tags of a TIFF file (TIFF 6.0, sections 8 and 18).
_WIDTH, _LENGTH, _BITS, _COMPRESSION, _PHOTOMETRIC, _CHANNELS, _PLANAR = 256, 257, 258, 259, 262, 277, 284
_STRIPS, _ROWS, _STRIP_SIZES, _TILE_WIDTH, _TILE_LENGTH, _TILES, _TILE_SIZES = 273, 278, 279, 322, 323, 324, 325
_SAMPLE_FORMAT = 339
_SEPARATE, _YCBCR = 2, 6

_NONE, _DEFLATE = 1, (8, 32946)
_COMPRESSIONS = {1: "none", 2: "CCITT", 3: "CCITT", 4: "CCITT", 5: "LZW", 6: "old JPEG", 7: "JPEG", 8: "deflate"}
_COMPRESSIONS |= {32773: "PackBits", 32946: "deflate", 34712: "JPEG 2000", 34887: "LERC", 34925: "LZMA"}
_COMPRESSIONS |= {50000: "Zstandard", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL"}
_ALWAYS_DECODED = (_NONE, 2, 3, 4, 5, 7, *_DEFLATE, 32773)  # by any libtiff; the others are left out of some
_FORMATS = {1: "uint", 2: "int", 3: "float", 4: "bits", 5: "complex int", 6: "complex"}
_MEANINGS = {0: "grey with 0 as white", 1: "grey", 2: "RGB", 3: "palette", 4: "mask", 5: "CMYK", 6: "YCbCr"}
_MEANINGS |= {8: "Lab", 32803: "CFA"}


class PlainTiffFile(TiffImageFile):
    """A TIFF file of which Pillow (13.0) is told less where that is no less, and it would not know the rest."""

    def _setup(self) -> None:
        """Set up the image.

        One channel in a plane of its own is what it is; with the plane Pillow would take the first letter of the mode
        for all of it. And of 16 bits it knows those in which 0 is white (which it leaves so) in one byte order only.
        """
        tags = self.tag_v2
        if tags.get(_PLANAR) == _SEPARATE and tags.get(_CHANNELS, 1) == 1:
            tags[_PLANAR] = 1
        plain = tags.get(_BITS) == (16,) and tags.get(_SAMPLE_FORMAT, (1,)) == (1,)
        meaning = tags.get(_PHOTOMETRIC)
        if plain and meaning == 0:
            tags[_PHOTOMETRIC] = 1
        super()._setup()
        if plain and meaning == 0:
            tags[_PHOTOMETRIC] = 0


class NotReadError(LrnError):
    """A sound file that Pillow does not read.

    Attributes:
        way: How it stores its pixels, in a few words.
    """

    way: str = ""


def not_read(path: Path, way: str, page: int = 0) -> NotReadError:
    """What to say of a sound file, with the command that makes an array of it by the library tifffile."""
    what = f"the TIFF image stores its pixels in a way that lrn does not read ({way})"
    made, file = spell(free(f"{path.stem}.npy")), spell(str(path))
    command = program(f"import tifffile; np.save({made}, tifffile.imread({file}, key={page}))")
    error = NotReadError(f"{path}: {what}", command)
    error.way = way
    return error


def explain_tiff(path: Path, reason: str, *, decoding: bool) -> LrnError | None:
    """Why Pillow could not read a TIFF file; None where the file itself does not say.

    Args:
        path: The file.
        reason: What Pillow said.
        decoding: Whether it had taken the header for one that it knows.
    """
    try:
        with path.open("rb") as file:
            if file.read(4) == b"MM\0+":
                return not_read(path, "a big-endian BigTIFF")
            file.seek(0)
            directory = read_tags(file)
            size = file.seek(0, 2)
        storage = _Storage(directory)
    except (OSError, ValueError):
        return None  # there is no directory to judge by
    if any(start + length > size for start, length in storage.pieces):
        what = f"the TIFF image ends early: the file is cut off ({reason})"
        return LrnError(f"{path}: {what}", "copy or download the file again")
    return None if storage.is_damaged(path, decoding=decoding) else not_read(path, storage.describe())


@dataclass(frozen=True)
class _Storage:
    """The tags that say how pixels are stored.

    Raises:
        ValueError: One that there must be is not there.
    """

    directory: Directory

    def __post_init__(self) -> None:
        needed = {_WIDTH, _LENGTH}
        if not needed <= self.directory.tags.keys() or not self.pieces or min(self.size) < 1 or self.channels < 1:
            raise ValueError("it has no pixels")

    def _numbers(self, tag: int, *otherwise: int) -> tuple[int, ...]:
        return numbers_of(self.directory.tags, tag, *otherwise)

    def _number(self, tag: int, otherwise: int) -> int:
        return self._numbers(tag, otherwise)[0]

    @property
    def size(self) -> tuple[int, int]:
        return self._number(_WIDTH, 0), self._number(_LENGTH, 0)

    @property
    def channels(self) -> int:
        return self._number(_CHANNELS, 1)

    @property
    def compression(self) -> int:
        return self._number(_COMPRESSION, _NONE)

    @property
    def pieces(self) -> list[tuple[int, int]]:
        """Place and length of each strip or tile."""
        tiled = _TILES in self.directory.tags
        places = self._numbers(_TILES if tiled else _STRIPS)
        lengths = self._numbers(_TILE_SIZES if tiled else _STRIP_SIZES)
        return list(zip(places, lengths, strict=False)) if lengths else [(place, 1) for place in places]

    @property
    def separate(self) -> bool:
        return self._number(_PLANAR, 1) == _SEPARATE and self.channels > 1

    def _needed(self) -> list[int]:
        """Bytes of each strip or tile once it is decoded; nothing where there are fewer than the size asks for."""
        width, length = self.size
        across = self._number(_TILE_WIDTH, width) if _TILES in self.directory.tags else width
        down = self._number(_TILE_LENGTH, length) if _TILES in self.directory.tags else self._number(_ROWS, length)
        if across < 1 or down < 1:
            return []
        bits = sum(self._numbers(_BITS, 1) * (1 if len(self._numbers(_BITS, 1)) > 1 else self.channels))
        row = ceil(across * (bits // self.channels if self.separate else bits) / 8)
        planes = self.channels if self.separate else 1
        if ceil(length / down) * ceil(width / across) * planes > len(self.pieces):
            return []
        tops = range(0, length, down)
        heights = [down if _TILES in self.directory.tags else min(down, length - top) for top in tops]
        return [row * height for height in heights for _ in range(ceil(width / across))] * planes

    def is_damaged(self, path: Path, *, decoding: bool) -> bool:
        """Whether what is stored is not what the tags promise, as far as that can be told."""
        stored = [(*piece, size) for piece, size in zip(self.pieces, self._needed(), strict=False) if any(piece)]
        if not stored:
            return True
        if self._number(_PHOTOMETRIC, 1) == _YCBCR:
            return decoding and self.compression in _ALWAYS_DECODED  # its colours may be fewer than its pixels
        if self.compression == _NONE:
            return any(length < size for _, length, size in stored)
        if self.compression in _DEFLATE:
            with path.open("rb") as file:
                return not all(_inflates(file, *piece) for piece in stored)
        return decoding and self.compression in _ALWAYS_DECODED

    def describe(self) -> str:
        """The way in a few words.

        >>> from lrn_cli.tensors.images.tags import Tag
        >>> shape = {256: 9, 257: 9, 258: 64, 259: 8, 273: 8, 277: 2, 339: 3}
        >>> tags = {number: Tag(number, 3, value.to_bytes(2, "little")) for number, value in shape.items()}
        >>> _Storage(Directory(tags, (), False)).describe()
        '2 channels of float64, grey, deflate'
        """
        bits = self._numbers(_BITS, 1)
        kind = _FORMATS.get(self._number(_SAMPLE_FORMAT, 1), "unknown")
        parts = [f"{self.channels} channel{'s' * (self.channels > 1)} of {kind}{max(bits)}"]
        meaning = self._number(_PHOTOMETRIC, 1)
        parts.append(_MEANINGS.get(meaning, f"photometric {meaning}"))
        if self.compression != _NONE:
            parts.append(_COMPRESSIONS.get(self.compression, f"compression {self.compression}"))
        return ", ".join([*parts, *["in separate planes"] * self.separate])


def _inflates(file: IO[bytes], place: int, length: int, size: int) -> bool:
    """Whether compressed data are whole, and enough."""
    file.seek(place)
    inflate, data, got = zlib.decompressobj(), file.read(length), 0
    try:
        while got < size and (piece := inflate.decompress(data, 1 << 20)):
            data, got = inflate.unconsumed_tail, got + len(piece)
    except zlib.error:
        return False
    return got >= size
