"""Caffe: the LRN layer, across channels and within a channel."""

from __future__ import annotations

from lrn_cli.conventions.declaration import (
    ACROSS_CHANNELS,
    AtLeast,
    Convention,
    Odd,
    Parameter,
    Region,
    Role,
    WindowRule,
)

# WITHIN_CHANNEL runs Power(2), average pooling over local_size x local_size and Power with a shift of 1, so that k is
# read and never used (lrn_layer.cpp:52); a Caffe built with cuDNN does pass it on.
WITHIN_CHANNEL = Region("WITHIN_CHANNEL", ("H", "W"), fixed_bias=1.0)

CONVENTION = Convention(
    name="caffe",
    aliases=("bvlc-caffe", "caffe1"),
    title="Caffe LRN layer (lrn_param)",
    parameters=(
        Parameter("local_size", Role.WINDOW, 5, "the whole window", (AtLeast(1), Odd())),
        Parameter("alpha", Role.ALPHA, 1.0, "divided by local_size, within a channel by its square"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("k", Role.BIAS, 1.0, "added to the sum; ignored within a channel, where it is 1"),
        Parameter(
            "norm_region",
            Role.REGION,
            "ACROSS_CHANNELS",
            "sum over neighbouring channels, or over a square of the same channel",
            choices=("ACROSS_CHANNELS", "WITHIN_CHANNEL"),
        ),
    ),
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=True,
    layouts=("NCHW", "CHW"),
    sources=(
        "BVLC/caffe@9b891540:src/caffe/layers/lrn_layer.cpp:11-16,52,107-152",
        "BVLC/caffe@9b891540:src/caffe/proto/caffe.proto:879-895",
        "BVLC/caffe@9b891540:src/caffe/layers/pooling_layer.cpp:201-225",
    ),
    regions=(ACROSS_CHANNELS, WITHIN_CHANNEL),
)
