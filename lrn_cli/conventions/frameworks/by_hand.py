"""Slips of those who write the normalization themselves: described and recognised, never offered."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.oddity import Oddity, Shows

_NAMES = ("window", "bias", "alpha", "beta")


def _without_the_end(window: int, channel: int, channels: int, _: int) -> dict[int, int]:
    """The paper's sum from max(0, c - n/2) to min(C - 1, c + n/2), as a slice that leaves out its end."""
    half = window // 2
    return dict.fromkeys(range(max(0, channel - half), min(channels - 1, channel + half)), 1) if window % 2 else {}


def _one_too_far(window: int, channel: int, channels: int, _: int) -> dict[int, int]:
    half = window // 2
    return dict.fromkeys(range(max(0, channel - half + 1), min(channels, channel + half + 2)), 1) if window % 2 else {}


def _one_too_early(window: int, channel: int, channels: int, _: int) -> dict[int, int]:
    half = window // 2
    return dict.fromkeys(range(max(0, channel - half - 1), min(channels, channel + half)), 1) if window % 2 else {}


ODDITIES = (
    Oddity(
        name="average-in-range",
        aliases=("same-padding", "count-include-pad"),
        title="an average over what is in range",
        parameters=_NAMES,
        text="The sum is divided by how many elements of the window lie in the tensor, so that alpha is divided by less"
        " at the borders: so does a pooling that does not count its padding (TensorFlow and Keras with padding='same',"
        " PyTorch with count_include_pad=False). All frameworks divide by the whole window.",
        instead="count the padding, or pad with zeros and pool without; -c caffe and -c pytorch divide so",
        sources=(
            "tf.nn.avg_pool with padding='SAME' and torch.nn.AvgPool2d count_include_pad, in their documentation",
        ),
        shows=Shows.AVERAGE,
        of_a_batch=False,
    ),
    Oddity(
        name="without-the-end",
        aliases=("exclusive-end",),
        title="a slice that leaves out its end",
        parameters=_NAMES,
        text="The paper sums from max(0, c - n/2) to min(C - 1, c + n/2), that channel included; as a slice or a range"
        " it is left out, and the last channel counts nowhere.",
        instead="end the slice one later, at c + n//2 + 1",
        sources=("Krizhevsky, Sutskever, Hinton 2012, 3.3; Python's range and slices",),
        terms=_without_the_end,
        of_a_batch=False,
    ),
    Oddity(
        name="one-too-far",
        aliases=("shifted-after",),
        title="a window that lies one channel too far",
        parameters=_NAMES,
        text="It reaches from c - n/2 + 1 to c + n/2 + 1: channels are counted from 1 in one place and from 0 in the"
        " other.",
        instead="shift the window by one",
        sources=("no framework is known to do so",),
        terms=_one_too_far,
        of_a_batch=False,
    ),
    Oddity(
        name="one-too-early",
        aliases=("shifted-before",),
        title="a window that lies one channel too early",
        parameters=_NAMES,
        text="It reaches from c - n/2 - 1 to c + n/2 - 1: channels are counted from 1 in one place and from 0 in the"
        " other.",
        instead="shift the window by one",
        sources=("no framework is known to do so",),
        terms=_one_too_early,
        of_a_batch=False,
    ),
)

CONVENTIONS: tuple[Convention, ...] = ()
