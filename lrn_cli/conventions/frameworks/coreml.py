"""Core ML: `local_response_norm` of the model intermediate language, LRNLayerParams of neural networks."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Notation, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Odd, Parameter, Role

_MIL = "apple/coremltools@e0e2f42b:coremltools/converters/mil/mil/ops/defs/iOS15/normalization.py:324-381"
_PROTO = "apple/coremltools@e0e2f42b:mlmodel/format/NeuralNetwork.proto:2272-2303"
_SMOKE = "apple/coremltools@e0e2f42b:coremltools/converters/mil/mil/ops/tests/iOS14/test_normalization.py:764-796"

COREML = Convention(
    name="coreml",
    aliases=("core-ml", "coremltools", "mil"),
    title="Core ML local_response_norm",
    parameters=(
        # To which side an even one would reach further is written nowhere.
        Parameter("size", Role.WINDOW, None, "the whole window, localSize in the proto", (AtLeast(1), Odd())),
        Parameter("alpha", Role.ALPHA, 1e-4, "divided by size"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("k", Role.BIAS, 1.0, "added to the sum; in the proto 0 means 1"),
    ),
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=True,
    layouts=("NCHW", "CHW"),
    notation=Notation("y", "x", "c"),
    sources=(_MIL, _PROTO),
    traps=(
        Trap(
            "Its documentation says that the channels are the second axis. What it computes is along the third from"
            " the last: a tensor of rank 3 is C, H, W.",
            f"{_MIL}; {_SMOKE}",
        ),
        Trap("In a neural network's proto a k of 0, or none, is 1.", _PROTO),
        Trap("An even size is refused here: to which side it would reach is written nowhere.", _MIL),
    ),
    calls=(
        Call(
            language="python",
            setup="from coremltools.converters.mil import Builder as mb",
            statement="{y} = mb.local_response_norm(x={x}, size={size}, alpha={alpha}, beta={beta}, k={k})",
            transpose="{y} = mb.transpose(x={x}, perm=[{order}])",
            add_batch="{y} = mb.expand_dims(x={x}, axes=[0])",
            drop_batch="{y} = mb.squeeze(x={x}, axes=[0])",
        ),
    ),
    framework="Core ML",
)

CONVENTIONS = (COREML,)
