"""OpenVINO: the operation LRN-1, and what its plugin for CPUs takes of it."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Quirk, Region, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_OPERATION = "openvinotoolkit/openvino:docs/articles_en/documentation/openvino-ir-format/operation-sets/lrn-1.rst"
_PLUGIN = "openvinotoolkit/openvino:src/plugins/intel_cpu/src/nodes/lrn.h (int k = 1)"
_RUN = "OpenVINO 2026.4.1 on a CPU, run"

_SPATIAL = (("L",), ("H", "W"), ("D", "H", "W"))


def _places(axes: tuple[str, ...], first: int) -> tuple[int, ...]:
    return tuple(range(first, first + len(axes)))


_REGIONS = (
    Region((1,), ("C",)),
    *(Region(_places(axes, 2), axes) for axes in _SPATIAL),
    # The operation has them; the plugin takes them for the spatial axes alone.
    *(Region(_places(("C", *axes), 1), ("C", *axes)) for axes in _SPATIAL),
)

OPENVINO = Convention(
    name="openvino",
    aliases=("ov", "openvino-lrn-1", "inference-engine"),
    title="OpenVINO operation LRN-1",
    parameters=(
        Parameter(
            "axes",
            Role.REGION,
            None,
            "the axes of the window: the channels, [1], or all spatial axes, [2,3]",
            choices=tuple(region.name for region in _REGIONS),
        ),
        Parameter("alpha", Role.ALPHA, 1.0, "divided by size^axes"),
        Parameter("beta", Role.BETA, 0.5, "the exponent"),
        Parameter("bias", Role.BIAS, 1.0, "added to the sum"),
        Parameter("size", Role.WINDOW, 5, "the whole window along each axis", (AtLeast(1),)),
    ),
    window=WindowRule.ROUNDED_DOWN,
    alpha_is_divided=True,
    layouts=("NC...",),
    notation=Notation("output", "data", "c"),
    sources=(_OPERATION, _RUN),
    traps=(
        Trap(
            "The CPU plugin cuts the bias to an integer: 2.7 becomes 2, and 0.9 becomes 0. A net whose bias is 1.5"
            " differs from every other engine without a word.",
            f"{_PLUGIN}; {_RUN}",
        ),
        Trap("An even size covers one less, and alpha is still divided by the even one.", _RUN),
        Trap("Older documentation shows a radius and no division; the division is by size^axes.", _OPERATION),
        Trap(
            "An operation has any axes; the CPU plugin takes the channels or all spatial axes, and refuses others.",
            _RUN,
        ),
    ),
    calls=(
        Call(
            language="python",
            setup="import openvino.opset1 as ops",
            statement="{y} = ops.lrn({x}, {axes}, alpha={alpha}, beta={beta}, bias={bias}, size={size})",
            transpose="{y} = ops.transpose({x}, [{order}])",
            add_batch="{y} = ops.unsqueeze({x}, 0)",
            drop_batch="{y} = ops.squeeze({x}, 0)",
        ),
    ),
    regions=_REGIONS,
    framework="OpenVINO",
    engine=Engine("OpenVINO 2026.4.1 on a CPU", {"float16": 8e-4, "float32": 1e-6, "float64": 1e-6}),
    quirks=(
        Quirk(
            "OpenVINO's CPU plugin",
            "cuts the bias to an integer, 2.7 to 2 and 0.9 to 0",
            f"{_PLUGIN}; {_RUN}",
            bites=lambda values: values["bias"] != int(values["bias"]),
        ),
        Quirk(
            "OpenVINO's CPU plugin",
            "computes channels and space together, as axes [1,2,3], over the spatial axes alone",
            _RUN,
            bites=lambda values: values["axes"][0] == 1 and len(values["axes"]) > 1,
        ),
        Quirk("OpenVINO's CPU plugin", "takes size 0, and gives zeros", _RUN),
    ),
)

CONVENTIONS = (OPENVINO,)
