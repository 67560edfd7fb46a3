"""The gradients of the real engines as cases for tests, each with the canonical form that its words mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrn_cli import layouts
from lrn_cli.conventions.registry import conventions
from lrn_cli.formula import ResponseNorm, Span
from tests.arithmetic.exact import Derived, gradient_formula

_FOLDER = Path(__file__).parent / "data" / "golden_gradients"
_EPS = {2: 2**-10, 4: 2**-23, 8: 2**-52}

Parameters = Mapping[str, Any]


def _one_divided(window: str, bias: str, *, side: str = "even") -> Callable[[Parameters], ResponseNorm]:
    """Across channels, with alpha divided by the window."""
    return lambda p: _across(p[window], p, bias, divisor=p[window], side=side)


def _across(
    width: int, p: Parameters, bias: str, *, divisor: int, side: str, default_bias: float = 1.0
) -> ResponseNorm:
    lesser, greater = (width - 1) // 2, width // 2
    span = {
        "before": Span(greater, lesser),
        "after": Span(lesser, greater),
        "both": Span(greater, greater),
        "even": Span(lesser, lesser),
    }[side]
    scale = p.get("alpha", 1e-4) / divisor
    return ResponseNorm({"C": span}, scale, p.get(bias, default_bias), p.get("beta", 0.75))


def _onednn(p: Parameters, rank: int) -> ResponseNorm:
    axes = ["C"] if p["alg"] == "across" else list("DHW"[5 - rank :])
    half = (p["local_size"] - 1) // 2
    scale = p["alpha"] / p["local_size"] ** len(axes)
    return ResponseNorm(dict.fromkeys(axes, Span(half, half)), scale, p["k"], p["beta"])


def _caffe(p: Parameters) -> ResponseNorm:
    width, half = p.get("local_size", 5), (p.get("local_size", 5) - 1) // 2
    axes = ["H", "W"] if p.get("norm_region") == "WITHIN_CHANNEL" else ["C"]
    scale, bias = p.get("alpha", 1.0) / width ** len(axes), p.get("k", 1.0) if axes == ["C"] else 1.0
    return ResponseNorm(dict.fromkeys(axes, Span(half, half)), scale, bias, p.get("beta", 0.75))


def _radius(name: str) -> Callable[[Parameters], ResponseNorm]:
    def reduce(p: Parameters) -> ResponseNorm:
        radius = p.get(name, 5)
        return ResponseNorm({"C": Span(radius, radius)}, p.get("alpha", 1.0), p.get("bias", 1.0), p.get("beta", 0.5))

    return reduce


# What each engine's parameters mean, from its own documentation and source.
_MEANINGS: dict[str, Callable[[Parameters], ResponseNorm]] = {
    "tensorflow": _radius("depth_radius"),
    "tfjs": _radius("depthRadius"),
    "pytorch": _one_divided("size", "k", side="before"),
    "paddle": _one_divided("size", "k", side="before"),
    "caffe2": _one_divided("size", "bias", side="after"),
    "mxnet": lambda p: _across(p["nsize"], p, "knorm", divisor=p["nsize"], side="even", default_bias=2.0),
    "chainer": lambda p: _across(p.get("n", 5), p, "k", divisor=1, side="both", default_bias=2.0),
    "lasagne": lambda p: _across(p.get("n", 5), p, "k", divisor=1, side="even", default_bias=2.0),
    "matconvnet": lambda p: ResponseNorm(
        {"C": Span((p["N"] - 1) // 2, p["N"] // 2)}, p["ALPHA"], p["KAPPA"], p["BETA"]
    ),
    "caffe": _caffe,
}


@dataclass(frozen=True)
class Case:
    """One backward pass of a real engine."""

    name: str
    engine: str
    convention: str
    parameters: dict[str, Any]
    norm: ResponseNorm
    layout: str
    x: NDArray[Any]
    dy: NDArray[Any]
    dx: NDArray[Any]
    quirk: bool

    @property
    def by_name(self) -> bool:
        """Whether the command knows the convention by this name."""
        return self.convention in {convention.name for convention in conventions()}

    @property
    def exact(self) -> Derived:
        """The formula, one neighbour at a time."""
        reaches = {self.layout.index(axis): (span.before, span.after) for axis, span in self.norm.window.items()}
        numbers = {"scale": self.norm.scale, "bias": self.norm.bias, "beta": self.norm.beta}
        return gradient_formula(self.x, self.dy, reaches, **numbers)

    @property
    def allowed(self) -> NDArray[Any]:
        """How far from the engine's result a right one may be, by the engine's own arithmetic."""
        terms = self.exact.terms.astype(np.float64)
        peak = float(np.abs(self.dx.astype(np.float64)).max())
        allowed = 4 * _EPS[self.dx.itemsize] * terms
        if self.engine in {"caffe", "caffe2"} and self.dx.itemsize == 4:
            return allowed + 5e-6 * peak  # running sums
        of_peak = {"caffe": 1e-8, "paddle": 4e-7, "lasagne": 4e-7}.get(self.engine, 0) if self.dx.itemsize == 8 else 0
        of_terms = {"matconvnet": 7e-3, "tensorflow": 2e-3 if self.dx.itemsize == 2 else 0}.get(self.engine, 0)
        return allowed + of_peak * peak + of_terms * terms

    def assert_matched_by(self, result: NDArray[Any]) -> None:
        """Check that a gradient is the engine's own, to the engine's own accuracy."""
        assert result.dtype == self.dx.dtype
        assert result.shape == self.dx.shape
        distance = np.abs(result.astype(np.float64) - self.dx.astype(np.float64))
        assert (distance <= self.allowed).all(), float(np.nanmax(distance / self.allowed))


def cases() -> list[Case]:
    """All cases of all engines but those that no reading of the formula reproduces."""
    found = [case for file in sorted(_FOLDER.glob("*.json")) for case in _cases_of(file.stem)]
    return [case for case in found if not case.quirk]


def quirk(name: str) -> Case:
    """A case that no reading of the formula reproduces."""
    return next(case for case in _cases_of(name.partition("-")[0]) if case.name == name)


def _cases_of(engine: str) -> list[Case]:
    listed = json.loads((_FOLDER / f"{engine}.json").read_text())["cases"]
    arrays = np.load(_FOLDER / f"{engine}.npz")
    found = []
    for one in listed:
        x, dy, dx = (arrays[f"{one['id']}__{name}"] for name in ("x", "dy", "dx"))
        parameters = one["params"]
        layout = layouts.fit(one["layout"], x.ndim) or one["layout"]
        if engine == "torch_box":
            window = {layout[int(axis)]: Span(*span) for axis, span in parameters["window"].items()}
            norm = ResponseNorm(window, parameters["scale"], parameters["bias"], parameters["beta"])
        elif engine == "onednn":
            norm = _onednn(parameters, x.ndim)
        else:
            norm = _MEANINGS[engine](parameters)
        name, quirk = f"{engine}-{one['id']}", one.get("quirk", False)
        found.append(Case(name, engine, one["convention"], parameters, norm, layout, x, dy, dx, quirk))
    return found
