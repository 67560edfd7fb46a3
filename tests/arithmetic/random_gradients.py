"""Gradients of random blocks, ordinary and wild, by NumPy's passes and by the compiled ones: for the same bytes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lrn_cli.arithmetic.gradient import GradientKernel
from lrn_cli.arithmetic.native.gradients import is_left_to_numpy
from lrn_cli.arithmetic.precision import gradient_precision
from lrn_cli.boxes import blocks, inside
from tests.arithmetic import random_blocks
from tests.arithmetic.exact import Array
from tests.arithmetic.random_blocks import Case, Made, arithmetic, scratch_memory


class Question(NamedTuple):
    """A random block, and the derivatives by its results."""

    case: Case
    dy: Array

    @property
    def listed(self) -> bool:
        case = self.case
        return is_left_to_numpy(case.norm, case.window, gradient_precision(case.x.dtype, case.dtype, case.norm))


def ask(kind: str, seed: int) -> Question:
    """Derivatives of any type and size, half of them often 0 with either sign, as where a ReLU follows."""
    rng = np.random.default_rng([9, seed])
    case: Case = getattr(random_blocks, kind)(rng)
    size = 0 if kind == "ordinary" else rng.choice([-300, -120, -40, 0, 0, 0, 10, 100])
    with np.errstate(all="ignore"):
        dy = (rng.standard_normal(case.x.shape) * 10.0**size).astype(str(rng.choice(["f4", "f8", "f2"])))
        if rng.random() < 0.5:
            dy[rng.random(dy.shape) < 0.5] *= 0
    return Question(case, np.asfortranarray(dy) if rng.random() < 0.3 else dy)


def derive(question: Question, variant: str | None) -> Made:
    """The gradient block by block, as a thread takes it."""
    case = question.case
    results = np.full(case.x.shape, -77, case.dtype, order="F" if case.order == "F" else "C")
    broken = done = count = 0
    with arithmetic(variant), scratch_memory(case), np.errstate(all="ignore"):
        types = gradient_precision(case.x.dtype, case.dtype, case.norm)
        for core, reach in blocks(case.x.shape, case.window.twice, case.edges):
            kernel = GradientKernel(case.norm, case.window, types)
            broken += kernel(case.x[reach], question.dy[reach], results[core], inside(core, reach))
            done += not hasattr(kernel._normal, "plan")  # made where a block comes to NumPy
            count += 1
    return Made(results.tobytes(), broken, (done, count))
