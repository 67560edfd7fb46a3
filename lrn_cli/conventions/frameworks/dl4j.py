"""Deeplearning4j: `LocalResponseNormalization`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Notation, Quirk, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_LAYER = "deeplearning4j@026a1a5d:.../layers/normalization/LocalResponseNormalization.java activateHelper"
_HELPER = "deeplearning4j: CudnnLocalResponseNormalizationHelper.java, read and not run"

DL4J = Convention(
    name="dl4j",
    aliases=("deeplearning4j",),
    title="Deeplearning4j LocalResponseNormalization",
    parameters=(
        Parameter("k", Role.BIAS, 2.0, "added to the sum"),
        Parameter("n", Role.WINDOW, 5, "the window: n/2 channels on each side", (AtLeast(1),)),
        Parameter("alpha", Role.ALPHA, 1e-4, "multiplies the sum as it is, undivided"),
        Parameter("beta", Role.BETA, 0.75, "the exponent"),
    ),
    window=WindowRule.ROUNDED_UP,
    alpha_is_divided=False,
    layouts=("NCHW",),
    notation=Notation("activations", "input", "c"),
    sources=(_LAYER,),
    traps=(
        Trap("The builder takes k, alpha, beta in this order: Builder(2, 1e-4, 0.75).", _LAYER),
        Trap("n is a double; n/2 is cut, so that an even n covers n+1 channels.", _LAYER),
        Trap("Its MKL-DNN helper gave other results and was switched off.", "deeplearning4j#7272"),
    ),
    calls=(
        Call(
            language="java",
            statement="LocalResponseNormalization {y} =  // of {x}\n    new LocalResponseNormalization.Builder()\n"
            "    .k({k})\n    .n({n})\n    .alpha({alpha})\n    .beta({beta})\n    .build();",
            transpose="INDArray {y} = {x}.permute({order});",
            add_batch="INDArray {y} = Nd4j.expandDims({x}, 0);",
            drop_batch="INDArray {y} = {x}.slice(0);",
            comment="// {text}",
            also=("new LocalResponseNormalization.Builder({k}, {alpha}, {beta})",),
        ),
    ),
    framework="Deeplearning4j",
    quirks=(
        Quirk(
            "Deeplearning4j on a GPU",
            "hands alpha undivided to cuDNN, which divides it by n: it then differs from the CPU by that factor",
            _HELPER,
            bites=lambda values: values["n"] > 1,
        ),
    ),
)

CONVENTIONS = (DL4J,)
