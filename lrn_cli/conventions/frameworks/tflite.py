"""TensorFlow Lite: LOCAL_RESPONSE_NORMALIZATION."""

from __future__ import annotations

from lrn_cli.conventions.declaration import (
    Call,
    Convention,
    Engine,
    Lookalike,
    Notation,
    Quirk,
    Trap,
    WindowRule,
)
from lrn_cli.conventions.oddity import Oddity
from lrn_cli.conventions.parameters import AtLeast, Parameter, Role

_OP = "tensorflow/tensorflow@22a71154:tensorflow/lite/kernels/local_response_norm.cc (Prepare, Register_*)"
_REFERENCE = "tensorflow/tensorflow@22a71154:tensorflow/lite/kernels/internal/reference/reference_ops.h"

TFLITE = Convention(
    name="tflite",
    aliases=("tensorflow-lite", "tf.lite", "litert"),
    title="TensorFlow Lite LOCAL_RESPONSE_NORMALIZATION",
    parameters=(
        Parameter(
            "depth_radius", Role.WINDOW, 5, "channels on each side, `radius` in the file: 2r+1 in all", (AtLeast(0),)
        ),
        Parameter("bias", Role.BIAS, 1.0, "added to the sum"),
        Parameter("alpha", Role.ALPHA, 1.0, "multiplies the sum as it is, undivided"),
        Parameter("beta", Role.BETA, 0.5, "the exponent"),
    ),
    window=WindowRule.RADIUS,
    alpha_is_divided=False,
    dtypes=("float32",),
    layouts=("NHWC",),
    notation=Notation("output", "input", "d"),
    sources=(_OP,),
    traps=(
        Trap("The file itself has no defaults: the converter writes TensorFlow's, 5, 1, 1 and 0.5.", _OP),
        Trap("It takes float32 only; a model in float16 does not convert.", "TensorFlow 2.21.0, run"),
        Trap("Channels come last, and depth_radius is a radius: the default 5 covers 11 channels.", _OP),
    ),
    calls=(
        Call(
            language="python",
            setup="import tensorflow as tf",
            statement="{y} = tf.nn.local_response_normalization("
            "{x}, depth_radius={depth_radius}, bias={bias}, alpha={alpha}, beta={beta})",
            transpose="{y} = tf.transpose({x}, [{order}])",
            add_batch="{y} = {x}[None]",
            drop_batch="{y} = {x}[0]",
        ),
    ),
    framework="TensorFlow Lite",
    engine=Engine("tf.lite of TensorFlow 2.21.0, the default kernel", {"float32": 2.5e-6}),
    quirks=(
        Quirk(
            "TensorFlow Lite's reference kernel (BUILTIN_REF)",
            "sums from d-r to d+r-1, one channel less than the default kernel; with radius 0 it sums nothing",
            _REFERENCE,
            shown_by=lambda norm, last: last and any(span.before == span.after + 1 for span in norm.window.values()),
        ),
    ),
    lookalikes=(
        Lookalike(
            "nnapi",
            "Android's LOCAL_RESPONSE_NORMALIZATION runs TensorFlow Lite's kernel, with an axis besides;"
            " not confirmed by a run",
        ),
    ),
)


def _reference(radius: int, channel: int, channels: int, _: int) -> dict[int, int]:
    return dict.fromkeys(range(max(channel - radius, 0), min(channel + radius, channels)), 1)


ODDITIES = (
    Oddity(
        name="tflite-ref",
        aliases=("tflite_ref", "builtin_ref"),
        title="TensorFlow Lite's reference kernel",
        parameters=("depth_radius", "bias", "alpha", "beta"),
        text="It sums from d-r to d+r-1, one channel less than the default kernel and TensorFlow do; with radius 0 it"
        " sums nothing, and every element is divided by bias^beta.",
        instead="-c tflite is what the default kernel computes",
        sources=(_REFERENCE, "tf.lite of TensorFlow 2.21.0, run with experimental_op_resolver_type=BUILTIN_REF"),
        terms=_reference,
        alpha_is_divided=False,
    ),
)

CONVENTIONS = (TFLITE,)
