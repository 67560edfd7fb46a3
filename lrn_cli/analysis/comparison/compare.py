"""`compare`: how far tensors, or what conventions make of one tensor, are apart, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from numpy.typing import ArrayLike

from lrn_cli.analysis.comparison.comparing import Comparing, Question
from lrn_cli.analysis.comparison.verdict import Comparison
from lrn_cli.arithmetic.threads import usable_cores
from lrn_cli.tensors.arrays import ArraySource


def compare(
    x: ArrayLike,
    y: ArrayLike | None = None,
    *,
    conventions: str | Sequence[str] | None = None,
    typed: str | Mapping[str, object] | None = None,
    reference: bool = False,
    layout: str | None = None,
    axis: int | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    any_dtype: bool = False,
    threads: int | None = None,
) -> Comparison:
    """Tell how far apart two arrays are, or what conventions make of one, by |a-b| <= atol + rtol*|b|.

    One array is compared under several conventions, each pair of them (the second of a pair is the one named first).
    Two arrays are compared as they are; with conventions, what each makes of the first is compared with the second.

    Args:
        x: Booleans, integers or real floating-point numbers, of any rank.
        y: Another such array.
        conventions: As names ("caffe") or words ("caffe:local_size=5,alpha=1e-4"); for one array by default tf, caffe,
            wolfram and neupy.
        typed: The same numbers for all conventions, as "window=5,alpha=1e-4,beta=0.75,bias=1" or by those names.
        reference: Compare all conventions with the first only.
        layout: Which axis is which, as in "NHWC"; by default the first convention's own for this rank.
        axis: The channel axis, instead of a layout.
        rtol, atol: The tolerance; by default that of the pair's narrower dtype.
        any_dtype: Whether arrays of two dtypes may be equal.
        threads: How many to use; by default one for each core this process may use.

    Returns:
        What was found: `equal` of all, `pairs` with their statistics and causes, `as_data()` as JSON types.

    Raises:
        LrnError: A convention, the layout, the tolerance or an array is not what it must be.

    >>> import numpy as np
    >>> x = np.ones((1, 2, 2, 8), "f4")
    >>> found = compare(x, conventions=["tf:depth_radius=2,alpha=1e-4", "caffe:alpha=1e-4,beta=.5"])
    >>> found.equal, found.pairs[0].advice
    (False, '-c caffe:local_size=5,alpha=0.0005,beta=0.5,k=1,norm_region=ACROSS_CHANNELS')
    >>> found.pairs[0].cause
    'caffe divides alpha by local_size 5: alpha 0.0005 there equals 0.0001 in tf; the windows are the same'
    """
    words = [conventions] if isinstance(conventions, str) else conventions
    question = Question(
        tuple(words) if words is not None else None,
        typed=typed,
        reference=reference,
        layout=layout,
        axis=axis,
        rtol=rtol,
        atol=atol,
        any_dtype=any_dtype,
    )
    with ExitStack() as stack:
        arrays = [("x", stack.enter_context(ArraySource(x)))]
        if y is not None:
            arrays.append(("y", stack.enter_context(ArraySource(y))))
        return Comparing(arrays, question).run(threads or usable_cores())
