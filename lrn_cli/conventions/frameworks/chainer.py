"""Chainer: `chainer.functions.local_response_normalization`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Quirk, Trap, WindowRule
from lrn_cli.conventions.parameters import Parameter, Role

_FUNCTION = "chainer/chainer@a8e15cbe:chainer/functions/normalization/local_response_normalization.py:10-33,42,52-80"

CHAINER = Convention(
    name="chainer",
    aliases=("chainer.functions", "F.local_response_normalization"),
    title="Chainer chainer.functions.local_response_normalization",
    parameters=(
        # n // 2 on both sides on a CPU, so that 0 and less sum the element's own square.
        Parameter("n", Role.WINDOW, 5, "the window: n//2 channels on each side"),
        Parameter("k", Role.BIAS, 2.0, "added to the sum"),
        Parameter("alpha", Role.ALPHA, 1e-4, "multiplies the sum as it is, undivided"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
    ),
    window=WindowRule.ROUNDED_UP,
    alpha_is_divided=False,
    dtypes=("float16", "float32", "float64"),
    layouts=("NC...",),
    least_rank=2,
    notation=Notation("y", "x", "i"),
    sources=(_FUNCTION,),
    traps=(
        Trap("An even n covers n+1 channels on a CPU and n on a GPU, one more after.", _FUNCTION),
        Trap(
            "Its importer of Caffe models divides alpha by local_size, as it must, and refuses WITHIN_CHANNEL.",
            "chainer/chainer:chainer/links/caffe/caffe_function.py:324-335",
        ),
        Trap("An exporter to ONNX has left the layer out without a word.", "chainer/onnx-chainer#21"),
    ),
    calls=(
        Call(
            language="python",
            setup="import chainer.functions as F",
            statement="{y} = F.local_response_normalization({x}, n={n}, k={k}, alpha={alpha}, beta={beta})",
            transpose="{y} = F.transpose({x}, ({order}))",
            add_batch="{y} = {x}[None]",
            drop_batch="{y} = {x}[0]",
        ),
    ),
    framework="Chainer",
    engine=Engine("Chainer 7.8.1 on a CPU", {"float16": 1e-3, "float32": 2.4e-7, "float64": 4e-16}),
    quirks=(
        Quirk(
            "Chainer on a GPU",
            "sums n channels for an even n, one more after, where it sums n+1 on a CPU",
            _FUNCTION,
            bites=lambda values: values["n"] % 2 == 0 and values["n"] > 0,
        ),
    ),
)

CONVENTIONS = (CHAINER,)
