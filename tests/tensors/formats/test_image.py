"""Images, as Pillow writes and reads them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lrn_cli.dtypes import Array
from lrn_cli.tensors.tensor import Reading
from tests.tensors.formats.battery import Battery, Example, random

KINDS = {"png": ".png", "tiff": ".tif", "jpeg": ".jpg", "bmp": ".bmp", "webp": ".webp"}
WRITTEN = ("png", "tiff")
OPTIONS: dict[str, dict[str, Any]] = {"jpeg": {"quality": 90}, "webp": {"lossless": True}}


def load(path: Path) -> Array:
    """The pixels as numbers of 0 to 1 with an axis for the channels."""
    with Image.open(path) as image:
        stored = np.asarray(image)
    pixels = np.atleast_3d(stored).astype("f4")
    return pixels if stored.dtype.kind == "f" else pixels / np.float32(np.iinfo(stored.dtype).max)


def tell(path: Path) -> tuple[object, ...]:
    """The mode, the resolution and the profile."""
    with Image.open(path) as image:
        return image.mode, image.info.get("dpi"), image.info.get("icc_profile")


def image(kind: str, name: str, pixels: Array, *, raw: bool = False) -> Example:
    """An image of these stored numbers."""
    options = OPTIONS.get(kind, {})

    def make(path: Path) -> None:
        Image.fromarray(pixels).save(path, dpi=(300, 300), **options)

    # What Pillow decodes: a JPEG is not what was put in.
    values = np.atleast_3d(_decode(kind, pixels, options))
    expected = values if raw or values.dtype.kind == "f" else values / np.float32(np.iinfo(values.dtype).max)
    load_it = load if kind in WRITTEN and not raw else None
    reading = Reading(raw_pixels=raw)
    return Example(f"{kind}, {name}", kind, KINDS[kind], expected, make, load_it, tell=tell, reading=reading)


def _decode(kind: str, pixels: Array, options: dict[str, Any]) -> Array:
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    with Image.open(buffer) as decoded:
        return np.asarray(decoded)


COLOURS = random((9, 14, 3), "u1")


class TestImage(Battery):
    """Every kind in colour, grey of 8 and 16 bits, transparency, floats."""

    EXAMPLES = (
        *(image(kind, "colours", COLOURS) for kind in KINDS),
        *(image(kind, "stored numbers", COLOURS, raw=True) for kind in KINDS),
        *(image(kind, "grey", COLOURS[:, :, 0]) for kind in WRITTEN),
        *(image(kind, "16 bits", random((9, 14), "u2")) for kind in WRITTEN),
        *(image(kind, "transparency", random((9, 14, 4), "u1")) for kind in WRITTEN),
        image("tiff", "floats", random((9, 14))),
    )
