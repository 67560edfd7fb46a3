"""Each mistake that is known is told by its name, a right file passes, and a check that proves nothing says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lrn_cli.analysis.gradient.check import Asked, check
from lrn_cli.analysis.gradient.verdict import Check
from lrn_cli.arithmetic.windows import window_over
from lrn_cli.conventions.binding import bound
from lrn_cli.dtypes import Array
from lrn_cli.pages.gradient import lines
from lrn_cli.passes.derive import pair
from lrn_cli.tensors.arrays import ArraySource
from tests.arithmetic.exact import change_formula, gradient_formula
from tests.gradients import Case, cases, quirk


class Row:
    """One row of channels under PyTorch's size 4, with its window written out: 2 before and 1 after, alpha / 4."""

    word = "pytorch:size=4,alpha=4,beta=0.75,k=1"
    a, b, k, n = 1.0, 0.75, 1.0, 4

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.x, self.g = rng.standard_normal(40) * 2, rng.standard_normal(40)
        self.s = self.bases(self.a)
        self.p, self.y = self.s**-self.b, self.x * self.s**-self.b

    def bases(self, a: float) -> Array:
        return np.array([self.k + a * sum(self.x[j] ** 2 for j in self.window(i)) for i in range(40)])

    def window(self, i: int) -> range:
        return range(max(i - 2, 0), min(i + 2, 40))

    def mirrored(self, k: int) -> list[int]:
        return [i for i in range(40) if k in self.window(i)]

    def first_less(self, second: Callable[[int], float]) -> Array:
        """dy s^-beta less 2 a beta times something for each element."""
        return np.array([self.g[k] * self.p[k] - 2 * self.a * self.b * second(k) for k in range(40)])

    @property
    def right(self) -> Array:
        return self.first_less(self.second)

    def second(self, k: int) -> float:
        return float(self.x[k] * sum(self.g[i] * self.y[i] / self.s[i] for i in self.mirrored(k)))

    @property
    def with_alpha_undivided(self) -> Array:
        s = self.bases(self.n * self.a)
        p = s**-self.b
        rest = [sum(self.g[i] * self.x[i] * p[i] / s[i] for i in self.mirrored(k)) for k in range(40)]
        made: Array = self.g * p - 2 * self.n * self.a * self.b * self.x * np.array(rest)
        return made


R = Row()
# In the words of those who make them, element by element.
MISTAKES: dict[str, Array] = {
    "dx = dy": R.g,
    "second term dropped": R.g * R.p,
    "only the diagonal": R.first_less(lambda k: R.x[k] * R.g[k] * R.y[k] / R.s[k]),
    "window not mirrored": R.first_less(lambda k: R.x[k] * sum(R.g[i] * R.y[i] / R.s[i] for i in R.window(k))),
    "1/s_k outside the sum": R.first_less(lambda k: R.x[k] / R.s[k] * sum(R.g[i] * R.y[i] for i in R.mirrored(k))),
    "x_k^2 for x_k x_i": R.first_less(lambda k: R.x[k] ** 2 * sum(R.g[i] * R.p[i] / R.s[i] for i in R.mirrored(k))),
    "dy_k outside, extra s^-beta": R.first_less(
        lambda k: R.g[k] * R.p[k] * R.x[k] * sum(R.y[i] / R.s[i] for i in R.mirrored(k))
    ),
    "dy_k outside the sum": R.first_less(lambda k: R.g[k] * R.x[k] * sum(R.y[i] / R.s[i] for i in R.mirrored(k))),
    "x_i/s_i for y_i/s_i": R.first_less(lambda k: R.x[k] * sum(R.g[i] * R.x[i] / R.s[i] for i in R.mirrored(k))),
    "2 or beta forgotten (2)": R.first_less(lambda k: R.second(k) / 2),
    "2 or beta forgotten (beta)": R.first_less(lambda k: R.second(k) / R.b),
    "alpha not /n: second term": R.first_less(lambda k: R.n * R.second(k)),
    "alpha not /n: both": R.with_alpha_undivided,
    "J v for J^T v": R.first_less(lambda k: R.y[k] / R.s[k] * sum(R.x[j] * R.g[j] for j in R.window(k))),
}


