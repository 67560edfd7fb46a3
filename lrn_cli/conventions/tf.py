"""TensorFlow: `tf.nn.local_response_normalization`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import AtLeast, AtMost, Convention, Parameter, Role, WindowRule

# "depth_radius = .. larger than int max": the kernel counts in int32.
_INT = AtMost(2**31 - 2)

CONVENTION = Convention(
    name="tf",
    aliases=("tensorflow", "tf.nn", "tf.nn.lrn", "tflite", "tfjs"),
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
    sources=(
        "tensorflow/tensorflow@dd3f9a13:tensorflow/core/kernels/lrn_op.cc (LaunchLRN, GetBandMatrix)",
        'tensorflow/tensorflow:tensorflow/core/ops/nn_ops.cc, REGISTER_OP("LRN")',
    ),
)
