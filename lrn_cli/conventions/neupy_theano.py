"""neupy 0.4 to 0.6, on Theano: `LocalResponseNorm`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import AtLeast, Convention, Odd, Parameter, Role, WindowRule

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
    sources=("itdxer/neupy@v0.4.0:neupy/layers/normalization.py:237-282",),
)
