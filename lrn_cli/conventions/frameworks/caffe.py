"""Caffe: the LRN layer, across channels and within a channel."""

from __future__ import annotations

from lrn_cli.conventions.declaration import (
    ACROSS_CHANNELS,
    BackEnd,
    Call,
    Convention,
    Engine,
    Lookalike,
    Notation,
    Quirk,
    Region,
    Trap,
    WindowRule,
)
from lrn_cli.conventions.parameters import AtLeast, AtMost, Odd, Parameter, Role

# WITHIN_CHANNEL runs Power(2), average pooling over local_size x local_size and Power with a shift of 1, so that k is
# read and never used (lrn_layer.cpp:52); a Caffe built with cuDNN does pass it on.
WITHIN_CHANNEL = Region("WITHIN_CHANNEL", ("H", "W"), fixed_bias=1.0)

_LAYER = "BVLC/caffe@9b891540:src/caffe/layers/lrn_layer.cpp"
_FACTORY = "BVLC/caffe@9b891540:src/caffe/layer_factory.cpp:158-189"

CAFFE = Convention(
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
    notation=Notation("top", "bottom", "c"),
    sources=(
        f"{_LAYER}:11-16,52,107-152",
        "BVLC/caffe@9b891540:src/caffe/proto/caffe.proto:879-895",
        "BVLC/caffe@9b891540:src/caffe/layers/pooling_layer.cpp:201-225",
    ),
    traps=(
        Trap(
            "alpha is divided by local_size: the paper's alpha 1e-4 is 5e-4 here. Caffe's own AlexNet keeps 1e-4,"
            " and so has a fifth of the paper's coefficient.",
            "BVLC/caffe#1453",
        ),
        Trap(
            "WITHIN_CHANNEL divides alpha by local_size squared, at the borders too.",
            "BVLC/caffe@9b891540:src/caffe/layers/pooling_layer.cpp:201-225",
        ),
        Trap(
            "WITHIN_CHANNEL reads k and ignores it: the bias is 1. A Caffe built with cuDNN honours k there, so"
            " that the same prototxt computes two things.",
            f"{_LAYER}:52; src/caffe/layers/cudnn_lcn_layer.cpp:25,36",
        ),
        Trap(
            "k is 1 unless it is given, and before September 2014 none could be given; the paper has 2.",
            "BVLC/caffe#1453; BVLC/caffe commit 502141dd4",
        ),
        Trap(
            "Nets that leave norm_region out are ACROSS_CHANNELS: cifar10_full trained WITHIN_CHANNEL and was"
            " deployed across.",
            "BVLC/caffe#860",
        ),
    ),
    backward_traps=(
        Trap("WITHIN_CHANNEL ignores k in the gradient, too.", "Caffe 9b891540 on a CPU, run"),
        Trap(
            "The formula is right as it is: the correction that was proposed, with dy outside of the sum, is 20 % off.",
            "BVLC/caffe#5105; Caffe 9b891540 on a CPU, run",
        ),
    ),
    calls=(
        Call(
            language="prototxt",
            statement='layer {{\n  name: "{y}"\n  type: "LRN"\n  bottom: "{x}"\n  top: "{y}"\n  lrn_param {{\n'
            "    local_size: {local_size}\n    alpha: {alpha}\n    beta: {beta}\n    k: {k}\n"
            "    norm_region: {norm_region}\n  }}\n}}",
            transpose="# Caffe moves no axes: {y} = numpy.transpose({x}, ({order})) outside of the net",
            add_batch="# {y} = {x}[None], outside of the net",
            drop_batch="# {y} = {x}[0], outside of the net",
            also=(
                "lrn_param {{ engine: {y} }}",
                # pycaffe's NetSpec, `from caffe import layers as L`.
                "caffe.layers.LRN({x}, name={y}, top={y}, in_place={y}, ntop={y}, include={y}, engine={y})",
            ),
        ),
    ),
    regions=(ACROSS_CHANNELS, WITHIN_CHANNEL),
    back_ends=(
        BackEnd(
            "Caffe's cuDNN engine",
            {Role.WINDOW: (AtMost(16),), Role.BIAS: (AtLeast(1e-5),), Role.BETA: (AtLeast(0.01),)},
            f"{_FACTORY}; cudnn.h, CUDNN_LRN_MAX_N, CUDNN_LRN_MIN_K, CUDNN_LRN_MIN_BETA",
        ),
    ),
    framework="Caffe",
    engine=Engine("BVLC Caffe 1.0.0 on a CPU, built from source", {"float32": 3.2e-6, "float64": 1.5e-7}),
    quirks=(
        Quirk(
            "Caffe built with cuDNN",
            "honours k in WITHIN_CHANNEL: what it computes there is onednn with alg=within, or ncnn with region_type=1",
            f"{_FACTORY}; src/caffe/layers/cudnn_lcn_layer.cpp:25,36",
            bites=lambda values: values["norm_region"] == "WITHIN_CHANNEL" and values["k"] != 1,
            shown_by=lambda norm, last: not last and set(norm.window) == {"H", "W"} and norm.bias != 1,
        ),
    ),
    lookalikes=(
        Lookalike(
            "bigdl",
            "SpatialCrossMapLRN(size, alpha, beta, k) divides alpha by an odd size and has Caffe's defaults, 5, 1, 0.75"
            " and 1; read in its documentation, not confirmed by a run",
        ),
        Lookalike(
            "convnetjs",
            "its layer lrn divides alpha by n, which is to be odd, and wants k, n, alpha and beta; from memory, not"
            " confirmed by a run",
        ),
        Lookalike(
            "halcon",
            "create_dl_layer_lrn(LocalSize, Alpha, Beta, K, NormRegion) has Caffe's names, across channels only; give"
            " all numbers, for its defaults are others; that it divides Alpha is not confirmed by a run",
        ),
        Lookalike(
            "acl",
            "Arm Compute Library's NormalizationLayerInfo divides alpha by norm_size unless is_scaled is false; give"
            " all numbers, for its defaults are others; IN_MAP_1D is a line along the width and not Caffe's square"
            " (ARM-software/ComputeLibrary#85); not confirmed by a run",
        ),
        Lookalike(
            "mmdnn",
            "its intermediate form has Caffe's size and divided alpha; read in its source, not confirmed by a run",
        ),
    ),
    order=1,
)

CONVENTIONS = (CAFFE,)
