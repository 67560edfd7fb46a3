"""What becomes of values in a TIFF file: a picture as Pillow makes it, or numbers, of any number of channels."""

from __future__ import annotations

from lrn_cli.errors import LrnError
from lrn_cli.tensors.images.sink import ImageSink, check_image, has_16_bits, has_levels, stored_dtype
from lrn_cli.tensors.images.tiff.codecs import is_installed, missing
from lrn_cli.tensors.images.tiff.output import storage_for
from lrn_cli.tensors.images.tiff.sink import TiffSink
from lrn_cli.tensors.images.tiff.source import PageSource, StackSource
from lrn_cli.tensors.targets import is_stream
from lrn_cli.tensors.tensor import Sink, Writing

_MOST_CHANNELS, _OF_PICTURES = 1 << 16, 4


def check(writing: Writing) -> None:
    """Refuse what is neither an image nor a stack of them, or is no picture where the extra is missing.

    Raises:
        LrnError: As `check_image`; also where it takes the extra.
    """
    shape, path = writing.shape, writing.path
    if not _is_array(shape):
        check_image(writing, "tiff")
    elif not (len(shape) == 3 and shape[2] <= _OF_PICTURES):
        if writing.stretch:
            what = f"--stretch makes a picture of 1 to {_OF_PICTURES} channels, and the shape is {shape}"
            raise LrnError(f"{path}: {what}", f"-o {path} without --stretch")
        if not is_installed():
            raise missing(path, f"the shape {shape} is more than an image's, which takes tifffile in a TIFF file")
        if is_stream(path):
            raise LrnError(
                f"{path}: is a pipe, and a TIFF file of that shape {shape} is not written in order", "-o x.tif"
            )
    elif shape[2] > 1 and not (writing.stretch or has_levels(writing.source) or is_installed()):
        raise missing(
            path, f"{stored_dtype(writing.source)} numbers of {shape[2]} channels take tifffile in a TIFF file"
        )
    check_image(writing._replace(shape=(*shape[-3:-1], 1)) if _is_array(shape) else writing, "tiff")


def _is_array(shape: tuple[int, ...]) -> bool:
    return len(shape) in (3, 4) and 0 not in shape and shape[-1] < _MOST_CHANNELS


def create(writing: Writing) -> Sink:
    """Begin a picture, or numbers as they are.

    Raises:
        LrnError: As `check`.
    """
    check(writing)
    if writing.source.left_behind:
        writing.notice(f"{writing.path}: not kept of {writing.source.path}: {writing.source.left_behind}")
    if is_picture(writing):
        return ImageSink(writing, "tiff")
    return TiffSink(writing, storage_for(writing))


def is_picture(writing: Writing) -> bool:
    """Whether values become a picture: the source is one, it is asked for, or nothing else can be written."""
    source, shape = writing.source, writing.shape
    if writing.stretch or not is_installed() or is_stream(writing.path):
        return True
    if isinstance(source, (PageSource, StackSource)):
        return False  # of four bands the last is no transparency
    if len(shape) != 3 or shape[2] > _OF_PICTURES or not has_levels(source):
        return False
    # Pillow writes 16 bits of grey, and of colours 8.
    return shape[2] == 1 or not has_16_bits(source)
