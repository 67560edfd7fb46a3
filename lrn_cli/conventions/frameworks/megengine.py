"""MegEngine: `megengine.functional.local_response_norm`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Quirk, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Odd, Parameter, Role

_RUN = "MegEngine 1.13.0 on a CPU, run"
_CHECK = "MegEngine/MegEngine:dnn/src/common/lrn.cpp:8 (LRNBase::check_param)"

MEGENGINE = Convention(
    name="megengine",
    aliases=("megdnn", "mge"),
    title="MegEngine megengine.functional.local_response_norm",
    parameters=(
        Parameter("kernel_size", Role.WINDOW, 5, "the whole window", (AtLeast(1), Odd())),
        Parameter("k", Role.BIAS, 2.0, "added to the sum"),
        Parameter("alpha", Role.ALPHA, 1e-4, "multiplies the sum as it is, undivided"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
    ),
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=False,
    dtypes=("float32",),
    layouts=("NCHW",),
    notation=Notation("out", "inp", "c"),
    sources=(_CHECK, _RUN),
    traps=(
        Trap("alpha is the paper's, undivided, under a name like PyTorch's, which divides it.", _RUN),
        Trap("The example of its documentation has kernel_size 3 and k 1, not the defaults.", _RUN),
    ),
    calls=(
        Call(
            language="python",
            setup="import megengine.functional as F",
            statement="{y} = F.local_response_norm({x}, kernel_size={kernel_size}, k={k}, alpha={alpha}, beta={beta})",
            transpose="{y} = F.transpose({x}, ({order}))",
            add_batch="{y} = F.expand_dims({x}, 0)",
            drop_batch="{y} = {x}[0]",
            also=("megengine.module.LocalResponseNorm()",),
        ),
    ),
    framework="MegEngine",
    engine=Engine("MegEngine 1.13.0 on a CPU", {"float32": 6e-7}),
    quirks=(Quirk("MegEngine 1.13.0", "dies of a tensor of rank 3, and fails at its exit after one of halves", _RUN),),
)

CONVENTIONS = (MEGENGINE,)
