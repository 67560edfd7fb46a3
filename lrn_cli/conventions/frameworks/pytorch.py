"""PyTorch: `torch.nn.LocalResponseNorm` and `torch.nn.functional.local_response_norm`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Trap, WindowRule
from lrn_cli.conventions.oddity import Oddity
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
        Trap(
            "A tensor in half precision is squared in it: where the window holds |x| > 255 the square is infinite and"
            " the result 0, or NaN. lrn computes it in float32.",
            f"{_FUNCTION}: input.mul(input)",
        ),
    ),
    backward_traps=(
        Trap(
            "The backward pass of nn.CrossMapLRN2d is not the derivative of its own forward pass, 33 to 64 % off: it"
            " centres the ratios with int(size - (size - 1) / 2). That of functional.local_response_norm is right.",
            "torch 2.13 on a CPU, run; torch/nn/modules/_functions.py CrossMapLRN2d.backward",
        ),
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
    framework="PyTorch",
    engine=Engine("torch 2.13.0 on a CPU", {"float32": 4e-7, "float64": 1e-15}),
    order=1,
)


def _crossmap(size: int, channel: int, channels: int, _: int) -> dict[int, int]:
    """Squares leave the sum by a test that is right where channels are counted from 1: channel 0 never does."""
    padding = (size + 1) // 2
    found = dict.fromkeys(range(min(padding, channels)), 1)
    for at in range(1, channel + 1):
        if at + padding - 1 < channels:
            found[at + padding - 1] = found.get(at + padding - 1, 0) + 1
        if at > padding:
            found[at - padding] = found.get(at - padding, 0) - 1
    return found


ODDITIES = (
    Oddity(
        name="crossmaplrn2d",
        aliases=("torch-crossmap", "nn.CrossMapLRN2d"),
        title="PyTorch nn.CrossMapLRN2d",
        parameters=("size", "k", "alpha", "beta"),
        text="Channel 0 never leaves the window, so that its square counts in the sums of all later channels. It does"
        " not show where there are few channels, or the window covers all of them.",
        instead="-c pytorch is nn.LocalResponseNorm",
        sources=(
            "pytorch/pytorch@016ec49d:torch/nn/modules/_functions.py CrossMapLRN2d.forward",
            "torch 1.13.1 on a CPU, run",
        ),
        terms=_crossmap,
        alpha_is_divided=True,
    ),
)

CONVENTIONS = (PYTORCH,)
