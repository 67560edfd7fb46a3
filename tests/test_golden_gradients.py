"""The gradients are those of the real engines."""

from __future__ import annotations

import numpy as np
import pytest

from lrn_cli.arithmetic.windows import window_over
from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.passes.derive import Derivation, pair
from lrn_cli.passes.gradient import gradient
from lrn_cli.tensors.arrays import ArraySource
from tests.gradients import Case, cases

pytestmark = pytest.mark.usefixtures("variant")
CASES = cases()
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@EACH
def test_the_canonical_form_has_the_gradient_of_the_engine(case: Case) -> None:
    result = np.empty_like(case.x)

    def write(core: Box, block: Array) -> None:
        result[core] = block

    window = window_over(case.norm.window, case.layout, case.x.shape)
    both = pair([ArraySource(case.x), ArraySource(case.dy)], window, case.norm)
    assert Derivation(both, write, result.dtype).run(1) == 0
    case.assert_matched_by(result)


@pytest.mark.parametrize("case", [case for case in CASES if case.by_name], ids=lambda case: case.name)
def test_the_convention_by_its_own_name_has_the_gradient_of_the_engine(case: Case) -> None:
    case.assert_matched_by(gradient(case.x, case.dy, case.convention, layout=case.layout, **case.parameters))
