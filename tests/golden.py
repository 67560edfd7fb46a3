"""The outputs of the real engines, as cases for tests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FOLDER = Path(__file__).parent / "data" / "golden"

# How far each engine's own rounding takes it from the exact formula, relative: the most that a right answer may differ.
_TOLERANCES = {"tensorflow": 1.1e-6, "caffe": 3.2e-6, "onnx": 6e-5, "pytorch": 4e-7, "neupy": 4e-7, "wolfram": 4e-7}
# TensorFlow computes float16 in float16, up to 8e-4 from the formula; the nearest float16 to the formula is half a unit
# in the last place from it besides.
_HALF_TOLERANCE = 8e-4 + 2**-11


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


def cases() -> list[Case]:
    """All cases of all engines."""
    found = []
    for engine, tolerance in _TOLERANCES.items():
        listed = json.loads((_FOLDER / f"{engine}.json").read_text())["cases"]
        arrays = np.load(_FOLDER / f"{engine}.npz")
        for case in listed:
            x = arrays[f"{case['id']}__x"]
            found.append(
                Case(
                    f"{engine}-{case['id']}",
                    case["convention"],
                    case["params"],
                    case["layout"],
                    x,
                    arrays[f"{case['id']}__y"],
                    _HALF_TOLERANCE if x.dtype == np.float16 else tolerance,
                )
            )
    return found


def case(name: str) -> Case:
    """The case of that name."""
    return next(case for case in cases() if case.name == name)
