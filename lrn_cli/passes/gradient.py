"""`gradient`: the derivatives of local response normalization of an array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike

from lrn_cli.arithmetic.parameters import ByParameters
from lrn_cli.arithmetic.windows import Window, window_over
from lrn_cli.boxes import Box
from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.parameters import Role
from lrn_cli.dtypes import Array, DType, refuse_unless_numeric, result_dtype
from lrn_cli.formula import ResponseNorm
from lrn_cli.passes.derive import Derivation, Pair, derive_parameters, pair
from lrn_cli.passes.dy import shapes_differ
from lrn_cli.passes.lazy import Held, OfForeign, by_blocks, hold, is_lazy, like
from lrn_cli.passes.normalize import settle
from lrn_cli.tensors.arrays import ArraySource
from lrn_cli.work.threads import usable_cores


@overload
def gradient(
    x: OfForeign,
    dy: ArrayLike | OfForeign | None = None,
    convention: str = "tf",
    *,
    forward: bool = False,
    layout: str | None = None,
    axis: int | None = None,
    dtype: str | None = None,
    threads: int | None = None,
    **parameters: int | float | str | Sequence[int],
) -> OfForeign: ...
@overload
def gradient(
    x: ArrayLike,
    dy: ArrayLike | None = None,
    convention: str = "tf",
    *,
    forward: bool = False,
    layout: str | None = None,
    axis: int | None = None,
    dtype: str | None = None,
    threads: int | None = None,
    **parameters: int | float | str | Sequence[int],
) -> Array: ...
def gradient(
    x: Any,
    dy: Any = None,
    convention: str = "tf",
    *,
    forward: bool = False,
    layout: str | None = None,
    axis: int | None = None,
    dtype: str | None = None,
    threads: int | None = None,
    **parameters: int | float | str | Sequence[int],
) -> Any:
    """The derivative by x of the sum of dy times `normalize(x)`: what a layer's backward pass gives.

    Args:
        x: Booleans, integers or real floating-point numbers, of any rank but 0; also an array of dask or xarray.
        dy: The derivative of the loss by each result, of x's shape; None for ones, whose sum is that of the results.
        convention: Whose parameters these are, as a name ("caffe") or one word ("caffe:local_size=5,alpha=1e-4").
        forward: Take `dy` for a change of x, and give the change of the results: the Jacobian times it.
        layout: Which axis is which, as in "NHWC"; by default the convention's own for this rank.
        axis: The channel axis, instead of a layout.
        dtype: Of the result ("float16", "float32" or "float64"); by default that of x, for integers a float.
        threads: How many to use; by default one for each core this process may use, of dask one for each block.
        **parameters: Under the framework's own names.

    Returns:
        An array of x's shape, computed in float64 and rounded once; of dask, and not computed yet, where x or dy is,
        and a DataArray where x is.

    Raises:
        LrnError: A parameter, the layout or a tensor is not what the convention takes, or dy is of another shape.

    >>> gradient([[1.0, 2.0, 1.0]], [[0.0, 1.0, 0.0]], "tf", depth_radius=1, beta=0.5).round(6)
    array([[-0.10799 ,  0.161985, -0.10799 ]])
    """
    held = hold(x, layout=layout, axis=axis)
    change = None if dy is None else like(x, dy)
    choice, window = _settle(held, change, convention, parameters, axis)
    wanted = result_dtype(held.values.dtype, dtype)
    given = [held.values] if change is None else [held.values, change]
    derive = partial(_derive, window=window, norm=choice.norm, dtype=wanted, forward=forward)
    if any(map(is_lazy, given)):
        return held.wrap(by_blocks(partial(derive, threads=threads or 1), given, window.twice, wanted))
    return held.wrap(derive(*given, threads=threads or usable_cores()))


def _derive(
    x: Array,
    dy: Array | None = None,
    *,
    window: Window,
    norm: ResponseNorm,
    dtype: DType,
    forward: bool,
    threads: int,
) -> Array:
    """The gradient of arrays in memory, which may be blocks of those over which the window lies."""
    both = _pair(x, dy, window, norm)
    result = np.empty_like(x, dtype, subok=False)
    stored = result.transpose(both.common.order)

    def write(core: Box, block: Array) -> None:
        stored[core] = block

    Derivation(both, write, dtype, forward=forward).run(threads)
    return result


def parameter_gradient(
    x: ArrayLike,
    dy: ArrayLike | None = None,
    convention: str = "tf",
    *,
    layout: str | None = None,
    axis: int | None = None,
    threads: int | None = None,
    **parameters: int | float | str | Sequence[int],
) -> dict[str, float]:
    """The derivatives of the sum of dy times `normalize(x)` by the convention's own parameters.

    Args:
        x, dy, convention, layout, axis, threads, **parameters: As of `gradient`.

    Returns:
        A number for alpha, beta and the bias under the framework's names: 0 for one that it ignores, NaN where there is
        no derivative.

    Raises:
        LrnError: As of `gradient`.

    >>> found = parameter_gradient([[1.0, 2.0, 1.0]], convention="alexnet", n=3, k=1, alpha=1, beta=0.5)
    >>> {name: round(value, 6) for name, value in found.items()}
    {'k': -0.122036, 'alpha': -0.664176, 'beta': -2.933935}
    """
    held = hold(x, layout=layout, axis=axis)
    values, change = np.asarray(held.values), None if dy is None else np.asarray(like(x, dy))
    choice, window = _settle(held, change, convention, parameters, axis)
    return named(choice, derive_parameters(_pair(values, change, window, choice.norm), threads or usable_cores()))


def named(choice: Bound, found: ByParameters) -> dict[str, float]:
    """Derivatives under the framework's own names, in its own order."""
    by_role = {
        # An alpha that is divided counts for so much less.
        Role.ALPHA: found.scale / choice.divisor,
        Role.BETA: found.beta,
        Role.BIAS: found.bias if choice.region.fixed_bias is None else 0.0,
    }
    return {p.name: by_role[p.role] for p in choice.convention.parameters if p.role in by_role}


def _settle(
    held: Held, dy: Any, convention: str, given: Mapping[str, object], axis: int | None
) -> tuple[Bound, Window]:
    """The convention with its numbers, and its window over x, after what speaks against x or dy was looked for."""
    x = held.values
    refuse_unless_numeric(x.dtype)
    if dy is not None:
        refuse_unless_numeric(dy.dtype)
    choice, fitted = settle(convention, given, x.shape, layout=held.layout, axis=axis)
    if dy is not None and dy.shape != x.shape:
        raise shapes_differ(("x", x.shape), ("dy", dy.shape))
    return choice, window_over(choice.norm.window, fitted, x.shape)


def _pair(x: Array, dy: Array | None, window: Window, norm: ResponseNorm) -> Pair:
    """Both arrays as they are read; without dy, ones."""
    change = np.broadcast_to(np.ones((), np.float32), x.shape) if dy is None else dy
    return pair([ArraySource(x), ArraySource(change)], window, norm)
