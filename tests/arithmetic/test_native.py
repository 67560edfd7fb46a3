"""The compiled passes give the bytes of NumPy's, do what they are for, and touch only memory that is theirs."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from lrn_cli.arithmetic import native
from lrn_cli.arithmetic.kernel import Kernel
from lrn_cli.arithmetic.native.blocks import Compiled, is_left_to_numpy
from lrn_cli.arithmetic.precision import precision
from lrn_cli.arithmetic.windows import window_over
from lrn_cli.formula import ResponseNorm, Span
from tests.arithmetic import random_blocks
from tests.arithmetic.exact import Array, formula, ulps
from tests.arithmetic.random_blocks import COMPILED, Made, arithmetic, normalized

pytestmark = pytest.mark.skipif(not COMPILED, reason=str(native.chosen))
EACH = pytest.mark.parametrize("variant", COMPILED)

ALEXNET = ResponseNorm({"C": Span(2, 2)}, scale=2e-5, bias=1.0, beta=0.75)


@cache
def by_numpy(kind: str, seed: int) -> Made:
    """What NumPy's passes make of a random block, which is the same for each variant."""
    return normalized(getattr(random_blocks, kind)(np.random.default_rng([7, seed])), None)


@EACH
@pytest.mark.parametrize("kind", ["ordinary", "wild"])
def test_random_blocks_have_the_same_bytes_from_numpy_and_compiled(kind: str, variant: str) -> None:
    for seed in range(250):
        case = getattr(random_blocks, kind)(np.random.default_rng([7, seed]))
        expected, made = by_numpy(kind, seed), normalized(case, variant)
        assert made.results == expected.results, (seed, case)
        assert made.broken == expected.broken, (seed, case)


@EACH
def test_ordinary_numbers_leave_nothing_to_numpy_but_what_is_listed(variant: str) -> None:
    cases = [random_blocks.ordinary(np.random.default_rng([8, seed])) for seed in range(150)]
    listed = [is_left_to_numpy(case.norm, case.window, case.types) for case in cases]
    done, blocks = zip(*(normalized(case, variant).done for case in cases), strict=True)
    assert [n for n, left in zip(done, listed, strict=True) if left] == [0] * sum(listed)
    assert [n for n, left in zip(done, listed, strict=True) if not left] == [
        n for n, left in zip(blocks, listed, strict=True) if not left
    ]
    assert sum(listed) < len(cases) / 4


# layout, shape, window, beta, dtype
COVERED: list[tuple[str, tuple[int, ...], dict[str, Span], float, str]] = [
    ("NCHW", (2, 96, 13, 13), {"C": Span(2, 2)}, 0.75, "f4"),
    ("NHWC", (2, 13, 13, 96), {"C": Span(2, 2)}, 0.75, "f4"),
    ("NHWC", (2, 40, 40, 3), {"C": Span(2, 2)}, 0.75, "f4"),
    ("NHWC", (2, 40, 40, 3), {"C": Span(1, 1)}, 0.75, "f4"),
    ("NHWC", (2, 40, 40, 3), {"C": Span(2, 2)}, 0.6, "f4"),
    ("NHWC", (2, 1, 129, 3), {"C": Span(2, 2)}, 0.75, "f8"),
    ("NCHW", (2, 3, 20, 20), {"C": Span(2, 2)}, 0.6, "f4"),
    ("NCHW", (2, 20, 13, 13), {"C": Span(2, 2)}, 0.6, "f4"),
    ("NCHW", (2, 20, 13, 13), {"C": Span(2, 3)}, 0.75, "f2"),
    ("NCHW", (2, 20, 13, 13), {"C": Span(1, 2)}, 0.6, "f2"),
    ("NCHW", (2, 10, 20, 20), {"H": Span(1, 1), "W": Span(1, 1)}, 0.75, "f4"),
    ("NHWC", (2, 20, 20, 10), {"H": Span(2, 2), "W": Span(2, 2)}, 0.75, "f2"),
    ("NHCW", (2, 20, 10, 20), {"H": Span(2, 2), "W": Span(2, 2)}, 0.75, "f4"),
    ("NCHW", (2, 20, 7, 7), {"C": Span(1, 2)}, 0.5, "f8"),
    ("NCHW", (1, 300, 7, 7), {"C": Span(127, 127)}, 0.75, "f4"),
    ("NHWC", (1, 7, 7, 700), {"C": Span(300, 300)}, 1.0, "f4"),
    ("NC", (40, 96), {"C": Span(2, 2)}, 0.6, "f2"),
    ("NCHW", (2, 20, 7, 7), {"C": Span(2, 2)}, 0.75, "u1"),
    ("NCHW", (2, 20, 7, 7), {"C": Span(2, 2)}, 0.75, ">f4"),
    ("NCHW", (2, 20, 7, 7), {}, 0.75, "i2"),
]


