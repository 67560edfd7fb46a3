"""The derivatives of a sum of results by the numbers of the formula, block by block.

by scale    -beta * sum of dy y S / s, where S is the window's sum of squares and s = bias + scale S
by bias     -beta * sum of dy y / s
by beta     -sum of dy y ln s
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from lrn_cli.arithmetic.gradient import ONLY_SUMS
from lrn_cli.arithmetic.precision import Precision, wider
from lrn_cli.arithmetic.scratch import Scratch
from lrn_cli.arithmetic.windows import Window
from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.formula import ResponseNorm


class ByParameters(NamedTuple):
    """Derivatives by the numbers of the canonical form; NaN where there is none.

    Attributes:
        scale, bias, beta: By each of them.
    """

    scale: float
    bias: float
    beta: float


class ParameterKernel:
    """Sums the derivatives over the blocks of one tensor; each thread has its own.

    Args:
        norm: The canonical form.
        window: Over the tensor, in the order of the blocks' axes.
        precision: The floating-point types of a gradient; where float64 is no wider than the data, a wider one is used.
        narrow: Whether float64 is wider than the data.
    """

    def __init__(self, norm: ResponseNorm, window: Window, precision: Precision, *, narrow: bool) -> None:
        work = precision.sums if narrow else wider(precision.sums) or precision.sums
        self._norm, self._work = norm, work
        self._sums = Scratch(ONLY_SUMS, window, Precision(work, work))
        self.gathered: list[tuple[float, ...]] = []

    def __call__(self, x: Array, dy: Array, core: Box | None = None) -> None:
        """Add what a block contributes.

        Args:
            x: The elements, and around the core all that the window reaches.
            dy: The derivative by the results of the core.
            core: Which part of the block that is; None for all of it.
        """
        self._sums.fit(x.shape)
        values, order = self._sums.values(x), self._sums.plan.order
        part = () if core is None else tuple(core[axis] for axis in order)
        with np.errstate(all="ignore"):
            sums = np.broadcast_to(self._sums.sum_products(values, values).bases, values.shape)[part]
            bases = sums * self._work.type(self._norm.scale) + self._work.type(self._norm.bias)
            weights = dy.transpose(order) * values[part] * bases ** -self._work.type(self._norm.beta)
            ratios = weights / bases
            # 0 ln 0 is 0 here: a result of 0 that stays 0 whatever beta is.
            logarithms = np.where(weights == 0, 0, weights * np.log(bases))
            terms = (ratios * sums, ratios, logarithms)
            totals = [np.sum(term, dtype=np.longdouble) for term in terms]
        # In two pieces, so that what is added in the end is as good whatever the order of the blocks.
        self.gathered += [tuple(map(float, totals)), tuple(float(total - float(total)) for total in totals)]


def add_up(norm: ResponseNorm, gathered: Iterable[tuple[float, ...]]) -> ByParameters:
    """The derivatives, from what all threads have gathered."""
    columns = list(zip(*gathered, strict=True)) or [(), (), ()]
    scale, bias, beta = (math.fsum(column) if all(map(math.isfinite, column)) else math.nan for column in columns)
    return ByParameters(-norm.beta * scale, -norm.beta * bias, -beta)
