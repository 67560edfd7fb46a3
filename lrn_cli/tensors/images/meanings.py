"""What the tags of a TIFF file or EXIF block speak of: how pixels are stored, what they were, or the image."""

from __future__ import annotations

from PIL import TiffTags

WIDE, HIGH, UNIT = 282, 283, 296
"""The tags of the resolution: across, down, and by which length (1 none, 2 inch, 3 centimetre)."""
DESCRIPTION, ORIENTATION, PREVIEWS, XMP, IPTC, PROFILE = 270, 274, 330, 700, 33723, 34675
EXIF, GPS, INTEROPERABILITY = 34665, 34853, 40965
MAKER_NOTE, COMMENT, EXIF_WIDTH, EXIF_HEIGHT = 37500, 37510, 40962, 40963
GDAL_METADATA, NODATA = 42112, 42113

# TIFF 6.0: sections 8, 9, 11, 14, 15 and 18; 16 and 21; 22; then Silicon Graphics', and GDAL's LERC.
STORAGE = {*range(254, 267), 273, *range(277, 280), 284, 288, 289, 292, 293, 317, 320} - {260, 261}
STORAGE |= {*range(321, 326), 332, 334, 336, 338, 339, 342, 529, 530, 531, 532}
STORAGE |= {347, *range(512, 522), 559, *range(32995, 32999), 50674}
"""Tags of how the pixels were stored, and where: they are true of no other file."""

POSITION = {33550, *range(33918, 33921), 33922, 34264, 34735, 34736, 34737, 50844}
"""GeoTIFF's tags, and RPC's, of where on earth the pixels are."""

# Ranges and responses (TIFF 6.0, section 8 and 20), palettes and inks, raw sensors, other programs' stacks; DNG.
FALSE = {280, 281, 290, 291, 300, 301, 333, 337, 340, 341, 345, 346, 433, 434}
FALSE |= {33421, 33422, *range(33628, 33632), 34361, 34412}
FALSE |= {*range(50706, 50784), *range(50827, 50835), 50879, *range(50931, 51126)}
"""Tags of what the old numbers meant, or of more than one picture: not true of the result."""

_NAMES = dict.fromkeys(POSITION, "GeoTIFF position") | dict.fromkeys((WIDE, HIGH, UNIT), "resolution")
_NAMES |= {50844: "RPC position", GDAL_METADATA: "GDAL_METADATA", NODATA: "GDAL_NODATA", PREVIEWS: "previews"}
_NAMES |= {EXIF: "EXIF", GPS: "GPS position", IPTC: "IPTC", XMP: "XMP", PROFILE: "ICC profile"}
_NAMES |= {34377: "Photoshop resources", 37724: "Photoshop layers", 50838: "ImageJ metadata", 50839: "ImageJ metadata"}
_NAMES |= {MAKER_NOTE: "MakerNote"}


def name_of(tag: int) -> str:
    """What a tag is called in a notice.

    >>> name_of(34735), name_of(306), name_of(65000)
    ('GeoTIFF position', 'DateTime', 'tag 65000')
    """
    known = TiffTags.lookup(tag).name
    return _NAMES.get(tag) or (known if known != "unknown" else f"tag {tag}")
