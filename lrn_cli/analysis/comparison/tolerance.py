"""How far two numbers may be apart and still count as equal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lrn_cli.conventions.declaration import Engine
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.narrow import smallest, step

DType = np.dtype[Any]

RULE = "|a-b| <= atol + rtol*|b|"

# LRN multiplies each activation by a power that is near 1 or below: a result's error goes with its own size, and an
# absolute tolerance is needed only near zero. The relative ones leave room for the frameworks' own rounding, measured
# on their real outputs (up to 4e-7 PyTorch, 1.1e-6 TensorFlow, 3.2e-6 Caffe in float32, half a unit in the last place
# of float16), and none for a wrong parameter: ten times as many digits as that need agree in float64.
_DEFAULTS = {2: (2e-3, 1e-6), 4: (1e-5, 1e-8), 8: (1e-10, 1e-13)}


class Tolerance(NamedTuple):
    """What `RULE` allows.

    Attributes:
        rtol: Relative to the size of b.
        atol: Absolute.
    """

    rtol: float
    atol: float


def common_dtype(a: DType, b: DType) -> DType | None:
    """The narrower floating-point dtype of a pair, in whose steps they are compared; None for two of integers.

    >>> common_dtype(np.dtype("f4"), np.dtype("f8")), common_dtype(np.dtype("u1"), np.dtype("f8"))
    (dtype('float32'), dtype('float64'))
    """
    floats = [dtype.newbyteorder("=") for dtype in (a, b) if dtype.kind == "f"]
    narrowest = min(floats, key=lambda dtype: dtype.itemsize, default=None)
    return np.dtype(np.float64) if narrowest is not None and narrowest.itemsize > 8 else narrowest


def tolerance(
    dtype: DType | None,
    rtol: float | None = None,
    atol: float | None = None,
    narrow: Sequence[str] = (),
    grid: float = 0.0,
) -> Tolerance:
    """The tolerance for a pair that is compared as `dtype`: what was given, the rest by default.

    By default float16 is compared with rtol 2e-3, two of its steps; float32 with 1e-5, which allows for a framework's
    own rounding; float64 with 1e-10; integers must be the same. What was rounded to types that NumPy lacks, `narrow`,
    is compared with two steps of the coarsest, as float16 is; what was rounded to a grid, as an image's numbers are,
    with half a step of that.

    Raises:
        LrnError: One that was given is negative or no finite number.

    >>> tolerance(np.dtype("f4"), atol=0)
    Tolerance(rtol=1e-05, atol=0.0)
    """
    usual = Tolerance(*_DEFAULTS[dtype.itemsize]) if dtype is not None else Tolerance(0.0, 0.0)
    for name in narrow:
        usual = Tolerance(max(usual.rtol, 2 * step(name)), max(usual.atol, smallest(name)))
    usual = usual._replace(atol=max(usual.atol, round_up(grid / 2, 4)))
    for name, value in (("rtol", rtol), ("atol", atol)):
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise LrnError(f"{name} is {value}, it must be a finite number, 0 or more", f"--{name} with such a number")
    return Tolerance(usual.rtol if rtol is None else float(rtol), usual.atol if atol is None else float(atol))


# How many steps of a type a right result is from the formula at most, roughly: a half is rounded once.
_OWN_STEPS = {2: 1, 4: 4, 8: 4}


def of_engine(engine: Engine | None, dtype: DType | None, usual: Tolerance) -> tuple[Tolerance, str]:
    """The tolerance for outputs of an engine, and whose it is; the usual one where nobody has measured that type.

    Twice as far as its outputs were seen from the formula, for others may be further, and what the results that they
    are compared with are off themselves.

    >>> of_engine(Engine("Caffe 1.0", {"float32": 3.2e-6}), np.dtype("f4"), Tolerance(1e-5, 1e-8))
    (Tolerance(rtol=6.88e-06, atol=1e-08), 'Caffe 1.0, up to 3.2e-06 from the formula')
    """
    if engine is None or dtype is None or dtype.name not in engine.tolerance:
        return usual, ""
    measured = engine.tolerance[dtype.name]
    own = _OWN_STEPS[dtype.itemsize] * float(np.finfo(dtype).eps)
    return (
        Tolerance(round_up(2 * measured + own, 3), usual.atol),
        f"{engine.release}, up to {measured:g} from the formula",
    )


def round_up(value: float, digits: int = 12) -> float:
    """The number or a slightly larger one, of so many digits: what is typed as a tolerance then allows for it.

    >>> round_up(0.5), round_up(1 / 3, digits=3), round_up(2 / 3, digits=3)
    (0.5, 0.334, 0.667)
    """
    if not value or not math.isfinite(value):
        return value
    rounded = float(f"{value:.{digits - 1}e}")
    if rounded >= value:
        return rounded
    return float(f"{value + 10.0 ** (math.floor(math.log10(value)) - digits + 1) / 2:.{digits - 1}e}")


def largest_distance(a: Array, b: Array, dtype: np.dtype[Any]) -> int:
    """The largest distance between two arrays of finite numbers in steps of `dtype`, to which both are rounded first.

    Args:
        a, b: Of one shape, not empty, of any numeric dtypes.
        dtype: float16, float32 or float64.

    >>> largest_distance(np.array([1.0, -1.0]), np.array([1.0, np.nextafter(-1, 0)]), np.dtype("f8"))
    1
    >>> largest_distance(np.array([-0.0, 5e-324]), np.array([0.0, -5e-324]), np.dtype("f8"))
    2
    """
    kind = f"i{dtype.itemsize}"
    with np.errstate(over="ignore"):
        left, right = (array.astype(dtype, copy=False).view(kind) for array in (a, b))
    if np.bitwise_xor(left, right).min() >= 0:
        # Of one sign, numbers are in the order of their bits, and so near that the difference cannot overflow.
        apart = np.subtract(left, right)
        return max(int(apart.max()), -int(apart.min()))
    return _across_zero(left, right)


def _across_zero(left: Array, right: Array) -> int:
    """The largest distance where some pairs have zero between them."""
    unsigned, magnitude = f"u{left.itemsize}", np.iinfo(left.dtype).max
    a, b = ((bits & magnitude).view(unsigned) for bits in (left, right))
    distances = np.where((left ^ right) < 0, a + b, np.where(a > b, a - b, b - a))
    return int(distances.max())
