"""MXNet: the operator `LRN` of symbols and arrays."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Quirk, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Odd, Parameter, Role

_OPERATOR = "apache/mxnet@b84609d3:src/operator/nn/lrn-inl.h:45-107"
_POOL = "apache/mxnet@b84609d3:3rdparty/mshadow/mshadow/extension/channel_pool.h:57-58,78-80,110-116"

MXNET = Convention(
    name="mxnet",
    aliases=("apache-mxnet", "mx", "mx.nd.LRN"),
    title="MXNet mx.nd.LRN",
    parameters=(
        Parameter("nsize", Role.WINDOW, None, "the whole window", (AtLeast(1), Odd())),
        Parameter("alpha", Role.ALPHA, 1e-4, "divided by nsize"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("knorm", Role.BIAS, 2.0, "added to the sum"),
    ),
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=True,
    layouts=("NCHW",),
    notation=Notation("out", "data", "c"),
    sources=(_OPERATOR, _POOL),
    traps=(
        Trap("knorm is 2 by default, as in the paper, and alpha is divided by nsize, as in Caffe.", _OPERATOR),
        Trap(
            "Its exporter to ONNX writes bias 1 where knorm was left at its default of 2.",
            "apache/mxnet:python/mxnet/onnx/mx2onnx/_op_translations/_op_translations_opset12.py:1112-1115",
        ),
        Trap(
            "ONNX has even windows and MXNet refuses them, so that not every ONNX model can be imported.",
            "apache/mxnet#11281",
        ),
        Trap("There is no normalization within a channel: a Caffe net that has one differs.", "apache/mxnet#4317"),
    ),
    calls=(
        Call(
            language="python",
            setup="import mxnet as mx",
            statement="{y} = mx.nd.LRN({x}, nsize={nsize}, alpha={alpha}, beta={beta}, knorm={knorm})",
            transpose="{y} = mx.nd.transpose({x}, axes=({order}))",
            add_batch="{y} = mx.nd.expand_dims({x}, axis=0)",
            drop_batch="{y} = {x}[0]",
        ),
    ),
    framework="Apache MXNet",
    engine=Engine("MXNet 1.9.1 on a CPU", {"float32": 4e-7}),
    quirks=(
        Quirk(
            "MXNet with oneDNN",
            "takes even windows and windows wider than the channels, which its own kernel refuses: an even one is"
            " summed as the odd one below it",
            "MXNet with oneDNN, run; " + _OPERATOR,
        ),
    ),
)

CONVENTIONS = (MXNET,)
