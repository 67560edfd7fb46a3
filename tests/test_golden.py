"""Every output of a real engine is reproduced, from Python and from the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lrn_cli import normalize
from tests.conftest import Run
from tests.golden import Case, case, cases

CASES = pytest.mark.parametrize("golden", cases(), ids=lambda golden: golden.name)


@CASES
def test_normalize_gives_what_the_engine_gave(golden: Case) -> None:
    golden.assert_matched_by(normalize(golden.x, golden.convention, **golden.parameters))


@CASES
def test_a_layout_that_is_named_changes_nothing(golden: Case) -> None:
    golden.assert_matched_by(normalize(golden.x, golden.convention, layout=golden.layout, **golden.parameters))


@CASES
def test_the_command_gives_what_the_engine_gave(golden: Case, call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", golden.x)
    pairs = ",".join(f"{name}={value}" for name, value in golden.parameters.items())
    ended = call("apply", "x.npy", "-o", "y.npy", "-c", f"{golden.convention}:{pairs}")
    assert ended.code == 0, ended.err
    golden.assert_matched_by(np.load(tmp_path / "y.npy"))


# What the worked example publishes as printed by TensorFlow. Its reciprocals are approximate, so that 2/30 is printed
# as 0.06666666; the nearest float32 would be printed as 0.06666667.
CSDN = """
0.07142857 0.06666666 0.05454545 0.04444445 0.03703704 0.03157895 0.04022989 0.05369128
0.05369128 0.04022989 0.03157895 0.03703704 0.04444445 0.05454545 0.06666666 0.07142857
0.13793103 0.09999999 0.0212766  0.00787402 0.05194805 0.04       0.03448276 0.04545454
"""


def test_csdn_worked_example_prints_the_published_numbers() -> None:
    golden = case("tensorflow-csdn_worked_example")
    y = normalize(golden.x, "tf", depth_radius=2, bias=0, alpha=1, beta=1)
    # Half of the last printed digit, and a unit in the last place for TensorFlow's reciprocals.
    np.testing.assert_allclose(y.ravel()[:24], np.array(CSDN.split(), "f8"), atol=0.5e-8, rtol=1.2e-7)
    assert f"{y[0, 0, 0, 0]:.8f}" == "0.07142857"
    golden.assert_matched_by(y)
