"""What people should know of a convention beside its numbers: what goes wrong, who takes less, how to call it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from lrn_cli.conventions.parameters import Limit, Role


class Notation(NamedTuple):
    """The framework's own words for the tensors and for the channel at hand.

    Attributes:
        output: The result.
        input: The activations.
        channel: The index of the channel at hand.
    """

    output: str
    input: str
    channel: str


class Trap(NamedTuple):
    """What people get wrong.

    Attributes:
        text: One or two sentences.
        source: Where it is told or can be seen.
    """

    text: str
    source: str


class BackEnd(NamedTuple):
    """An implementation that takes less than the convention says.

    Attributes:
        name: As in "TensorFlow on a GPU".
        limits: What it takes of the parameter in each role.
        source: Where that stands.
    """

    name: str
    limits: Mapping[Role, tuple[Limit, ...]]
    source: str


class Call(NamedTuple):
    """How the normalization is called: one statement each, in which `{x}` and `{y}` are names of tensors.

    Attributes:
        language: What `--format` calls it.
        statement: The call, with the parameters' names in braces.
        transpose: Moves axes; `{order}` is for each axis of the result where it comes from, counted from 0, `{places}`
            for each axis of the input where it goes, counted from 1.
        add_batch: Puts an axis of length 1 in front.
        drop_batch: Takes the first of a batch.
        setup: What comes before.
        comment: A comment, `{text}` in it.
        number: How the language writes a number.
    """

    language: str
    statement: str
    transpose: str
    add_batch: str
    drop_batch: str
    setup: str = ""
    comment: str = "# {text}"
    number: Callable[[float], str] = repr


EVERYWHERE = (
    Trap(
        "An even window cannot be centred. PyTorch, Paddle and cuda-convnet take the extra channel before, ONNX,"
        " cuDNN and MATLAB after, the AlexNet paper on both sides; Caffe and neupy refuse it.",
        "pytorch/pytorch#75722; apache/mxnet#11281",
    ),
    Trap(
        "With bias 0, scale 1 and beta 1/2 over all channels it is L2 normalization: every pixel gets length 1."
        " With any other numbers it is not.",
        "tensorflow: lite/kernels/local_response_norm_test.cc, SameAsL2Norm",
    ),
    Trap(
        "It is not batch normalization: nothing is subtracted, nothing is learnt, no mean or variance is kept, and"
        " no example depends on the others of its batch; training and inference compute the same.",
        "Ioffe and Szegedy 2015, Batch Normalization, section 3; Krizhevsky et al. 2012, section 3.3",
    ),
)
"""What people get wrong whatever the framework."""
