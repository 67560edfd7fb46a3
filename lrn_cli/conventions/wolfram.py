"""Wolfram Language: `LocalResponseNormalizationLayer`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import AtLeast, Convention, Parameter, Role, WindowRule

CONVENTION = Convention(
    name="wolfram",
    aliases=("mathematica", "wolfram-language", "wl"),
    title="Wolfram Language LocalResponseNormalizationLayer",
    parameters=(
        Parameter("Alpha", Role.ALPHA, 1.0, "divided by 2c+1"),
        Parameter("Beta", Role.BETA, 0.5, "the exponent"),
        Parameter("Bias", Role.BIAS, 1.0, "added to the sum"),
        Parameter(
            "ChannelWindowSize",
            Role.WINDOW,
            2,
            "channels on each side, c: the window is 2c+1, at most the channels there are",
            (AtLeast(1),),
        ),
    ),
    window=WindowRule.RADIUS,
    alpha_is_divided=True,
    layouts=("CHW", "NCHW"),
    sources=(
        "reference.wolfram.com/language/ref/LocalResponseNormalizationLayer.html",
        "NeuralNetworks paclet: nsize -> 2*#ChannelWindowSize+1 of MXNet's LRN, which divides alpha by nsize",
    ),
    window_fits_channels=True,
)
