"""What an image file says besides its pixels, without what is not true any more once they are upright and computed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

from lrn_cli.tensors.images import meanings
from lrn_cli.tensors.images import tags as numbers
from lrn_cli.tensors.images.chunks import TEXTS, XMP_KEYWORD, Chunk, chunks_of, text_of
from lrn_cli.tensors.images.directories import without_big_numbers
from lrn_cli.tensors.images.header import Header
from lrn_cli.tensors.images.pillow import open_image
from lrn_cli.tensors.images.tags import Directory, Tag, read_tags

# PNG's chunks that are the image or have been read by Pillow, and those that are kept although their names say that
# they depend on the pixels: colours and time.
_IMAGE = (b"PLTE", b"tRNS", b"IEND", b"iDOT")
_KEPT = (b"gAMA", b"cHRM", b"sRGB", b"cICP", b"tIME", b"bKGD", b"sPLT", b"mDCV", b"cLLI", b"mDCv", b"cLLi")
SCALING = "GDAL scale and offset"
_FALSE_ITEMS = {"GDAL statistics": rb'name="STATISTICS_', SCALING: rb'role="(?:scale|offset)"'}
_READ_BY_PILLOW = (b"JFIF\0", b"JFXX\0", b"Exif\0", b"ICC_PROFILE\0", b"Adobe", b"Photoshop 3.0")
_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_ELSEWHERE = meanings.STORAGE | {meanings.PROFILE}  # which Pillow has read
_SHAPES = (b'{"shape"', b"<OME")  # in which tifffile and OME say how long the axes are


@dataclass
class Metadata:
    """What of it may be kept.

    Attributes:
        tags: EXIF's or TIFF's.
        from_tiff: Whether the tags are a TIFF file's, of which EXIF knows only some.
        chunks: A PNG file's, without those that have an attribute here.
        samples: Its bit depth and colour type, in which a background is given.
        profile: The colour profile.
        xmp: An XMP packet.
        comments: A JPEG file's.
        dropped: Names of what cannot be kept, whatever is written.
    """

    tags: dict[int, Tag] = field(default_factory=dict)
    from_tiff: bool = False
    chunks: list[Chunk] = field(default_factory=list)
    samples: bytes = b""
    profile: bytes = b""
    xmp: bytes = b""
    comments: list[bytes] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def read_metadata(path: Path, kind: str, header: Header, max_pixels: int | None) -> Metadata:
    """What a file says; what of it cannot be read is named as dropped, and is no error.

    Args:
        path: The file.
        kind: What it is: `png`, `tiff`, `jpeg`, `bmp` or `webp`.
        header: As `read_header` gave it.
        max_pixels: As for reading it.
    """
    profile = header.icc_profile if isinstance(header.icc_profile, bytes) else b""
    found = Metadata(from_tiff=kind == "tiff", profile=profile)
    found.dropped += ["ICC profile"] * bool(header.icc_profile and not profile)
    try:
        if kind == "png":
            _read_png(path, found)
        elif kind == "tiff":
            with path.open("rb") as file:
                _take(read_tags(file, without=_ELSEWHERE), found)
        else:
            _read_by_pillow(path, kind, max_pixels, found)
    except Exception:  # whatever a file says besides its pixels, they have been read
        found.dropped.append("what cannot be read of its metadata")
    if header.dpi is not None and kind in ("jpeg", "bmp"):  # a JPEG's own counts, not that of its EXIF
        across, down = header.dpi[:: -1 if header.orientation >= 5 else 1]
        unit = Tag(meanings.UNIT, numbers.SHORT, b"\2\0")
        found.tags |= {tag.number: tag for tag in (_ratio(meanings.WIDE, across), _ratio(meanings.HIGH, down), unit)}
    _turn(found, header.orientation)
    return found


def read_page(path: Path, place: int, orientation: int) -> Metadata:
    """What the page of a TIFF file says whose directory is at that place, as `read_metadata`."""
    found = Metadata(from_tiff=True)
    try:
        with path.open("rb") as file:
            directory = read_tags(file, without=meanings.STORAGE, place=place)
        profile = directory.tags.pop(meanings.PROFILE, None)
        found.profile = profile.data if profile is not None else b""
        _take(directory, found)
    except Exception:  # whatever a file says besides its pixels, they have been read
        found.dropped.append("what cannot be read of its metadata")
    _turn(found, orientation)
    return found


def rational(tag: int, *values: Fraction) -> Tag:
    """A tag of fractions."""
    pairs = [part for value in values for part in (value.numerator, value.denominator)]
    return Tag(tag, numbers.RATIONAL, b"".join(part.to_bytes(4, "little") for part in pairs))


def _ratio(tag: int, value: float) -> Tag:
    return rational(tag, Fraction(value).limit_denominator(1000))


def _read_png(path: Path, found: Metadata) -> None:
    for chunk in chunks_of(path):
        text = text_of(chunk) if chunk.name in TEXTS else None
        if chunk.name == b"eXIf":
            _take_exif(chunk.contents, found)
        elif text is not None and text.keyword == "Raw profile type exif":
            _take_exif(bytes.fromhex("".join(text.contents.decode().split("\n")[3:])), found)
        elif text is not None and text.keyword == XMP_KEYWORD:
            found.xmp = text.contents
        elif chunk.name == b"iCCP":
            found.dropped += ["ICC profile"] * (not found.profile)
        elif chunk.name == b"IHDR":
            found.samples = chunk.contents[8:10]
        elif chunk.name in _KEPT or chunk.name[3:4].islower():  # PNG's way of saying that pixels may change
            found.chunks.append(chunk)
        elif chunk.name not in _IMAGE:
            found.dropped.append(chunk.name.decode("latin-1"))


def _read_by_pillow(path: Path, kind: str, max_pixels: int | None, found: Metadata) -> None:
    """What JPEG and WebP files say: EXIF, XMP and comments."""
    with open_image(path, kind, max_pixels) as image:
        info: dict[Any, Any] = image.info
        found.xmp = info.get("xmp", b"")
        if info.get("exif"):
            _take_exif(info["exif"], found)
        for name, contents in getattr(image, "applist", ()):
            if name == "COM":
                found.comments.append(contents.rstrip(b"\0"))
            elif contents.startswith(_JPEG_XMP):
                found.xmp = contents.removeprefix(_JPEG_XMP)
            elif not contents.startswith(_READ_BY_PILLOW):
                found.dropped.append(f"JPEG's {name}")
        resources = info.get("photoshop", {})
        if resources.get(0x0404):
            found.tags[meanings.IPTC] = Tag(meanings.IPTC, numbers.BYTES, resources[0x0404])
        found.dropped += ["Photoshop resources"] * any(number != 0x0404 for number in resources)


def _take_exif(block: bytes, found: Metadata) -> None:
    try:
        directory = read_tags(BytesIO(block.removeprefix(b"Exif\0\0")), without=_ELSEWHERE)
    except ValueError:
        found.dropped.append("EXIF that cannot be read")
        return
    found.dropped += ["thumbnail"] * bool(directory.following)
    _take(directory, found)


def _take(directory: Directory, found: Metadata) -> None:
    """Take what is true of the result from a directory."""
    found.dropped += [meanings.name_of(number) for number in directory.broken]
    for number, tag in directory.tags.items():
        if number == meanings.XMP:
            found.xmp = tag.data
        elif number in meanings.FALSE or number == meanings.PREVIEWS or tag.kind in (13, 18) or _misleads(tag):
            found.dropped.append(meanings.name_of(number))
        elif number == meanings.GDAL_METADATA:
            _take_gdal(tag, found)
        elif number != meanings.ORIENTATION:
            found.tags |= {tag.number: tag for tag in _rewritable(tag, found)}


def _misleads(tag: Tag) -> bool:
    """Whether it is a resolution that is none, which readers stumble over."""
    if tag.number in (meanings.WIDE, meanings.HIGH):
        return tag.kind != numbers.RATIONAL or len(tag.data) != 8
    return tag.number == meanings.UNIT and (tag.kind != numbers.SHORT or len(tag.data) != 2)


def _rewritable(tag: Tag, found: Metadata) -> Iterator[Tag]:
    """The tag as it can stand at another place of another file, or nothing."""
    if tag.number == meanings.MAKER_NOTE:  # it counts from the beginning of its old file
        found.dropped.append("MakerNote")
    elif tag.tags:
        yield tag._replace(tags=tuple(inner for each in tag.tags for inner in _rewritable(each, found)))
    elif (small := without_big_numbers(tag)) is not None:
        yield small
    else:
        found.dropped.append(meanings.name_of(tag.number))


def _take_gdal(tag: Tag, found: Metadata) -> None:
    """Take GDAL's XML without the statistics of the old values, and without what was to be done to them."""
    kept = tag.data
    for what, word in _FALSE_ITEMS.items():
        # No piece of it can begin at two places, or whoever writes many blanks would keep us busy for days.
        item = rb"(?:(?<=\n)[ \t]*)?<Item\b(?=[^<>]*(?:" + word + rb"))[^<>]*>[^<]*</Item>\n?"
        kept, count = re.subn(item, b"", kept)
        found.dropped += [what] * bool(count)
    if b"<Item" in kept:
        found.tags[tag.number] = tag._replace(data=kept)


