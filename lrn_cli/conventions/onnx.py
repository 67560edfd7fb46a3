"""ONNX: the LRN operator, opsets 1 and 13."""

from __future__ import annotations

from lrn_cli.conventions.declaration import AtLeast, Convention, Parameter, Role, WindowRule

CONVENTION = Convention(
    name="onnx",
    aliases=("onnxruntime", "ort"),
    title="ONNX LRN operator",
    parameters=(
        # From c-floor((size-1)/2) to c+ceil((size-1)/2): an even size reaches one further after.
        Parameter("size", Role.WINDOW, None, "the whole window", (AtLeast(1),)),
        Parameter("alpha", Role.ALPHA, 1e-4, "divided by size"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("bias", Role.BIAS, 1.0, "added to the sum"),
    ),
    window=WindowRule.EXTRA_AFTER,
    alpha_is_divided=True,
    layouts=("NC...",),
    sources=("onnx/onnx@f7546912:onnx/defs/nn/defs.cc:2047-2102",),
)
