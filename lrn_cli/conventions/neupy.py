"""neupy 0.7 and later, on TensorFlow: `LocalResponseNorm`."""

from __future__ import annotations

from lrn_cli.conventions import tf
from lrn_cli.conventions.declaration import Convention, WindowRule
from lrn_cli.conventions.knowledge import Call, Notation, Trap
from lrn_cli.conventions.parameters import AtLeast, Odd, Parameter, Role

_LAYER = "itdxer/neupy@v0.8.2:neupy/layers/normalization.py:276-306"

CONVENTION = Convention(
    name="neupy",
    aliases=("neupy-tf", "neupy-tensorflow", "neupy0.7", "neupy0.8"),
    title="neupy 0.7 and later LocalResponseNorm",
    parameters=(
        Parameter("alpha", Role.ALPHA, 1e-4, "multiplies the sum as it is, undivided"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("k", Role.BIAS, 2.0, "added to the sum"),
        # Documented as "number of adjacent channels", handed to TensorFlow as its radius; neupy refuses an even one,
        # and TensorFlow a negative one.
        Parameter("depth_radius", Role.WINDOW, 5, "channels on each side: the window is 2r+1", (AtLeast(1), Odd())),
    ),
    window=WindowRule.RADIUS,
    alpha_is_divided=False,
    layouts=("NHWC",),
    notation=Notation("output", "input", "d"),
    sources=("itdxer/neupy@v0.7.0:neupy/layers/normalization.py:229-255", _LAYER),
    traps=(
        Trap(
            'Its documentation calls depth_radius the "number of adjacent channels to normalize over" and it is'
            " handed to TensorFlow as a radius: the default 5 covers 11 channels, not the paper's 5.",
            _LAYER,
        ),
        Trap(
            'Its documentation swaps two descriptions: beta is called "offset" and k "exponent". beta is the'
            " exponent and k the bias.",
            _LAYER,
        ),
        Trap(
            "It refuses even values of what is a radius, so that the paper's window of 5 (radius 2) cannot be had"
            " at all; windows of 3, 7, 11, 15 can.",
            _LAYER,
        ),
        Trap(
            "Versions before 0.7 called the parameter n and meant the whole window, with channels first: that is"
            " neupy-theano.",
            "itdxer/neupy@v0.4.0:neupy/layers/normalization.py:237-282",
        ),
    ),
    calls=(
        Call(
            language="python",
            setup="import tensorflow as tf\nfrom neupy import layers",
            statement="{y} = layers.LocalResponseNorm("
            "alpha={alpha}, beta={beta}, k={k}, depth_radius={depth_radius}).output({x})",
            transpose="{y} = tf.transpose({x}, [{order}])",
            add_batch="{y} = {x}[None]",
            drop_batch="{y} = {x}[0]",
        ),
    ),
    back_ends=tf.CONVENTION.back_ends,
)