@EACH
@pytest.mark.parametrize("row", COVERED, ids=str)
def test_all_kinds_of_windows_and_types_are_compiled(
    row: tuple[str, tuple[int, ...], dict[str, Span], float, str], variant: str
) -> None:
    layout, shape, window, beta, dtype = row
    x = (np.random.default_rng(0).standard_normal(shape) * 20).astype(dtype)
    norm = ResponseNorm(window, scale=0.01, bias=1.0, beta=beta)
    out = np.empty(shape, dtype if x.dtype.kind == "f" else "f4")
    assert compiled(norm, layout, x, out, variant)
    reaches = {layout.index(axis): (span.before, span.after) for axis, span in window.items()}
    assert ulps(out, formula(x, reaches, scale=0.01, bias=1.0, beta=beta)).max() < 8


def compiled(norm: ResponseNorm, layout: str, x: Array, out: Array, variant: str) -> bool:
    """Whether the compiled passes have done it."""
    window = window_over(norm.window, layout, x.shape)
    with arithmetic(variant):
        return Compiled(norm, window, precision(x.dtype, out.dtype, norm))(x, out)


@EACH
@pytest.mark.parametrize("layout", ["NC", "CN"])
@pytest.mark.parametrize("beta", [0.6, -0.4, 1.5, 3.0, 16.0])
def test_other_powers_are_within_half_a_unit_and_a_thousandth(beta: float, layout: str, variant: str) -> None:
    rng = np.random.default_rng(1)
    x = (rng.standard_normal((500, 400)) * 10.0 ** rng.uniform(-1, 1, (500, 1))).astype("f4")
    out = np.empty_like(x)
    norm = ResponseNorm({"C": Span(2, 2)}, scale=0.2, bias=1.0, beta=beta)
    assert compiled(norm, layout, x, out, variant)
    reaches = {layout.index("C"): (2, 2)}
    assert ulps(out, formula(x, reaches, scale=0.2, bias=1.0, beta=beta)).max() <= 0.501


UNCHANGED = ResponseNorm({"C": Span(0, 0)}, scale=0.0, bias=1.0, beta=1.0)


@EACH
def test_halves_are_read_and_written_as_numpy_does(variant: str) -> None:
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    halves = every[np.isfinite(every)][None]
    for dtype in ("f2", "f4", "f8"):
        out = np.empty(halves.shape, dtype)
        assert compiled(UNCHANGED, "NC", halves, out, variant)
        np.testing.assert_array_equal(out.view(f"u{out.itemsize}"), halves.astype(dtype).view(f"u{out.itemsize}"))


@EACH
def test_doubles_are_rounded_to_halves_once(variant: str) -> None:
    rng = np.random.default_rng(2)
    finite = np.sort(np.arange(0x7BFF, dtype=np.uint16).view(np.float16).astype("f8"))
    between = (finite[:-1] + finite[1:]) / 2
    numbers = np.concatenate([between, np.nextafter(between, 0), np.nextafter(between, 1e9), rng.random(10**5) * 1e-4])
    out = np.empty((1, numbers.size), "f2")
    assert compiled(UNCHANGED, "NC", -numbers[None], out, variant)
    np.testing.assert_array_equal(out[0].view("u2"), (-numbers).astype("f2").view("u2"))


@EACH
@pytest.mark.parametrize("special", [np.nan, np.inf, 1e30, 0.0])
def test_what_is_doubtful_is_left_as_it_is_in_place(special: float, variant: str) -> None:
    x = np.random.default_rng(3).standard_normal((2, 40, 5, 5)).astype("f4")
    x[1, 20:] = special
    before = x.copy()
    norm = ResponseNorm({"C": Span(2, 2)}, scale=1.0, bias=0.0, beta=0.75)
    assert not compiled(norm, "NCHW", x, x, variant)
    assert x.tobytes() == before.tobytes()
    assert compiled(norm, "NCHW", x[:1], x[:1], variant)


