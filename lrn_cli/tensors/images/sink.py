"""An image being written: collected in memory, encoded when it is complete."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.images.keeping import add_metadata
from lrn_cli.tensors.images.levels import colour_range, levels
from lrn_cli.tensors.images.metadata import Metadata
from lrn_cli.tensors.images.pillow import quiet
from lrn_cli.tensors.images.source import PictureSource
from lrn_cli.tensors.replace import Replacement
from lrn_cli.tensors.targets import check_target, is_stream
from lrn_cli.tensors.tensor import Sink, Source, Writing

_MOST_CHANNELS = 4
_DARK = 1 / 64
"""The share of an image's range below which hardly any levels are left of its values."""


def check_image(writing: Writing, kind: str) -> None:
    """Refuse an output that is no image.

    Raises:
        LrnError: The shape is not (H, W, C) with 1 to 4 channels, a dataset is named, or the path cannot be written.
    """
    shape, path = writing.shape, writing.path
    if writing.member:
        raise LrnError(f"{path}: a {kind} image holds no datasets, but {writing.member} is named", f"-o {path}")
    if len(shape) != 3 or not 1 <= shape[2] <= _MOST_CHANNELS or 0 in shape:
        what = f"the shape {shape} is not an image's: height, width and 1 to 4 channels"
        raise LrnError(f"{path}: {what}", f"-o {path.with_suffix('.npy')}")
    check_target(path, force=writing.force, source=writing.source.path)


class ImageSink(Sink):
    """A PNG or TIFF image with 8 bits per channel, or if it is grey as many as its source has.

    Grey is written with 16 bits where the source has 16, and in TIFF as float32 where it has no such whole numbers.

    Args:
        writing: What to write. Values of 0..1 become the image's range (0..255 or the like where the source gave
            stored numbers); channels are grey, grey and alpha, RGB, or RGBA.
        kind: `png` or `tiff`.

    Raises:
        LrnError: As `check_image`, or the folder refuses the file.
    """

    def __init__(self, writing: Writing, kind: str) -> None:
        check_image(writing, kind)
        self._writing, self._kind = writing, kind
        source = writing.source
        self._metadata = source.metadata() if isinstance(source, PictureSource) else Metadata()
        self._output = (
            None if is_stream(writing.path) else Replacement(writing.path, force=writing.force, fsync=writing.fsync)
        )
        self._values = np.zeros(writing.shape, writing.dtype)

    def write(self, box: Box, block: Array) -> None:
        """Keep a block; blocks of a source in Fortran order come with their axes reversed."""
        if self._writing.source.info.fortran_order:
            box, block = box[::-1], block.T
        self._values[box] = block

    def commit(self) -> None:
        """Encode the image and make it appear; tell what did not fit into it."""
        lines: list[str] = []
        pixels = self._floats(lines) if self._keeps_floats() else self._whole_numbers(lines)
        with self._writing.long_call():
            data, lost = add_metadata(encode(pixels, self._kind), self._kind, pixels.shape[2], self._metadata)
        lines += [f"not kept in a {self._kind.upper()} image: {', '.join(lost)}"] * bool(lost)
        self._save(data)
        for line in lines:
            self._writing.notice(line)

    def abort(self) -> None:
        """Remove the unfinished file."""
        if self._output is not None:
            self._output.abort()

    def _keeps_floats(self) -> bool:
        """Whether the values are written as they are: what no whole numbers were made for, in what can hold it."""
        one = self._writing.shape[2] == 1
        return self._kind == "tiff" and one and not self._writing.stretch and not has_levels(self._writing.source)

    def _floats(self, lines: list[str]) -> Array:
        """The values in the only floating-point numbers that Pillow writes."""
        with np.errstate(over="ignore"):
            values = self._values.astype(np.float32)
        if self._writing.dtype.itemsize > values.dtype.itemsize:
            lines.append(f"{self._writing.dtype.name} numbers became float32; {self._keeper()} keeps all")
        return values

    def _whole_numbers(self, lines: list[str]) -> Array:
        """The values as 8 bits, or as 16 where they are grey and came so."""
        writing, source, channels = self._writing, self._writing.source, self._writing.shape[2]
        full, wide = full_scale(source), has_16_bits(source)
        colours = channels - (channels in (2, 4))
        low, high = colour_range(self._values, colours) if writing.stretch else (0.0, full)
        peak = 65535 if wide and channels == 1 else 255
        # Transparency keeps its own range whatever happens to the colours.
        ranges = [(low, high)] * colours + [(0.0, full)] * (channels - colours)
        lows, highs = np.array(ranges).T
        found = levels(self._values, lows, highs, peak)
        lines += found.notices(0, full, stretched=writing.stretch)
        if not writing.stretch:
            most = float(np.fmax.reduce(self._values[:, :, :colours], axis=None))  # past what is not a number
            lines += darkness(most, full)
        if wide and channels > 1:
            kept = "16 bits per channel became 8: colours and transparency are written with 8"
            lines.append(f"{kept}; {self._keeper()} keeps all")
        elif not has_levels(source) and not writing.stretch:
            lines.append(f"{stored_dtype(source)} numbers became 8 bits per channel; {self._keeper()} keeps all")
        # Of a file's own numbers 0 may be white, in what is written it is black.
        inverted = isinstance(source, PictureSource) and source.inverted
        return peak - found.pixels if inverted else found.pixels

    def _keeper(self) -> str:
        return f"-o {self._writing.path.with_suffix('.npy')}"

    def _save(self, data: bytes) -> None:
        try:
            (self._output.path if self._output is not None else self._writing.path).write_bytes(data)
        except BrokenPipeError:
            raise  # nobody reads any more: no failure of ours
        except OSError as error:
            raise LrnError(f"{self._writing.path}: cannot be written: {error.strerror}", "df -h") from None
        if self._output is not None:
            self._output.commit()


def darkness(most: float, full: float) -> list[str]:
    """What is to be said of values that are next to nothing on the scale of the stored numbers.

    Args:
        most: The largest.
        full: The value that means white.
    """
    if full == 1 or not 0 < most < full * _DARK:
        return []
    return [f"the values reach {most:g} of 0..{full:g}, most of it is lost; --stretch maps them instead"]


def full_scale(source: Source) -> float:
    """The value that means white: 1, or the largest number where the source gives whole numbers that have one."""
    if source.info.dtype.kind != "u":
        return 1.0
    if isinstance(source, PictureSource) and source.peak is not None:
        return float(source.peak)
    return float(np.iinfo(source.info.dtype).max)


def stored_dtype(source: Source) -> np.dtype[Any]:
    """Of the numbers in the source's file, in this machine's byte order."""
    stored = source.stored_dtype if isinstance(source, PictureSource) else source.info.dtype
    return stored.newbyteorder("=")


def has_16_bits(source: Source) -> bool:
    """Whether the source's stored numbers need 16 bits."""
    return stored_dtype(source) == np.uint16


def has_levels(source: Source) -> bool:
    """Whether the source's stored numbers are those of which pictures are made."""
    return stored_dtype(source) in (np.bool_, np.uint8, np.uint16)


def encode(pixels: Array, kind: str) -> bytes:
    """The bytes of an image file that says nothing but its pixels, the same for the same pixels.

    Args:
        pixels: (H, W, C) of uint8, or (H, W, 1) of uint16 or, in TIFF, float32.
        kind: `png` or `tiff`.
    """
    buffer = BytesIO()
    with quiet():
        Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(buffer, kind)
    return buffer.getvalue()
