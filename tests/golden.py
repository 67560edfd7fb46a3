"""The outputs of the real engines, as cases for tests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FOLDER = Path(__file__).parent / "data" / "golden"

FIRST = ("tensorflow", "caffe", "onnx", "pytorch", "neupy", "wolfram")
"""The engines of the conventions that are used most."""

# How far each engine's own rounding takes it from the exact formula, relative: the most that a right answer may differ.
_FLOAT32 = {
    "tensorflow": 1.1e-6,
    "caffe": 3.2e-6,
    "onnx": 6e-5,
    "pytorch": 4e-7,
    "neupy": 4e-7,
    "wolfram": 4e-7,
    "caffe2": 9e-5,
    "chainer": 2.4e-7,
    "keras": 2e-7,
    "lasagne": 1.5e-7,
    "matconvnet": 6e-3,
    "megengine": 6e-7,
    "mindspore": 2.7e-7,
    "mnn": 2.3e-7,
    "mxnet": 4e-7,
    "ncnn": 1.1e-6,
    "nnef": 2.2e-7,
    "onednn": 2.6e-7,
    "onnxref": 1.6e-7,
    "onnxtf": 4.4e-7,
    "opencv": 1.9e-6,
    "openvino": 1e-6,
    "paddle": 4e-7,
    "paddle_fluid": 4.5e-6,
    "tensorlayer": 3.2e-7,
    "tfjs": 6e-8,
    "tflearn": 3.2e-7,
    "tflite": 2.5e-6,
    "tinygrad": 2.4e-7,
    "torch_crossmap": 4.4e-7,
    "tract": 2.3e-7,
    "tvm": 2.1e-7,
}
_FLOAT64 = {
    "caffe": 1.5e-7,
    "pytorch": 4e-7,
    "neupy": 4e-7,
    "chainer": 4e-16,
    "lasagne": 1.9e-7,
    "matconvnet": 6e-3,
    "onnxref": 1e-7,
    "openvino": 1e-6,
    "tinygrad": 4e-16,
    "torch_crossmap": 3e-16,
    "tract": 3e-16,
    "tvm": 6e-8,
}
# TensorFlow computes float16 in float16, up to 8e-4 from the formula, and the others come as near.
_FLOAT16 = {"chainer": 1e-3, "mindspore": 4e-4, "onnxref": 6e-4}
_HALF = 8e-4

# Results in a type are a step of it from the formula by rounding, and an engine as much to the other side.
_STEP = {"float16": 2**-11, "float32": 2**-22, "float64": 2**-51}

DESCRIBED = ("tflite_ref", "mnn-caffe", "mnn-tf", "torch-crossmap", "darknet")
"""Conventions and files of engines with a mistake: what they compute is recognised, and not offered."""


@dataclass(frozen=True)
class Case:
    """One run of a real engine."""

    name: str
    convention: str
    parameters: dict[str, Any]
    layout: str
    x: NDArray[Any]
    y: NDArray[Any]
    tolerance: float

    def assert_matched_by(self, result: NDArray[Any]) -> None:
        """Check that a result is the engine's own, to the engine's own accuracy."""
        assert result.dtype == self.y.dtype
        assert result.shape == self.y.shape
        np.testing.assert_allclose(result.astype("f8"), self.y.astype("f8"), rtol=self.tolerance, atol=0)

    @property
    def words(self) -> str:
        """The convention and its parameters in one word."""
        return _word(self.convention, self.parameters)


@dataclass(frozen=True)
class Refusal:
    """What a real engine has refused."""

    name: str
    convention: str
    parameters: dict[str, Any]
    shape: tuple[int, ...]
    dtype: str

    @property
    def words(self) -> str:
        """The convention and its parameters in one word."""
        return _word(self.convention, self.parameters)


def _word(convention: str, parameters: dict[str, Any]) -> str:
    return f"{convention}:{','.join(f'{name}={value}' for name, value in parameters.items())}"


def cases(engines: tuple[str, ...] = FIRST) -> list[Case]:
    """The cases of these engines that show what a convention says."""
    return [case for case, quirk in _all(engines) if not quirk]


def offered() -> list[Case]:
    """All cases of all engines that show what a convention says."""
    files = tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))
    return [case for case in cases(files) if case.convention not in DESCRIBED and "tflite_ref" not in case.name]


def quirks() -> list[Case]:
    """All cases in which an engine does something else than its convention says."""
    files = tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))
    return [case for case, quirk in _all(files) if quirk or case.name.startswith("tflite_ref")]


def case(name: str) -> Case:
    """The case of that name."""
    return next(case for case in (*cases(), *offered(), *quirks()) if case.name == name)


def refusals() -> list[Refusal]:
    """All that engines have refused."""
    found = []
    for path in sorted(_FOLDER.glob("*.json")):
        data = json.loads(path.read_text())
        first = data["cases"][0]["convention"]
        for number, entry in enumerate(data.get("refuses", [])):
            whose = "opencv-onnx" if path.stem == "opencv" and "size" in entry["params"] else first
            shape = tuple(entry["shape"])
            found.append(Refusal(f"{path.stem}-{number}", whose, entry["params"], shape, entry["dtype"]))
    return found


@cache
def _all(engines: tuple[str, ...]) -> list[tuple[Case, bool]]:
    found = []
    for engine in engines:
        listed = json.loads((_FOLDER / f"{engine}.json").read_text())["cases"]
        arrays = np.load(_FOLDER / f"{engine}.npz")
        for case in listed:
            x = arrays[f"{case['id']}__x"]
            name, given = f"{engine}-{case['id']}", (case["convention"], case["params"], case["layout"])
            made = Case(name, *given, x, arrays[f"{case['id']}__y"], _tolerance(engine, x.dtype.name))
            found.append((made, bool(case.get("quirk"))))
    return found


def _tolerance(engine: str, dtype: str) -> float:
    if dtype == "float16":
        return _FLOAT16.get(engine, _HALF) + _STEP[dtype]
    own = _FLOAT64[engine] if dtype == "float64" else _FLOAT32.get(engine, 4e-7)
    return own if engine in FIRST else own + _STEP[dtype]