@EACH
def test_a_result_of_another_shape_than_the_core_is_refused(variant: str) -> None:
    x = np.zeros((2, 8, 5, 5), "f4")
    with arithmetic(variant):
        kernel = Kernel(ALEXNET, window_over(ALEXNET.window, "NCHW", x.shape), precision(x.dtype, x.dtype, ALEXNET))
        for core in (None, (slice(0, 3), slice(0, 8), slice(0, 5), slice(0, 5))):
            with pytest.raises(ValueError, match="results of shape"):
                kernel(x, np.zeros((3, 8, 5, 5), "f4"), core)


MEMORY: Array = np.zeros(400, "f4")


def job(**changes: Any) -> list[Any]:
    """What the extension is called with for 2 pieces of 6 rows of 10 floats, with changes."""
    at = MEMORY.ctypes.data
    values: dict[str, list[Any]] = {
        "in": [at, at, 480, 60, 10, 1, 0],
        "out": [at + 800, at + 800, 480, 60, 10, 1, 0],
        "lengths": [2, 6, 10],
        "core": [0, 6, 0, 10],
        "window": [2, 2, 0, 0, 1],
        "how": [0, 0, 2],
        "numbers": [1.0, 1.0, 0.75, 1e-19, 1e25, 1e-19, 1e18, 1e38],
        "memory": [1 << 16, 256],
    }
    for place, value in changes.items():
        name, index = place.rsplit("_", 1)
        values[name][int(index)] = value
    shown = {name: tuple(value) for name, value in values.items()}
    how = shown.pop("how")
    names = ("in", "out", "lengths", "core", "window")
    return [*(shown[name] for name in names), *how, shown["numbers"], shown["memory"]]


WRONG = [
    ({"in_2": 476}, "input outside"),
    ({"in_3": 61}, "input outside"),
    ({"in_4": -10}, "input outside"),
    ({"in_3": 2**62}, "input outside"),
    ({"in_3": -(2**63)}, "input outside"),
    ({"in_0": 8}, "input outside"),
    ({"in_6": 1}, "input outside"),
    ({"in_6": 4}, "no such type"),
    ({"out_2": 476}, "output outside"),
    ({"out_4": 20}, "output outside"),
    ({"out_6": 3}, "no such type"),
    ({"lengths_0": 0}, "input outside"),
    ({"lengths_2": 2**62}, "input outside"),
    ({"core_1": 7}, "core outside"),
    ({"core_0": -1}, "core outside"),
    ({"core_2": 1}, "core outside"),
    ({"core_3": 2**63 - 1}, "core outside"),
    ({"window_0": -1}, "window too large"),
    ({"window_1": 2**60}, "window too large"),
    ({"window_2": 2**60}, "window too large"),
    ({"window_4": 0}, "neighbours beyond"),
    ({"window_4": 11}, "neighbours beyond"),
    ({"how_2": 4}, "no such power"),
    ({"how_2": 3}, "no such power"),
    ({"how_0": 1, "window_2": 1}, "one sum"),
    ({"memory_0": -1}, "scratch"),
    ({"memory_1": 0}, "scratch"),
]


@EACH
@pytest.mark.parametrize(("changes", "message"), WRONG, ids=str)
def test_the_extension_refuses_what_would_leave_its_memory(changes: dict[str, int], message: str, variant: str) -> None:
    normalize = native.chosen.compiled.normalize
    assert normalize(variant, *job()) is True
    with pytest.raises(ValueError, match=message):
        normalize(variant, *job(**changes))


@EACH
def test_the_extension_refuses_to_write_over_what_it_reads(variant: str) -> None:
    arguments = job()
    arguments[1] = (*arguments[0][:-1], 0)
    with pytest.raises(ValueError, match="output over input"):
        native.chosen.compiled.normalize(variant, *arguments)


def test_a_variant_that_this_machine_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no such variant"):
        native.chosen.compiled.normalize("AVX-1024", *job())
