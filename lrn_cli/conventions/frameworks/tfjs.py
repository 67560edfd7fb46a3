"""TensorFlow.js: `tf.localResponseNormalization`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Quirk, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_FUNCTION = "tensorflow/tfjs@0fc04d95:tfjs-core/src/ops/local_response_normalization.ts:45-78"
_KERNEL = "tensorflow/tfjs@0fc04d95:tfjs-backend-cpu/src/kernels/LRN.ts:32-57"

TFJS = Convention(
    name="tfjs",
    aliases=("tensorflow.js", "tf.js", "tensorflowjs", "tf.localResponseNormalization"),
    title="TensorFlow.js tf.localResponseNormalization",
    parameters=(
        Parameter("depthRadius", Role.WINDOW, 5, "channels on each side: the window is 2r+1", (AtLeast(0),)),
        Parameter("bias", Role.BIAS, 1.0, "added to the sum"),
        Parameter("alpha", Role.ALPHA, 1.0, "multiplies the sum as it is, undivided"),
        Parameter("beta", Role.BETA, 0.5, "the exponent"),
    ),
    window=WindowRule.RADIUS,
    alpha_is_divided=False,
    dtypes=("float32",),
    layouts=("NHWC", "HWC"),
    least_rank=3,
    notation=Notation("y", "x", "c"),
    sources=(_FUNCTION, _KERNEL),
    traps=(
        Trap(
            'Its documentation calls depthRadius the "number of adjacent channels in the 1D normalization window".'
            " It is the radius: the default 5 covers 11 channels.",
            _FUNCTION,
        ),
        Trap("alpha is not divided by the window, as in TensorFlow and not as in Caffe or ONNX.", _KERNEL),
        Trap("Channels come last, and a tensor has rank 3 (HWC) or 4 (NHWC); others are refused.", _FUNCTION),
    ),
    calls=(
        Call(
            language="javascript",
            statement="const {y} = tf.localResponseNormalization({x}, {depthRadius}, {bias}, {alpha}, {beta});",
            transpose="const {y} = tf.transpose({x}, [{order}]);",
            add_batch="const {y} = tf.expandDims({x}, 0);",
            drop_batch="const {y} = tf.squeeze({x}, [0]);",
            also=("{x}.localResponseNormalization()",),
            comment="// {text}",
        ),
    ),
    framework="TensorFlow.js",
    engine=Engine("TensorFlow.js 4.22.0, the backend for CPUs", {"float32": 6e-8}),
    quirks=(
        Quirk(
            "TensorFlow.js",
            "takes a negative depthRadius, and gives what no window gives",
            "TensorFlow.js 4.22.0, run with -1",
        ),
    ),
)

CONVENTIONS = (TFJS,)
