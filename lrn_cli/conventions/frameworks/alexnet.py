"""The AlexNet paper, section 3.3."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Lookalike, Notation, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_PAPER = "Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural Networks, 3.3"

ALEXNET = Convention(
    name="alexnet",
    aliases=("paper", "krizhevsky", "alexnet-paper"),
    title="Krizhevsky, Sutskever and Hinton 2012, section 3.3",
    parameters=(
        Parameter("k", Role.BIAS, 2.0, "added to the sum"),
        Parameter("n", Role.WINDOW, 5, "adjacent kernel maps: from i-n/2 to i+n/2", (AtLeast(1),)),
        Parameter("alpha", Role.ALPHA, 1e-4, "multiplies the sum as it is, undivided"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
    ),
    window=WindowRule.ROUNDED_UP,
    alpha_is_divided=False,
    layouts=("NCHW", "CHW"),
    notation=Notation("b", "a", "i"),
    sources=(_PAPER,),
    traps=(
        Trap(
            "Krizhevsky's own code divides by n, where his paper does not: cuda-convnet2 with scale 1e-4 and size"
            " 5 computes with 2e-5.",
            "akrizhevsky/cuda-convnet2@3238bf03:layer.py:1331; layers/layer-params-imagenet-1gpu.cfg:83-91",
        ),
        Trap(
            'An alpha of "10e-4" circulates. That is 1e-3; the paper has 10⁻⁴, which is 1e-4.',
            f"AlexNet ports with tf.nn.lrn(depth_radius=5, alpha=10e-4, beta=0.75, bias=2.0); {_PAPER}",
        ),
        Trap(
            'So does "r = 5". The paper has n = 5, all channels of the window: radius 2.',
            f"tensorflow/models#1536; {_PAPER}",
        ),
        Trap(
            "With an even n its bounds i-n/2 to i+n/2 take in n+1 channels, which nobody else does but Chainer and"
            " DL4J on a CPU.",
            f"{_PAPER}; chainer/chainer@a8e15cbe:chainer/functions/normalization/local_response_normalization.py:52-80",
        ),
    ),
    calls=(
        Call(
            language="python",
            setup="import numpy as np\nfrom lrn_cli import normalize",
            statement='{y} = normalize({x}, "alexnet", k={k}, n={n}, alpha={alpha}, beta={beta})',
            transpose="{y} = np.transpose({x}, ({order}))",
            add_batch="{y} = {x}[None]",
            drop_batch="{y} = {x}[0]",
        ),
    ),
    framework="AlexNet paper",
    lookalikes=(
        Lookalike(
            "armnn",
            "Arm NN's normalization across channels multiplies the sum by alpha as it is, over half of the size on each"
            " side; give all numbers, for its defaults are 0; from memory, not confirmed by a run",
        ),
    ),
    order=1,
)

CONVENTIONS = (ALEXNET,)
