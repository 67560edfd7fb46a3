"""What an image says besides its pixels, put into the PNG or TIFF file that is made of it; and names for the rest."""

from __future__ import annotations

import struct
from fractions import Fraction

from lrn_cli.tensors.images import tags as numbers
from lrn_cli.tensors.images.chunks import TEXTS, XMP_KEYWORD, Chunk, profile_chunk, text_chunk, text_of, with_chunks
from lrn_cli.tensors.images.directories import exif_block, with_tags
from lrn_cli.tensors.images.meanings import DESCRIPTION, EXIF, GPS, HIGH, IPTC, PROFILE, UNIT, WIDE, XMP, name_of
from lrn_cli.tensors.images.metadata import Metadata, rational
from lrn_cli.tensors.images.tags import Tag

_WHITE, _PRIMARIES = 318, 319
_INCH, _CENTIMETRE = 2, 3
_MOST_NAMES = 20  # in a line for people; whoever names more has not meant to describe an image

# The tags that EXIF has in its first directory (EXIF 2.32, 4.6.4), and those in which Windows keeps titles and ratings.
_OF_EXIF = {270, 271, 272, 301, 305, 306, 315, 316, 318, 319, 33432, EXIF, GPS}
_OF_EXIF |= {*range(40091, 40096), 18246, 18249}

_OF_TEXT = {"Title": 269, "Description": DESCRIPTION, "Author": 315, "Copyright": 33432, "Software": 305}
_OF_TEXT |= {"Comment": DESCRIPTION}

_SAMPLES = slice(24, 26)  # of a PNG file, its bit depth and colour type

Kept = tuple[bytes, list[str]]
"""The file, and names of what it does not hold."""


def add_metadata(data: bytes, kind: str, channels: int, metadata: Metadata) -> Kept:
    """A bare image file with all that it can hold of what its source says.

    Args:
        data: It, as Pillow made it.
        kind: `png` or `tiff`.
        channels: How many it has.
        metadata: What its source says.
    """
    if kind == "tiff":
        tags, names = tiff_tags(channels, metadata)
        return with_tags(data, tags) if tags else data, names
    lost = list(metadata.dropped)
    data = _into_png(data, metadata, _profile(channels, metadata, lost), lost)
    return data, _in_short(lost)


def _profile(channels: int, metadata: Metadata, lost: list[str]) -> bytes:
    """The colour profile, where it fits; that of a CMYK image does not fit what was made of it."""
    profile, space = metadata.profile, b"GRAY" if channels < 3 else b"RGB "
    if profile and profile[16:20] != space:
        lost.append(f"ICC profile of other colours ({_show(profile[16:20].decode('latin-1').strip())})")
        return b""
    return profile


def _in_short(lost: list[str]) -> list[str]:
    names = list(dict.fromkeys(lost))
    more = [f"and {len(names) - _MOST_NAMES:,} more"] if len(names) > _MOST_NAMES else []
    return names[:_MOST_NAMES] + more


def _into_png(png: bytes, metadata: Metadata, profile: bytes, lost: list[str]) -> bytes:
    same = metadata.samples == png[_SAMPLES]
    chunks = [chunk for chunk in metadata.chunks if same or chunk.name != b"bKGD"]
    lost += ["bKGD"] * (len(chunks) < len(metadata.chunks))
    if profile:
        chunks.insert(0, profile_chunk(profile))
    tags = dict(metadata.tags)
    if metadata.from_tiff:
        lost += [name_of(number) for number in sorted(tags.keys() - _OF_EXIF - {WIDE, HIGH, UNIT})]
        tags = {number: tag for number, tag in tags.items() if number in _OF_EXIF}
    elif tags.pop(IPTC, None) is not None:
        lost.append(name_of(IPTC))
    if not any(chunk.name == b"pHYs" for chunk in chunks):
        chunks += _physical(metadata.tags, lost)
    if metadata.xmp:
        chunks.append(text_chunk(XMP_KEYWORD, metadata.xmp))
    chunks += [text_chunk("Comment", comment) for comment in metadata.comments]
    if tags:
        chunks.append(Chunk(b"eXIf", exif_block(tags.values())))
    return with_chunks(png, chunks)


