"""How far results are from the formula, against NumPy's own steps and a plain loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrn_cli.analysis.identification.nearness import Nearness
from lrn_cli.arithmetic import native

pytestmark = pytest.mark.usefixtures("variant")
TYPES = ("float16", "float32", "float64")


def slowly(wanted: Any, given: Any, dtype: str) -> tuple[float, int, float]:
    """The same of each element by itself, with `np.spacing` of what the type holds."""
    with np.errstate(over="ignore"):
        rounded = wanted.astype(dtype)
    steps = np.spacing(np.abs(rounded)).astype(float)
    off = np.abs(given.astype(float) - wanted)
    normal = float(np.finfo(dtype).smallest_normal)
    relative = [far / abs(right) if abs(right) > normal else 0.0 for far, right in zip(off, wanted, strict=True)]
    return float((off / steps).max()), int((off / steps).argmax()), max(relative)


def results(dtype: str, *, seed: int = 0, elements: int = 70_000) -> tuple[Any, Any]:
    """Numbers of all sizes, some of them zeros and powers of two, and the same rounded and moved by a step or two."""
    rng, limits = np.random.default_rng(seed), np.finfo(dtype)
    exponents = rng.uniform(np.log2(float(limits.smallest_subnormal)), limits.maxexp - 2, elements)
    wanted = rng.choice([-1.0, 1.0], elements) * np.exp2(exponents)
    wanted[::3] = np.exp2(np.round(exponents[::3])) * (1 - rng.uniform(0, 2 * float(limits.eps), len(wanted[::3])))
    given = wanted.astype(dtype)
    given[::5] = np.nextafter(given[::5], np.array(np.inf, dtype))
    wanted[::7] = given[::7] = 0
    # Below the normal numbers a step is a large part, so there the results are the right ones.
    small = np.abs(wanted) <= 2 * float(limits.smallest_normal)
    given[small] = wanted[small].astype(dtype)
    return wanted, given


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_near_is_measured_as_element_by_element(dtype: str, seed: int) -> None:
    wanted, given = results(dtype, seed=seed)
    assert Nearness(np.dtype(dtype), 0.1).measure(wanted, given) == slowly(wanted, given, dtype)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("wrong", [1.5, np.nan, np.inf, -np.inf])
def test_one_result_that_is_far_off_or_not_finite_is_left_to_a_closer_look(dtype: str, wrong: float) -> None:
    wanted = np.ones(50_000)
    given = wanted.astype(dtype)
    given[-1] = wrong
    assert Nearness(np.dtype(dtype), 0.1).measure(wanted, given) is None


@pytest.mark.parametrize("right", [np.nan, np.inf, 1e300])
def test_what_the_type_does_not_hold_is_left_to_a_closer_look(right: float) -> None:
    wanted = np.array([1.0, right])
    assert Nearness(np.dtype("float32"), 0.1).measure(wanted, np.ones(2, "float32")) is None


def test_a_small_number_is_off_by_more_than_a_step_only_under_a_closer_look() -> None:
    step = np.finfo("float32").smallest_subnormal
    near = Nearness(np.dtype("float32"), 0.1)
    wanted = np.array([1.0, float(step) * 4])
    assert near.measure(wanted, np.array([1, 5 * step], "float32")) is not None
    assert near.measure(wanted, np.array([1, 6 * step], "float32")) is None


def test_the_compiled_loops_refuse_what_is_no_part_of_an_array(variant: str | None) -> None:
    if variant is None:
        pytest.skip("NumPy's passes take arrays, not addresses")
    numbers, type_of = np.ones(8), (2.0**-52, 2.0**-1022, 1e308, 0)
    memory = numbers.__array_interface__["data"][0], numbers.nbytes
    measure = native.chosen.compiled.nearness
    assert measure(variant, memory, (*memory, 1), 8, -1.0, type_of) == (0.0, 0, 0.0)
    for wanted, given, count, said in (
        (memory, (*memory, 1), 9, "outside"),
        (memory, (memory[0], 56, 1), 8, "outside"),
        (memory, (*memory, 1), 0, "outside"),
        (memory, (*memory, 3), 8, "no such type"),
    ):
        with pytest.raises(ValueError, match=said):
            measure(variant, wanted, given, count, -1.0, type_of)
