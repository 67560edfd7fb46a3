"""The derivatives of blocks: rounded once, the same bits wherever blocks end, right at the ends of the types."""

from __future__ import annotations

import numpy as np
import pytest

from lrn_cli.arithmetic.gradient import GradientKernel
from lrn_cli.arithmetic.powers import power
from lrn_cli.arithmetic.precision import gradient_precision
from lrn_cli.arithmetic.windows import window_over
from lrn_cli.boxes import blocks, inside
from lrn_cli.formula import ResponseNorm, Span
from tests.arithmetic.exact import Array, change_formula, gradient_formula, ulps

pytestmark = pytest.mark.usefixtures("variant")

LAYOUTS = ("NCHW", "NHWC", "HCNW", "NC", "CW")


def derive(
    norm: ResponseNorm,
    layout: str,
    x: Array,
    dy: Array,
    edges: tuple[int, ...] | None = None,
    *,
    forward: bool = False,
) -> tuple[Array, int]:
    """The derivative block by block, as a thread takes it, and how many results are counted as not finite."""
    window = window_over(norm.window, layout, x.shape)
    kernel = GradientKernel(norm, window, gradient_precision(x.dtype, x.dtype, norm), forward=forward)
    out = np.full(x.shape, -77, x.dtype)
    broken = 0
    for core, reach in blocks(x.shape, window.twice, edges or x.shape):
        broken += kernel(x[reach], dy[reach], out[core], inside(core, reach))
    return out, broken


