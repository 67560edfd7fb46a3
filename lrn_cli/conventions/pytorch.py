"""PyTorch: `torch.nn.LocalResponseNorm` and `torch.nn.functional.local_response_norm`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import AtLeast, Convention, Parameter, Role, WindowRule

CONVENTION = Convention(
    name="pytorch",
    aliases=("torch", "torch.nn"),
    title="PyTorch torch.nn.functional.local_response_norm",
    parameters=(
        # Pads size//2 before and (size-1)//2 after, then averages: an even size reaches one further before.
        Parameter("size", Role.WINDOW, None, "the whole window", (AtLeast(1),)),
        Parameter("alpha", Role.ALPHA, 1e-4, "divided by size"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("k", Role.BIAS, 1.0, "added to the sum"),
    ),
    window=WindowRule.EXTRA_BEFORE,
    alpha_is_divided=True,
    layouts=("NC...",),
    sources=("pytorch/pytorch@00012f4b:torch/nn/functional.py local_response_norm",),
)
