"""neupy: `LocalResponseNorm`, from 0.7 on with TensorFlow, in 0.4 to 0.6 with Theano."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Trap, WindowRule
from lrn_cli.conventions.frameworks.tf import TENSORFLOW
from lrn_cli.conventions.parameters import AtLeast, Odd, Parameter, Role

_LAYER = "itdxer/neupy@v0.8.2:neupy/layers/normalization.py:276-306"
_EARLY_LAYER = "itdxer/neupy@v0.4.0:neupy/layers/normalization.py:237-282"

_TENSORFLOW = Convention(
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
    back_ends=TENSORFLOW.back_ends,
    framework="neupy",
    engine=Engine("neupy 0.8.2 on TensorFlow 2.21.0", {"float32": 4e-7}),
    order=1,
)

_THEANO = Convention(
    name="neupy-theano",
    aliases=("neupy0.4", "neupy0.5", "neupy0.6"),
    title="neupy 0.4 to 0.6 LocalResponseNorm",
    parameters=(
        Parameter("alpha", Role.ALPHA, 1e-4, "multiplies the sum as it is, undivided"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("k", Role.BIAS, 2.0, "added to the sum"),
        Parameter("n", Role.WINDOW, 5, "the whole window", (AtLeast(1), Odd())),
    ),
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=False,
    layouts=("NCHW",),
    notation=Notation("output", "input", "c"),
    sources=(_EARLY_LAYER,),
    traps=(
        Trap(
            "From 0.7 on the parameter is depth_radius, a radius with the same default 5: the same model covers 11"
            " channels there and 5 here.",
            f"{_EARLY_LAYER}; itdxer/neupy@v0.7.0:neupy/layers/normalization.py:229-255",
        ),
        Trap("Channels come first here and last from 0.7 on.", "itdxer/neupy@v0.7.0:neupy/layers/normalization.py"),
        Trap('Its documentation swaps the descriptions of beta ("offset") and k ("exponent").', _EARLY_LAYER),
        Trap(
            "Its own test is one element, a one: 0.59458 is right for any window.", "itdxer/neupy@v0.4.0:tests/layers"
        ),
    ),
    calls=(
        Call(
            language="python",
            setup="from neupy import layers",
            # Without an input layer before it neupy raises LayerConnectionError.
            statement="{y} = layers.join(layers.Input((None, None, None)),"
            " layers.LocalResponseNorm(alpha={alpha}, beta={beta}, k={k}, n={n})).output({x})",
            transpose="{y} = {x}.dimshuffle({order})",
            add_batch="{y} = {x}[None]",
            drop_batch="{y} = {x}[0]",
        ),
    ),
    framework="neupy",
    engine=Engine("neupy 0.6.5, evaluated in float64", {"float64": 4e-7}),
    order=1,
)

CONVENTIONS = (_TENSORFLOW, _THEANO)
