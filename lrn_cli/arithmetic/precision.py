"""Which floating-point type the result has, and which ones it is computed in."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from lrn_cli.dtypes import DType, find_float
from lrn_cli.errors import LrnError
from lrn_cli.formula import ResponseNorm

# Powers that divisions and square roots make, exactly rounded on every machine, and so fit for the type of the data.
BY_SQUARE_ROOTS = {0.5, 0.75, 1.0}

LARGEST_EXPONENT = 16.0
"""Of powers by a series: the error of its logarithm is multiplied by the exponent."""


class Precision(NamedTuple):
    """The floating-point types of the two halves of the computation.

    Attributes:
        sums: Of the squares and their sums.
        powers: Of the powers.
        series: Whether powers are taken by `arithmetic.powers`, whose last digits the results do not have.
        fine: Whether by more terms of it, as results are small differences.
    """

    sums: DType
    powers: DType
    series: bool = False
    fine: bool = False


@lru_cache(maxsize=64)
def precision(given: DType, result: DType, norm: ResponseNorm, compute: str | None = None) -> Precision:
    """What to compute in, for an input and a result of these dtypes.

    float16 and float32 are computed in float32 where the power needs only square roots. Any other power is taken in
    float64, sums included: an exponent rounded to float32 alone costs up to 12 units in the last place, and a sum's
    error is multiplied by beta. So it is where a negative number makes the base cancel, or an extreme one leaves
    float32. For the same reason the sums of float64 are taken wider where beta multiplies their error.

    >>> from lrn_cli.formula import Span
    >>> half = np.dtype("float16")
    >>> precision(half, half, ResponseNorm({"C": Span(2, 2)}, scale=1.0, bias=1.0, beta=0.75)).sums
    dtype('float32')
    """
    own = np.promote_types(np.promote_types(given.newbyteorder("="), result.newbyteorder("=")), np.float32)
    easy = norm.beta in BY_SQUARE_ROOTS and all(v == 0 or 1e-30 < v < 1e30 for v in (norm.scale, norm.bias))
    powers = np.promote_types(own, np.float32 if easy else np.float64)
    if compute is not None:
        if np.promote_types(find_float(compute), own) != find_float(compute):
            raise LrnError(f"{compute} is narrower than {own}, which the result needs at least", f"--compute {own}")
        powers = np.promote_types(powers, find_float(compute))
    sums = wider(powers) if own == np.float64 and abs(norm.beta) > 1 else None
    series = own == np.float32 and powers == np.float64 and norm.beta not in BY_SQUARE_ROOTS
    return Precision(sums or powers, powers, series and abs(norm.beta) <= LARGEST_EXPONENT)


@lru_cache(maxsize=64)
def gradient_precision(given: DType, result: DType, norm: ResponseNorm) -> Precision:
    """What to compute a gradient in, for an input and a result of these dtypes.

    It is a difference of terms that may be 400,000 times as large, so nothing narrower than float64 will do; float64
    itself is within 8 units of the terms, in long double where beta multiplies the sums' error.

    >>> norm = ResponseNorm({}, scale=1.0, bias=1.0, beta=0.6)
    >>> gradient_precision(np.dtype("f4"), np.dtype("f4"), norm)
    Precision(sums=dtype('float64'), powers=dtype('float64'), series=True, fine=True)
    """
    own = np.promote_types(given.newbyteorder("="), result.newbyteorder("="))
    narrow = own.kind != "f" or own.itemsize < np.dtype(np.float64).itemsize
    work = np.promote_types(own, np.float64)
    if not narrow and abs(norm.beta) > 1:
        work = wider(work) or work
    series = narrow and norm.beta not in BY_SQUARE_ROOTS and abs(norm.beta) <= LARGEST_EXPONENT
    return Precision(work, work, series, fine=series)


def wider(dtype: DType) -> DType | None:
    """The next wider floating-point type of this machine, for values that leave the range of `dtype`."""
    exponent = np.finfo(dtype).maxexp
    return next((np.dtype(t) for t in (np.float64, np.longdouble) if np.finfo(t).maxexp > exponent), None)
