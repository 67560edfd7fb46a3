"""cuDNN: `cudnnLRNCrossChannelForward`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Lookalike, Notation, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, AtMost, Parameter, Role

_HEADER = "cudnn.h, cudnnSetLRNDescriptor, CUDNN_LRN_MIN_N, CUDNN_LRN_MAX_N, CUDNN_LRN_MIN_K, CUDNN_LRN_MIN_BETA"
_MANUAL = "NVIDIA cuDNN documentation, cudnnSetLRNDescriptor and cudnnCreateLRNDescriptor"

CUDNN = Convention(
    name="cudnn",
    aliases=("nvidia-cudnn", "cudnnLRNCrossChannelForward"),
    title="cuDNN cudnnLRNCrossChannelForward",
    parameters=(
        # lookBehind = floor((N-1)/2), lookAhead = N-lookBehind-1: an even N reaches one further after.
        Parameter("lrnN", Role.WINDOW, 5, "the whole window", (AtLeast(1), AtMost(16))),
        Parameter("lrnAlpha", Role.ALPHA, 1e-4, "divided by lrnN"),
        Parameter("lrnBeta", Role.BETA, 0.75, "the exponent", (AtLeast(0.01),)),
        Parameter("lrnK", Role.BIAS, 2.0, "added to the sum", (AtLeast(1e-5),)),
    ),
    window=WindowRule.EXTRA_AFTER,
    alpha_is_divided=True,
    layouts=("NC...",),
    notation=Notation("y", "x", "c"),
    sources=(_HEADER, _MANUAL),
    traps=(
        Trap(
            "The window is 1 to 16, lrnK 1e-5 or more, lrnBeta 0.01 or more; frameworks fall back without a word or"
            " fail with CUDNN_STATUS_BAD_PARAM.",
            f"{_HEADER}; pytorch/pytorch#6618",
        ),
        Trap("alpha is divided by lrnN: MatConvNet's and TensorFlow's have to be multiplied by it.", "matconvnet#339"),
        Trap("lrnK is 2 by default, where PyTorch, Caffe and ONNX have 1.", _MANUAL),
    ),
    calls=(
        Call(
            language="cpp",
            statement="cudnnSetLRNDescriptor(lrn, {lrnN}, {lrnAlpha}, {lrnBeta}, {lrnK});\n"
            "cudnnLRNCrossChannelForward(cudnn, lrn, CUDNN_LRN_CROSS_CHANNEL_DIM1, &one, desc, {x}, &zero, desc, {y});",
            transpose="// cuDNN: cudnnTransformTensor from {x} to {y} with strides in the order {order}",
            add_batch="auto {y} = {x};  // with a batch of 1 in its descriptor",
            drop_batch="auto {y} = {x};  // without it",
            comment="// {text}",
        ),
    ),
    framework="cuDNN",
    lookalikes=(
        Lookalike(
            "miopen",
            "its lrnN, lrnAlpha, lrnBeta and lrnK are cuDNN's, and lrnN is odd; it had an end that was one short"
            " (ROCm/MIOpen#127) and has a mode within a channel besides; not confirmed by a run",
        ),
    ),
)

CONVENTIONS = (CUDNN,)