def tiff_tags(channels: int, metadata: Metadata) -> tuple[dict[int, Tag], list[str]]:
    """The tags of a TIFF file that hold what its source says, and names of what they do not.

    Args:
        channels: How many it has.
        metadata: What its source says.
    """
    lost = list(metadata.dropped)
    profile = _profile(channels, metadata, lost)
    tags = dict(metadata.tags)
    for chunk in metadata.chunks:
        tags |= {tag.number: tag for tag in _as_tags(chunk, tags, lost)}
    for comment in metadata.comments:
        if DESCRIPTION in tags:
            lost.append("JPEG's comment")
        else:
            tags[DESCRIPTION] = Tag(DESCRIPTION, numbers.TEXT, comment + b"\0")
    if metadata.xmp:
        tags[XMP] = Tag(XMP, 1, metadata.xmp)
    if profile:
        tags[PROFILE] = Tag(PROFILE, numbers.BYTES, profile)
    return tags, _in_short(lost)


def _physical(tags: dict[int, Tag], lost: list[str]) -> list[Chunk]:
    """The resolution as the chunk pHYs, in whole pixels per metre, or in no unit."""
    if WIDE not in tags or HIGH not in tags:
        return []
    unit = (tags[UNIT].numbers() if UNIT in tags else ()) or (_INCH,)
    metre = {_INCH: 1 / Fraction("0.0254"), _CENTIMETRE: Fraction(100)}.get(unit[0], Fraction(1))
    try:
        across, down = (_fraction(tags[number]) * metre for number in (WIDE, HIGH))
        if unit[0] in (_INCH, _CENTIMETRE):
            packed = struct.pack(">IIB", int(across + Fraction(1, 2)), int(down + Fraction(1, 2)), 1)
        else:
            scale = across.denominator * down.denominator
            packed = struct.pack(">IIB", int(across * scale), int(down * scale), 0)
    except (ZeroDivisionError, ValueError, struct.error):
        lost.append("resolution")
        return []
    return [Chunk(b"pHYs", packed)]


def _fraction(tag: Tag) -> Fraction:
    over, under = struct.unpack("<II", tag.data)
    return Fraction(over, under)


def _as_tags(chunk: Chunk, tags: dict[int, Tag], lost: list[str]) -> list[Tag]:
    """A PNG chunk as tags; where there are none for it its name is lost."""
    text = text_of(chunk) if chunk.name in TEXTS else None
    if text is not None:
        number = _OF_TEXT.get(text.keyword)
        if number is not None and number not in tags:
            return [Tag(number, numbers.TEXT, text.contents + b"\0")]
        lost.append(f"PNG text {_show(text.keyword)}")
    elif chunk.name == b"pHYs" and len(chunk.contents) == 9:
        across, down, metre = struct.unpack(">IIB", chunk.contents)
        per = 100 if metre == 1 else 1
        unit = struct.pack("<H", _CENTIMETRE if metre == 1 else 1)
        wide, high = (rational(number, Fraction(n, per)) for number, n in ((WIDE, across), (HIGH, down)))
        return [wide, high, Tag(UNIT, numbers.SHORT, unit)]
    elif chunk.name == b"cHRM" and len(chunk.contents) == 32:
        white, primaries = chunk.contents[:8], chunk.contents[8:]
        return [_chromaticity(_WHITE, white), _chromaticity(_PRIMARIES, primaries)]
    else:
        lost.append(_show(chunk.name.decode("latin-1")))
    return []


def _chromaticity(number: int, packed: bytes) -> Tag:
    return rational(number, *(Fraction(n, 100_000) for n in struct.unpack(f">{len(packed) // 4}I", packed)))


def _show(word: str) -> str:
    """A word of a file as it may stand in a line for people."""
    return "".join(letter if letter.isprintable() else "?" for letter in word[:40])
