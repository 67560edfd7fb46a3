"""ONNX: the LRN operator, opsets 1 and 13."""

from __future__ import annotations

from lrn_cli.conventions.declaration import (
    BackEnd,
    Call,
    Convention,
    Engine,
    Lookalike,
    Notation,
    Quirk,
    Trap,
    WindowRule,
)
from lrn_cli.conventions.oddity import Oddity
from lrn_cli.conventions.parameters import AtLeast, Odd, Parameter, Role

_SPECIFICATION = "onnx/onnx@f7546912:onnx/defs/nn/defs.cc:2047-2102"
# onnxruntime enforces alpha > 0 and beta > 0; the least positive float32 says the same of the numbers it computes with.
_POSITIVE = AtLeast(1.401298464324817e-45)
_NODE = "nodes.append(helper.make_node({}))"


def _is_rounder(scale: float, width: int) -> bool:
    """Whether one more than the window's width is the rounder divisor of the scale."""
    fewer, more = (f"{scale * divisor:.6g}".strip("0.").replace(".", "") for divisor in (width, width + 1))
    return scale != 0 and len(more.partition("e")[0]) < len(fewer.partition("e")[0])


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
    framework="ONNX",
    engine=Engine(
        "onnxruntime 1.31.1 on a CPU (odd sizes), onnx 1.23.2 (even ones)",
        {"float16": 8e-4, "float32": 6e-5, "float64": 1e-7},
    ),
    quirks=(
        Quirk(
            "ONNX's reference evaluator (onnx 1.23.2)",
            "walks over the batch instead of the channels, and is right only where both are as many: channels beyond"
            " the batch's length are divided by bias^beta alone",
            "onnx/onnx#7805; onnx 1.23.2, run",
        ),
        Quirk(
            "onnx-tensorflow 1.10.0",
            "sums one channel less for an even size, and still divides alpha by it",
            "onnx_tf/handlers/backend/lrn.py:16-29; run",
            bites=lambda values: values["size"] % 2 == 0,
            shown_by=lambda norm, last: (
                not last
                and set(norm.window) == {"C"}
                and norm.window["C"].width % 2 == 1
                and _is_rounder(norm.scale, norm.window["C"].width)
            ),
        ),
    ),
    lookalikes=(
        Lookalike("tract", "its ONNX operator, run as tract 0.23.9: the same for every size, rank and type tried"),
        Lookalike("tinygrad", "its ONNX operator, run as tinygrad 0.14.0: the same, tensors of rank 4 only"),
        Lookalike(
            "neoml",
            "its layer has ONNX's window, an even one reaching one further after, and divided alpha; read in its"
            " source, not confirmed by a run",
        ),
        Lookalike(
            "webnn",
            "WebNN has no such operator; onnxruntime takes it apart, and an even size then seems to lose a channel;"
            " read in its source, not confirmed by a run",
        ),
    ),
    order=1,
)


def _reference(size: int, channel: int, channels: int, batch: int) -> dict[int, int]:
    if channel >= batch:
        return {}
    return dict.fromkeys(range(max(channel - (size - 1) // 2, 0), min(channel + size // 2 + 1, channels)), 1)


ODDITIES = (
    Oddity(
        name="onnx-reference",
        aliases=("onnxref", "onnx.reference"),
        title="ONNX's reference evaluator",
        parameters=("size", "bias", "alpha", "beta"),
        text="In onnx 1.23.2 it walks over the batch instead of the channels. Where the batch is shorter, the channels"
        " from there on are divided by bias^beta alone; where it is longer, it fails.",
        instead="-c onnx is what the operator says",
        sources=("onnx/onnx#7805; onnx/reference/ops/op_lrn.py:15-28", "onnx 1.23.2, run"),
        terms=_reference,
        alpha_is_divided=True,
    ),
)

CONVENTIONS = (ONNX,)
