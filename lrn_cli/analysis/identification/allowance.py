"""How far an output may be from the formula, by its type, by its grid, or as it was asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lrn_cli.analysis.comparison.tolerance import Tolerance, common_dtype, tolerance
from lrn_cli.analysis.grids import Grid, show_step
from lrn_cli.analysis.identification.alignment import Pair
from lrn_cli.conventions.declaration import Convention
from lrn_cli.conventions.registry import conventions
from lrn_cli.dtypes import result_dtype

_TYPICAL = {2: 3e-4, 4: 1.5e-7, 8: 1e-15}
"""Errors that are usual for a floating-point type of so many bytes, relative."""
BULK = {2: 2e-3, 4: 1e-5, 8: 1e-9}
"""What the errors of most elements stay below, relative, by the bytes of the narrower type: ONNX Runtime's running sums
come to 6e-6 where values are large, TensorFlow's float16 to 9e-4."""
_TOLERANCES = {2: 8e-3, 4: 1e-4, 8: 1e-4}
"""How far engines are from the formula, relative, by the bytes of the narrower dtype: ONNX Runtime's running sums
cancel, up to 6e-5; TensorFlow computes float16 in float16, up to 8e-4 off for small sums and 6e-3 for large ones."""
_HALF_A_STEP = 0.501
_ROUNDING = 6.0
"""By how many times the errors of most elements may be more than those of rounding to a grid."""
_SPREAD = 12**-0.5
"""The standard deviation of what rounding to a grid leaves, in its steps."""


class Allowance(NamedTuple):
    """How far an output may be from the formula.

    Attributes:
        typical: The relative error that engines usually make in its type.
        bulk: What the relative errors of most elements are below; None for what is usual for the type.
        relative: How far any element may be off, relative to the formula.
        absolute: How far besides, whatever its size.
        spread: The standard deviation of what is off whatever an element's size.
        asked: Whether the two were asked for: then they hold for each element, and relative to the output.
        engine: The convention whose engine is so far off, where it is that engine's.
    """

    typical: float
    relative: float
    bulk: float | None = None
    absolute: float = 0.0
    spread: float = 0.0
    asked: bool = False
    engine: Convention | None = None

    def told(self, grid: Grid) -> str:
        """What the output is held to, in words; empty where that is what is usual for its type."""
        if self.engine is not None and self.engine.engine is not None:
            return f"{self.engine.engine.release}, up to {self.bulk:g} from the formula"
        if self.asked:
            return f"rtol {self.relative:g} and atol {self.absolute:g}, as asked"
        if not grid.step:
            return grid.told
        return f"half a step of {show_step(grid.step)}{f': {grid.told}' if grid.told else ''}"

    def most(self, narrower: int) -> float:
        """What the relative errors of most elements are below, by the bytes of the type that the pair was made in."""
        return BULK[narrower] if self.bulk is None else self.bulk if self.spread else max(self.bulk, BULK[narrower])


def allow(pair: Pair, rtol: float | None = None, atol: float | None = None) -> Allowance:
    """How far the output of a pair may be from the formula.

    Args:
        pair: The tensors.
        rtol, atol: What was asked for, as for `compare`; None for what is usual.

    Raises:
        LrnError: One that was asked for is negative or no finite number.
    """
    grid = pair.grid
    typical = max(_TYPICAL[min(grid.dtype.itemsize, 8)], grid.relative / 4)
    if rtol is not None or atol is not None:
        named = [grid.narrow] if grid.narrow else []
        asked = tolerance(grid.dtype, rtol, atol, named, grid.step)
        bulk = max(asked.rtol, _ROUNDING * typical)
        return Allowance(typical, asked.rtol, bulk, asked.atol, asked.atol * _SPREAD, asked=True)
    relative = max(_TOLERANCES[pair.narrower], grid.relative)
    if grid.step:
        # Beside its rounding nothing else shows.
        return Allowance(typical, relative, _ROUNDING * typical, grid.step * _HALF_A_STEP, grid.step * _SPREAD)
    return Allowance(typical, relative, grid.relative / 2 if grid.relative else None)


def allow_as_engines(pair: Pair) -> list[Allowance]:
    """What engines that are further off than is usual for the output's type need, the most exact one first.

    Not those in float64 that compute it as float32: two normalizations in a row come as near to one.
    """
    grid, usual = pair.grid, allow(pair)
    if grid.step or grid.narrow:
        return []
    least = max(BULK[pair.narrower], BULK[4])
    found = [
        Allowance(usual.typical, max(off, usual.relative), off, engine=convention)
        for convention in conventions()
        if convention.engine and (off := convention.engine.tolerance.get(grid.dtype.name, 0.0)) > least
    ]
    return sorted(found, key=lambda one: one.bulk or 0.0)


def compared_with(pair: Pair) -> tuple[np.dtype[Any] | None, Tolerance]:
    """As which type `compare` compares the output with what a convention makes of the input, and what it allows."""
    grid = pair.grid
    dtype = common_dtype(result_dtype(pair.x.info.dtype), grid.dtype)
    return dtype, tolerance(dtype, narrow=[grid.narrow] if grid.narrow else [], grid=grid.step)
