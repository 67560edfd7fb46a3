"""Caffe2's LRN operator, whichever way its net is written."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from lrn_cli.conventions.decimals import divide
from lrn_cli.models.kinds import find_flaw
from lrn_cli.models.model import Layer, Word, Written

ARGUMENTS = {"size": int, "alpha": float, "beta": float, "bias": float, "order": str}
"""What it has, and the type of each."""
_DEFAULTS: dict[str, Written] = {"size": 0, "alpha": 0.0, "beta": 0.0, "bias": 1.0, "order": "NCHW"}
# pytorch/pytorch v1.8.1: caffe2/operators/local_response_normalization_op.h


def lrn_layer(name: str, output: str, arguments: Sequence[tuple[str, Written]], source: str = "") -> Layer:
    """The layer that an operator is whose type is `LRN`.

    Args:
        name: Of the operator, often empty.
        output: Its first.
        arguments: Name and value of each, also of one that is there twice.
        source: Its first input.
    """
    written = {key: value for key, value in arguments if key in ARGUMENTS}
    filled = {**_DEFAULTS, **written}
    flaw = find_flaw(arguments, ARGUMENTS)
    if not flaw and filled["size"] == 0:
        flaw = "size is 0 or not there, which Caffe2 does not take"
    words = () if flaw else _words(filled)
    last = filled["order"] == "NHWC"
    return Layer(
        "LRN",
        written,
        words,
        name=name,
        output=output,
        given=filled,
        flaw=flaw,
        input=source,
        notes=("order NHWC: the channels are the last axis",) if last else (),
    )


def _words(filled: dict[str, Written]) -> tuple[Word, ...]:
    size, alpha, beta, bias = (filled[name] for name in ("size", "alpha", "beta", "bias"))
    own = ("caffe2", {"size": size, "alpha": alpha, "beta": beta, "bias": bias, "order": filled["order"]})
    if filled["order"] != "NHWC":
        return own, ("onnx", {"size": size, "alpha": alpha, "beta": beta, "bias": bias})
    if not isinstance(size, int) or size % 2 == 0 or not isinstance(alpha, float) or not isfinite(alpha):
        return (own,)
    return own, ("tf", {"depth_radius": size // 2, "alpha": divide(alpha, size), "beta": beta, "bias": bias})
