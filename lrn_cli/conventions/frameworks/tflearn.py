"""TFLearn and TensorLayer, which hand their numbers to TensorFlow."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Trap, WindowRule
from lrn_cli.conventions.frameworks.tf import TENSORFLOW
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_TFLEARN = "tflearn/tflearn@db517677:tflearn/layers/normalization.py:120-146"
_TENSORLAYER = "tensorlayer/TensorLayer@06816332:tensorlayer/layers/normalization.py:50-79"

_RADIUS = Parameter("depth_radius", Role.WINDOW, 5, "channels on each side: the window is 2r+1", (AtLeast(0),))
_BIAS = Parameter("bias", Role.BIAS, 1.0, "added to the sum")
_ALPHA = Parameter("alpha", Role.ALPHA, 1.0, "multiplies the sum as it is, undivided")
_BETA = Parameter("beta", Role.BETA, 0.5, "the exponent")

TFLEARN = Convention(
    name="tflearn",
    aliases=("tflearn.local_response_normalization",),
    title="TFLearn local_response_normalization",
    parameters=(_RADIUS, _BIAS, _ALPHA._replace(default=1e-4), _BETA._replace(default=0.75)),
    window=WindowRule.RADIUS,
    alpha_is_divided=False,
    layouts=("NHWC",),
    notation=Notation("output", "incoming", "d"),
    sources=(_TFLEARN,),
    traps=(
        Trap("Its documentation says that beta is 0.5 by default. It is 0.75, and alpha is 1e-4.", _TFLEARN),
        Trap(
            "depth_radius is TensorFlow's radius: the default 5 covers 11 channels, though alpha and beta are the"
            " paper's, whose window is 5.",
            _TFLEARN,
        ),
    ),
    calls=(
        Call(
            language="python",
            setup="import tensorflow as tf\nimport tflearn",
            statement="{y} = tflearn.local_response_normalization("
            "{x}, depth_radius={depth_radius}, bias={bias}, alpha={alpha}, beta={beta})",
            transpose="{y} = tf.transpose({x}, [{order}])",
            add_batch="{y} = {x}[None]",
            drop_batch="{y} = {x}[0]",
        ),
    ),
    back_ends=TENSORFLOW.back_ends,
    framework="TFLearn",
    engine=Engine("TFLearn 0.5.0 on TensorFlow 1.15.5", {"float32": 3.2e-7}),
)

TENSORLAYER = Convention(
    name="tensorlayer",
    aliases=("tl.layers.LocalResponseNormLayer",),
    title="TensorLayer LocalResponseNormLayer",
    parameters=(_RADIUS, _BIAS, _ALPHA, _BETA),
    window=WindowRule.RADIUS,
    alpha_is_divided=False,
    layouts=("NHWC",),
    notation=Notation("output", "input", "d"),
    sources=(_TENSORLAYER,),
    traps=(
        Trap("All its defaults are None, which leaves TensorFlow's: 5, 1, 1 and 0.5.", _TENSORLAYER),
        Trap(
            "Its example for CIFAR has depth_radius 4 and alpha 0.001/9: cuda-convnet's size 9 and scale 0.001,"
            " divided by hand.",
            "TensorLayer, tutorial on CIFAR-10",
        ),
    ),
    calls=(
        Call(
            language="python",
            setup="import tensorflow as tf\nimport tensorlayer as tl",
            statement="layer = tl.layers.InputLayer({x})\n{y} = tl.layers.LocalResponseNormLayer(layer,"
            " depth_radius={depth_radius}, bias={bias}, alpha={alpha}, beta={beta}).outputs",
            transpose="{y} = tf.transpose({x}, [{order}])",
            add_batch="{y} = {x}[None]",
            drop_batch="{y} = {x}[0]",
        ),
    ),
    back_ends=TENSORFLOW.back_ends,
    framework="TensorLayer",
    engine=Engine("TensorLayer 1.11.1 on TensorFlow 1.15.5", {"float32": 3.2e-7}),
)

CONVENTIONS = (TFLEARN, TENSORLAYER)
