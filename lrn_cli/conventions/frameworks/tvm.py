"""TVM: `topi.nn.lrn`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Odd, Parameter, Role

_FUNCTION = "apache/tvm:python/tvm/topi/nn/local_response_norm.py; include/tvm/topi/nn/local_response_norm.h"
_RUN = "TVM 0.27.0 on a CPU, run"

TVM = Convention(
    name="tvm",
    aliases=("topi", "topi.nn.lrn", "apache-tvm"),
    title="TVM topi.nn.lrn",
    parameters=(
        Parameter("size", Role.WINDOW, None, "the whole window", (AtLeast(1), Odd())),
        Parameter("axis", Role.LAYOUT, 1, "the channels': 1 for NCHW, 3 for NHWC", choices=(1, 3)),
        Parameter("alpha", Role.ALPHA, 1e-4, "divided by size"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
        Parameter("bias", Role.BIAS, 2.0, "added to the sum"),
    ),
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=True,
    layouts=("NCHW",),
    layouts_by={1: ("NCHW",), 3: ("NHWC",)},
    notation=Notation("out", "data", "c"),
    sources=(_FUNCTION, _RUN),
    traps=(
        Trap("bias is 2 by default, as in the paper, where ONNX and PyTorch have 1.", _FUNCTION),
        Trap("ONNX has even sizes; TVM refuses them, and every rank but 4.", _RUN),
        Trap("Relay, which had an operator of its own, is gone, and Relax has none: only topi is left.", _RUN),
    ),
    calls=(
        Call(
            language="python",
            setup="from tvm import topi",
            statement="{y} = topi.nn.lrn({x}, size={size}, axis={axis}, alpha={alpha}, beta={beta}, bias={bias})",
            transpose="{y} = topi.transpose({x}, ({order}))",
            add_batch="{y} = topi.expand_dims({x}, 0)",
            drop_batch="{y} = topi.squeeze({x}, 0)",
        ),
    ),
    framework="Apache TVM",
    # Its parameters are kept in float32, also beside float64.
    engine=Engine("TVM 0.27.0 on a CPU", {"float16": 8e-4, "float32": 2.1e-7, "float64": 6e-8}),
)

CONVENTIONS = (TVM,)
