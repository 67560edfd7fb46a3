"""`normalize`: local response normalization of an array."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import prod
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike

from lrn_cli import layouts
from lrn_cli.arithmetic.kernel import kernels
from lrn_cli.arithmetic.precision import Precision, precision
from lrn_cli.arithmetic.tiling import Tile, largest_tile, overlap, tile_edges, tiles
from lrn_cli.arithmetic.windows import Window, window_over
from lrn_cli.conventions.binding import Bound, resolve_layout
from lrn_cli.dtypes import Array, DType, refuse_unless_numeric, result_dtype
from lrn_cli.errors import LrnError
from lrn_cli.formula import ResponseNorm
from lrn_cli.models.words import ask
from lrn_cli.passes.lazy import OfForeign, by_blocks, hold
from lrn_cli.work.threads import share, usable_cores


@overload
def normalize(
    x: OfForeign,
    convention: str = "tf",
    *,
    layout: str | None = None,
    axis: int | None = None,
    dtype: str | None = None,
    compute: str | None = None,
    out: None = None,
    threads: int | None = None,
    **parameters: int | float | str | Sequence[int],
) -> OfForeign: ...
@overload
def normalize(
    x: ArrayLike,
    convention: str = "tf",
    *,
    layout: str | None = None,
    axis: int | None = None,
    dtype: str | None = None,
    compute: str | None = None,
    out: Array | None = None,
    threads: int | None = None,
    **parameters: int | float | str | Sequence[int],
) -> Array: ...
def normalize(
    x: Any,
    convention: str = "tf",
    *,
    layout: str | None = None,
    axis: int | None = None,
    dtype: str | None = None,
    compute: str | None = None,
    out: Array | None = None,
    threads: int | None = None,
    **parameters: int | float | str | Sequence[int],
) -> Any:
    """Divide each activation by a power of bias + scale * the sum of squares of its neighbours.

    Args:
        x: Booleans, integers or real floating-point numbers, of any rank but 0: an array, a memory map, nested lists;
            or an array of dask, or a DataArray of xarray, whose dimensions' names say its layout.
        convention: Whose parameters these are, as a name ("caffe") or one word ("caffe:local_size=5,alpha=1e-4").
        layout: Which axis is which, as in "NHWC"; by default the convention's own for this rank.
        axis: The channel axis, instead of a layout; for a framework that has an `axis` of its own, that.
        dtype: Of the result ("float16", "float32" or "float64"); by default that of x, for integers a float.
        compute: A wider type to compute in.
        out: An array of the result's shape and floating-point dtype to write to; may be x itself.
        threads: How many to use; by default one for each core this process may use, of dask one for each block.
        **parameters: Under the framework's own names.

    Returns:
        An array of x's shape; of dask where x is, not computed yet, and a DataArray with the labels of x where x is.

    Raises:
        LrnError: A parameter, the layout or the tensor is not what the convention takes.

    >>> normalize([[1.0, 2.0, 3.0]], "tf", depth_radius=1, bias=0, alpha=1, beta=1)
    array([[0.2       , 0.14285714, 0.23076923]])
    """
    held = hold(x, layout=layout, axis=axis)
    array = held.values
    refuse_unless_numeric(array.dtype)
    choice, fitted = settle(convention, parameters, array.shape, layout=held.layout, axis=axis)
    window = window_over(choice.norm.window, fitted, array.shape)
    wanted = result_dtype(array.dtype, dtype)
    if held.is_lazy:
        _refuse_output(out)
        types = precision(array.dtype, wanted, choice.norm, compute)
        block = partial(_block, norm=choice.norm, window=window, types=types, dtype=wanted, threads=threads or 1)
        return held.wrap(by_blocks(block, [array], window.spans, wanted))
    result = out if out is not None else np.empty_like(array, wanted, subok=False)
    _check_output(result, array.shape, wanted if dtype is not None else None)
    types = precision(array.dtype, result.dtype, choice.norm, compute)
    _run(choice.norm, array, result, window=window, types=types, threads=threads or usable_cores())
    return result if result is out else held.wrap(result)


def _block(x: Array, *, norm: ResponseNorm, window: Window, types: Precision, dtype: DType, threads: int) -> Array:
    """One block of an array of dask."""
    result = np.empty_like(x, dtype, subok=False)
    _run(norm, np.asarray(x), result, window=window, types=types, threads=threads)
    return result


def settle(
    convention: str,
    parameters: Mapping[str, object],
    shape: tuple[int, ...],
    *,
    layout: str | None = None,
    axis: int | None = None,
) -> tuple[Bound, str]:
    """The convention with its numbers on an array of that shape, and its layout; arguments as of `normalize`."""
    asked = ask(convention)
    if axis is not None and asked.convention.named("axis"):
        # The framework's own word is meant, with the framework's own limits.
        parameters, axis = {"axis": axis, **parameters}, None
    choice = asked.add(parameters).bind()
    fitted = resolve_layout(choice, shape, layout=layout, axis=axis)
    return choice.over(fitted), fitted


def _check_output(result: Array, shape: tuple[int, ...], dtype: np.dtype[Any] | None) -> None:
    if not isinstance(result, np.ndarray):
        raise LrnError(f"out is a {type(result).__name__}, it must be a NumPy array", "out=numpy.empty_like(x)")
    if result.shape != shape or result.dtype.kind != "f" or dtype not in (None, result.dtype):
        raise LrnError(
            f"out is {result.dtype} {layouts.describe(result.shape)}, it must be {dtype or 'floating-point'}"
            f" {layouts.describe(shape)}",
            f"out=numpy.empty({shape}, {str(dtype or 'float32')!r})",
        )
    if not result.flags.writeable:
        raise LrnError("out cannot be written to", "out=out.copy()")


def _refuse_output(out: object) -> None:
    if out is not None:
        raise LrnError(
            "x is an array of dask, whose results are computed later; out cannot hold them", "result.compute()"
        )


def _run(norm: ResponseNorm, x: Array, result: Array, *, window: Window, types: Precision, threads: int) -> None:
    # Work through memory in its own order, whatever the order of the axes.
    order = sorted(range(x.ndim), key=lambda index: -abs(x.strides[index]))
    window = window.reorder(order)
    source, target, most = x.transpose(order), result.transpose(order), largest_tile(types.sums)
    lengths = tile_edges(source.shape, window.spans, most)
    shared = np.may_share_memory(x, result)
    if shared and (overlap(source.shape, window.spans, lengths) or not _same_place(x, result)):
        source, shared = source.copy(), False

    pieces = -(-x.size // max(prod(lengths), 1))
    with kernels(norm, window, types, in_place=shared) as next_kernel:

        def make_worker() -> Callable[[Tile], int]:
            kernel = next_kernel()
            return lambda tile: kernel(*tile)

        share(tiles(source, target, window.spans, most), make_worker, min(threads, pieces) or 1)


def _same_place(x: Array, result: Array) -> bool:
    """Whether every element of the result lies exactly where that of x does, so that neither is spoilt."""
    return x.dtype == result.dtype and x.strides == result.strides and x.ctypes.data == result.ctypes.data
