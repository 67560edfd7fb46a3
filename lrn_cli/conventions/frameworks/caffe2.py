"""Caffe2: the operator LRN."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Quirk, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_OPERATOR = "pytorch/pytorch:caffe2/operators/local_response_normalization_op.h"
_RUN = "Caffe2 in torch 1.8.1 on a CPU, run"

CAFFE2 = Convention(
    name="caffe2",
    aliases=("caffe2.LRN",),
    title="Caffe2 operator LRN",
    parameters=(
        # Its own default is 0, with which it writes outside of its memory.
        Parameter("size", Role.WINDOW, None, "the whole window; its own default of 0 crashes", (AtLeast(1),)),
        Parameter("alpha", Role.ALPHA, 0.0, "divided by size"),
        Parameter("beta", Role.BETA, 0.0, "the exponent"),
        Parameter("bias", Role.BIAS, 1.0, "added to the sum"),
        Parameter("order", Role.LAYOUT, "NCHW", "where the channels are", choices=("NCHW", "NHWC")),
    ),
    window=WindowRule.EXTRA_AFTER,
    alpha_is_divided=True,
    dtypes=("float32",),
    layouts=("NCHW",),
    layouts_by={"NCHW": ("NCHW",), "NHWC": ("NHWC",)},
    notation=Notation("Y", "X", "c"),
    sources=(_OPERATOR, _RUN),
    traps=(
        Trap("alpha and beta are 0 by default, which normalises nothing; ONNX's are 1e-4 and 0.75.", "pytorch#8134"),
        Trap(
            "That size is odd is checked in debug builds only: released ones take an even size, with the extra channel"
            " after, as ONNX.",
            f"{_OPERATOR}; {_RUN}",
        ),
        Trap(
            "It slides a running sum over the channels, and is off by up to 9e-5 of the value.",
            _RUN,
        ),
        Trap("It has no WITHIN_CHANNEL: a net in which that was made ACROSS_CHANNELS is another net.", "caffe2#1215"),
    ),
    backward_traps=(
        Trap(
            "In NHWC, under an even size, the gradient's sum is not mirrored: it is not the derivative of the forward"
            " pass. In NCHW it is.",
            "Caffe2 in torch 1.8.1 on a CPU, run",
        ),
    ),
    calls=(
        Call(
            language="python",
            setup="from caffe2.python import core\n\nops = []",
            statement='ops.append(core.CreateOperator("LRN", ["{x}"], ["{y}", "{y}_scale"], size={size},'
            ' alpha={alpha}, beta={beta}, bias={bias}, order="{order}"))',
            transpose='ops.append(core.CreateOperator("Transpose", ["{x}"], ["{y}"], axes=[{order}]))',
            add_batch='ops.append(core.CreateOperator("ExpandDims", ["{x}"], ["{y}"], dims=[0]))',
            drop_batch='ops.append(core.CreateOperator("Squeeze", ["{x}"], ["{y}"], dims=[0]))',
        ),
    ),
    framework="Caffe2",
    engine=Engine("Caffe2 in torch 1.8.1 on a CPU", {"float32": 9e-5}),
    quirks=(
        Quirk("Caffe2", "drops the fifth axis of a tensor of rank 5, and leaves the rest of the output unset", _RUN),
    ),
)

CONVENTIONS = (CAFFE2,)
