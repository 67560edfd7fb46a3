"""oneDNN: the primitive lrn."""

from __future__ import annotations

from lrn_cli.conventions.declaration import (
    SPATIAL,
    Call,
    Convention,
    Engine,
    Lookalike,
    Notation,
    Quirk,
    Region,
    Trap,
    WindowRule,
)
from lrn_cli.conventions.oddity import Oddity, Shows
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_REFERENCE = "oneapi-src/oneDNN@515bfba6:src/cpu/ref_lrn.cpp:81-143"
_PAGE = "oneapi-src/oneDNN@515bfba6:doc/primitives/lrn.md"
_RUN = "oneDNN 2.6.3 on a CPU, run"

ONEDNN = Convention(
    name="onednn",
    aliases=("dnnl", "mkldnn", "mkl-dnn", "onednn-lrn"),
    title="oneDNN primitive lrn",
    parameters=(
        Parameter(
            "alg",
            Role.REGION,
            None,
            "lrn_across_channels or lrn_within_channel",
            choices=("across", "within"),
        ),
        Parameter("local_size", Role.WINDOW, None, "the whole window along each axis", (AtLeast(1),)),
        Parameter("alpha", Role.ALPHA, None, "divided by local_size, within a channel by local_size^spatial axes"),
        Parameter("beta", Role.BETA, None, "the exponent"),
        Parameter("k", Role.BIAS, None, "added to the sum, within a channel too"),
        Parameter(
            "format",
            Role.NOTHING,
            "plain",
            "how memory lies, whatever the logical axes: all give the same",
            choices=("plain", "last", "blocked", "nChw8c"),
        ),
        Parameter("implementation", Role.NOTHING, "any", "which kernel: all give the same", choices=("any", "ref")),
    ),
    window=WindowRule.ROUNDED_DOWN,
    alpha_is_divided=True,
    layouts=("NC...",),
    notation=Notation("dst", "src", "c"),
    sources=(_REFERENCE, _PAGE, _RUN),
    traps=(
        Trap(
            "An even local_size covers one less, across channels and within one, and alpha is still divided by the"
            " even one.",
            f"{_REFERENCE}; {_RUN}",
        ),
        Trap(
            "Its documentation divides alpha by local_size within a channel too; it is divided by local_size to the"
            " number of spatial axes.",
            f"{_PAGE}; {_REFERENCE}",
        ),
        Trap("k counts within a channel, where Caffe on a CPU takes 1 whatever is given.", _RUN),
        Trap("Alpha is divided, where the paper's is not.", "uxlfoundation/oneDNN#396"),
    ),
    calls=(
        Call(
            language="cpp",
            setup="using namespace dnnl;",
            statement="auto {y}_desc = lrn_forward::primitive_desc(engine, prop_kind::forward_inference,\n"
            "    algorithm::lrn_{alg}_channel, {x}_md, {y}_md, {local_size}, {alpha}, {beta}, {k});\n"
            "lrn_forward({y}_desc).execute(stream, {{{{DNNL_ARG_SRC, {x}}}, {{DNNL_ARG_DST, {y}}}}});",
            transpose="auto {y}_md = {x}_md.permute_axes({{{order}}});",
            add_batch="auto {y}_md = {x}_md.reshape(with_batch_of_1);",
            drop_batch="auto {y}_md = {x}_md.reshape(without_batch);",
            comment="// {text}",
        ),
    ),
    regions=(Region("across", ("C",)), Region("within", SPATIAL)),
    framework="oneDNN",
    engine=Engine("oneDNN 2.6.3 on a CPU", {"float32": 2.6e-7}),
    quirks=(
        Quirk(
            "oneDNN",
            "takes local_size 0 and gives zeros, and takes -1 and gives the input",
            _RUN,
        ),
    ),
    lookalikes=(
        Lookalike(
            "onnx-tensorflow",
            "it runs ONNX's LRN on TensorFlow with a radius of (size-1)//2: an even size covers one less, and alpha is"
            " still divided by size, as in oneDNN across channels; seen with onnx-tf 1.10.0",
        ),
    ),
)

ODDITIES = (
    Oddity(
        name="size-0",
        aliases=(),
        title="oneDNN and OpenVINO with size 0",
        parameters=("local_size", "k", "alpha", "beta"),
        text="oneDNN and OpenVINO's plugin for CPUs take size 0, divide alpha by it and give zeros.",
        instead="a size of 1 or more",
        sources=(_RUN, "OpenVINO 2026.4.1 on a CPU, run"),
        shows=Shows.ZEROS,
    ),
)

CONVENTIONS = (ONEDNN,)
