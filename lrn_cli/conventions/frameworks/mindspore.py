"""MindSpore: `mindspore.ops.lrn`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Quirk, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_PAGE = "mindspore.cn, mindspore.ops.lrn"
_RUN = "MindSpore 2.10.0 on a CPU, run"

MINDSPORE = Convention(
    name="mindspore",
    aliases=("mindspore.ops.lrn", "ms.ops.lrn"),
    title="MindSpore mindspore.ops.lrn",
    parameters=(
        Parameter("depth_radius", Role.WINDOW, 5, "channels on each side: the window is 2r+1", (AtLeast(0),)),
        Parameter("bias", Role.BIAS, 1.0, "added to the sum"),
        Parameter("alpha", Role.ALPHA, 1.0, "multiplies the sum as it is, undivided"),
        Parameter("beta", Role.BETA, 0.5, "the exponent"),
        Parameter(
            "norm_region", Role.REGION, "ACROSS_CHANNELS", "the only region there is", choices=("ACROSS_CHANNELS",)
        ),
    ),
    window=WindowRule.RADIUS,
    alpha_is_divided=False,
    dtypes=("float16", "float32"),
    layouts=("NCHW",),
    notation=Notation("output", "x", "c"),
    sources=(_PAGE, _RUN),
    traps=(
        Trap("The names and defaults are TensorFlow's, and the channels come second, not last.", _PAGE),
        Trap("Its documentation divides alpha by the window; its own example shows that nothing is divided.", _PAGE),
        Trap("It takes float16 and float32 only, of rank 4.", _RUN),
    ),
    calls=(
        Call(
            language="python",
            setup="from mindspore import ops",
            statement="{y} = ops.lrn({x}, depth_radius={depth_radius}, bias={bias}, alpha={alpha}, beta={beta},"
            ' norm_region="{norm_region}")',
            transpose="{y} = ops.transpose({x}, ({order},))",
            add_batch="{y} = ops.expand_dims({x}, 0)",
            drop_batch="{y} = {x}[0]",
            also=("mindspore.ops.LRN()", "ops.LRN()", "mindspore.ops.lrn({x})"),
        ),
    ),
    framework="MindSpore",
    engine=Engine("MindSpore 2.10.0 on a CPU", {"float16": 4e-4, "float32": 2.7e-7}),
    quirks=(
        Quirk(
            "MindSpore 2.10.0 on a CPU",
            'failed with "Unknown Error!" for depth_radius 2 and beta 0.75 where the channels are 16 or more and a'
            " multiple of 8, on the machine where it was run",
            _RUN,
            bites=lambda values: values["depth_radius"] == 2 and values["beta"] == 0.75,
        ),
    ),
)

CONVENTIONS = (MINDSPORE,)
