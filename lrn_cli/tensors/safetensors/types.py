"""The types of elements that safetensors knows, and what they are here."""

from __future__ import annotations

import numpy as np

from lrn_cli.dtypes import DType, name_of, unknown
from lrn_cli.errors import LrnError

# Sorted as in the reference library (`Dtype` in safetensors/src/tensor.rs, 0.8), which goes by alignment. It lays
# tensors out in the opposite order, so that each begins at a multiple of its elements' size.
TYPES: dict[str, DType] = {
    "BOOL": np.dtype("?"),
    "F4": unknown("float4_e2m1fn", 4),
    "F6_E2M3": unknown("float6_e2m3fn", 6),
    "F6_E3M2": unknown("float6_e3m2fn", 6),
    "U8": np.dtype("u1"),
    "I8": np.dtype("i1"),
    "F8_E5M2": unknown("float8_e5m2", 8),
    "F8_E4M3": unknown("float8_e4m3fn", 8),
    "F8_E8M0": unknown("float8_e8m0fnu", 8),
    "F8_E4M3FNUZ": unknown("float8_e4m3fnuz", 8),
    "F8_E5M2FNUZ": unknown("float8_e5m2fnuz", 8),
    "I16": np.dtype("<i2"),
    "U16": np.dtype("<u2"),
    "F16": np.dtype("<f2"),
    "BF16": unknown("bfloat16", 16),
    "I32": np.dtype("<i4"),
    "U32": np.dtype("<u4"),
    "F32": np.dtype("<f4"),
    "C64": np.dtype("<c8"),
    "F64": np.dtype("<f8"),
    "I64": np.dtype("<i8"),
    "U64": np.dtype("<u8"),
}
"""The word for each type in a header, and the dtype."""

_WORDS = {name_of(dtype): word for word, dtype in TYPES.items()}


def word_for(dtype: DType, narrow: str = "") -> str:
    """What safetensors calls a type of NumPy's, in whatever byte order, or one that NumPy lacks.

    Raises:
        LrnError: It has no such type.

    >>> word_for(np.dtype(">f4")), word_for(np.dtype("V2"), "bfloat16")
    ('F32', 'BF16')
    """
    name = narrow or name_of(dtype.newbyteorder("<"))
    if name not in _WORDS:
        raise LrnError(f"safetensors has no type {name}", "--dtype float32, or -o x.npy")
    return _WORDS[name]
