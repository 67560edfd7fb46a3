"""Burn: `nn::LocalResponseNorm`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Notation, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_MODULE = "tracel-ai/burn@2c06be35:crates/burn-nn/src/modules/norm/local_response.rs:12-123"
_TEST = "tracel-ai/burn@2c06be35:crates/burn-nn/src/modules/norm/local_response.rs:301-320"

BURN = Convention(
    name="burn",
    aliases=("burn-nn", "burn.rs"),
    title="Burn nn::LocalResponseNorm",
    parameters=(
        # Pads (size-1)/2 before and size/2 after.
        Parameter("size", Role.WINDOW, None, "the whole window", (AtLeast(1),)),
        Parameter("alpha", Role.ALPHA, 1e-4, "divided by size"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("k", Role.BIAS, 1.0, "added to the sum"),
    ),
    window=WindowRule.EXTRA_AFTER,
    alpha_is_divided=True,
    layouts=("NC...",),
    notation=Notation("output", "input", "c"),
    sources=(_MODULE, _TEST),
    traps=(
        Trap("Names and defaults are PyTorch's, but an even size takes its extra channel after, as ONNX's.", _TEST),
        Trap("alpha is divided by size, at the borders too.", _MODULE),
    ),
    calls=(
        Call(
            language="rust",
            statement="let {y} = LocalResponseNormConfig::new({size})\n    .with_alpha({alpha})\n"
            "    .with_beta({beta})\n    .with_k({k})\n    .init()\n    .forward({x});",
            transpose="let {y} = {x}.permute([{order}]);",
            add_batch="let {y} = {x}.unsqueeze_dim(0);",
            drop_batch="let {y} = {x}.squeeze_dim(0);",
            comment="// {text}",
        ),
    ),
    framework="Burn",
)

CONVENTIONS = (BURN,)
