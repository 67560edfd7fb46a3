"""DirectML: DML_LOCAL_RESPONSE_NORMALIZATION_OPERATOR_DESC."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Notation, Region, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Odd, Parameter, Role

_PAGE = "learn.microsoft.com, ns-directml-dml_local_response_normalization_operator_desc"

DIRECTML = Convention(
    name="directml",
    aliases=("dml", "DML_OPERATOR_LOCAL_RESPONSE_NORMALIZATION"),
    title="DirectML local response normalization",
    parameters=(
        Parameter(
            "CrossChannel",
            Role.REGION,
            None,
            "TRUE over neighbouring channels, FALSE over a square of the same channel",
            choices=("TRUE", "FALSE"),
        ),
        # To which side an even one would reach further is written nowhere.
        Parameter("LocalSize", Role.WINDOW, None, "the whole window along each axis", (AtLeast(1), Odd())),
        Parameter("Alpha", Role.ALPHA, 1e-4, "divided by the number of elements in the window"),
        Parameter("Beta", Role.BETA, 0.75, "the exponent"),
        Parameter("Bias", Role.BIAS, 1.0, "added to the sum"),
    ),
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=True,
    layouts=("NCHW",),
    notation=Notation("Output", "Input", "c"),
    sources=(_PAGE,),
    traps=(
        Trap("The defaults are what its documentation recommends; the structure itself has none.", _PAGE),
        Trap("An even LocalSize is refused here: to which side it would reach is written nowhere.", _PAGE),
    ),
    calls=(
        Call(
            language="cpp",
            statement="DML_LOCAL_RESPONSE_NORMALIZATION_OPERATOR_DESC {y} = {{\n"
            "    &{x}, &{y}_tensor, {CrossChannel}, {LocalSize}, {Alpha}, {Beta}, {Bias}}};",
            transpose="// DirectML: {y} is {x} with strides in the order {order}",
            add_batch="auto {y} = {x};  // with a batch of 1 in its sizes",
            drop_batch="auto {y} = {x};  // without it",
            comment="// {text}",
        ),
    ),
    regions=(Region("TRUE", ("C",)), Region("FALSE", ("H", "W"))),
    framework="DirectML",
)

CONVENTIONS = (DIRECTML,)
