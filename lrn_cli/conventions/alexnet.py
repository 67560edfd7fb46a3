"""The AlexNet paper, section 3.3."""

from __future__ import annotations

from lrn_cli.conventions.declaration import AtLeast, Convention, Parameter, Role, WindowRule

CONVENTION = Convention(
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
    sources=("Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural Networks, 3.3",),
)
