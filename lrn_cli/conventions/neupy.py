"""neupy 0.7 and later, on TensorFlow: `LocalResponseNorm`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import AtLeast, Convention, Odd, Parameter, Role, WindowRule

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
    sources=(
        "itdxer/neupy@v0.7.0:neupy/layers/normalization.py:229-255",
        "itdxer/neupy@v0.8.2:neupy/layers/normalization.py:276-306",
    ),
)
