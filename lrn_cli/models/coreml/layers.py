"""A layer of local response normalization as Core ML has it, in either of its forms."""

from __future__ import annotations

from collections.abc import Mapping

from lrn_cli.models.model import Layer, Word, Written

PROGRAM_DEFAULTS = {"alpha": 1e-4, "beta": 0.75, "k": 1.0}
"""apple/coremltools@e0e2f42b:coremltools/converters/mil/mil/ops/defs/iOS15/normalization.py:324-381."""


def layer_of_network(written: Mapping[str, Written], *, name: str, output: str, place: str) -> Layer:
    """A LRNLayerParams: what is absent is 0, and a k of 0 means 1."""
    filled = {"alpha": 0.0, "beta": 0.0, "localSize": 0, **written}
    filled["k"] = written.get("k") or 1.0
    words = _words(filled["localSize"], filled)
    return Layer("lrn", written, words, name, output, place, given=filled)


def layer_of_program(written: Mapping[str, Written], *, name: str, output: str, place: str, flaw: str) -> Layer:
    """An operation `local_response_norm`, whose size is required."""
    filled = {**PROGRAM_DEFAULTS, **written}
    size = written.get("size")
    missing = "" if size is not None else "size is required and is not there, or is no constant"
    words = _words(size, filled)
    return Layer("local_response_norm", written, words, name, output, place, given=filled, flaw=flaw or missing)


def _words(size: Written | None, filled: Mapping[str, Written]) -> tuple[Word, ...]:
    """Core ML's own, and ONNX's for an odd window: on which side an even one is longer is not documented."""
    numbers = {"alpha": filled["alpha"], "beta": filled["beta"]}
    own: Word = ("coreml", {"size": size, **numbers, "k": filled["k"]})
    odd = isinstance(size, int) and size % 2 == 1
    return (own, ("onnx", {"size": size, **numbers, "bias": filled["k"]})) if odd else (own,)