def judge(x: Array, dy: Array, mine: Array, word: str, layout: str = "C", **asked: Any) -> Check:
    choice = bound(word).over(layout)
    window = window_over(choice.norm.window, layout, x.shape)
    three = pair([ArraySource(array) for array in (x, dy, mine)], window, choice.norm)
    return check(three, Asked(("x", "dy", "mine"), choice, **asked), threads=1)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_named(name: str, dtype: str) -> None:
    found = judge(R.x.astype(dtype), R.g.astype(dtype), MISTAKES[name].astype(dtype), R.word)
    assert not found.equal
    assert found.mistakes == (name,)
    assert found.has_power


class Strong(Row):
    """The same with bases of a million and more, whose powers are far from 1."""

    word = "pytorch:size=4,alpha=4e6,beta=0.75,k=1"
    a = 1e6


S = Strong()
# Thousands of times as large as the gradient, and so is what they are rounded by.
LARGE: dict[str, Array] = {
    "dx = dy": S.g,
    "x_i/s_i for y_i/s_i": S.first_less(lambda k: S.x[k] * sum(S.g[i] * S.x[i] / S.s[i] for i in S.mirrored(k))),
}


@pytest.mark.parametrize("dtype", ["f2", "f4"])
@pytest.mark.parametrize("name", LARGE)
def test_a_mistake_that_is_far_larger_than_the_gradient_is_named_however_it_is_rounded(name: str, dtype: str) -> None:
    found = judge(S.x, S.g, LARGE[name].astype(dtype), S.word)
    assert not found.equal
    assert found.mistakes == (name,)


def test_what_float16_cannot_hold_of_a_gradient_is_no_error() -> None:
    dy, right, first = S.g / 100, S.right / 100, S.g * S.p / 100
    assert np.abs(right).max() < 20 * np.finfo("f2").smallest_subnormal
    assert judge(S.x, dy, right.astype("f2"), S.word).equal
    assert not judge(S.x, dy, first.astype("f2"), S.word).equal


@pytest.mark.parametrize(("dtype", "size"), [("f8", 1e160), ("f8", 1e-160), ("f4", 1e-20), ("f2", 1e-7)])
def test_a_gradient_at_the_ends_of_the_range_of_its_type_passes(dtype: str, size: float) -> None:
    x, dy = (np.abs(R.x) * size + size).astype(dtype), R.g.astype(dtype)
    exact, _ = gradient_formula(x, dy, {0: (1, 1)}, scale=1.0, bias=0.0, beta=1.0)
    with np.errstate(over="ignore"):
        mine = exact.astype(dtype)
    assert judge(x, dy, mine, "tf:depth_radius=1,bias=0,beta=1").equal
    mine[7] = -mine[7]
    assert not judge(x, dy, mine, "tf:depth_radius=1,bias=0,beta=1").equal


def test_finite_differences_pass_a_file_whose_terms_cancel() -> None:
    # x / |x| does not change with x: dx is 0, and float32 has two terms of up to a thousand.
    x, dy, one = R.x.astype("f4"), R.g.astype("f4"), np.float32(1)
    s = x * x
    found = judge(
        x, dy, dy / np.sqrt(s) - one * x * (dy * (x / np.sqrt(s)) / s), "tf:depth_radius=0,bias=0", numeric=True
    )
    assert found.numeric is not None
    assert found.numeric.mine > found.largest
    assert found.equal


@pytest.mark.parametrize(
    ("word", "dy", "remedy"),
    [
        ("tf:alpha=0", R.g, "larger alpha or x"),
        ("tf:beta=0", R.g, "a beta that is not 0"),
        ("tf", np.zeros(40), "a dy for which dx is not zero"),
    ],
)
def test_what_would_give_a_check_power_is_said(word: str, dy: Array, remedy: str) -> None:
    found = judge(R.x, dy, dy, word)
    assert found.equal
    assert f"the second term is 0 of dx; use {remedy}" in "\n".join(lines(found))


def test_what_is_no_known_mistake_is_not_named() -> None:
    found = judge(R.x, R.g, R.right * 1.01, R.word)
    assert not found.equal
    assert found.mistakes == ()


# Gradients of doubles that are exact to float32 only: Caffe stores its parameters so.
_IN_FLOAT32 = {"caffe", "paddle", "lasagne"}


