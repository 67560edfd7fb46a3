"""An image being written: collected in memory, encoded when it is complete."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from lrn_cli.errors import LrnError
from lrn_cli.tensors.images.levels import Levels, colour_range, levels
from lrn_cli.tensors.images.pillow import quiet
from lrn_cli.tensors.images.source import ImageSource
from lrn_cli.tensors.replace import Replacement
from lrn_cli.tensors.targets import check_target, is_stream
from lrn_cli.tensors.tensor import Array, Box, Sink, Source, Writing

_MOST_CHANNELS = 4


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
    check_target(path, force=writing.force)


class ImageSink(Sink):
    """A PNG or TIFF image with 8 bits per channel, or 16 if it is grey and its source has 16.

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
        """Encode the image and make it appear; tell what did not fit into its range."""
        source, channels = self._writing.source, self._writing.shape[2]
        full, wide = full_scale(source), has_16_bits(source)
        low, high = (
            colour_range(self._values, channels - (channels in (2, 4))) if self._writing.stretch else (0.0, full)
        )
        found = self._levels((low, high), full, 65535 if wide and channels == 1 else 255)
        self._save(encoded(found.pixels, self._kind, source))
        for line in found.notices(0, full, stretched=self._writing.stretch):
            self._writing.notice(line)
        if wide and channels > 1:
            kept = "16 bits per channel became 8: colours and transparency are written with 8"
            self._writing.notice(f"{kept}; -o {self._writing.path.with_suffix('.npy')} keeps all")

    def abort(self) -> None:
        """Remove the unfinished file."""
        if self._output is not None:
            self._output.abort()

    def _levels(self, colours: tuple[float, float], full: float, peak: int) -> Levels:
        """The whole numbers; transparency keeps its own range whatever happens to the colours."""
        channels = self._writing.shape[2]
        alpha = channels in (2, 4)
        ranges = [colours] * (channels - alpha) + [(0.0, full)] * alpha
        low, high = np.array(ranges).T
        return levels(self._values, low, high, peak)

    def _save(self, data: bytes) -> None:
        try:
            (self._output.path if self._output is not None else self._writing.path).write_bytes(data)
        except BrokenPipeError:
            raise  # nobody reads any more: no failure of ours
        except OSError as error:
            raise LrnError(f"{self._writing.path}: cannot be written: {error.strerror}", "df -h") from None
        if self._output is not None:
            self._output.commit()


def full_scale(source: Source) -> float:
    """The value that means white: 1, or the largest number where the source gives whole numbers that have one."""
    if source.info.dtype.kind != "u":
        return 1.0
    if isinstance(source, ImageSource) and source.header.peak is not None:
        return float(source.header.peak)
    return float(np.iinfo(source.info.dtype).max)


def has_16_bits(source: Source) -> bool:
    """Whether the source's stored numbers need 16 bits."""
    stored = source.header.dtype if isinstance(source, ImageSource) else source.info.dtype
    return stored.newbyteorder("=") == np.uint16


def encoded(pixels: Array, kind: str, source: Source) -> bytes:
    """The bytes of an image file, the same for the same pixels.

    Args:
        pixels: (H, W, C) of uint8, or (H, W, 1) of uint16.
        kind: `png` or `tiff`.
        source: Its colour profile and resolution are kept if it is an image.
    """
    kept: dict[str, bytes | tuple[float, float]] = {}
    if isinstance(source, ImageSource):
        # A profile describes one colour space: that of a CMYK image does not fit what was made of it.
        profile, space = source.header.icc_profile, b"GRAY" if pixels.shape[2] < 3 else b"RGB "
        if profile is not None and profile[16:20] == space:
            kept["icc_profile"] = profile
        if source.header.dpi is not None:
            kept["dpi"] = source.header.dpi
    buffer = BytesIO()
    with quiet():
        Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(buffer, kind, **kept)
    return buffer.getvalue()
