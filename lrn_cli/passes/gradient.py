"""`gradient`: the derivatives of local response normalization of an array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from lrn_cli.arithmetic.parameters import ByParameters
from lrn_cli.arithmetic.windows import window_over
from lrn_cli.boxes import Box
from lrn_cli.conventions.binding import Bound
from lrn_cli.conventions.parameters import Role
from lrn_cli.dtypes import Array, refuse_unless_numeric, result_dtype
from lrn_cli.passes.derive import Derivation, Pair, derive_parameters, pair
from lrn_cli.passes.dy import shapes_differ
from lrn_cli.passes.normalize import settle
from lrn_cli.tensors.arrays import ArraySource
from lrn_cli.work.threads import usable_cores


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
) -> Array:
    """The derivative by x of the sum of dy times `normalize(x)`: what a layer's backward pass gives.

    Args:
        x: Booleans, integers or real floating-point numbers, of any rank but 0.
        dy: The derivative of the loss by each result, of x's shape; None for ones, whose sum is that of the results.
        convention: Whose parameters these are, as a name ("caffe") or one word ("caffe:local_size=5,alpha=1e-4").
        forward: Take `dy` for a change of x, and give the change of the results: the Jacobian times it.
        layout: Which axis is which, as in "NHWC"; by default the convention's own for this rank.
        axis: The channel axis, instead of a layout.
        dtype: Of the result ("float16", "float32" or "float64"); by default that of x, for integers a float.
        threads: How many to use; by default one for each core this process may use.
        **parameters: Under the framework's own names.

    Returns:
        An array of x's shape, computed in float64 and rounded once.

    Raises:
        LrnError: A parameter, the layout or a tensor is not what the convention takes, or dy is of another shape.

    >>> gradient([[1.0, 2.0, 1.0]], [[0.0, 1.0, 0.0]], "tf", depth_radius=1, beta=0.5).round(6)
    array([[-0.10799 ,  0.161985, -0.10799 ]])
    """
    values = np.asarray(x)
    both, _ = _pair(values, dy, convention, parameters, layout=layout, axis=axis)
    result = np.empty_like(values, result_dtype(values.dtype, dtype), subok=False)
    stored = result.transpose(both.common.order)

    def write(core: Box, block: Array) -> None:
        stored[core] = block

    Derivation(both, write, result.dtype, forward=forward).run(threads or usable_cores())
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
    both, choice = _pair(np.asarray(x), dy, convention, parameters, layout=layout, axis=axis)
    return named(choice, derive_parameters(both, threads or usable_cores()))


def named(choice: Bound, found: ByParameters) -> dict[str, float]:
    """Derivatives under the framework's own names, in its own order."""
    by_role = {
        # An alpha that is divided counts for so much less.
        Role.ALPHA: found.scale / choice.divisor,
        Role.BETA: found.beta,
        Role.BIAS: found.bias if choice.region.fixed_bias is None else 0.0,
    }
    return {p.name: by_role[p.role] for p in choice.convention.parameters if p.role in by_role}


def _pair(
    x: Array,
    dy: ArrayLike | None,
    convention: str,
    given: Mapping[str, object],
    *,
    layout: str | None,
    axis: int | None,
) -> tuple[Pair, Bound]:
    """Both arrays as they are read, and the convention with its numbers."""
    change = np.broadcast_to(np.ones((), np.float32), x.shape) if dy is None else np.asarray(dy)
    refuse_unless_numeric(x.dtype)
    refuse_unless_numeric(change.dtype)
    choice, fitted = settle(convention, given, x.shape, layout=layout, axis=axis)
    if change.shape != x.shape:
        raise shapes_differ(("x", x.shape), ("dy", change.shape))
    window = window_over(choice.norm.window, fitted, x.shape)
    return pair([ArraySource(x), ArraySource(change)], window, choice.norm), choice