@pytest.mark.parametrize("case", [case for case in cases() if case.by_name], ids=lambda case: case.name)
def test_the_gradients_of_engines_pass(case: Case) -> None:
    word = f"{case.convention}:{','.join(f'{name}={value}' for name, value in case.parameters.items())}"
    rtol = 1e-6 if case.engine in _IN_FLOAT32 and case.x.itemsize == 8 else None
    found = judge(case.x, case.dy, case.dx, word.removesuffix(":"), case.layout, rtol=rtol)
    assert found.equal


def test_the_engine_that_does_not_mirror_its_window_is_told_so() -> None:
    case = quirk("caffe2-nhwc_even4")
    word = "caffe2:" + ",".join(f"{name}={value}" for name, value in case.parameters.items())
    found = judge(case.x, case.dy, case.dx, word, "NHWC")
    assert not found.equal
    assert found.mistakes == ("window not mirrored",)


def test_a_file_computed_in_float32_throughout_passes() -> None:
    one = np.float32
    x, g = R.x.astype("f4"), R.g.astype("f4")
    s = np.array([one(1) + sum(x[j] ** 2 for j in R.window(i)) for i in range(40)], "f4")
    y = x * s ** one(-0.75)
    second = [x[k] * sum(g[i] * y[i] / s[i] for i in R.mirrored(k)) for k in range(40)]
    found = judge(x, g, g * s ** one(-0.75) - one(1.5) * np.array(second, "f4"), R.word)
    assert found.equal
    assert 0 < found.error.of_terms < 1e-6


def test_the_worst_element_is_where_it_was_spoilt() -> None:
    x, dy = (np.random.default_rng(seed).standard_normal((3, 8, 20, 21)) for seed in (1, 2))
    exact, _ = gradient_formula(x, dy, {1: (2, 2)}, scale=0.2, bias=1.0, beta=0.75)
    mine = exact.astype("f8")
    mine[2, 5, 7, 11] += 0.5
    found = judge(x, dy, mine, "caffe:alpha=1", "NCHW")
    assert found.worst is not None
    assert found.worst.position == (2, 5, 7, 11)
    assert found.worst.distance == pytest.approx(0.5)
    turned = judge(np.asfortranarray(x), dy, np.asfortranarray(mine), "caffe:alpha=1", "NCHW")
    assert turned.worst is not None
    assert turned.worst.position == (2, 5, 7, 11)


def test_a_second_term_that_hardly_matters_takes_the_check_its_power() -> None:
    x, dy = (np.random.default_rng(seed).standard_normal((4, 32)) for seed in (1, 2))
    exact, _ = gradient_formula(x, dy, {1: (2, 2)}, scale=1e-4, bias=2.0, beta=0.75)
    found = judge(x.astype("f4"), dy.astype("f4"), exact.astype("f4"), "alexnet", "NC")
    assert found.equal
    assert not found.has_power
    assert found.share < 1e-3
    assert {"1/s_k outside the sum", "J v for J^T v"} <= set(found.hidden)
    assert "window not mirrored" not in found.hidden  # it is its own mirror


def test_finite_differences_tell_a_right_file_from_a_wrong_one() -> None:
    right = judge(R.x, R.g, R.right, R.word, numeric=True)
    assert right.numeric is not None
    assert right.equal
    assert right.numeric.dx <= 1e-12 * right.largest
    assert right.numeric.mine <= 1e-12 * right.largest
    wrong = judge(R.x, R.g, MISTAKES["window not mirrored"], R.word, numeric=True)
    assert wrong.numeric is not None
    assert wrong.numeric.mine > 0.01 * wrong.largest


def test_a_change_of_the_results_is_no_gradient_even_under_a_window_that_is_its_own_mirror() -> None:
    x, dy = (np.random.default_rng(seed).standard_normal((4, 32)) for seed in (1, 2))
    mine = change_formula(x, dy, {1: (2, 2)}, scale=1.0, bias=1.0, beta=0.5).astype("f8")
    found = judge(x, dy, mine, "tf:depth_radius=2", "NC")
    assert found.mistakes == ("J v for J^T v",)


def test_what_is_no_number_in_one_of_the_two_is_no_gradient() -> None:
    mine = R.right.copy()
    mine[3] = np.nan
    found = judge(R.x, R.g, mine, R.word)
    assert not found.equal
    assert found.error.absolute == np.inf
    assert found.as_data()["worst"]["index"] == [3]
