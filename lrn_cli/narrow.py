"""Floating-point types that NumPy lacks, as models are stored in: bfloat16, and those of 8 bits.

In memory they are float32. A file's elements are their bytes, in a type of NumPy's of the same size.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError

BFLOAT16 = "bfloat16"
FLOAT8 = (
    "float8_e4m3fn",
    "float8_e5m2",
    "float8_e4m3fnuz",
    "float8_e5m2fnuz",
    "float8_e4m3b11fnuz",
    "float8_e4m3",
    "float8_e3m4",
    "float8_e8m0fnu",
)
"""Under the names that ml_dtypes gives them."""
SIZES = {BFLOAT16: 2, **dict.fromkeys(FLOAT8, 1)}
"""Bytes of an element."""
WIDE = np.dtype(np.float32)
"""What they are in memory."""

_NAN = 0x7FC0


def check_narrow(name: str) -> None:
    """Refuse a type that is none of these, or that this machine cannot compute.

    Raises:
        LrnError: It is none, or needs ml_dtypes, which is not installed.
    """
    if name not in SIZES:
        raise LrnError(f"input dtype {name!r} is none of {', '.join(SIZES)}", f"--input-dtype {BFLOAT16}")
    if name != BFLOAT16:
        _ml_dtype(name)


def could_be(name: str, dtype: np.dtype[Any]) -> bool:
    """Whether elements of a file could be of that type: raw bytes or whole numbers of its size, not known otherwise.

    >>> could_be("bfloat16", np.dtype("V2")), could_be("bfloat16", np.dtype("f2"))
    (True, False)
    """
    nameless = not (dtype.names or dtype.subdtype or dtype.metadata)
    return nameless and dtype.kind in "Vu" and dtype.itemsize == SIZES.get(name)


def step(name: str) -> float:
    """The distance from 1 to the next number of that type."""
    return 2.0**-7 if name == BFLOAT16 else float(_finfo(name).eps)


def smallest(name: str) -> float:
    """The smallest number of that type above 0."""
    return 2.0**-133 if name == BFLOAT16 else float(_finfo(name).smallest_subnormal)


def spacing(name: str, sizes: Array) -> Array:
    """The distances from numbers above 0 to the next of that type.

    >>> spacing("bfloat16", np.array([1.0, 3.0, 1e-45]))
    array([7.81250000e-03, 1.56250000e-02, 9.18354962e-41])
    """
    _, exponents = np.frexp(sizes)
    found: Array = np.maximum(np.ldexp(step(name), exponents - 1), smallest(name))
    return found


def decode(name: str, stored: Array, out: Array) -> None:
    """The values of stored elements, each exactly.

    Args:
        name: The type.
        stored: The elements, of any type of their size, in its byte order.
        out: float32, of the same shape.

    >>> out = np.empty(2, "f4")
    >>> decode("bfloat16", np.array([0x3F80, 0x4049], "u2"), out)
    >>> out
    array([1.      , 3.140625], dtype=float32)
    """
    if name != BFLOAT16:
        out[...] = stored.view(_ml_dtype(name))
        return
    # The bits of a bfloat16 are the upper half of those of a float32.
    bits = out.view(np.uint32)
    bits[...] = stored.view(np.dtype(np.uint16).newbyteorder(stored.dtype.byteorder))
    np.left_shift(bits, 16, out=bits)


def encode(name: str, values: Array, dtype: np.dtype[Any]) -> Array:
    """Values as elements to store, each rounded to the nearest, halves to even.

    Args:
        name: The type.
        values: float32.
        dtype: Of the elements in the file: any type of their size, with its byte order.

    >>> encode("bfloat16", np.array([1.0, 3.1415927], "f4"), np.dtype("<u2")).tobytes().hex()
    '803f4940'
    """
    if name != BFLOAT16:
        with np.errstate(over="ignore", invalid="ignore"):
            return values.astype(_ml_dtype(name)).view(dtype)
    bits = values.view(np.uint32)
    # Half a unit of what stays, less one where what stays is even: so halves go to the even neighbour.
    #    kept  0 | 0111 1111 1111 1111        kept  1 | 1000 0000 0000 0000
    rounded = (bits >> 16) & 1
    rounded += 0x7FFF
    rounded += bits
    rounded >>= 16
    found = rounded.astype(np.uint16)
    # The rounding would carry the bits of a NaN over into those of another number.
    broken = np.isnan(values)
    if broken.any():
        found[broken] = (bits[broken] >> 16 & 0x8000 | _NAN).astype(np.uint16)
    return found.astype(np.dtype(np.uint16).newbyteorder(dtype.byteorder), copy=False).view(dtype)


def _ml_dtype(name: str) -> np.dtype[Any]:
    try:
        import ml_dtypes
    except ImportError:
        raise LrnError(
            f"{name} is computed with ml_dtypes, which is not installed", "pip install 'lrn-tensor[float8]'"
        ) from None
    found: np.dtype[Any] = np.dtype(getattr(ml_dtypes, name))
    return found


def _finfo(name: str) -> Any:
    import ml_dtypes

    return ml_dtypes.finfo(_ml_dtype(name))
