"""PaddlePaddle: `paddle.nn.functional.local_response_norm`, and the operator `lrn` of fluid."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, MoreThan, Odd, Parameter, Role

_FUNCTION = "PaddlePaddle/Paddle@026a0691:python/paddle/nn/functional/norm.py local_response_norm"
_OPERATOR = "PaddlePaddle/Paddle@017335f7:paddle/fluid/operators/lrn_op.cc (LRNFunctor, InferShape, Make)"

_FIRST = ("NCHW", "NCL", "NCDHW")
_LAST = ("NHWC", "NLC", "NDHWC")

PADDLE = Convention(
    name="paddle",
    aliases=("paddlepaddle", "paddle2", "paddle3", "paddle.nn"),
    title="Paddle paddle.nn.functional.local_response_norm",
    parameters=(
        # Pads size//2 before and (size-1)//2 after, then averages, as PyTorch does.
        Parameter("size", Role.WINDOW, None, "the whole window", (AtLeast(1),)),
        Parameter("alpha", Role.ALPHA, 1e-4, "divided by size"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("k", Role.BIAS, 1.0, "added to the sum"),
        Parameter("data_format", Role.LAYOUT, "NCHW", "where the channels are", choices=(*_FIRST, *_LAST)),
    ),
    window=WindowRule.EXTRA_BEFORE,
    alpha_is_divided=True,
    layouts=("NC...",),
    layouts_by={**dict.fromkeys(_FIRST, ("NC...",)), **dict.fromkeys(_LAST, _LAST)},
    notation=Notation("out", "x", "c"),
    sources=(_FUNCTION,),
    traps=(
        Trap(
            "Its documentation prints the formula of fluid, without a division, and the function divides alpha by"
            " size: from fluid.layers.lrn alpha has to be multiplied by n.",
            _FUNCTION,
        ),
        Trap("An even size takes its extra channel before, as PyTorch's does and ONNX's does not.", _FUNCTION),
        Trap("k is 1 by default; that of the operator of fluid is 2.", f"{_FUNCTION}; {_OPERATOR}"),
    ),
    backward_traps=(
        Trap(
            "The gradient of float64 is exact to float32 only, unless size is a power of two; the results are exact.",
            "Paddle 3.3.1 on a CPU, run",
        ),
    ),
    calls=(
        Call(
            language="python",
            setup="import paddle",
            statement="{y} = paddle.nn.functional.local_response_norm({x}, size={size}, alpha={alpha}, beta={beta},"
            ' k={k}, data_format="{data_format}")',
            transpose="{y} = paddle.transpose({x}, [{order}])",
            add_batch="{y} = {x}.unsqueeze(0)",
            drop_batch="{y} = {x}[0]",
            also=("paddle.nn.LocalResponseNorm()",),
        ),
    ),
    framework="PaddlePaddle",
    engine=Engine("paddlepaddle 3.3.1 on a CPU", {"float32": 4e-7}),
)

FLUID = Convention(
    name="paddle-fluid",
    aliases=("fluid", "fluid.layers.lrn", "paddle1"),
    title="Paddle fluid operator lrn",
    parameters=(
        Parameter("n", Role.WINDOW, 5, "the whole window", (MoreThan(0), Odd())),
        Parameter("k", Role.BIAS, 2.0, "added to the sum; fluid.layers.lrn has 1 by default", (MoreThan(0),)),
        Parameter("alpha", Role.ALPHA, 1e-4, "multiplies the sum as it is, undivided", (MoreThan(0),)),
        Parameter("beta", Role.BETA, 0.75, "the exponent", (MoreThan(0),)),
        Parameter("data_format", Role.LAYOUT, "NCHW", "where the channels are", choices=("NCHW", "NHWC")),
    ),
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=False,
    dtypes=("float32",),
    layouts=("NCHW",),
    layouts_by={"NCHW": ("NCHW",), "NHWC": ("NHWC",)},
    notation=Notation("Out", "X", "c"),
    sources=(_OPERATOR, "paddlepaddle.org.cn/documentation/docs/zh/2.2/api/paddle/fluid/layers/lrn_cn.html"),
    traps=(
        Trap(
            "The operator in C++ has k 2 by default and its wrapper fluid.layers.lrn has 1: a program that goes"
            " through the wrapper and leaves k out has 1.",
            f"{_OPERATOR}; paddlepaddle.org.cn, fluid.layers.lrn",
        ),
        Trap("alpha is not divided by n; that of Paddle 2's local_response_norm is.", f"{_OPERATOR}; {_FUNCTION}"),
        Trap("On CPUs it once summed n+1 channels.", "PaddlePaddle/Paddle#9094"),
    ),
    calls=(
        Call(
            language="python",
            setup="import paddle.fluid as fluid",
            statement="{y} = fluid.layers.lrn({x}, n={n}, k={k}, alpha={alpha}, beta={beta},"
            ' data_format="{data_format}")',
            transpose="{y} = fluid.layers.transpose({x}, perm=[{order}])",
            add_batch="{y} = fluid.layers.unsqueeze({x}, axes=[0])",
            drop_batch="{y} = fluid.layers.squeeze({x}, axes=[0])",
            also=("paddle.fluid.layers.lrn(input={x}, name={y})",),
            fills={"k": 1.0},
        ),
    ),
    framework="PaddlePaddle before 2.0",
    engine=Engine("operator lrn of paddlepaddle 2.6.2 on a CPU", {"float32": 4.5e-6}),
)

CONVENTIONS = (PADDLE, FLUID)
