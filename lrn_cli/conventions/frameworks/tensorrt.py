"""TensorRT: the layer ILRNLayer."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Notation, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, AtMost, Odd, Parameter, Role

_HEADER = "NVIDIA/TensorRT@a892d222:include/NvInfer.h:1550-1622,8322-8336"
_PAGE = "docs.nvidia.com/deeplearning/tensorrt/operators/docs/LRN.html"

TENSORRT = Convention(
    name="tensorrt",
    aliases=("trt", "nvinfer", "ILRNLayer"),
    title="TensorRT ILRNLayer",
    parameters=(
        Parameter("window", Role.WINDOW, None, "the whole window", (AtLeast(1), AtMost(15), Odd())),
        Parameter("alpha", Role.ALPHA, None, "divided by window", (AtLeast(-1e20), AtMost(1e20))),
        Parameter("beta", Role.BETA, None, "the exponent", (AtLeast(0.01), AtMost(1e5))),
        Parameter("k", Role.BIAS, None, "added to the sum", (AtLeast(1e-5), AtMost(1e10))),
    ),
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=True,
    # The third axis from the last.
    layouts=("NCHW", "CHW"),
    notation=Notation("output", "input", "c"),
    sources=(_HEADER, _PAGE),
    traps=(
        Trap(
            "Its operator page prints w as a radius and divides nothing. Its own example shows the whole window, and"
            " alpha divided by it, at the borders too.",
            _PAGE,
        ),
        Trap('The page prints "k in [1e5, 1e10]"; the header says from 1e-5.', f"{_PAGE}; {_HEADER}"),
        Trap("The DLA takes windows of 3, 5, 7 and 9 only.", _HEADER),
    ),
    calls=(
        Call(
            language="python",
            setup="# of a tensorrt.INetworkDefinition",
            statement="{y} = network.add_lrn({x}, {window}, {alpha}, {beta}, {k}).get_output(0)",
            transpose="{y} = network.add_shuffle({x})\n{y}.first_transpose = ({order})\n{y} = {y}.get_output(0)",
            add_batch="{y} = network.add_shuffle({x})\n{y}.reshape_dims = (1, *{x}.shape)\n{y} = {y}.get_output(0)",
            drop_batch="{y} = network.add_shuffle({x})\n{y}.reshape_dims = {x}.shape[1:]\n{y} = {y}.get_output(0)",
            also=("{x}.addLRN({x})",),  # C++
        ),
    ),
    framework="TensorRT",
)

CONVENTIONS = (TENSORRT,)
