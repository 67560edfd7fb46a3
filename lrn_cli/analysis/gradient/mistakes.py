"""What people and frameworks compute for the gradient: the right thing, and the mistakes that are known.

With s the bases, y = x s^-beta and c = 2 scale beta, the gradient at k is

    dy[k] s[k]^-beta - c x[k] * sum of dy[i] y[i] / s[i] over the mirrored window

and each mistake changes one thing of that, by which it is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lrn_cli.arithmetic.gradient import ONLY_SUMS
from lrn_cli.arithmetic.precision import Precision
from lrn_cli.arithmetic.scratch import Scratch
from lrn_cli.arithmetic.windows import Window
from lrn_cli.dtypes import Array
from lrn_cli.formula import ResponseNorm

RIGHT = "the gradient"


class Seen(NamedTuple):
    """What else is known of a mistake.

    Attributes:
        name: In few words.
        where: Who makes it; empty where nobody is known.
    """

    name: str
    where: str = ""


# Each by its name, in the order in which they are looked for: those that are simplest first.
KNOWN = {
    seen.name: seen
    for seen in (
        Seen("dx = dy", "deeppy"),
        Seen("second term dropped", "Darknet"),
        Seen("only the diagonal"),
        Seen("window not mirrored", "Caffe2 in NHWC"),
        Seen("1/s_k outside the sum", "Deeplearning4j before 2019"),
        Seen("x_k^2 for x_k x_i", "convnetjs"),
        Seen("dy_k outside, extra s^-beta", "proposed in caffe#5105"),
        Seen("dy_k outside the sum"),
        Seen("x_i/s_i for y_i/s_i"),
        Seen("2 or beta forgotten (2)"),
        Seen("2 or beta forgotten (beta)"),
        Seen("alpha not /n: second term"),
        Seen("alpha not /n: both"),
        Seen("J v for J^T v"),
    )
}


class Made(NamedTuple):
    """What a block's gradient is made of.

    Attributes:
        dx: The gradient.
        second: Its second term.
        terms: The sum of the sizes of all that is added up for it.
        variants: What each mistake gives instead, one after the other.
    """

    dx: Array
    second: Array
    terms: Array
    variants: Iterator[tuple[str, Array]]


class Backward:
    """Takes the gradients of blocks, and what the known mistakes make of them; each thread has its own.

    Args:
        norm: The canonical form.
        window: Over the tensor, in the order of the blocks' axes.
        divisor: What the convention divides alpha by.
        work: The type to compute in.
    """

    def __init__(self, norm: ResponseNorm, window: Window, divisor: int, work: np.dtype[np.floating]) -> None:
        self._norm, self._divisor, self._work = norm, divisor, work
        self._lopsided = window != window.mirrored
        types = Precision(work, work)
        self._own, self._turned = (Scratch(ONLY_SUMS, over, types) for over in (window, window.mirrored))

    def __call__(self, x: Array, dy: Array) -> Made:
        """What a block's gradient is made of; right where all that it depends on lies in the block."""
        x, dy = x.astype(self._work), dy.astype(self._work)
        sums = _summed(self._own, x, x)
        dx, second = self._derive(x, dy, sums, self._norm.scale)
        bases = self._bases(sums, self._norm.scale)
        first = dy * bases**-self._norm.beta
        factor = np.abs(2 * self._norm.scale * self._norm.beta * x)
        terms = np.abs(first) + factor * _summed(self._turned, np.abs(first / bases), np.abs(x))
        return Made(dx, second, terms, self._variants(x, dy, sums, second))

    def _bases(self, sums: Array, scale: float) -> Array:
        bases: Array = self._work.type(self._norm.bias) + self._work.type(scale) * sums
        return bases

    def _derive(self, x: Array, dy: Array, sums: Array, scale: float) -> tuple[Array, Array]:
        bases = self._bases(sums, scale)
        first = dy * bases**-self._norm.beta
        second = 2 * scale * self._norm.beta * x * _summed(self._turned, first / bases, x)
        return first - second, second

    def _variants(self, x: Array, dy: Array, sums: Array, second: Array) -> Iterator[tuple[str, Array]]:
        norm, s = self._norm, self._bases(sums, self._norm.scale)
        power = s**-norm.beta
        first, y, cx = dy * power, x * power, 2 * norm.scale * norm.beta * x
        over, turned = self._own, self._turned
        yield "dx = dy", dy
        yield "second term dropped", first
        yield "only the diagonal", first - cx * first * x / s
        if self._lopsided:
            yield "window not mirrored", first - cx * _summed(over, first / s, x)
        yield "1/s_k outside the sum", first - cx / s * _summed(turned, dy, y)
        yield "x_k^2 for x_k x_i", first - cx * x * _summed(turned, first / s, np.ones_like(x))
        outside = dy * _summed(turned, y / s, np.ones_like(x))
        yield "dy_k outside, extra s^-beta", first - cx * power * outside
        yield "dy_k outside the sum", first - cx * outside
        yield "x_i/s_i for y_i/s_i", first - cx * _summed(turned, dy / s, x)
        yield "2 or beta forgotten (2)", first - second / 2
        if norm.beta not in (0, 1):
            yield "2 or beta forgotten (beta)", first - second / norm.beta
        if self._divisor != 1:
            yield "alpha not /n: second term", first - second * self._divisor
            yield "alpha not /n: both", self._derive(x, dy, sums, norm.scale * self._divisor)[0]
        yield "J v for J^T v", first - 2 * norm.scale * norm.beta * y / s * _summed(over, x, dy)


def _summed(scratch: Scratch, a: Array, b: Array) -> Array:
    """The sums of products over the window of each element."""
    scratch.fit(a.shape)
    order = scratch.plan.order
    a, b = (np.ascontiguousarray(array.transpose(order)) for array in (a, b))
    sums = np.broadcast_to(scratch.sum_products(a, b).bases, a.shape)
    result: Array = sums.transpose(np.argsort(order)).copy()
    return result
