"""Every output of a real engine is reproduced, from Python and from the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.errors import LrnError
from tests.conftest import Run
from tests.golden import Case, Refusal, case, offered, refusals

CASES = pytest.mark.parametrize("golden", offered(), ids=lambda golden: golden.name)


@CASES
def test_normalize_gives_what_the_engine_gave(golden: Case) -> None:
    golden.assert_matched_by(normalize(golden.x, golden.convention, **golden.parameters))


@CASES
def test_a_layout_that_is_named_changes_nothing(golden: Case) -> None:
    golden.assert_matched_by(normalize(golden.x, golden.convention, layout=golden.layout, **golden.parameters))


@CASES
def test_the_command_gives_what_the_engine_gave(golden: Case, call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", golden.x)
    ended = call("apply", "x.npy", "-o", "y.npy", "-c", golden.words)
    assert ended.code == 0, ended.err
    golden.assert_matched_by(np.load(tmp_path / "y.npy"))


@CASES
def test_compare_takes_the_engines_own_tolerance_and_finds_the_same(golden: Case, call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", golden.x)
    np.save(tmp_path / "y.npy", golden.y)
    ended = call("compare", "x.npy", "--against", "y.npy", "-c", golden.words)
    assert ended.code == 0, ended.out.decode()
    assert "the engine's" in ended.err


# A kernel that lacks a type, a defect, or a rank that ONNX has and one of its engines has not.
OF_AN_IMPLEMENTATION = {
    *("caffe2-3", "chainer-2", "megengine-2", "mindspore-0", "mindspore-1", "paddle_fluid-6", "tflite-0"),
    *("onnxref-0", "onnxref-1", "onnxref-2", "onnxtf-0", "tinygrad-0", "tinygrad-1"),
    *("tflite_ref-0", "torch_crossmap-0", "torch_crossmap-1"),
}

FRAMEWORKS_OWN = [refusal for refusal in refusals() if refusal.name not in OF_AN_IMPLEMENTATION]


@pytest.mark.parametrize("refusal", FRAMEWORKS_OWN, ids=lambda refusal: refusal.name)
def test_what_the_framework_refuses_is_refused(refusal: Refusal, call: Run, tmp_path: Path) -> None:
    with pytest.raises(LrnError):
        normalize(np.ones(refusal.shape, refusal.dtype), refusal.convention, **refusal.parameters)
    np.save(tmp_path / "x.npy", np.ones(refusal.shape, refusal.dtype))
    call("apply", "x.npy", "-o", "y.npy", "-c", refusal.words).assert_refused(refusal.convention)
    assert not (tmp_path / "y.npy").exists()


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
