"""The parts of identification, each for itself."""

from __future__ import annotations

import numpy as np
import pytest

from lrn_cli.analysis.identification.alignment import Pair, alignments
from lrn_cli.analysis.identification.allowance import Allowance
from lrn_cli.analysis.identification.fitting import Observations, fit
from lrn_cli.analysis.identification.sampling import sample
from lrn_cli.analysis.identification.verification import verify
from lrn_cli.formula import ResponseNorm, Span
from lrn_cli.tensors.arrays import ArraySource
from tests.analysis.identification.pairs_made import activations, normalized


@pytest.mark.parametrize(("axes", "span"), [((1,), Span(2, 1)), ((2, 3), Span(1, 1)), ((0,), Span(3, 3))])
def test_window_sums_of_samples_are_those_of_the_formula(axes: tuple[int, ...], span: Span) -> None:
    x = activations((3, 6, 5, 4), 2, dtype="f8")
    fields = sample(Pair(ArraySource(x), ArraySource(x), range(4)), axes, 10**6, np.random.default_rng(0))
    positions = fields.positions(10**6, np.random.default_rng(0))
    sums = fields.sums([span.within(x.shape[axis]) for axis in axes], positions)
    # x / y is the sum itself with bias 0, scale 1 and beta 1.
    wanted = x / normalized(x, dict.fromkeys(axes, (span.before, span.after)), 0, 1, 1)
    np.testing.assert_allclose(np.sort(sums), np.sort(wanted.ravel()), rtol=1e-13)


def test_every_order_of_the_axes_that_fits_the_shape_is_tried_once() -> None:
    x, y = ArraySource(np.zeros((1, 4, 5, 5))), ArraySource(np.zeros((1, 5, 5, 4)))
    assert [pair.order for pair in alignments(x, y)] == [(0, 2, 3, 1), (0, 3, 2, 1)]


@pytest.mark.parametrize(("dtype", "steps"), [("f2", 3), ("f4", 40), ("f8", 1000)])
def test_the_residual_counts_steps_of_the_outputs_dtype_and_says_where(dtype: str, steps: int) -> None:
    x = activations((2, 8, 5, 5), 1, dtype=dtype)
    norm = ResponseNorm({"C": Span(1, 1)}, scale=0.5, bias=1.0, beta=0.75)
    y = normalized(x, {1: (1, 1)}, 1, 0.5, 0.75)
    y[1, 2, 3, 4] += steps * np.spacing(y[1, 2, 3, 4])
    found = verify(Pair(ArraySource(x), ArraySource(y), range(4)), norm, "NCHW", Allowance(1e-3, 1e-1))
    assert found.worst == (1, 2, 3, 4)
    assert found.max_ulp == pytest.approx(steps, abs=4 if dtype == "f8" else 0.6)
    assert (found.elements, found.beyond) == (x.size, 0)


@pytest.mark.parametrize("typical", [1e-15, 1e-7, 1e-3])
def test_the_spread_of_errors_is_found_however_far_from_the_usual(typical: float) -> None:
    rng = np.random.default_rng(0)
    sums = rng.uniform(0, 10, 2000)
    logs = 0.75 * np.log1p(sums) + 1e-3 * rng.standard_normal(2000)
    # A Student distribution of 4 degrees of freedom is narrower than the normal one that fits as well.
    assert fit(Observations(sums, logs, np.ones(2000)), typical).sigma == pytest.approx(0.8e-3, rel=0.15)
