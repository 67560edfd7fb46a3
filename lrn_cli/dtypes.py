"""Types of elements: which have a sum of squares, how others are made such, and which type a result has."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrn_cli.errors import LrnError

DType = np.dtype[Any]
Array = NDArray[Any]

FLOATS = ("float16", "float32", "float64")
"""What `dtype=` and `--dtype` take."""

_KINDS = {
    "O": "Python objects or text",
    "c": "complex numbers",
    "S": "text",
    "U": "text",
    "M": "dates",
    "m": "times",
}
# What ml_dtypes writes has no other name in a file than that of its size.
_RAW = {
    1: "raw bytes, as a float8 or int4 of ml_dtypes is stored",
    2: "raw bytes, as bfloat16 is stored",
}
_VIEWS = {1: "ml_dtypes.float8_e4m3fn", 2: "ml_dtypes.bfloat16", 4: '"float32"', 8: '"float64"'}


def unknown(name: str, bits: int) -> DType:
    """The dtype that stands for a type of numbers which NumPy does not have, and a file does: raw bytes with a name.

    Args:
        name: As ml_dtypes has it.
        bits: Of an element.

    >>> name_of(unknown("bfloat16", 16)), name_of(np.dtype(">f4"))
    ('bfloat16', '>f4')
    """
    return np.dtype(f"V{-(-bits // 8)}", metadata={"name": name, "bits": bits})


def name_of(dtype: DType) -> str:
    """What a type of elements is called."""
    return str(dict(dtype.metadata or {}).get("name", dtype))


def bits_of(dtype: DType) -> int:
    """How many bits an element takes in its file."""
    return int(dict(dtype.metadata or {}).get("bits", 8 * dtype.itemsize))


def described(what: str, remedy: str | None = "") -> DType:
    """A dtype for what NumPy has none for.

    Args:
        what: What it is, for whoever asked for numbers.
        remedy: Python that makes numbers of it, with a field for the Python that it is; None where there is none.
    """
    return np.dtype("O", metadata={"what": what, "remedy": remedy})


def refuse_unless_numeric(dtype: DType) -> None:
    """Refuse an array that has no sum of squares.

    Raises:
        LrnError: The dtype is object, structured, complex, text, a date or raw bytes; the hint is for an array `x`.
    """
    if not is_numeric(dtype):
        raise LrnError(refusal(dtype), f"take {remedy(dtype, 'x')}")


def is_numeric(dtype: DType) -> bool:
    """Whether elements of that type are booleans, integers or real floating-point numbers."""
    return dtype.kind in "biuf" and dtype.names is None


def refusal(dtype: DType) -> str:
    """Why elements of that type are refused, in one line."""
    return f"dtype {name_of(dtype)} is {_kind(dtype)}; lrn takes booleans, integers and real floating-point numbers"


def _kind(dtype: DType) -> str:
    if dtype.names:
        return "structured records"
    if dtype.subdtype:
        return "an array in each element"
    if dtype.kind == "V":
        nameless = dtype.type is np.void and name_of(dtype) == str(dtype)
        return _RAW.get(dtype.itemsize, "raw bytes") if nameless else "no type of NumPy's own"
    about = dict(dtype.metadata or {})  # h5py says there what HDF5's objects are
    if "ref" in about:
        return "references to other objects"
    if "vlen" in about:
        return "text" if about["vlen"] in {str, bytes} else "a row of its own length in each element"
    return str(about.get("what", _KINDS.get(dtype.kind, "no numbers")))


def remedy(dtype: DType, array: str) -> str:
    """Python that makes numbers of an array of that type, which the Python `array` stands for.

    >>> remedy(np.dtype("c8"), "x"), remedy(np.dtype([("name", "S3"), ("value", "f4")]), "x")
    ('np.abs(x)', 'x["value"]')
    """
    from lrn_cli.advice import spell

    if is_numeric(dtype) or dtype.subdtype:
        return array  # NumPy makes an array in each element axes of the whole
    if dtype.names:
        fields = [(name, dtype[name].base) for name in dtype.names]
        name, inner = next((field for field in fields if is_numeric(field[1])), fields[0])
        return remedy(inner, f"{array}[{spell(name)}]")
    if dtype.kind == "c":
        return f"np.abs({array})"
    if dtype.kind in "Mm":
        return f'{array}.astype("int64")'
    if dtype.kind == "V" and dtype.type is np.void:
        view = f"{array}.view({_VIEWS.get(dtype.itemsize, spell('uint8'))})"
        return f'{view}.astype("float32")' if dtype.itemsize <= 2 else view
    about = dict(dtype.metadata or {})
    inner, numbers = about.get("vlen", str), about.get("remedy") or '{}.astype("float32")'
    return str(numbers).format(array) if inner in {str, bytes} else remedy(np.dtype(inner), f"{array}.flat[0]")


def result_dtype(dtype: DType, asked: str | None = None) -> DType:
    """The dtype of the output for an input of `dtype`: its own where it is a float, else wide enough to hold it.

    >>> result_dtype(np.dtype("uint8")), result_dtype(np.dtype("int32")), result_dtype(np.dtype(">f2"))
    (dtype('float32'), dtype('float64'), dtype('>f2'))
    """
    if asked is not None:
        return find_float(asked)
    if dtype.kind == "f":
        return dtype
    return np.dtype(np.float32 if dtype.kind == "b" or dtype.itemsize <= 2 else np.float64)


def find_float(name: str) -> DType:
    """The floating-point dtype of that name.

    Raises:
        LrnError: It is none that a tensor can be written in.
    """
    try:
        dtype = np.dtype(name)
    except TypeError:
        dtype = np.dtype(object)
    if dtype.newbyteorder("=").name not in FLOATS:
        raise LrnError(f"dtype {name!r} is none of {', '.join(FLOATS)}", _meant(name))
    return dtype


def _meant(name: str) -> str:
    """What a type is called here that goes by another name, as `fp16`; else what there is to choose."""
    bits = name.lower().rpartition(".")[2].removeprefix("float").removeprefix("fp").strip("_")
    return f"did you mean float{bits}?" if f"float{bits}" in FLOATS else "one of them"
