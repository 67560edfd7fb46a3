"""neupy 0.4 to 0.6, on Theano: `LocalResponseNorm`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Convention, WindowRule
from lrn_cli.conventions.knowledge import Call, Notation, Trap
from lrn_cli.conventions.parameters import AtLeast, Odd, Parameter, Role

_LAYER = "itdxer/neupy@v0.4.0:neupy/layers/normalization.py:237-282"

CONVENTION = Convention(
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
    sources=(_LAYER,),
    traps=(
        Trap(
            "From 0.7 on the parameter is depth_radius, a radius with the same default 5: the same model covers 11"
            " channels there and 5 here.",
            f"{_LAYER}; itdxer/neupy@v0.7.0:neupy/layers/normalization.py:229-255",
        ),
        Trap("Channels come first here and last from 0.7 on.", "itdxer/neupy@v0.7.0:neupy/layers/normalization.py"),
        Trap('Its documentation swaps the descriptions of beta ("offset") and k ("exponent").', _LAYER),
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
)
