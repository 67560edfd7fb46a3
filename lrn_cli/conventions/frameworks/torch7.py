"""Torch7: `nn.SpatialCrossMapLRN`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Notation, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Odd, Parameter, Role

_LAYER = "torch/nn@87268255:SpatialCrossMapLRN.lua:3-84"
_MANUAL = "torch/nn@87268255:doc/convolution.md:960-977"

TORCH7 = Convention(
    name="torch7",
    aliases=("lua-torch", "SpatialCrossMapLRN", "nn.SpatialCrossMapLRN"),
    title="Torch7 nn.SpatialCrossMapLRN",
    parameters=(
        # An even one gives a fraction of a channel to pad by.
        Parameter("size", Role.WINDOW, None, "the whole window", (AtLeast(1), Odd())),
        Parameter("alpha", Role.ALPHA, 1e-4, "divided by size"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("k", Role.BIAS, 1.0, "added to the sum"),
    ),
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=True,
    layouts=("NCHW", "CHW"),
    notation=Notation("output", "input", "f"),
    sources=(_LAYER, _MANUAL),
    traps=(
        Trap("That size is odd is not checked: an even one gives a padding of half a channel.", _LAYER),
        Trap(
            "PyTorch's nn.CrossMapLRN2d is its port with a mistake: channel 0 never leaves the window there.",
            "pytorch/pytorch@016ec49d:torch/nn/modules/_functions.py CrossMapLRN2d.forward",
        ),
        Trap("The name is CrossMap: the sum is over channels, not over space.", _MANUAL),
    ),
    calls=(
        Call(
            language="lua",
            setup="require 'nn'",
            statement="local {y} = nn.SpatialCrossMapLRN({size}, {alpha}, {beta}, {k}):forward({x})",
            transpose="local {y} = {x}:permute({order_from_1}):contiguous()",
            add_batch="local {y} = {x}:view(1, table.unpack({x}:size():totable()))",
            drop_batch="local {y} = {x}[1]",
            comment="-- {text}",
        ),
    ),
    framework="Torch7",
)

CONVENTIONS = (TORCH7,)
