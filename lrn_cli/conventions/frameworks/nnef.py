"""NNEF: the standard fragment local_response_normalization."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Quirk, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_FRAGMENT = "Khronos NNEF 1.0 specification, stdlib: fragment local_response_normalization"
_RUN = "nnef 1.0.10 (Khronos), nnef.Session, run"
_TRACT = "tract 0.23.9, run"

NNEF = Convention(
    name="nnef",
    aliases=("khronos-nnef", "nnef-tools"),
    title="NNEF local_response_normalization",
    parameters=(
        Parameter("size", Role.WINDOW, None, "the width along each axis, as [1,5,1,1]", (AtLeast(1),), by_axis=True),
        Parameter("alpha", Role.ALPHA, 1.0, "divided by the product of all widths"),
        Parameter("beta", Role.BETA, 0.5, "the exponent"),
        Parameter("bias", Role.BIAS, 1.0, "added to the sum"),
    ),
    window=WindowRule.EXTRA_AFTER,
    alpha_is_divided=True,
    layouts=("NC...",),
    notation=Notation("output", "input", "c"),
    sources=(_FRAGMENT, _RUN),
    traps=(
        Trap(
            "size is a width along each axis: [1,5,1,1] is across channels, [1,1,3,3] within one, [1,3,3,3] both.",
            _FRAGMENT,
        ),
        Trap("An even width reaches one further after, along each axis.", _RUN),
        Trap(
            "Its tools have exported TensorFlow's depth_radius 2 as size [1,2,1,1], with alpha as it was: it is"
            " [1,5,1,1] and five times alpha.",
            "KhronosGroup/NNEF-Tools#137",
        ),
    ),
    calls=(
        Call(
            language="nnef",
            statement="{y} = local_response_normalization("
            "{x}, size = {size}, alpha = {alpha}, beta = {beta}, bias = {bias});",
            transpose="{y} = transpose({x}, axes = [{order}]);",
            add_batch="{y} = unsqueeze({x}, axes = [0]);",
            drop_batch="{y} = squeeze({x}, axes = [0]);",
        ),
    ),
    framework="NNEF",
    engine=Engine("nnef 1.0.10 of Khronos, nnef.Session", {"float32": 2.2e-7}),
    quirks=(
        Quirk(
            "tract",
            "ignores the size of a window over channels in NNEF: it sums the element's own square alone, undivided",
            _TRACT,
        ),
    ),
)

CONVENTIONS = (NNEF,)
