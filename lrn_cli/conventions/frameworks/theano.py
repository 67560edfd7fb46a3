"""Layers on Theano that are of one lineage: pylearn2, Lasagne, and the LRN2D that Keras had until 2016."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Call, Convention, Engine, Notation, Trap, WindowRule
from lrn_cli.conventions.parameters import AtLeast, Odd, Parameter, Role

_PYLEARN2 = "lisa-lab/pylearn2@af81e5c3:pylearn2/expr/normalize.py:28-58,86-116"
_LASAGNE = "Lasagne/Lasagne@5d3c63cb:lasagne/layers/normalization.py:94-121"
_KERAS = "keras-team/keras@0.2.0:keras/layers/normalization.py LRN2D"

_PARAMETERS = (
    Parameter("alpha", Role.ALPHA, 1e-4, "multiplies the sum as it is, undivided"),
    Parameter("k", Role.BIAS, 2.0, "added to the sum"),
    Parameter("beta", Role.BETA, 0.75, "the exponent"),
    Parameter("n", Role.WINDOW, 5, "the whole window", (AtLeast(1), Odd())),
)


def _call(setup: str, statement: str) -> Call:
    return Call(
        language="python",
        setup=setup,
        statement=statement,
        transpose="{y} = {x}.dimshuffle({order})",
        add_batch='{y} = {x}.dimshuffle("x", 0, 1, 2)',
        drop_batch="{y} = {x}[0]",
    )


PYLEARN2 = Convention(
    name="pylearn2",
    aliases=("pylearn2.expr.normalize", "CrossChannelNormalizationBC01"),
    title="pylearn2 CrossChannelNormalization",
    parameters=_PARAMETERS,
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=False,
    layouts=("NCHW",),
    notation=Notation("output", "bc01", "c"),
    sources=(_PYLEARN2,),
    traps=(
        Trap(
            "There are two: CrossChannelNormalizationBC01 has the channels second, CrossChannelNormalization has them"
            " first and the batch last (--layout CHWN).",
            _PYLEARN2,
        ),
        Trap(
            "CudaConvNetCrossChannelNormalization takes groups of channels by default (blocked), which is another"
            " normalization.",
            "lisa-lab/pylearn2@af81e5c3:pylearn2/expr/normalize.py:135-137",
        ),
    ),
    calls=(
        _call(
            "from pylearn2.expr import normalize",
            "{y} = normalize.CrossChannelNormalizationBC01(alpha={alpha}, k={k}, beta={beta}, n={n})({x})",
        ),
    ),
    framework="pylearn2",
)

LASAGNE = Convention(
    name="lasagne",
    aliases=("LocalResponseNormalization2DLayer",),
    title="Lasagne LocalResponseNormalization2DLayer",
    parameters=_PARAMETERS,
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=False,
    layouts=("NCHW",),
    notation=Notation("output", "input", "c"),
    sources=(_LASAGNE,),
    traps=(
        Trap("alpha is the paper's, undivided: from Caffe it has to be divided by local_size.", _LASAGNE),
        Trap("An even n is refused, also 0; a window wider than the channels is not.", _LASAGNE),
    ),
    calls=(
        _call(
            "from lasagne import layers",
            "shape = (None, None, None, None)\n"
            "source = layers.InputLayer(shape)\n"
            "layer = layers.LocalResponseNormalization2DLayer(source, alpha={alpha}, k={k}, beta={beta}, n={n})\n"
            "{y} = layers.get_output(layer, {x})",
        ),
    ),
    framework="Lasagne",
    # Its parameters are kept in float32, also beside float64.
    engine=Engine("Lasagne 0.1 on Theano 1.0.5", {"float32": 1.5e-7, "float64": 1.8e-7}),
)

KERAS = Convention(
    name="keras",
    aliases=("LRN2D", "keras0", "keras-lrn2d"),
    title="Keras LRN2D, removed in 2016",
    parameters=_PARAMETERS,
    window=WindowRule.ODD_WIDTH,
    alpha_is_divided=False,
    layouts=("NCHW",),
    notation=Notation("output", "X", "c"),
    sources=(_KERAS, "keras-team/keras#1549"),
    traps=(
        Trap(
            "Keras has had no such layer since January 2016. Copies of it circulate and differ without a word: some"
            " divide alpha by n, some have k 1.",
            "keras-team/keras#1549; MarcBS/keras#4; heuritech/convnets-keras#6",
        ),
        Trap("Caffe models imported with their alpha as it is are wrong by n: it is not divided here.", _KERAS),
    ),
    calls=(
        _call(
            "from keras.layers.normalization import LRN2D",
            "layer = LRN2D(alpha={alpha}, k={k}, beta={beta}, n={n})\nlayer.input = {x}\n{y} = layer.get_output()",
        ),
    ),
    framework="Keras before 0.3",
    engine=Engine("Keras 0.2.0 on Theano 1.0.5", {"float32": 2e-7}),
)

CONVENTIONS = (PYLEARN2, LASAGNE, KERAS)
