"""ncnn and MNN, whose layers LRN are alike."""

from __future__ import annotations

from lrn_cli.conventions.declaration import (
    ACROSS_CHANNELS,
    Call,
    Convention,
    Engine,
    Notation,
    Quirk,
    Region,
    Trap,
    WindowRule,
)
from lrn_cli.conventions.oddity import Oddity, Shows
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_NCNN = "ncnn 1.0.20261020 on a CPU, run"
_MNN = "MNN 3.6.1 on a CPU, run"
_CONVERTED = "mnnconvert 3.6.1, run, and its output read; alibaba/MNN#192"

_REGIONS = (Region(0, ACROSS_CHANNELS.axes), Region(1, ("H", "W")))
_WITHIN = "0 over neighbouring channels, 1 over a square of the same channel"
_SIZE = "the whole window, along each axis"
_ALPHA = "divided by the size, within a channel by its square"
_BIAS = "added to the sum, within a channel too"

NCNN = Convention(
    name="ncnn",
    aliases=("tencent-ncnn",),
    title="ncnn layer LRN",
    parameters=(
        Parameter("region_type", Role.REGION, 0, _WITHIN, choices=(0, 1)),
        Parameter("local_size", Role.WINDOW, 5, _SIZE, (AtLeast(1),)),
        Parameter("alpha", Role.ALPHA, 1.0, _ALPHA),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("bias", Role.BIAS, 1.0, _BIAS),
    ),
    window=WindowRule.EXTRA_BEFORE,
    alpha_is_divided=True,
    layouts=("CHW", "NCHW"),
    notation=Notation("top", "bottom", "q"),
    sources=(_NCNN,),
    traps=(
        Trap("An even local_size takes its extra channel before, and its extra row and column too.", _NCNN),
        Trap("bias counts within a channel, where Caffe on a CPU takes 1 whatever is given.", _NCNN),
        Trap("It has no batch: a tensor of rank 4 is C, D, H, W there, and NCHW here.", _NCNN),
    ),
    calls=(
        Call(
            language="ncnn",
            statement="LRN {y} 1 1 {x} {y} 0={region_type} 1={local_size} 2={alpha} 3={beta} 4={bias}",
            transpose="# ncnn moves no axes: {y} = numpy.transpose({x}, ({order})) outside of the net",
            add_batch="# {y} = {x}[None], outside of the net",
            drop_batch="# {y} = {x}[0], outside of the net",
        ),
    ),
    regions=_REGIONS,
    framework="ncnn",
    engine=Engine("ncnn 1.0.20261020 on a CPU", {"float32": 1.1e-6}),
    quirks=(
        Quirk(
            "ncnn",
            "normalises only the first slice along D of a tensor of rank 4 (C, D, H, W), and hands on the others",
            _NCNN,
        ),
        Quirk(
            "ncnn",
            "sees one channel in a tensor of rank 1 or 2: each element is divided by its own square alone",
            _NCNN,
        ),
    ),
)

MNN = Convention(
    name="mnn",
    aliases=("alibaba-mnn",),
    title="MNN op LRN",
    parameters=(
        Parameter("regionType", Role.REGION, 0, _WITHIN, choices=(0, 1)),
        Parameter("localSize", Role.WINDOW, None, _SIZE, (AtLeast(1),)),
        Parameter("alpha", Role.ALPHA, None, _ALPHA),
        Parameter("beta", Role.BETA, None, "the exponent"),
        Parameter("bias", Role.BIAS, 1.0, _BIAS),
    ),
    window=WindowRule.EXTRA_BEFORE,
    alpha_is_divided=True,
    layouts=("NCHW",),
    notation=Notation("output", "input", "c"),
    sources=(_MNN,),
    traps=(
        Trap("An even localSize takes its extra channel before, and its extra row and column too.", _MNN),
        Trap("mnnconvert loses Caffe's k and TensorFlow's bias: it writes 1.", _CONVERTED),
        Trap(
            "mnnconvert makes localSize 2r+1 of TensorFlow's radius and leaves alpha as it is, which MNN then divides"
            " by 2r+1: a converted net is wrong by that factor.",
            _CONVERTED,
        ),
    ),
    calls=(
        Call(
            language="mnn",
            statement='{{"type": "LRN", "main_type": "LRN", "main": {{"regionType": {regionType},'
            ' "localSize": {localSize}, "alpha": {alpha}, "beta": {beta}, "bias": {bias}}}}}',
            transpose="# outside of the net: {y} = numpy.transpose({x}, ({order}))",
            add_batch="# outside of the net: {y} = {x}[None]",
            drop_batch="# outside of the net: {y} = {x}[0]",
        ),
    ),
    regions=_REGIONS,
    framework="MNN",
    engine=Engine("MNN 3.6.1 on a CPU", {"float32": 2.3e-7}),
    quirks=(
        Quirk(
            "MNN's converter mnnconvert",
            "loses Caffe's k and TensorFlow's bias, and writes 1",
            _CONVERTED,
            bites=lambda values: values["bias"] != 1,
            converting=True,
        ),
        Quirk(
            "MNN's converter mnnconvert",
            "does not rescale TensorFlow's alpha, which MNN divides by localSize",
            _CONVERTED,
            bites=lambda values: values["localSize"] > 1 and values["localSize"] % 2 == 1,
            converting=True,
        ),
    ),
)

ODDITIES = (
    Oddity(
        name="ncnn-rank-4",
        aliases=(),
        title="ncnn, tensors of rank 4",
        parameters=("local_size", "bias", "alpha", "beta"),
        text="Of a tensor of rank 4 (C, D, H, W) only the first slice along D is normalised, and the others come"
        " through as they are.",
        instead="-c ncnn is what it computes of C, H, W",
        sources=(_NCNN,),
        shows=Shows.FIRST_SLICE,
    ),
    Oddity(
        name="mnn-caffe",
        aliases=("mnnconvert-caffe",),
        title="MNN's converter mnnconvert, of Caffe models",
        parameters=("local_size", "k", "alpha", "beta"),
        text="It loses Caffe's k and writes 1. An even local_size, which Caffe refuses, is taken, and reaches one"
        " further before.",
        instead="-c mnn is what MNN computes of the numbers in its own file",
        sources=(_CONVERTED,),
        shows=Shows.OTHER_NUMBERS,
    ),
    Oddity(
        name="mnn-tf",
        aliases=("mnnconvert-tf", "mnn-tensorflow"),
        title="MNN's converter mnnconvert, of TensorFlow models",
        parameters=("depth_radius", "bias", "alpha", "beta"),
        text="It writes localSize 2r+1, leaves alpha as it is, which MNN then divides by 2r+1, and loses the bias, for"
        " which it writes 1: a converted net is wrong by a factor of 2r+1 in alpha.",
        instead="-c mnn is what MNN computes of the numbers in its own file",
        sources=(_CONVERTED,),
        shows=Shows.OTHER_NUMBERS,
    ),
)

CONVENTIONS = (NCNN, MNN)
