"""Arrays of dask and xarray: computed block by block when somebody asks for the values, with their labels kept.

Neither is imported: who has made such an array has done so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np

from lrn_cli import dimensions
from lrn_cli.advice import spell
from lrn_cli.dtypes import Array, DType
from lrn_cli.errors import LrnError
from lrn_cli.formula import Span, Spans

_TO_NUMPY = ("toarray", "todense", "get")
"""What makes an array of NumPy of one of SciPy (sparse), sparse or CuPy."""


@runtime_checkable
class Foreign(Protocol):
    """An array of another library, whose results are arrays of that library: one of dask, or a DataArray of xarray."""

    def __array__(self) -> Array: ...

    def compute(self) -> Any:
        """The same with its values computed."""


OfForeign = TypeVar("OfForeign", bound=Foreign)


class Held(NamedTuple):
    """What an argument holds.

    Attributes:
        values: An array of NumPy or of dask.
        layout: As asked for, else as the dimensions are called; None where they are not called anything.
        wrap: Puts labels on an array of the same shape.
    """

    values: Any
    layout: str | None
    wrap: Callable[[Any], Any]

    @property
    def is_lazy(self) -> bool:
        """Whether the values are not computed yet."""
        return is_lazy(self.values)


def hold(x: Any, *, layout: str | None = None, axis: int | None = None) -> Held:
    """The values of an argument, without computing any.

    Args:
        x: What `numpy.asarray` takes, an array of dask, or a DataArray or Variable of xarray.
        layout, axis: As asked for.

    Raises:
        LrnError: Its dimensions' names do not say which axis is which, and nobody else does; or dask does not know
            its shape.
    """
    xarray = sys.modules.get("xarray")
    if xarray is None or not isinstance(x, (xarray.DataArray, xarray.Variable, xarray.Dataset)):
        return Held(_values(x), layout, lambda values: values)
    if isinstance(x, xarray.Dataset):
        first = next(iter(x.data_vars), "name")
        raise LrnError(f"a Dataset of {len(x.data_vars)} variables is given, one is wanted", f"x[{spell(str(first))}]")
    if layout is None and axis is None and x.dims:
        layout = _layout(x.dims)
    return Held(_values(x.data), layout, partial(_label, x))


def like(x: Any, other: Any) -> Any:
    """The values of an array that goes with x, with its axes in the order of those of x where both name them.

    Raises:
        LrnError: They name others, or have other coordinates along one.
    """
    held = hold(other, axis=0)
    dims, wanted = getattr(other, "dims", None), getattr(x, "dims", None)
    if dims is None or wanted is None:
        return held.values
    if sorted(map(str, dims)) != sorted(map(str, wanted)):
        raise LrnError(f"dy has the dimensions {_list(dims)} and x {_list(wanted)}", "dy.rename or dy.data")
    for name, index in getattr(x, "indexes", {}).items():
        others = getattr(other, "indexes", {}).get(name)
        if others is not None and len(others) == len(index) and not index.equals(others):
            hint = "dy.reindex_like(x), or dy.data to go by place"
            raise LrnError(f"dy has other coordinates along {name} than x", hint)
    return _values(other.transpose(*wanted).data)


def is_lazy(x: object) -> bool:
    """Whether it is an array of dask."""
    return isinstance(x, getattr(sys.modules.get("dask.array"), "Array", ()))


def _values(x: Any) -> Any:
    if not is_lazy(x):
        masks = sys.modules.get("numpy.ma")
        if masks is not None and masks.is_masked(x):
            raise _masked("x.astype(float).filled(numpy.nan)")
        return np.asarray(x)
    if np.isnan(x.shape).any():
        shape = "x".join("?" if np.isnan(length) else str(length) for length in x.shape)
        raise LrnError(f"dask does not know the shape yet: {shape}", "x.compute_chunk_sizes()")
    meta = getattr(x, "_meta", None)
    if isinstance(meta, np.ma.MaskedArray):
        raise _masked("dask.array.ma.filled(x.astype(float), numpy.nan)")
    if not isinstance(meta, np.ndarray):
        way = next((name for name in _TO_NUMPY if hasattr(meta, name)), None)
        hint = f"x.map_blocks(lambda block: block.{way}(), dtype=x.dtype)" if way else "x.map_blocks(numpy.asarray)"
        raise LrnError(f"the blocks of x are of {type(meta).__module__}, not of NumPy", hint)
    return x


def _masked(hint: str) -> LrnError:
    return LrnError("x has a mask, and what is under one would count as any other number", hint)


def _layout(dims: Sequence[object]) -> str:
    """The letters of dimensions by their names."""
    layout, letters = dimensions.named(dims), dimensions.letters(dims)
    if layout is None:
        known = ", ".join(f"{letter} {'/'.join(names[:-1])}" for letter, names in dimensions.CALLED.items())
        open_ = "".join("?" if letters.count(letter) > 1 else letter for letter in letters)
        hint = f'layout="{open_}" with a letter for each' if "?" in open_ else 'x.expand_dims("channel"), or axis='
        raise LrnError(f"the dimensions {_list(dims)} do not say which axis is which: {known}", hint)
    return layout


def _list(dims: Sequence[object]) -> str:
    return ", ".join(map(str, dims)) or "of no axis"


def _label(x: Any, values: Any) -> Any:
    """The labels of x on other values; how x was packed in its file does not concern them."""
    result = x.copy(data=values)
    result.encoding = {}
    return result


def by_blocks(function: Callable[..., Array], arrays: Sequence[Any], reach: Spans, dtype: DType) -> Any:
    """A function of each block of an array, and of the elements around it where an axis along which it reaches is cut.

    Args:
        function: Takes a block of each array, gives one of the same shape; it goes to wherever dask computes.
        arrays: Of one shape, the first that is one of dask says how all are cut.
        reach: How far a result depends on the elements around its own.
        dtype: Of the results.

    Returns:
        An array of dask, of which nothing is computed.
    """
    import dask.array as da

    chunks = _cut(next(array for array in arrays if is_lazy(array)), reach)
    blocks = [array.rechunk(chunks) if is_lazy(array) else da.from_array(array, chunks=chunks) for array in arrays]
    depth = {axis: _depth(span) for axis, span in enumerate(reach) if any(span) and len(chunks[axis]) > 1}
    meta = np.empty((0,) * len(chunks), dtype)
    if not depth:
        return da.map_blocks(function, *blocks, dtype=dtype, meta=meta)
    return da.map_overlap(
        function, *blocks, depth=[depth] * len(blocks), boundary=["none"] * len(blocks), dtype=dtype, meta=meta
    )


def _cut(array: Any, reach: Spans) -> tuple[tuple[int, ...], ...]:
    """The blocks of an array, in one piece along an axis that windows cover nearly from one end to the other."""
    return tuple(
        (length,) if any(span) and 2 * max(span) >= length else chunks
        for length, chunks, span in zip(array.shape, array.chunks, reach, strict=True)
    )


def _depth(span: Span) -> tuple[int, int]:
    return span.before, span.after
