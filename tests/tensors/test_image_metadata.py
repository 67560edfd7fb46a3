"""What an image says besides its pixels goes into the image that is made of it, or is named."""

from __future__ import annotations

import struct
import time
import warnings
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from lrn_cli.tensors.registry import find_format
from lrn_cli.tensors.tensor import Reading, Writing
from tests.tensors.image_files import RAW, RGB, chunk, opened, png, read, tiff

PIXELS = np.random.default_rng(9).integers(0, 256, (4, 6, 3), dtype=np.uint8)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" tiff:Orientation="6"/>'


def surveyed(path: Path, reading: Reading) -> list[str]:
    """What is said of an image's numbers before they are taken."""
    with opened(path, "tiff", reading) as source:
        return list(source.survey())


def rewritten(source: Path, target: Path, reading: Reading | None = None) -> list[str]:
    """Write an image's own values as another image; what the user was told."""
    told: list[str] = []
    values = read(source, sniffed(source), reading).astype(np.float32)
    with opened(source, sniffed(source), reading) as image:
        writing = Writing(target, "", values.shape, values.dtype, image, force=True, notice=told.append)
        create = find_format(sniffed(target)).create
        with create(writing) as sink:
            sink.write(tuple(slice(0, length) for length in values.shape), values)
    return told


def sniffed(path: Path) -> str:
    return {".png": "png", ".tif": "tiff", ".jpg": "jpeg", ".webp": "webp"}[path.suffix]


def save_tiff(path: Path, tags: Mapping[int, tuple[int, object]], pixels: object = PIXELS) -> None:
    """A TIFF file with tags of given types."""
    directory = ImageFileDirectory_v2()
    for number, (kind, value) in tags.items():
        directory.tagtype[number] = kind
        directory[number] = value
    Image.fromarray(np.asarray(pixels)).save(path, tiffinfo=directory)


def tags_of(path: Path) -> dict[int, object]:
    with Image.open(path) as image:
        assert isinstance(image, TiffImageFile)
        return dict(image.tag_v2)


def chunks_of(path: Path) -> list[tuple[bytes, bytes]]:
    data, found, place = path.read_bytes(), [], 8
    while place < len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        contents = data[place + 8 : place + 8 + length]
        assert struct.unpack_from(">I", data, place + 8 + length) == (zlib.crc32(name + contents),)
        found.append((name, contents))
        place += length + 12
    return found


CAMERA: dict[int, object] = {0x9003: "2020:02:03 04:05:06", 0x829A: (1, 250)}
PLACE: dict[int, object] = {1: "N", 2: (47.0, 3.0, 2.5)}


def exif(orientation: int = 1) -> Image.Exif:
    block = Image.Exif()
    block[0x010F], block[0x0112], block[0x0132] = "Maker", orientation, "2020:02:03 04:05:06"
    block[0x8769], block[0x8825] = {**CAMERA, 0xA002: 6, 0xA003: 4}, PLACE
    return block


# Tags as GDAL writes them: position, XML, the number for nothing; and what people and other programs add.
GEOGRAPHY: dict[int, tuple[int, object]] = {
    33550: (12, (0.1, 0.1, 0.0)),
    33922: (12, (0.0, 0.0, 0.0, 5.0, 50.0, 0.0)),
    34735: (3, (1, 1, 0, 1, 1024, 0, 1, 2)),
    34737: (2, "WGS 84|"),
}
DESCRIBED: dict[int, tuple[int, object]] = {
    270: (2, "a field"),
    271: (2, "Maker"),
    272: (2, "Model"),
    305: (2, "Program"),
    306: (2, "2020:02:03 04:05:06"),
    315: (2, "Somebody"),
    33432: (2, "nobody"),
}
OTHERS: dict[int, tuple[int, object]] = {
    269: (2, "document"),
    33723: (7, b"\x1c\x02\x05\0\5title"),
    42112: (2, '<GDALMetadata>\n  <Item name="a">b</Item>\n</GDALMetadata>'),
    65000: (12, (1.5, -2.5)),
}


