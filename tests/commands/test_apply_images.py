"""`lrn apply` from images to tensors, and back to images where that is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.arithmetic.exact import formula, ulps
from tests.conftest import Run

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (7, 9, 3), np.uint8)
RGBA = RNG.integers(0, 256, (7, 9, 4), np.uint8)
GREY_ALPHA = RNG.integers(0, 256, (7, 9, 2), np.uint8)
GREY_16 = RNG.integers(0, 65536, (7, 9), np.uint16)


def by_tf(colours: NDArray[Any]) -> NDArray[Any]:
    """What TensorFlow's defaults make of colours."""
    return formula(colours, {2: (5, 5)}, scale=1, bias=1, beta=0.5)


@pytest.fixture(autouse=True)
def images(tmp_path: Path) -> Path:
    for name in ("rgb.png", "rgb.tiff", "rgb.bmp", "rgb.jpg"):
        Image.fromarray(RGB).save(tmp_path / name)
    Image.fromarray(RGB).save(tmp_path / "rgb.webp", lossless=True)
    Image.fromarray(RGBA).save(tmp_path / "rgba.png")
    Image.fromarray(RGBA).save(tmp_path / "rgba.tiff")
    Image.fromarray(GREY_ALPHA).save(tmp_path / "la.png")
    Image.fromarray(GREY_16).save(tmp_path / "grey16.png")
    Image.fromarray(GREY_16).save(tmp_path / "grey16.tiff")
    Image.fromarray(RGB[:, :, 0]).save(tmp_path / "grey.png")
    return tmp_path


@pytest.mark.parametrize("name", ["rgb.png", "rgb.tiff", "rgb.bmp", "rgb.webp", "rgb.jpg", "grey.png"])
def test_an_image_is_read_as_height_width_channels_from_0_to_1(name: str, call: Run, tmp_path: Path) -> None:
    assert call("apply", name, "-o", "y.npy").code == 0
    y = np.load(tmp_path / "y.npy")
    with Image.open(tmp_path / name) as image:
        pixels = np.array(image).reshape(7, 9, -1)
    exact = by_tf((pixels / 255).astype("f4"))
    assert (y.shape, y.dtype.str) == (exact.shape, "<f4")
    assert ulps(y, exact).max() <= 8


@pytest.mark.parametrize(("words", "axis"), [("-c caffe", 2), ("-c pytorch:size=3", 2), ("-c tf --axis -1", 2)])
def test_an_images_channels_are_last_whatever_the_convention(words: str, axis: int, call: Run) -> None:
    report = json.loads(call("apply", "rgb.png", "-o", "y.npy", "--json", *words.split()).out)
    assert (report["layout"], report["channel_axis"], report["channels"]) == ("HWC", axis, 3)


@pytest.mark.parametrize("name", ["grey16.png", "grey16.tiff"])
def test_16_bits_are_divided_by_65535(name: str, call: Run, tmp_path: Path) -> None:
    call("apply", name, "-o", "y.npy")
    exact = by_tf((GREY_16 / 65535).astype("f4")[:, :, None])
    assert ulps(np.load(tmp_path / "y.npy"), exact).max() <= 8


@pytest.mark.parametrize(("name", "pixels"), [("rgb.png", RGB), ("grey16.png", GREY_16[:, :, None])])
def test_raw_pixels_keep_the_stored_numbers(name: str, pixels: NDArray[Any], call: Run, tmp_path: Path) -> None:
    call("apply", name, "-o", "y.npy", "--pixels", "raw", "-c", "tf:alpha=0")
    y = np.load(tmp_path / "y.npy")
    np.testing.assert_array_equal(y, pixels)
    assert y.dtype == np.float32


@pytest.mark.parametrize(("name", "pixels"), [("rgba.png", RGBA), ("rgba.tiff", RGBA), ("la.png", GREY_ALPHA)])
def test_transparency_is_carried_over_and_counts_as_no_channel(
    name: str, pixels: NDArray[Any], call: Run, tmp_path: Path
) -> None:
    unit = (pixels / 255).astype("f4")
    report = json.loads(call("apply", name, "-o", "y.npy", "--json").out)
    y = np.load(tmp_path / "y.npy")
    assert (report["channels"], report["shape"]) == (pixels.shape[2] - 1, list(pixels.shape))
    np.testing.assert_array_equal(y[:, :, -1], unit[:, :, -1])
    assert ulps(y[:, :, :-1], by_tf(unit[:, :, :-1])).max() <= 8


def test_the_orientation_that_exif_says_is_applied(call: Run, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise to see it upright
    Image.fromarray(RGB).save(tmp_path / "turned.png", exif=exif)
    call("apply", "turned.png", "-o", "y.npy", "-c", "tf:alpha=0", "--pixels", "raw")
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), np.rot90(RGB, -1))


@pytest.mark.parametrize(
    ("name", "pixels", "output"),
    [("rgb.png", RGB, "y.png"), ("rgb.bmp", RGB, "y.dat"), ("rgba.png", RGBA, "y.png"), ("rgba.png", RGBA, "y.tiff")],
)
def test_an_image_is_written_with_each_value_rounded_to_8_bits(
    name: str, pixels: NDArray[Any], output: str, lrn: Run, tmp_path: Path
) -> None:
    asked = ["--output-format", "png"] if output == "y.dat" else []
    ended = lrn("apply", name, "-o", output, *asked)
    assert ended.code == 0, ended.err
    expected = pixels.copy()
    expected[:, :, :3] = np.rint(by_tf(pixels[:, :, :3] / 255) * 255)
    with Image.open(tmp_path / output) as image:
        np.testing.assert_array_equal(np.array(image), expected)


