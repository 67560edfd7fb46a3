"""Powers that square roots do not make, in float64, by the operations of the compiled passes: the same bits from both.

`np.power` is another function on each kind of machine. This one is additions, multiplications and a division, each
rounded once and none fused with another. It is good to 2e-12, or 1e-11 at an exponent of 16, enough where the result is
rounded to float32; series of more terms make that 1e-14, for what is taken from something nearly as large before.
What its steps do not cover (bases that are not positive and normal, powers near the ends of float64) is left to NumPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_CHUNK = 1 << 14
_BUFFERS = 9
_ONE, _ROOT_OF_HALF, _MANTISSA = np.uint64(0x3FF0000000000000), np.uint64(0x3FE6A09E667F3BCD), np.uint64(52)
_WHOLE_BITS = np.uint64(0x4330000000000000)
_WHOLE, _BIAS, _ROUNDING = 2.0**52, 1023.0, 1.5 * 2.0**52
# 2 log2(e) / k, and (log 2)^k / k!
_LOG = {k: 2.0 / k * 1.4426950408889634 for k in range(1, 21, 2)}
_EXP = (
    *(1.0, 6.9314718055994531e-01, 2.4022650695910072e-01, 5.5504108664821580e-02, 9.6181291076284769e-03),
    *(1.3333558146428443e-03, 1.5403530393381608e-04, 1.5252733804059841e-05, 1.3215486790144307e-06),
    *(1.0178086009239699e-07, 7.0549116208011234e-09, 4.4455382718708112e-10, 2.5678435993488206e-11),
    1.3691488853904129e-12,
)
# Of fewer terms, the polynomials that come nearest: to log2 m within 1.1e-12, and to 2^q within 1.1e-12 of it. Found by
# the exchange of Remez over the ranges that m and q have, the constant of the second held at 1.
_SHORT_LOG = (2.885390081845409, 0.9617966482968237, 0.5770866466535485, 0.41153408433056604, 0.342822691085032)
_SHORT_EXP = (
    *(1.0, 6.9314718054123259e-01, 2.4022650694742570e-01, 5.5504109592289186e-02, 9.6181295588429385e-03),
    *(1.3333434157479589e-03, 1.5403098284094818e-04, 1.5314209240824323e-05, 1.3344183961535526e-06),
)
_BASES = float(np.finfo(np.float64).tiny), float(np.finfo(np.float64).max)
_POWERS = 2.0**-999, 2.0**999


def power(base: Array, beta: float, out: Array, *, fine: bool = False) -> None:
    """Raise bases to an exponent.

    Args:
        base: float64.
        beta: The exponent.
        out: float64 of that shape, apart from the bases.
        fine: Whether 14 digits are wanted rather than 12.

    >>> result = np.empty(3)
    >>> power(np.array([1.0, 4.0, np.inf]), -0.5, result)
    >>> result
    array([1. , 0.5, 0. ])
    """
    bases = np.ascontiguousarray(base).reshape(-1)
    powers = out.reshape(-1) if out.flags.c_contiguous else np.empty_like(bases)
    buffers = np.empty((_BUFFERS, min(bases.size, _CHUNK)))
    for begin in range(0, bases.size, _CHUNK):
        s, result = bases[begin : begin + _CHUNK], powers[begin : begin + _CHUNK]
        _raise(s, beta, result, buffers[:, : s.size], fine=fine)
        if not (_are_within(s, _BASES) and _are_within(result, _POWERS)):
            left = ~(_each_within(s, _BASES) & _each_within(result, _POWERS))
            np.power(s, beta, out=result, where=left)
    if not out.flags.c_contiguous:
        out[...] = powers.reshape(out.shape)


def _are_within(numbers: Array, bounds: tuple[float, float]) -> bool:
    """Whether all are, which is quicker than to look at each; not a number is not."""
    return bool(numbers.min() >= bounds[0] and numbers.max() <= bounds[1])


def _each_within(numbers: Array, bounds: tuple[float, float]) -> NDArray[np.bool_]:
    within: NDArray[np.bool_] = (numbers >= bounds[0]) & (numbers <= bounds[1])
    return within


def _raise(s: Array, beta: float, out: Array, buffers: Array, *, fine: bool) -> None:
    """2^(beta log2 s), a chunk that fits the cache: `power` of native/variant.h, line by line."""
    k, m, z, z2, z4, p, high, spare, more = buffers
    # s = 2^e m, and m lies between the roots of 1/2 and 2.
    exponents, bits = k.view(np.uint64), m.view(np.uint64)
    np.add(s.view(np.uint64), _ONE - _ROOT_OF_HALF, out=exponents)
    np.right_shift(exponents, _MANTISSA, out=exponents)
    np.left_shift(exponents, _MANTISSA, out=bits)
    np.subtract(s.view(np.uint64), bits, out=bits)
    np.add(bits, _ONE, out=bits)
    np.bitwise_or(exponents, _WHOLE_BITS, out=exponents)
    e = np.subtract(k, _WHOLE + _BIAS, out=k)
    # The series of the inverse hyperbolic tangent, in halves.
    f = np.subtract(m, 1.0, out=out)
    np.divide(f, np.add(m, 1.0, out=m), out=f)
    np.multiply(f, f, out=z)
    np.multiply(z, z, out=z2)
    if fine:
        _join(_line(_LOG[1], _LOG[3], z, p), _line(_LOG[5], _LOG[7], z, high), z2)
        _join(_line(_LOG[13], _LOG[15], z, spare), _line(_LOG[17], _LOG[19], z, more), z2)
        _join(_line(_LOG[9], _LOG[11], z, high), spare, z2)
        _join(p, high, np.multiply(z2, z2, out=z4))
    else:
        _join(_line(_SHORT_LOG[2], _SHORT_LOG[3], z, high), np.multiply(z2, _SHORT_LOG[4], out=spare))
        _join(_line(_SHORT_LOG[0], _SHORT_LOG[1], z, p), high, z2)
    t = np.multiply(np.add(e, np.multiply(f, p, out=p), out=p), beta, out=p)
    np.minimum(np.maximum(t, -1000.0, out=t), 1000.0, out=t)
    # 2^t = 2^r 2^q with a whole r, which stands in the last bits of what is so large that it has no others.
    r = np.add(t, _ROUNDING, out=m)
    q = np.subtract(t, np.subtract(r, _ROUNDING, out=k), out=k)
    np.multiply(q, q, out=z2)
    np.multiply(z2, z2, out=z4)
    c: tuple[float, ...] = _EXP if fine else _SHORT_EXP
    _join(_line(c[0], c[1], q, p), _line(c[2], c[3], q, high), z2)
    _line(c[6], c[7], q, high)
    if not fine:
        _join(high, np.multiply(z2, c[8], out=spare))
    _join(_line(c[4], c[5], q, z), high, z2)
    _join(p, z, z4)
    if fine:
        _join(_line(c[10], c[11], q, spare), _line(c[12], c[13], q, more), z2)
        _join(_line(c[8], c[9], q, high), spare, z2)
        _join(p, high, np.multiply(z4, z4, out=z4))
    whole = r.view(np.uint64)
    np.left_shift(whole, _MANTISSA, out=whole)
    np.add(p.view(np.uint64), whole, out=out.view(np.uint64))


def _line(constant: float, slope: float, x: Array, out: Array) -> Array:
    """constant + slope * x."""
    np.multiply(x, slope, out=out)
    return np.add(out, constant, out=out)


def _join(low: Array, high: Array, factor: Array | None = None) -> None:
    """Add the upper half of a polynomial, times a power of its argument, to the lower half; the upper is spoilt."""
    if factor is not None:
        np.multiply(high, factor, out=high)
    np.add(low, high, out=low)
