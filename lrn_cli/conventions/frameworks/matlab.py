"""MATLAB: `crossChannelNormalizationLayer` of the Deep Learning Toolbox."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Notation, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, AtMost, Parameter, Role

_PAGE = "mathworks.com/help/deeplearning/ref/nnet.cnn.layer.crosschannelnormalizationlayer.html"
_CUDNN = "from memory, as in cuDNN's CUDNN_LRN_MIN_BETA and CUDNN_LRN_MIN_K"

MATLAB = Convention(
    name="matlab",
    aliases=("crossChannelNormalizationLayer", "crosschannelnorm", "deep-learning-toolbox"),
    title="MATLAB crossChannelNormalizationLayer",
    parameters=(
        # floor((w-1)/2) previous and floor(w/2) following channels.
        Parameter("WindowChannelSize", Role.WINDOW, None, "the whole window", (AtLeast(1), AtMost(16))),
        Parameter("Alpha", Role.ALPHA, 1e-4, "divided by WindowChannelSize"),
        Parameter("Beta", Role.BETA, 0.75, "the exponent", (AtLeast(0.01),)),
        Parameter("K", Role.BIAS, 2.0, "added to the sum", (AtLeast(1e-5),)),
    ),
    window=WindowRule.EXTRA_AFTER,
    alpha_is_divided=True,
    layouts=("HWCN", "HWC"),
    notation=Notation("Z", "X", "c"),
    sources=(_PAGE, f"limits of Beta and K: {_CUDNN}"),
    traps=(
        Trap("K is 2 by default, as in the paper, and Alpha is divided by the window, as it is not there.", _PAGE),
        Trap("A window of 4 is one previous channel, the channel itself and two following ones.", _PAGE),
        Trap(
            "Arrays are H, W, C, N. Read from a MATLAB 7.3 file by others than MATLAB they come as N, C, W, H:"
            " --layout NCHW.",
            "MATLAB, save -v7.3; HDF5 has the axes in the other order",
        ),
    ),
    calls=(
        Call(
            language="matlab",
            statement="layer = crossChannelNormalizationLayer({WindowChannelSize},"
            " Alpha={Alpha}, Beta={Beta}, K={K});\n"
            '{y} = predict(dlnetwork([inputLayer(size({x}), "SSCB"), layer]), dlarray({x}, "SSCB"));',
            transpose="{y} = ipermute({x}, [{places}]);",
            add_batch="{y} = reshape({x}, [1, size({x})]);",
            drop_batch="{y} = reshape({x}, size({x}, 2:ndims({x})));",
            comment="% {text}",
            also=("crosschannelnorm({x}, {WindowChannelSize})",),
        ),
    ),
    framework="MATLAB",
)

CONVENTIONS = (MATLAB,)
