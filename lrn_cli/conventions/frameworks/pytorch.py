"""PyTorch: `torch.nn.LocalResponseNorm` and `torch.nn.functional.local_response_norm`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Notation, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_FUNCTION = "pytorch/pytorch@00012f4b:torch/nn/functional.py local_response_norm"

PYTORCH = Convention(
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
    notation=Notation("b", "a", "c"),
    sources=(_FUNCTION,),
    traps=(
        Trap("alpha is divided by size, at the borders too: the paper's 1e-4 is 5e-4 here.", "pytorch/pytorch#4667"),
        Trap(
            "An even size takes its extra channel before, ONNX's after: an exported model keeps PyTorch's side"
            " only where it is exported as padding and pooling.",
            "pytorch/pytorch#75722",
        ),
        Trap(
            "Three axes are N, C, L. A single image C, H, W is normalised over its height: give it a batch axis.",
            _FUNCTION,
        ),
        Trap(
            "nn.CrossMapLRN2d is not the same: channel 0 never leaves its window, so that later channels count it too.",
            "pytorch/pytorch@016ec49d:torch/nn/modules/_functions.py CrossMapLRN2d.forward",
        ),
        Trap("k is 1 by default, the paper's is 2.", _FUNCTION),
    ),
    calls=(
        Call(
            language="python",
            setup="import torch",
            statement="{y} = torch.nn.functional.local_response_norm("
            "{x}, size={size}, alpha={alpha}, beta={beta}, k={k})",
            transpose="{y} = {x}.permute({order})",
            add_batch="{y} = {x}[None]",
            drop_batch="{y} = {x}[0]",
            also=(
                "torch.nn.LocalResponseNorm()",
                "torch.nn.functional.local_response_norm(input={x})",
                "F.local_response_norm(input={x})",
            ),
        ),
    ),
)

CONVENTIONS = (PYTORCH,)
