"""Random blocks, ordinary and wild, normalised by NumPy's passes and by the compiled ones: for the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from lrn_cli.arithmetic import native
from lrn_cli.arithmetic.kernel import Kernel
from lrn_cli.arithmetic.native import blocks as native_blocks
from lrn_cli.arithmetic.precision import Precision, precision
from lrn_cli.arithmetic.windows import Window, window_over
from lrn_cli.boxes import blocks, inside
from lrn_cli.formula import ResponseNorm, Span
from tests.arithmetic.exact import Array

LAYOUTS = ("NCHW", "NHWC", "CHWN", "HCNW", "NC", "CW", "NLC")
COMPILED = tuple(variant for variant in native.chosen.variants if variant)


@contextmanager
def arithmetic(variant: str | None) -> Iterator[None]:
    """Let this variant of the compiled passes do the work, or NumPy's."""
    kept = native.chosen
    native.chosen = kept._replace(variant=variant)
    try:
        yield
    finally:
        native.chosen = kept


class Case(NamedTuple):
    """A tensor, what is made of it, and how it is cut for that.

    Attributes:
        x: The tensor.
        norm: The canonical form.
        layout: Of the tensor.
        dtype: Of the results.
        compute: The type to compute in, if one is asked for.
        edges: Of the blocks that it is cut into.
        order: "C" or "F", in which the results lie.
        budget, shortest: Of scratch memory, so small that runs are cut into strips.
    """

    x: Array
    norm: ResponseNorm
    layout: str
    dtype: np.dtype[np.floating]
    compute: str | None
    edges: tuple[int, ...]
    order: str
    budget: int
    shortest: int

    @property
    def window(self) -> Window:
        return window_over(self.norm.window, self.layout, self.x.shape)

    @property
    def types(self) -> Precision:
        return precision(self.x.dtype, self.dtype, self.norm, self.compute)


class Made(NamedTuple):
    """What came out.

    Attributes:
        results: The bytes, in C order.
        broken: How many were counted as not finite.
        done: How many of how many blocks the compiled passes have done.
    """

    results: bytes
    broken: int
    done: tuple[int, int]


@contextmanager
def scratch_memory(case: Case) -> Iterator[None]:
    """Give the compiled passes as little scratch memory as the case says."""
    kept = native_blocks.BUDGET, native_blocks.SHORTEST
    native_blocks.BUDGET, native_blocks.SHORTEST = case.budget, case.shortest
    try:
        yield
    finally:
        native_blocks.BUDGET, native_blocks.SHORTEST = kept


def normalized(case: Case, variant: str | None) -> Made:
    """The tensor normalised block by block, as a thread does it."""
    results: Array = np.full(case.x.shape, -77, case.dtype, order="F" if case.order == "F" else "C")
    broken = done = count = 0
    with arithmetic(variant), scratch_memory(case), np.errstate(all="ignore"):
        kernel = Kernel(case.norm, case.window, case.types)
        for core, reach in blocks(case.x.shape, case.window.spans, case.edges):
            broken += kernel(case.x[reach], results[core], inside(core, reach))
            done += vars(kernel).pop("_scratch", None) is None  # made where a block comes to NumPy
            count += 1
    return Made(results.tobytes(), broken, (done, count))


def ordinary(rng: np.random.Generator) -> Case:
    """Numbers as activations have them, however they lie in memory and wherever they are cut."""
    layout, shape = _shape(rng)
    whole = (rng.standard_normal(tuple(2 * n for n in shape)) * 10).astype(_dtype(rng))
    corner = tuple(slice(0, n) for n in shape)
    backwards = tuple(slice(None, None, -2) for _ in shape)
    x = (whole[corner], whole[backwards], whole[corner].copy(), np.asfortranarray(whole[corner]))[rng.integers(4)]
    if rng.random() < 0.1:
        x = x.astype(x.dtype.newbyteorder(">"))
    beta = float(rng.choice([0.5, 0.75, 1.0, 0.6, -0.3, 2.0, 5.0]))
    norm = ResponseNorm(_window(rng, layout), scale=float(rng.choice([0.02, 1.0])), bias=1.0, beta=beta)
    return _cut(rng, x, norm, layout)


def wild(rng: np.random.Generator) -> Case:
    """Numbers at the ends of their types, zeros, NaN and infinity, under coefficients no better."""
    layout, shape = _shape(rng)
    norm = ResponseNorm(
        _window(rng, layout),
        scale=float(rng.choice([0.0, 2e-5, 1.0, -1.0, 1e-38, 1e30])),
        bias=float(rng.choice([0.0, 1.0, 1e-30, -1.0, 1e38])),
        beta=float(rng.choice([0.5, 0.75, 1.0, 0.6, 2.0, -1.0, 0.0, 30.0])),
    )
    with np.errstate(all="ignore"):
        x = rng.standard_normal(shape) * 10.0 ** rng.choice([-40, -25, -20, -10, -5, 0, 0, 0, 2, 10, 19, 25, 37])
        x = x.astype(_dtype(rng))
        if rng.random() < 0.4:
            x[rng.random(shape) < 0.05] = rng.choice([0.0, 255] if x.dtype.kind in "ui" else _SPECIAL)
    if rng.random() < 0.3:
        x[rng.random(shape) < rng.choice([0.5, 1.0], p=[0.7, 0.3])] = 0
    return _cut(rng, x, norm, layout)


_SPECIAL = [np.nan, np.inf, -np.inf, 0.0, 1e38, 1e-38, 65504, 65520, 1e-7]


def _dtype(rng: np.random.Generator) -> str:
    return str(rng.choice(["f4", "f8", "f2", "u1", "i2"], p=[0.4, 0.2, 0.2, 0.1, 0.1]))


def _shape(rng: np.random.Generator) -> tuple[str, tuple[int, ...]]:
    layout = LAYOUTS[rng.integers(len(LAYOUTS))]
    if len(layout) == 2:
        return layout, tuple(rng.permutation([rng.integers(1, 40), rng.integers(1, 700)]).tolist())
    return layout, tuple(rng.integers(1, 10 if len(layout) == 4 else 25, len(layout)).tolist())


def _window(rng: np.random.Generator, layout: str) -> dict[str, Span]:
    def span() -> Span:
        furthest = 8 if rng.random() < 0.8 else 60
        return Span(int(rng.integers(0, furthest)), int(rng.integers(0, furthest)))

    return {"H": span(), "W": span()} if "H" in layout and rng.random() < 0.4 else {"C": span()}


def _cut(rng: np.random.Generator, x: Array, norm: ResponseNorm, layout: str) -> Case:
    own = x.dtype if x.dtype.kind == "f" else np.dtype("f4")
    dtype = own if rng.random() < 0.8 else np.dtype(str(rng.choice(["f2", "f4", "f8"])))
    # At most some 30 blocks, or small ones would be all that is tried.
    edges = tuple(int(rng.integers(-(-n // 3), n + 1)) for n in x.shape) if rng.random() < 0.6 else x.shape
    compute = "float64" if rng.random() < 0.2 else None
    budget, shortest = int(rng.choice([1 << 7, 1 << 10, 1 << 14])), int(rng.choice([1, 8, 256]))
    return Case(x, norm, layout, dtype, compute, edges, "F" if rng.random() < 0.3 else "C", budget, shortest)