@pytest.mark.parametrize("output", ["y.png", "y.tiff"])
def test_a_grey_image_of_16_bits_is_written_with_16_bits(output: str, call: Run, tmp_path: Path) -> None:
    call("apply", "grey16.png", "-o", output, "-c", "tf:alpha=0")
    with Image.open(tmp_path / output) as image:
        np.testing.assert_array_equal(np.array(image), GREY_16)


def test_what_lies_outside_is_clipped_and_counted(call: Run, tmp_path: Path) -> None:
    # A bias of 1/4 doubles every value.
    ended = call("apply", "rgb.png", "-o", "y.png", "-c", "tf:alpha=0,bias=0.25")
    with Image.open(tmp_path / "y.png") as image:
        np.testing.assert_array_equal(np.array(image), np.minimum(RGB.astype(int) * 2, 255))
    assert f"{np.count_nonzero(RGB > 127)} of {RGB.size} values" in ended.err
    assert "--stretch" in ended.err


def test_stretching_maps_the_range_of_the_colours_and_leaves_transparency_alone(call: Run, tmp_path: Path) -> None:
    ended = call("apply", "rgba.png", "-o", "y.png", "--stretch", "-c", "tf")
    colours = by_tf(RGBA[:, :, :3] / 255)
    low, high = colours.min(), colours.max()
    with Image.open(tmp_path / "y.png") as image:
        y = np.array(image)
    np.testing.assert_allclose(y[:, :, :3], ((colours - low) / (high - low) * 255).astype("f8"), atol=0.501)
    np.testing.assert_array_equal(y[:, :, 3], RGBA[:, :, 3])
    assert "warning" not in ended.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [("", "new/rgb.npy"), ("--output-format png", "new/rgb.png"), ("--pixels raw", "new/rgb.npy")],
)
def test_in_a_folder_an_image_becomes_a_tensor_unless_an_image_is_asked_for(
    words: str, expected: str, call: Run, tmp_path: Path
) -> None:
    assert call("apply", "rgb.png", "-o", "new/", *words.split()).code == 0
    assert [file.name for file in (tmp_path / "new").iterdir()] == [Path(expected).name]


BECOME = "lrn: out/: images become .npy files there; --output-format png writes images\n"


# (what is typed, whether it is said)
FOLDERS = [
    (("in", "--recursive", "-o", "out/"), True),
    (("in/a.png", "in/b.png", "-o", "out/"), True),
    (("in/a.png", "in/x.npy", "-o", "out/"), True),
    (("in", "--recursive", "-o", "out/", "--output-format", "png"), False),
    (("in", "--recursive", "-o", "out/{stem}.npy"), False),
    (("in", "--recursive", "-o", "out/", "--dry-run"), False),
    (("in/x.npy", "in/y.npy", "-o", "out/"), False),
]


@pytest.mark.parametrize(("words", "said"), FOLDERS)
def test_that_a_folder_makes_arrays_of_images_is_said_once(
    words: tuple[str, ...], said: bool, call: Run, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    for name in "ab":
        Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(tmp_path / "in" / f"{name}.png")
    for name in "xy":
        np.save(tmp_path / "in" / f"{name}.npy", np.zeros((4, 5, 3), "f4"))
    ended = call("apply", *words, "-c", "tf", "--layout", "HWC")
    assert ended.code == 0, ended.err
    assert ended.err.count("images become") == said
    assert ended.err.startswith(BECOME) == said


def test_a_tensor_with_its_channels_last_can_become_an_image(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", (RGB / 255).astype("f4"))
    assert call("apply", "x.npy", "-o", "y.png", "-c", "tf:alpha=0", "--layout", "HWC").code == 0
    with Image.open(tmp_path / "y.png") as image:
        np.testing.assert_array_equal(np.array(image), RGB)


# (words behind `lrn apply`, what the error or its hint must name)
REFUSED: list[tuple[str, list[str]]] = [
    ("rgb.png -o y.npy -c wolfram", ["rgb.png", "window of 5 channels and the tensor has 3"]),
    ("rgb.png -o y.npy -c caffe --layout CHW", ["rgb.png", "HWC", "CHW"]),
    ("rgb.png -o y.npy -c caffe --axis 0", ["rgb.png", "HWC"]),
    ("rgb.png -o y.npy -c tf --max-pixels 62", ["rgb.png", "63 pixels", "62"]),
    ("rgb.png -o y.jpg -c tf", ["'.jpg'", "-o y.png"]),
    ("rgb.png -o rgb.tiff -c tf", ["rgb.tiff: is there already"]),
    ("rgb.png -o y.png::/a -c tf", ["y.png"]),
    ("flat.npy -o y.png -c tf", ["y.png", "y.npy"]),
    ("batch.npy -o y.png -c tf", ["y.png", "y.npy"]),
    # Its last axis could be taken for colours, but it is the width.
    ("chw.npy -o y.png -c caffe", ["y.png", "CHW"]),
]


@pytest.mark.parametrize(("words", "fragments"), REFUSED, ids=[words for words, _ in REFUSED])
def test_a_refusal_is_one_line_and_a_hint_and_writes_nothing(
    words: str, fragments: list[str], call: Run, tmp_path: Path
) -> None:
    for name, shape in {"flat": (5, 6), "batch": (1, 5, 6, 3), "chw": (3, 5, 4)}.items():
        np.save(tmp_path / f"{name}.npy", np.ones(shape, "f4"))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    call("apply", *words.split()).assert_refused(*fragments)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