def test_a_tiff_keeps_all_tags_of_a_tiff(tmp_path: Path) -> None:
    tags = {**DESCRIBED, **GEOGRAPHY, **OTHERS, 42113: (2, "-9999"), 700: (1, XMP.replace(b"6", b"1"))}
    save_tiff(tmp_path / "a.tif", {**tags, 282: (5, 300), 283: (5, 150), 296: (3, 3), 34675: (7, PROFILE)})
    assert rewritten(tmp_path / "a.tif", tmp_path / "b.tif") == []
    before, after = tags_of(tmp_path / "a.tif"), tags_of(tmp_path / "b.tif")
    places = {273, 279}  # of the strips
    assert {number: value for number, value in after.items() if number not in places} == {
        number: value for number, value in before.items() if number not in places
    }
    np.testing.assert_array_equal(PIXELS, np.asarray(Image.open(tmp_path / "b.tif")))


def test_a_big_endian_tiff_keeps_the_numbers_of_its_tags(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(tiff(PIXELS, ">", tags={65001: 258}))
    assert rewritten(tmp_path / "a.tif", tmp_path / "b.tif") == []
    assert tags_of(tmp_path / "b.tif")[65001] == 258


def test_a_png_keeps_what_exif_knows_of_a_tiff_and_the_rest_is_named(tmp_path: Path) -> None:
    save_tiff(tmp_path / "a.tif", {**DESCRIBED, **GEOGRAPHY, **OTHERS, 42113: (2, "-9999"), 34675: (7, PROFILE)})
    assert rewritten(tmp_path / "a.tif", tmp_path / "b.png") == [
        "not kept in a PNG image: DocumentName, GeoTIFF position, IPTC, GDAL_METADATA, GDAL_NODATA, tag 65000"
    ]
    with Image.open(tmp_path / "b.png") as image:
        assert {number: value for number, (_, value) in DESCRIBED.items()} == dict(image.getexif())
        assert image.info["icc_profile"] == PROFILE


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".png"])
@pytest.mark.parametrize("target", ["b.png", "b.tif"])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_exif_is_kept_but_for_the_orientation(tmp_path: Path, suffix: str, target: str, orientation: int) -> None:
    Image.fromarray(PIXELS).save(tmp_path / f"a{suffix}", exif=exif(orientation), icc_profile=PROFILE)
    assert rewritten(tmp_path / f"a{suffix}", tmp_path / target) == []
    with Image.open(tmp_path / target) as image:
        assert image.info["icc_profile"] == PROFILE
        after = image.getexif()
        assert (after[0x010F], after[0x0132], 0x0112 in after) == ("Maker", "2020:02:03 04:05:06", False)
        assert after.get_ifd(0x8769) == {**CAMERA, 0xA002: image.width, 0xA003: image.height}
        assert after.get_ifd(0x8825) == PLACE


