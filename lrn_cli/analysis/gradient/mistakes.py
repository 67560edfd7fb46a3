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
from lrn_cli.arithmetic.precision import Precision, wider
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


class _Common(NamedTuple):
    """What several variants have in common, by its names in the formula; `ratios` are dy y / (s x)."""

    x: Array
    dy: Array
    s: Array
    power: Array
    first: Array
    ratios: Array
    cx: Array
    second: Array


class Backward:
    """Takes the gradients of blocks, and what the known mistakes make of them; each thread has its own.

    Args:
        norm: The canonical form.
        window: Over the tensor, in the order of the blocks' axes.
        divisor: What the convention divides alpha by.
        work: The type to compute in.
    """

    def __init__(self, norm: ResponseNorm, window: Window, divisor: int, work: np.dtype[np.floating]) -> None:
        self._norm, self._window, self._divisor, self._work = norm, window, divisor, work
        self._lopsided = window != window.mirrored
        types = Precision(work, work)
        self._own, self._turned = (Scratch(ONLY_SUMS, over, types) for over in (window, window.mirrored))

    def __call__(self, x: Array, dy: Array) -> Made:
        """What a block's gradient is made of; right where all that it depends on lies in the block."""
        x, dy = x.astype(self._work), dy.astype(self._work)
        sums = _summed(self._own, x, x)
        s, power = self._raise(sums, self._norm.scale)
        first, cx = dy * power, 2 * self._norm.scale * self._norm.beta * x
        ratios = first / s
        if self._leave_range(s, power, ratios[dy != 0]) and (more := wider(self._work)) is not None:
            return Backward(self._norm, self._window, self._divisor, more)(x, dy)
        second = cx * _summed(self._turned, ratios, x)
        terms = np.abs(first) + np.abs(cx) * _summed(self._turned, np.abs(ratios), np.abs(x))
        common = _Common(x, dy, s, power, first, ratios, cx, second)
        return Made(first - second, second, terms, self._variants(common, sums))

    def _leave_range(self, *arrays: Array) -> bool:
        """Whether numbers on the way to the gradient are too large for the type, or too small."""
        tiny = np.finfo(self._work).tiny
        return not all((np.isfinite(array) & (np.abs(array) >= tiny)).all() for array in arrays)

    def _raise(self, sums: Array, scale: float) -> tuple[Array, Array]:
        """The bases, and them to the power of -beta."""
        bases = self._work.type(self._norm.bias) + self._work.type(scale) * sums
        return bases, bases ** self._work.type(-self._norm.beta)

    def _variants(self, of: _Common, sums: Array) -> Iterator[tuple[str, Array]]:
        x, dy, s, power, first, ratios, cx, second = of
        y, one, over, turned = x * power, np.ones_like(x), self._own, self._turned
        yield "dx = dy", dy
        yield "second term dropped", first
        yield "only the diagonal", first - cx * ratios * x
        if self._lopsided:
            yield "window not mirrored", first - cx * _summed(over, ratios, x)
        yield "1/s_k outside the sum", first - cx / s * _summed(turned, dy, y)
        yield "x_k^2 for x_k x_i", first - cx * x * _summed(turned, ratios, one)
        outside = dy * _summed(turned, y / s, one)
        yield "dy_k outside, extra s^-beta", first - cx * power * outside
        yield "dy_k outside the sum", first - cx * outside
        yield "x_i/s_i for y_i/s_i", first - cx * _summed(turned, dy / s, x)
        yield "2 or beta forgotten (2)", first - second / 2
        if self._norm.beta not in (0, 1):
            yield "2 or beta forgotten (beta)", first - second / self._norm.beta
        if self._divisor != 1:
            yield "alpha not /n: second term", first - second * self._divisor
            yield "alpha not /n: both", self._undivided(x, dy, sums)
        yield "J v for J^T v", first - cx * power / s * _summed(over, x, dy)

    def _undivided(self, x: Array, dy: Array, sums: Array) -> Array:
        """The gradient under an alpha that is not divided."""
        scale = self._norm.scale * self._divisor
        s, power = self._raise(sums, scale)
        first = dy * power
        whole: Array = first - 2 * scale * self._norm.beta * x * _summed(self._turned, first / s, x)
        return whole


def _summed(scratch: Scratch, a: Array, b: Array) -> Array:
    """The sums of products over the window of each element."""
    scratch.fit(a.shape)
    order = scratch.plan.order
    a, b = (np.ascontiguousarray(array.transpose(order)) for array in (a, b))
    sums = np.broadcast_to(scratch.sum_products(a, b).bases, a.shape)
    result: Array = sums.transpose(np.argsort(order)).copy()
    return result
