"""TensorFlow: `tf.nn.local_response_normalization`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import BackEnd, Call, Convention, Engine, Lookalike, Notation, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, AtMost, Parameter, Role

# "depth_radius = .. larger than int max": the kernel counts in int32.
_INT = AtMost(2**31 - 2)

_KERNEL = "tensorflow/tensorflow@dd3f9a13:tensorflow/core/kernels/lrn_op.cc"

TENSORFLOW = Convention(
    name="tf",
    aliases=("tensorflow", "tf.nn", "tf.nn.lrn", "tf2", "tf.nn.local_response_normalization"),
    title="TensorFlow tf.nn.local_response_normalization",
    parameters=(
        Parameter("depth_radius", Role.WINDOW, 5, "channels on each side: the window is 2r+1", (AtLeast(0), _INT)),
        Parameter("bias", Role.BIAS, 1.0, "added to the sum"),
        Parameter("alpha", Role.ALPHA, 1.0, "multiplies the sum as it is, undivided"),
        Parameter("beta", Role.BETA, 0.5, "the exponent"),
    ),
    window=WindowRule.RADIUS,
    alpha_is_divided=False,
    layouts=("NHWC",),
    notation=Notation("output", "input", "d"),
    sources=(
        f"{_KERNEL} (LaunchLRN, GetBandMatrix)",
        'tensorflow/tensorflow:tensorflow/core/ops/nn_ops.cc, REGISTER_OP("LRN")',
    ),
    traps=(
        Trap(
            "depth_radius is a radius, not a width: a paper's n = 5 is depth_radius 2. The default of 5 covers 11"
            " channels.",
            "tensorflow/models#1536; alibaba/MNN#192",
        ),
        Trap(
            "alpha is not divided by the window: Caffe's or PyTorch's alpha has to be divided by its size first.",
            "ethereon/caffe-tensorflow#173",
        ),
        Trap(
            "The defaults alpha 1 and beta 0.5 are no one else's function but that of ports of TensorFlow's own,"
            " such as MindSpore's (the paper has 1e-4 and 0.75; Wolfram has 1 and 0.5, and divides alpha): leave one"
            " out, and the model is another one.",
            'tensorflow/core/ops/nn_ops.cc, REGISTER_OP("LRN"); mindspore.cn, ops.LRN',
        ),
        Trap(
            "Channels come last. A tensor in NCHW is taken without a word, and normalised over its width.",
            "onnx/tensorflow-onnx#602",
        ),
        Trap(
            "On a GPU cuDNN computes it, which takes a radius of 1 to 7, bias from 1e-5 and beta from 0.01.",
            f"{_KERNEL} (LaunchLRN for GPUDevice)",
        ),
        Trap(
            "On a CPU float16 is computed in float16: where the window holds |x| > 255 the square is infinite and the"
            " result 0, or NaN. lrn computes it in float32.",
            f"{_KERNEL}; TensorFlow 2.21 on a CPU, run",
        ),
    ),
    backward_traps=(
        Trap(
            "LRNGrad takes the results as an input and trusts them: with others the gradient was 54 % off, without a"
            " word.",
            f"TensorFlow 2.21 on a CPU, run; {_KERNEL}",
        ),
        Trap("Positions with dy 0 are skipped, so that a NaN in x does not spread to them.", _KERNEL),
        Trap("It has no second derivative: LRNGrad has no gradient of its own.", "tensorflow/tensorflow#22825"),
    ),
    calls=(
        Call(
            language="python",
            setup="import tensorflow as tf",
            statement="{y} = tf.nn.local_response_normalization("
            "{x}, depth_radius={depth_radius}, bias={bias}, alpha={alpha}, beta={beta})",
            transpose="{y} = tf.transpose({x}, [{order}])",
            add_batch="{y} = {x}[None]",
            drop_batch="{y} = {x}[0]",
            also=("tf.nn.lrn(input={x}, name={y})", "tf.nn.local_response_normalization(input={x}, name={y})"),
        ),
    ),
    back_ends=(
        BackEnd(
            "TensorFlow on a GPU",
            {Role.WINDOW: (AtLeast(1), AtMost(7)), Role.BIAS: (AtLeast(1e-5),), Role.BETA: (AtLeast(0.01),)},
            f"{_KERNEL} (LaunchLRN for GPUDevice)",
        ),
    ),
    framework="TensorFlow",
    # A half is computed in half, up to 6e-3 off for large sums; 8e-4 in the outputs that were looked at.
    engine=Engine("TensorFlow 2.21.0 on a CPU", {"float16": 8e-4, "float32": 1.1e-6}),
    lookalikes=(
        Lookalike(
            "libnd4j",
            "Deeplearning4j's operator lrn(depth, bias, alpha, beta) has TensorFlow's window and undivided alpha, the"
            " channels last; read in its source, not confirmed by a run",
        ),
    ),
    order=0,
)

CONVENTIONS = (TENSORFLOW,)
