"""`compare`: how far tensors, or what conventions make of one tensor, are apart, and why."""

from __future__ import annotations

from contextlib import ExitStack

from numpy.typing import ArrayLike

from lrn_cli.analysis.comparison.comparing import Comparing, Question
from lrn_cli.analysis.comparison.verdict import Comparison
from lrn_cli.arithmetic.threads import usable_cores
from lrn_cli.tensors.arrays import ArraySource


def compare(x: ArrayLike, y: ArrayLike | None, question: Question, threads: int | None = None) -> Comparison:
    """Tell how far apart two arrays are, or what conventions make of one.

    One array is compared under several conventions, each pair of them (the second of a pair is the one named first).
    Two arrays are compared as they are; with conventions, what each makes of the first is compared with the second.

    Args:
        x: Booleans, integers or real floating-point numbers, of any rank.
        y: Another such array, or None.
        question: What is asked of them.
        threads: How many to use; by default one for each core this process may use.

    Raises:
        LrnError: A convention, the layout, the tolerance or an array is not what it must be.

    >>> import numpy as np
    >>> x = np.ones((1, 2, 2, 8), "f4")
    >>> found = compare(x, None, Question(["tf:depth_radius=2,alpha=1e-4", "caffe:alpha=1e-4,beta=.5"]))
    >>> found.equal, found.pairs[0].advice
    (False, '-c caffe:local_size=5,alpha=0.0005,beta=0.5,k=1,norm_region=ACROSS_CHANNELS')
    >>> found.pairs[0].cause
    'caffe divides alpha by local_size 5: alpha 0.0005 there equals 0.0001 in tf; the windows are the same'
    """
    with ExitStack() as stack:
        arrays = [("x", stack.enter_context(ArraySource(x)))]
        if y is not None:
            arrays.append(("y", stack.enter_context(ArraySource(y))))
        return Comparing(arrays, question).run(threads or usable_cores())
