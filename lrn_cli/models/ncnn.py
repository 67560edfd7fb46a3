"""ncnn's LRN layer, in text and in binary.

Tencent/ncnn: src/layer/lrn.cpp, LRN::load_param and LRN::forward_inplace.
"""

from __future__ import annotations

from collections.abc import Mapping

from lrn_cli.formula import ResponseNorm, Span
from lrn_cli.models.model import Layer, Word, Written
from lrn_cli.models.stated import state

KEYS = {0: "region_type", 1: "local_size", 2: "alpha", 3: "beta", 4: "bias"}
"""The parameters by their keys."""
_INTEGERS = ("region_type", "local_size")
_DEFAULTS = {"region_type": 0, "local_size": 5, "alpha": 1.0, "beta": 0.75, "bias": 1.0}


def lrn_layer(
    written: Mapping[str, Written], values: Mapping[int, float], *, name: str = "", output: str = ""
) -> Layer:
    """The layer with those parameters.

    Args:
        written: As they are in the file, by key.
        values: The same as numbers.
        name, output: As `Layer` has them.
    """
    given = {KEYS[key]: value for key, value in values.items() if key in KEYS}
    filled = {**_DEFAULTS, **given}
    size = int(filled["local_size"])
    flaw = ""
    if filled["region_type"] not in (0, 1):
        flaw = f"region_type is {filled['region_type']}, it must be 0 or 1"
    elif size < 1:
        flaw = f"local_size is {size}, it must be at least 1"
    shown: dict[str, Written] = {key: int(value) if key in _INTEGERS else value for key, value in filled.items()}
    return Layer(
        "LRN",
        written,
        () if flaw else _words(shown),
        name,
        output,
        given=shown,
        absent=tuple(key for key in shown if key not in given),
        stated=None if flaw else _canonical(filled, size, within=filled["region_type"] == 1),
        flaw=flaw,
    )


def _words(filled: Mapping[str, Written]) -> tuple[Word, ...]:
    """ncnn's own, and Caffe's where it says the same: not what has an even window, nor a bias within a channel."""
    region, size = filled["region_type"], filled["local_size"]
    own: Word = ("ncnn", filled)
    if (isinstance(size, int) and size % 2 == 0) or (region and filled["bias"] != 1):
        return (own,)
    caffe = {"local_size": size, "alpha": filled["alpha"], "beta": filled["beta"], "k": filled["bias"]}
    return own, ("caffe", {**caffe, "norm_region": "WITHIN_CHANNEL" if region else "ACROSS_CHANNELS"})


def _canonical(filled: Mapping[str, float], size: int, *, within: bool) -> ResponseNorm | None:
    # ncnn 1.0.20261020, run: an even size reaches one further before, along each axis.
    window = dict.fromkeys("HW" if within else "C", Span(size // 2, (size - 1) // 2))
    numbers = {name: filled[name] for name in ("alpha", "bias", "beta")}
    return state(window, divisor=size ** len(window), **numbers)