def test_a_png_keeps_all_chunks_of_a_png(tmp_path: Path) -> None:
    chunks = [
        (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
        (b"gAMA", struct.pack(">I", 45455)),
        (b"sRGB", b"\1"),
        (b"bKGD", struct.pack(">3H", 1, 2, 3)),
        (b"pHYs", struct.pack(">IIB", 3, 4, 0)),
        (b"tEXt", b"Author\0Andr\xe9"),
        (b"zTXt", b"Comment\0\0" + zlib.compress(b"long" * 99)),
        (b"iTXt", b"Title\0\0\0de\0Titel\0" + "Straße".encode()),
        (b"tIME", struct.pack(">H5B", 2020, 2, 3, 4, 5, 6)),
        (b"prVt", b"a program's own, safe to copy"),
    ]
    early = b"".join(chunk(name, contents) for name, contents in chunks)
    (tmp_path / "a.png").write_bytes(png(PIXELS, 8, RGB, early=early))
    assert rewritten(tmp_path / "a.png", tmp_path / "b.png") == []
    assert [found for found in chunks_of(tmp_path / "b.png") if found[0] not in (b"IHDR", b"IDAT", b"IEND")] == chunks
    np.testing.assert_array_equal(PIXELS, read(tmp_path / "b.png", "png", RAW))


def test_text_behind_the_pixels_of_a_png_is_kept(tmp_path: Path) -> None:
    file = png(PIXELS, 8, RGB)
    (tmp_path / "a.png").write_bytes(file[:-12] + chunk(b"tEXt", b"Title\0late") + file[-12:])
    assert rewritten(tmp_path / "a.png", tmp_path / "b.png") == []
    assert (b"tEXt", b"Title\0late") in chunks_of(tmp_path / "b.png")


def test_a_background_in_other_samples_is_named(tmp_path: Path) -> None:
    wide = PIXELS.astype(np.uint16) * 257
    (tmp_path / "a.png").write_bytes(png(wide, 16, RGB, early=chunk(b"bKGD", struct.pack(">3H", 257, 514, 771))))
    assert "not kept in a PNG image: bKGD" in rewritten(tmp_path / "a.png", tmp_path / "b.png")


def test_chunks_that_speak_of_the_old_pixels_are_named(tmp_path: Path) -> None:
    early = chunk(b"sBIT", b"\5\6\5") + chunk(b"prVT", b"unsafe to copy")
    (tmp_path / "a.png").write_bytes(png(PIXELS, 8, RGB, early=early))
    assert rewritten(tmp_path / "a.png", tmp_path / "b.png") == ["not kept in a PNG image: sBIT, prVT"]


def test_a_tiff_keeps_what_it_has_tags_for_of_a_png(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    for keyword in ("Title", "Author", "Description", "Software", "Copyright", "Source"):
        info.add_text(keyword, keyword.lower())
    info.add(b"gAMA", struct.pack(">I", 45455))
    info.add(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))
    Image.fromarray(PIXELS).save(tmp_path / "a.png", pnginfo=info, dpi=(254, 508))
    assert rewritten(tmp_path / "a.png", tmp_path / "b.tif") == ["not kept in a TIFF image: PNG text Source, gAMA"]
    tags = tags_of(tmp_path / "b.tif")
    assert [tags[number] for number in (269, 315, 270, 305, 33432)] == [
        "title",
        "author",
        "description",
        "software",
        "copyright",
    ]
    assert [tags[number] for number in (282, 283, 296)] == [100, 200, 3]
    assert (tags[318], tags[319]) == ((0.3127, 0.329), (0.64, 0.33, 0.3, 0.6, 0.15, 0.06))


@pytest.mark.parametrize("target", ["b.png", "b.tif"])
def test_a_jpegs_comment_packet_and_resolution_are_kept(tmp_path: Path, target: str) -> None:
    Image.fromarray(PIXELS).save(tmp_path / "a.jpg", comment="a comment", dpi=(300, 200), exif=exif(6))
    packet = b"http://ns.adobe.com/xap/1.0/\0" + XMP
    file = (tmp_path / "a.jpg").read_bytes()
    head = file[:2] + struct.pack(">HH", 0xFFE1, len(packet) + 2) + packet
    (tmp_path / "a.jpg").write_bytes(head + file[2:])
    assert rewritten(tmp_path / "a.jpg", tmp_path / target) == []
    with Image.open(tmp_path / target) as image:
        kept = tags_of(tmp_path / target)[270] if target == "b.tif" else image.info["Comment"]
        assert kept == "a comment"
        # The orientation in it was one of the old pixels.
        assert XMP.replace(b"6", b"1") in (tmp_path / target).read_bytes()
        assert tuple(round(number) for number in image.info["dpi"]) == (200, 300)


def test_a_position_is_named_where_the_pixels_had_to_be_turned(tmp_path: Path) -> None:
    save_tiff(tmp_path / "a.tif", {**GEOGRAPHY, 274: (3, 6), 282: (5, 300), 283: (5, 150), 296: (3, 2)})
    assert rewritten(tmp_path / "a.tif", tmp_path / "b.tif") == ["not kept in a TIFF image: GeoTIFF position"]
    tags = tags_of(tmp_path / "b.tif")
    assert [tags.get(number) for number in (33550, 34735, 274, 282, 283)] == [None, None, None, 150, 300]


def test_what_gdal_says_of_the_old_numbers_is_not_kept(tmp_path: Path) -> None:
    items = [
        '<Item name="STATISTICS_MAXIMUM" sample="0">9</Item>',
        '<Item name="SCALE" sample="0" role="scale">2</Item>',
        '<Item name="OFFSET" sample="0" role="offset">1</Item>',
        '<Item name="AREA">Ruhr</Item>',
    ]
    xml = "<GDALMetadata>\n  {}\n</GDALMetadata>\n"
    save_tiff(tmp_path / "a.tif", {42112: (2, xml.format("\n  ".join(items)))})
    told = rewritten(tmp_path / "a.tif", tmp_path / "b.tif")
    assert told == ["not kept in a TIFF image: GDAL statistics, GDAL scale and offset"]
    assert tags_of(tmp_path / "b.tif")[42112] == xml.format(items[3])


@pytest.mark.parametrize("word", [" ", "<Item ", '<Item name="STATISTICS_', '<Item role="scale">', "\n \t"])
def test_what_gdal_says_takes_no_more_time_than_its_length_asks_for(word: str, tmp_path: Path) -> None:
    said = "<GDALMetadata>" + word * (1_000_000 // len(word)) + "<Item>1</Item></GDALMetadata>"
    save_tiff(tmp_path / "a.tif", {42112: (2, said)})
    start = time.process_time()
    assert rewritten(tmp_path / "a.tif", tmp_path / "b.tif") == []
    assert time.process_time() - start < 5
    assert tags_of(tmp_path / "b.tif")[42112] == said


@pytest.mark.parametrize(
    ("nodata", "told"),
    [
        ("7", ["3 of 24 values are GDAL_NODATA (7), and were computed with as numbers"]),
        ("7.5", []),
        ("-9999", []),
        ("nan", []),
        ("nothing", []),
    ],
)
@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize("reading", [Reading(), RAW])
def test_pixels_that_hold_the_number_for_nothing_are_counted(
    tmp_path: Path, nodata: str, told: list[str], photometric: int, reading: Reading
) -> None:
    pixels = np.full((4, 6), 8, np.uint8)
    pixels[0, :3] = 7
    save_tiff(tmp_path / "a.tif", {42113: (2, nodata)}, pixels)
    file = bytearray((tmp_path / "a.tif").read_bytes())
    place = file.index(struct.pack("<HHI", 262, 3, 1)) + 8
    file[place] = photometric
    (tmp_path / "a.tif").write_bytes(file)
    assert surveyed(tmp_path / "a.tif", reading) == [f"{tmp_path / 'a.tif'}: {line}" for line in told]
    assert rewritten(tmp_path / "a.tif", tmp_path / "b.tif", reading) == []
    assert tags_of(tmp_path / "b.tif")[42113] == nodata


def test_a_scale_that_gdal_would_apply_is_told_of_whatever_the_output_is(tmp_path: Path) -> None:
    said = '<GDALMetadata><Item name="SCALE" sample="0" role="scale">2</Item></GDALMetadata>'
    save_tiff(tmp_path / "a.tif", {42112: (2, said)})
    told = f"{tmp_path / 'a.tif'}: GDAL scale and offset are not applied to the stored numbers"
    assert surveyed(tmp_path / "a.tif", Reading()) == [told]


@pytest.mark.parametrize("reading", [Reading(), RAW])
def test_a_picture_in_which_0_is_white_looks_the_same_afterwards(tmp_path: Path, reading: Reading) -> None:
    (tmp_path / "a.tif").write_bytes(tiff(PIXELS[:, :, :1], tags={262: 0}))
    for target in ("b.png", "b.tif"):
        assert rewritten(tmp_path / "a.tif", tmp_path / target, reading) == []
        np.testing.assert_array_equal(255 - PIXELS[:, :, 0], np.asarray(Image.open(tmp_path / target)))


def test_a_profile_for_other_colours_is_named(tmp_path: Path) -> None:
    Image.new("CMYK", (4, 4)).save(tmp_path / "a.jpg", icc_profile=bytes(16) + b"CMYK" + bytes(108))
    assert rewritten(tmp_path / "a.jpg", tmp_path / "b.png") == [
        "not kept in a PNG image: ICC profile of other colours (CMYK)"
    ]


def test_thumbnails_previews_and_makers_notes_are_named(tmp_path: Path) -> None:
    block = exif()
    block[0x8769] = {**CAMERA, 0x927C: b"counted from the beginning of the file"}
    whole = block.tobytes()[6:]
    order = "<" if whole.startswith(b"II") else ">"
    # The first directory ends with the place of the next, which would be a thumbnail's.
    place = 10 + 12 * struct.unpack_from(f"{order}H", whole, 8)[0]
    whole = whole[:place] + struct.pack(f"{order}I", len(whole)) + whole[place + 4 :] + bytes(6)
    (tmp_path / "a.png").write_bytes(png(PIXELS, 8, RGB, early=chunk(b"eXIf", whole)))
    assert rewritten(tmp_path / "a.png", tmp_path / "b.png") == ["not kept in a PNG image: thumbnail, MakerNote"]
    save_tiff(tmp_path / "a.tif", {330: (4, 8)})
    assert rewritten(tmp_path / "a.tif", tmp_path / "b.tif") == ["not kept in a TIFF image: previews"]


def _loop() -> bytes:
    """EXIF whose directory is its own EXIF directory."""
    return b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHII", 0x8769, 4, 1, 8) + bytes(4)


def _flood() -> bytes:
    """EXIF of 4,000 tags that share one value of 1 MB."""
    rows = b"".join(struct.pack("<HHII", 1000 + n, 7, 1 << 20, 8) for n in range(4000))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 4000) + rows + bytes(1 << 20)


@pytest.mark.parametrize("target", ["b.png", "b.tif"])
@pytest.mark.parametrize(
    "block",
    [b"", b"nonsense", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff", b"MM\0+\0\x08\0\0", _loop(), _flood()],
    ids=["empty", "nonsense", "nowhere", "too many", "BigTIFF", "loop", "flood"],
)
def test_hostile_exif_costs_neither_the_image_nor_much_room(tmp_path: Path, target: str, block: bytes) -> None:
    (tmp_path / "a.png").write_bytes(png(PIXELS, 8, RGB, early=chunk(b"eXIf", block)))
    (told,) = rewritten(tmp_path / "a.png", tmp_path / target)
    assert told.startswith(f"not kept in a {sniffed(tmp_path / target).upper()} image: ")
    assert len(told) < 1000
    assert (tmp_path / target).stat().st_size < 9 << 20
    with Image.open(tmp_path / target) as image:
        image.load()
        image.getexif()
        np.testing.assert_array_equal(PIXELS, np.asarray(image))


def test_damaged_exif_gives_an_image_that_can_be_read(tmp_path: Path) -> None:
    generator = np.random.default_rng(10)
    whole = exif(6).tobytes()[6:]
    for number in range(60):
        block = bytearray(whole)
        for place in generator.integers(0, len(block), 3):
            block[place] = generator.integers(0, 256)
        target = tmp_path / ("b.png" if number % 2 else "b.tif")
        (tmp_path / "a.png").write_bytes(png(PIXELS, 8, RGB, early=chunk(b"eXIf", bytes(block))))
        assert all("\n" not in line for line in rewritten(tmp_path / "a.png", target))
        with warnings.catch_warnings(), Image.open(target) as image:
            warnings.simplefilter("ignore")  # of numbers of values that are not a tag's
            image.load()
            image.getexif()


@pytest.mark.parametrize("target", ["b.png", "b.tif"])
def test_the_same_image_gives_the_same_bytes(tmp_path: Path, target: str) -> None:
    Image.fromarray(PIXELS).save(tmp_path / "a.jpg", exif=exif(6), icc_profile=PROFILE, comment="c")
    results = []
    for _ in range(2):
        rewritten(tmp_path / "a.jpg", tmp_path / target)
        results.append((tmp_path / target).read_bytes())
    assert results[0] == results[1]


def test_what_a_file_without_metadata_becomes_has_none(tmp_path: Path) -> None:
    Image.fromarray(PIXELS).save(tmp_path / "a.png")
    for target, kind in (("b.png", "png"), ("b.tif", "tiff")):
        assert rewritten(tmp_path / "a.png", tmp_path / target) == []
        plain = BytesIO()
        Image.fromarray(PIXELS).save(plain, kind)
        assert (tmp_path / target).read_bytes() == plain.getvalue()
