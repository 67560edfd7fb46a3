"""float16 to float32 and back by integer arithmetic on their bits.

NumPy converts halves one by one, which takes longer than all the rest of the computation; a few passes over the bits
take a fifth of that. What these passes do not cover (infinities, NaN, results beyond float16) they leave to NumPy.
"""

from __future__ import annotations

import numpy as np

from lrn_cli.dtypes import Array

_REBIAS = 112
"""The exponents' biases are 127 and 15: the bits of a half, put in a float's place, are 2^112 too small."""
_MANTISSA_SHIFT = 13
_UP, _DOWN = np.float32(2.0**_REBIAS), np.float32(2.0**-_REBIAS)
_SIGN_AND_MAGNITUDE = np.int32(0x8FFFE000 - 2**32)
_FIRST_OF_INFINITE = np.float32(65536.0)
_FIRST_ROUNDED_TO_INFINITY = int((np.float32(65520.0) * _DOWN).view(np.uint32))
_SIGN, _MAGNITUDE = np.uint32(0x80000000), np.uint32(0x7FFFFFFF)
_JUST_BELOW_HALF = np.uint32(0xFFF)


def widen(halves: Array, out: Array) -> None:
    """Convert float16 to float32, exactly.

    Args:
        halves: float16 of any shape and strides.
        out: float32, C-contiguous, of that shape.
    """
    bits = out.view(np.int32)
    np.copyto(bits, halves.view(halves.dtype.str.replace("f", "i")))
    # The sign was extended on the way, so that after the shift it is where a float has it.
    np.left_shift(bits, _MANTISSA_SHIFT, out=bits)
    np.bitwise_and(bits, _SIGN_AND_MAGNITUDE, out=bits)
    np.multiply(out, _UP, out=out)
    if out.size and (out.max() >= _FIRST_OF_INFINITE or out.min() <= -_FIRST_OF_INFINITE):
        np.copyto(out, halves)


class Narrowing:
    """Converts float32 to float16, rounded to the nearest, in scratch memory that is kept."""

    def __init__(self) -> None:
        self._buffers = np.empty((3, 0), np.uint32)

    def __call__(self, numbers: Array) -> Array | None:
        """The bits of the nearest halves, as uint32 of the shape of `numbers`, valid until the next call.

        Below 6e-5, where halves have fewer digits, a number within 2^-25 of half-way counts as half-way.

        Returns:
            None where a number is NaN, infinite or beyond float16.
        """
        if self._buffers.shape[1] < numbers.size:
            self._buffers = np.empty((3, numbers.size), np.uint32)
        bits: Array
        bits, signs, odd = self._buffers[:, : numbers.size].reshape(3, *numbers.shape)
        np.multiply(numbers, _DOWN, out=bits.view(np.float32))
        np.bitwise_and(bits, _SIGN, out=signs)
        np.bitwise_and(bits, _MAGNITUDE, out=bits)
        if bits.size and int(bits.max()) >= _FIRST_ROUNDED_TO_INFINITY:
            return None
        # Half-way goes to the even neighbour: a number is rounded up from just above half, from half if it is odd.
        np.right_shift(bits, _MANTISSA_SHIFT, out=odd)
        np.bitwise_and(odd, np.uint32(1), out=odd)
        np.add(bits, odd, out=bits)
        np.add(bits, _JUST_BELOW_HALF, out=bits)
        np.right_shift(bits, _MANTISSA_SHIFT, out=bits)
        np.right_shift(signs, 16, out=signs)
        np.bitwise_or(bits, signs, out=bits)
        return bits
