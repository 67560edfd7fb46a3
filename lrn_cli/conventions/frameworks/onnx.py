"""ONNX: the LRN operator, opsets 1 and 13."""

from __future__ import annotations

from lrn_cli.conventions.declaration import BackEnd, Call, Convention, Notation, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Odd, Parameter, Role

_SPECIFICATION = "onnx/onnx@f7546912:onnx/defs/nn/defs.cc:2047-2102"
# onnxruntime enforces alpha > 0 and beta > 0; the least positive float32 says the same of the numbers it computes with.
_POSITIVE = AtLeast(1.401298464324817e-45)
_NODE = "nodes.append(helper.make_node({}))"

ONNX = Convention(
    name="onnx",
    aliases=("onnxruntime", "ort"),
    title="ONNX LRN operator",
    parameters=(
        # From c-floor((size-1)/2) to c+ceil((size-1)/2): an even size reaches one further after.
        Parameter("size", Role.WINDOW, None, "the whole window", (AtLeast(1),)),
        Parameter("alpha", Role.ALPHA, 1e-4, "divided by size"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("bias", Role.BIAS, 1.0, "added to the sum"),
    ),
    window=WindowRule.EXTRA_AFTER,
    alpha_is_divided=True,
    layouts=("NC...",),
    notation=Notation("Y", "X", "c"),
    sources=(_SPECIFICATION,),
    traps=(
        Trap(
            "alpha is divided by size: from TensorFlow size is 2r+1 and alpha times that.", "onnx/tensorflow-onnx#602"
        ),
        Trap("An even size takes its extra channel after, PyTorch's before.", "pytorch/pytorch#75722"),
        Trap(
            "The specification has any number of axes, onnxruntime's kernel for CPUs takes four only.",
            "microsoft/onnxruntime@0c2d8019:onnxruntime/core/providers/cpu/nn/lrn.cc",
        ),
        Trap(
            "MXNet's exporter writes bias 1 where knorm was left at its default of 2.",
            "apache/mxnet:python/mxnet/onnx/mx2onnx/_op_translations/_op_translations_opset12.py:1112-1115",
        ),
        Trap(
            "The reference evaluator of August 2026 walks over the batch instead of the channels: it is no oracle.",
            "onnx/onnx#7805",
        ),
        Trap(
            "onnxruntime slides a running sum over the channels, and is off by up to 6e-5 of the value.",
            "microsoft/onnxruntime@0c2d8019:onnxruntime/core/providers/cpu/nn/lrn.cc",
        ),
    ),
    calls=(
        Call(
            language="python",
            setup="from onnx import helper\n\nnodes = []",
            statement=_NODE.format('"LRN", ["{x}"], ["{y}"], size={size}, alpha={alpha}, beta={beta}, bias={bias}'),
            transpose=_NODE.format('"Transpose", ["{x}"], ["{y}"], perm=[{order}]'),
            add_batch=_NODE.format('"Constant", [], ["first"], value_ints=[0]')
            + "\n"
            + _NODE.format('"Unsqueeze", ["{x}", "first"], ["{y}"]'),
            also=('helper.make_node("LRN", inputs=["{x}"], outputs=["{y}"], name={y}, doc_string={y}, domain={y})',),
            drop_batch=_NODE.format('"Squeeze", ["{x}", "first"], ["{y}"]'),
        ),
    ),
    back_ends=(
        BackEnd(
            "onnxruntime on a CPU",
            {Role.WINDOW: (Odd(),), Role.ALPHA: (_POSITIVE,), Role.BETA: (_POSITIVE,)},
            "microsoft/onnxruntime@076ffcdf:onnxruntime/core/providers/cpu/nn/lrn.h",
        ),
    ),
)

CONVENTIONS = (ONNX,)
