"""How near the exact formula the results are, over windows, exponents, magnitudes and types."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from lrn_cli import normalize
from tests.arithmetic.exact import Array, formula, ulps

pytestmark = pytest.mark.usefixtures("variant")

RADII = (0, 1, 2, 4, 7)
BETAS = (0.33, 0.5, 0.6, 0.75, 1.0, 1.5, 2.0, 3.0)
MAGNITUDES = (1e-30, 1e-10, 1.0, 30.0, 1e15, 1e30)
# bias and alpha: as AlexNet, as TensorFlow, L2 normalization
COEFFICIENTS = ((2.0, 1e-4), (1.0, 1.0), (0.0, 1.0))


def samples(dtype: type[np.floating], magnitude: float) -> Array:
    rng = np.random.default_rng(7)
    values = rng.standard_normal((16, 64)) * magnitude
    # ReLU leaves zeros; not whole windows of them, which are 0/0 where the bias is 0.
    return np.where(rng.random(values.shape) < 0.2, 0.01 * magnitude, values).astype(dtype)


def distances(dtype: type[np.floating], beta: float, magnitudes: tuple[float, ...], compute: str | None) -> Array:
    found = []
    for radius, magnitude, (bias, alpha) in product(RADII, magnitudes, COEFFICIENTS):
        x = samples(dtype, magnitude)
        y = normalize(x, "tf", depth_radius=radius, bias=bias, alpha=alpha, beta=beta, compute=compute)
        assert y.dtype == dtype
        found.append(ulps(y, formula(x, {1: (radius, radius)}, scale=alpha, bias=bias, beta=beta)))
    return np.concatenate(found)


@pytest.mark.parametrize("beta", BETAS)
def test_float32_is_within_8_units_in_the_last_place_and_1_on_average(beta: float) -> None:
    found = distances(np.float32, beta, MAGNITUDES, None)
    assert found.max() < 8
    assert found.mean() < 1


@pytest.mark.parametrize("beta", BETAS)
def test_float32_computed_in_float64_is_rounded_once(beta: float) -> None:
    assert distances(np.float32, beta, MAGNITUDES, "float64").max() <= 0.51


@pytest.mark.parametrize("beta", BETAS)
def test_float64_is_within_8_units_in_the_last_place(beta: float) -> None:
    assert distances(np.float64, beta, (*MAGNITUDES, 1e-200, 1e200), None).max() < 8


@pytest.mark.parametrize("beta", BETAS)
def test_float16_is_computed_wider_and_rounded_once(beta: float) -> None:
    # The square of 300 is beyond float16.
    assert distances(np.float16, beta, (0.01, 1.0, 300.0), None).max() <= 0.51


def test_float16_values_of_300_do_not_overflow() -> None:
    y = normalize(np.full((1, 1, 1, 5), 300, np.float16), "tf", depth_radius=2, bias=0, alpha=1, beta=0.5)
    np.testing.assert_allclose(y[0, 0, 0, 2], 1 / np.sqrt(5), rtol=2**-11)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_within_a_channel_is_as_accurate(dtype: type[np.floating]) -> None:
    x = np.random.default_rng(3).standard_normal((2, 3, 20, 17)).astype(dtype)
    for size in (3, 5, 15):
        y = normalize(x, "caffe", norm_region="WITHIN_CHANNEL", local_size=size, alpha=1.0)
        exact = formula(x, {2: (size // 2,) * 2, 3: (size // 2,) * 2}, scale=1 / size**2, bias=1, beta=0.75)
        assert ulps(y, exact).max() < 8


def test_only_the_elements_that_leave_the_range_are_redone() -> None:
    # One square of 1e30 overflows float32; what is not in its window keeps its bits.
    x = np.random.default_rng(5).standard_normal((1, 1, 1, 40)).astype(np.float32)
    before = normalize(x, "caffe", layout="NHWC", local_size=5)
    x[..., 20] = 1e30
    after = normalize(x, "caffe", layout="NHWC", local_size=5)
    untouched = [*range(18), *range(23, 40)]
    assert (after[..., untouched] == before[..., untouched]).all()
    exact = formula(x, {3: (2, 2)}, scale=0.2, bias=1, beta=0.75)
    assert ulps(after, exact).max() < 8


def test_unsigned_integers_are_widened_before_they_are_squared() -> None:
    x = np.array([[200, 16, 255, 1]], dtype=np.uint8)
    y = normalize(x, "tf", depth_radius=1)
    assert y.dtype == np.float32
    assert ulps(y, formula(x, {1: (1, 1)}, scale=1, bias=1, beta=0.5)).max() < 8


@pytest.mark.parametrize(("dtype", "expected"), [("int64", "float64"), ("uint16", "float32"), ("bool", "float32")])
def test_integers_give_a_float_that_can_hold_them(dtype: str, expected: str) -> None:
    assert normalize(np.ones((1, 4), dtype), "tf").dtype == expected