def _turn(found: Metadata, orientation: int) -> None:
    """Make what depends on it true of the upright image."""
    found.xmp = re.sub(rb"(tiff:Orientation(?:=[\"']|>))\d", rb"\g<1>1", found.xmp)
    if orientation == 1:
        return
    position = meanings.POSITION & found.tags.keys()
    found.dropped += [meanings.name_of(number) for number in sorted(position)]
    for number in position:
        del found.tags[number]
    if orientation >= 5:
        described = found.tags.get(meanings.DESCRIPTION)
        if described is not None and any(mark in described.data for mark in _SHAPES):
            found.dropped.append(meanings.name_of(meanings.DESCRIPTION))
            del found.tags[meanings.DESCRIPTION]
        for pair in ((meanings.WIDE, meanings.HIGH), (meanings.EXIF_WIDTH, meanings.EXIF_HEIGHT)):
            found.tags = _swap(found.tags, *pair)
        found.chunks = [Chunk(n, c[4:8] + c[:4] + c[8:]) if n == b"pHYs" else Chunk(n, c) for n, c in found.chunks]


def _swap(tags: dict[int, Tag], one: int, other: int) -> dict[int, Tag]:
    """The tags with each of the two under the other's number, in the directories that belong to them as well."""
    names = {one: other, other: one}
    result = {}
    for tag in tags.values():
        inner = tuple(_swap({each.number: each for each in tag.tags}, one, other).values())
        result[names.get(tag.number, tag.number)] = tag._replace(number=names.get(tag.number, tag.number), tags=inner)
    return result
