"""MatConvNet: `vl_nnnormalize`."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Quirk, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_PAGE = "vlfeat.org/matconvnet/mfiles/vl_nnnormalize"
_KERNEL = "vlfeat/matconvnet@1e5ae7b7:matlab/src/bits/nnnormalize.cu"
_RUN = "MatConvNet 1.0-beta25 (1e5ae7b7) on a CPU, run"

MATCONVNET = Convention(
    name="matconvnet",
    aliases=("vl_nnnormalize", "vlfeat"),
    title="MatConvNet vl_nnnormalize",
    parameters=(
        Parameter("N", Role.WINDOW, 5, "the whole window", (AtLeast(1),)),
        Parameter("KAPPA", Role.BIAS, 2.0, "added to the sum"),
        Parameter("ALPHA", Role.ALPHA, 1e-3, "multiplies the sum as it is, undivided"),
        Parameter("BETA", Role.BETA, 0.5, "the exponent"),
    ),
    window=WindowRule.EXTRA_AFTER,
    alpha_is_divided=False,
    # H x W x C x N of MATLAB lies in memory, and in files of HDF5, as N x C x W x H does elsewhere.
    layouts=("NCHW", "HWC", "HWCN"),
    notation=Notation("Y", "X", "k"),
    sources=(_PAGE, _KERNEL, _RUN),
    traps=(
        Trap(
            "The defaults are those of its class in C++. vl_nnnormalize itself wants all four numbers, and dagnn.LRN"
            " has 5, 1, 1e-4/5 and 0.75.",
            f"{_KERNEL}; dagnn.LRN",
        ),
        Trap("ALPHA is not divided: from Caffe or cuDNN it is their alpha divided by N.", "vlfeat/matconvnet#339"),
        Trap("Its power is approximate, up to 5e-3 off, in float64 too: compare with it at 1e-2.", _RUN),
        Trap(
            "In MATLAB its arrays are H, W, C, N: for such a tensor of rank 4 give --layout HWCN. Written to HDF5 they"
            " are N, C, W, H elsewhere, which is what is taken here.",
            _PAGE,
        ),
    ),
    calls=(
        Call(
            language="matlab",
            statement="{y} = vl_nnnormalize({x}, [{N} {KAPPA} {ALPHA} {BETA}]);",
            transpose="{y} = ipermute({x}, [{places}]);",
            add_batch="{y} = reshape({x}, [1, size({x})]);",
            drop_batch="{y} = reshape({x}, size({x}, 2:ndims({x})));",
            comment="% {text}",
        ),
    ),
    framework="MatConvNet",
    engine=Engine("MatConvNet 1.0-beta25 (1e5ae7b7) on a CPU", {"float32": 5e-3, "float64": 5e-3}),
    quirks=(
        Quirk(
            "MatConvNet on a CPU",
            "has an approximate power of its own: its results are up to 5e-3 off, in float64 too",
            _RUN,
            bites=lambda _: True,
        ),
    ),
)

CONVENTIONS = (MATCONVNET,)
