"""cuda-convnet: Krizhevsky's own layers cmrnorm, across maps, and rnorm, within one."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Notation, Region, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_LAYER = "akrizhevsky/cuda-convnet2@3238bf03:layer.py:1327-1361"
_KERNEL = "akrizhevsky/cuda-convnet2@3238bf03:cudaconv3/src/conv_util.cu:1160-1209"
_MAP = "akrizhevsky/cuda-convnet2@3238bf03:cudaconv3/src/conv_util.cu:871-928,2317-2318"
_FIRST = "dnouri/cuda-convnet@e4ac0c1f:layer.py:1041-1068; src/cudaconv2/conv_util.cu:802,1068,1084"

_VERSION_1 = Trap("cuda-convnet 1 has no minDiv: its constant is 1.", _FIRST)
_BLOCKED = Trap(
    "blocked=1 sums groups of channels that do not overlap, which is another normalization and is not computed here.",
    _LAYER,
)


def _call(kind: str) -> Call:
    return Call(
        language="cuda-convnet",
        statement=f"[{{y}}]\ntype={kind}\ninputs={{x}}\nsize={{size}}\n# and in the file of layer parameters:\n"
        "# scale={scale}\n# pow={pow}\n# minDiv={minDiv}",
        transpose="# outside of the net: {y} = numpy.transpose({x}, ({order}))",
        add_batch="# outside of the net: {y} = {x}[None]",
        drop_batch="# outside of the net: {y} = {x}[0]",
    )


ACROSS = Convention(
    name="cuda-convnet",
    aliases=("cmrnorm", "cuda-convnet2", "cudaconvnet2"),
    title="cuda-convnet layer cmrnorm",
    parameters=(
        # From f-size/2 to f-size/2+size-1: an even size reaches one further before.
        Parameter("size", Role.WINDOW, None, "the whole window, at most the channels there are", (AtLeast(2),)),
        Parameter("scale", Role.ALPHA, None, "divided by size"),
        Parameter("pow", Role.BETA, None, "the exponent"),
        Parameter("minDiv", Role.BIAS, 1.0, "added to the sum"),
    ),
    window=WindowRule.EXTRA_BEFORE,
    alpha_is_divided=True,
    layouts=("CHWN", "CHW"),
    notation=Notation("target", "input", "f"),
    sources=(_LAYER, _KERNEL),
    traps=(
        Trap(
            "scale is divided by size, where the author's paper divides nothing: his files have scale 0.0001 and size"
            " 5, which is the paper's alpha divided by 5.",
            "akrizhevsky/cuda-convnet2@3238bf03:layers/layer-params-imagenet-1gpu.cfg:83-91",
        ),
        Trap("An even size takes its extra channel before, ONNX's and cuDNN's after.", _KERNEL),
        Trap("The batch is the last axis, and the kernel wants channels by 16.", _LAYER),
        _BLOCKED,
        _VERSION_1,
    ),
    calls=(_call("cmrnorm"),),
    window_fits_channels=True,
    framework="cuda-convnet",
)

MAP = Convention(
    name="cuda-convnet-map",
    aliases=("rnorm", "cuda-convnet-rnorm"),
    title="cuda-convnet layer rnorm",
    parameters=(
        Parameter("size", Role.WINDOW, None, "the side of a square in the same map", (AtLeast(1),)),
        Parameter("scale", Role.ALPHA, None, "divided by the square of size"),
        Parameter("pow", Role.BETA, None, "the exponent"),
        Parameter("minDiv", Role.BIAS, 1.0, "added to the sum"),
    ),
    window=WindowRule.EXTRA_BEFORE,
    alpha_is_divided=True,
    layouts=("CHWN", "CHW"),
    notation=Notation("target", "input", "f"),
    sources=(_LAYER, _MAP),
    traps=(
        Trap("scale is divided by the square of size, at the borders too.", _LAYER),
        Trap("cnorm is not the same: it subtracts the mean of the square first.", _LAYER),
        _VERSION_1,
    ),
    calls=(_call("rnorm"),),
    regions=(Region("rnorm", ("H", "W")),),
    framework="cuda-convnet",
)

CONVENTIONS = (ACROSS, MAP)