class Drawn:
    """A tensor, what is asked of it, and how it is cut."""

    def __init__(self, seed: int, dtype: str) -> None:
        rng = np.random.default_rng([18, seed])
        self.layout = str(rng.choice(LAYOUTS))
        lengths = rng.integers(1, 10 if len(self.layout) == 4 else 60, len(self.layout))
        self.shape = tuple(lengths.tolist())
        axes = [axis for axis in self.layout if rng.random() < 0.4] or ["C"]
        self.norm = ResponseNorm(
            {axis: Span(int(rng.integers(0, 5)), int(rng.integers(0, 5))) for axis in axes},
            scale=float(rng.choice([1e-4, 0.1, 1, 50])),
            bias=float(rng.choice([1.0, 2.0, 0.3])),
            beta=float(rng.choice([0.5, 0.75, 1, 0.6, 1.25, 0, -0.3, 2])),
        )
        self.x, self.dy = (rng.standard_normal(self.shape).astype(dtype) for _ in range(2))
        if rng.random() < 0.3:
            self.x = np.asfortranarray(self.x)
        self.edges = tuple(int(rng.integers(-(-n // 3), n + 1)) for n in self.shape)

    @property
    def numbers(self) -> dict[str, float]:
        return {"scale": self.norm.scale, "bias": self.norm.bias, "beta": self.norm.beta}

    @property
    def reaches(self) -> dict[int, tuple[int, int]]:
        return {self.layout.index(axis): (span.before, span.after) for axis, span in self.norm.window.items()}


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_the_gradient_is_rounded_once_or_within_eight_eps_of_its_terms(dtype: str) -> None:
    for seed in range(80):
        case = Drawn(seed, dtype)
        result, broken = derive(case.norm, case.layout, case.x, case.dy)
        exact, terms = gradient_formula(case.x, case.dy, case.reaches, **case.numbers)
        assert broken == 0
        if dtype == "f8":
            assert (np.abs(result - exact) <= 8 * np.finfo("f8").eps * terms).all(), seed
        else:
            assert ulps(result, exact).max() < 0.51, seed


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_the_change_of_the_results_is_the_jacobian_times_the_change_of_x(dtype: str) -> None:
    for seed in range(40):
        case = Drawn(seed, dtype)
        result, _ = derive(case.norm, case.layout, case.x, case.dy, forward=True)
        exact = change_formula(case.x, case.dy, case.reaches, **case.numbers)
        np.testing.assert_allclose(result, exact.astype("f8"), rtol=1e-6 if dtype == "f4" else 1e-11, atol=1e-14)


@pytest.mark.parametrize("beta", [0.05, 0.6, -0.3, 1.25, 8.0])
def test_powers_by_more_terms_are_good_to_thirteen_digits(beta: float) -> None:
    bases = np.exp(np.random.default_rng(4).uniform(-20, 60, 20_000))
    exact = bases.astype(np.longdouble) ** np.longdouble(beta)
    result = np.empty_like(bases)
    power(bases, beta, result, fine=True)
    assert (np.abs(result - exact) <= 1e-13 * exact).all()


@pytest.mark.parametrize("forward", [False, True], ids=["gradient", "change"])
def test_the_bits_do_not_depend_on_where_blocks_end(forward: bool) -> None:
    for seed in range(60):
        case = Drawn(seed, "f8" if seed % 3 == 0 else "f4")
        whole, _ = derive(case.norm, case.layout, case.x, case.dy, forward=forward)
        cut, _ = derive(case.norm, case.layout, case.x, case.dy, case.edges, forward=forward)
        assert cut.tobytes() == whole.tobytes(), seed


# size of x, bias, beta, dtype
EXTREMES = [
    (1e19, 1.0, 0.75, "f4"),
    (1e20, 1.0, 0.75, "f4"),
    (1e-20, 0.0, 0.75, "f4"),
    (1e38, 1.0, 0.6, "f4"),
    (1e100, 1.0, 0.75, "f8"),
    (1e150, 1.0, 0.75, "f8"),
    (1e160, 1.0, 0.5, "f8"),
    (1e-160, 0.0, 0.5, "f8"),
    (1e-200, 0.0, 0.6, "f8"),
]


@pytest.mark.parametrize("row", EXTREMES, ids=str)
def test_what_leaves_the_range_on_the_way_is_redone_in_a_wider_type(row: tuple[float, float, float, str]) -> None:
    size, bias, beta, dtype = row
    rng = np.random.default_rng(1)
    x, dy = (rng.standard_normal((3, 9)) * size).astype(dtype), rng.standard_normal((3, 9)).astype(dtype)
    x[1] /= size  # ordinary numbers beside them keep their bits
    norm = ResponseNorm({"C": Span(1, 1)}, scale=1.0, bias=bias, beta=beta)
    result, broken = derive(norm, "NC", x, dy)
    exact, terms = gradient_formula(x, dy, {1: (1, 1)}, scale=1.0, bias=bias, beta=beta)
    held = np.finfo(dtype)
    inside = (np.abs(exact) <= held.max) & (np.abs(exact) >= held.tiny)
    assert (np.abs(result.astype("g") - exact) <= 4 * held.eps * terms)[inside].all()
    assert np.isinf(result[np.abs(exact) > held.max]).all()
    assert broken == np.count_nonzero(~np.isfinite(result))
    alone, _ = derive(norm, "NC", x[1:2], dy[1:2])
    assert alone.tobytes() == result[1:2].tobytes()


def test_what_is_not_a_number_reaches_as_far_as_the_formula_says_and_is_not_counted() -> None:
    norm = ResponseNorm({"C": Span(2, 1)}, scale=1.0, bias=1.0, beta=0.75)
    x, dy = np.ones(12), np.ones(12)
    x[5] = np.nan
    result, broken = derive(norm, "C", x, dy)
    assert np.flatnonzero(np.isnan(result)).tolist() == [2, 3, 4, 5, 6, 7, 8]
    assert broken == 0
    x[5], dy[5] = 1, np.nan
    result, broken = derive(norm, "C", x, dy)
    assert np.flatnonzero(np.isnan(result)).tolist() == [3, 4, 5, 6]
    assert broken == 0


def test_where_there_is_no_derivative_there_is_no_number_and_it_is_counted() -> None:
    norm = ResponseNorm({"C": Span(1, 1)}, scale=1.0, bias=0.0, beta=0.5)
    result, broken = derive(norm, "NC", np.array([[0.0, 0, 0, 0, 5]]), np.ones((1, 5)))
    assert np.isnan(result).tolist() == [[True, True, True, True, False]]
    assert broken == 4
