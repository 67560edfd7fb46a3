"""What engines do against their word is named where an output shows it."""

from __future__ import annotations

import numpy as np
import pytest

from lrn_cli.analysis.identification.identify import identify
from tests.golden import Case, quirks

# The engine that the notes name, by the file of its outputs, where no convention gives the same by its word.
ENGINES = {
    "darknet": "Darknet",
    "ncnn": "ncnn",
    "onednn": "oneDNN",
    "onnxref": "reference evaluator",
    "onnxtf": "onnx-tensorflow",
    "tflite_ref": "reference kernel",
    "torch_crossmap": "CrossMapLRN2d",
}
# Windows that cover all channels are the same in both kernels; so many elements say enough of the others. With radius 0
# nothing is summed, and the output is the input times a constant.
ALIKE = {"tflite_ref-wide", "tflite_ref-bias0", "tflite_ref-rand2", "tflite_ref-r0"}
# One or two for each mistake that has to be searched for, which takes seconds.
SEARCHED = {"darknet-size5", "darknet-nan", "torch_crossmap-size5", "torch_crossmap-size4", "onnxref-batch_smaller"}
# What a window of one element gives, and the input unchanged, is so by the word of any convention.
PLAINLY = {"ncnn-rank1", "ncnn-rank2", "onednn-size_negative"}
SHOWN = [
    case
    for case in quirks()
    if case.name.partition("-")[0] in ENGINES
    and case.name not in ALIKE | PLAINLY
    and (not case.name.startswith(("darknet", "torch")) or case.name in SEARCHED)
]
PLAIN = [case for case in quirks() if case.name.startswith(("mnn", "opencv", "openvino")) and "size0" not in case.name]


@pytest.mark.parametrize("golden", PLAIN, ids=lambda golden: golden.name)
def test_a_number_that_an_engine_lost_is_not_laid_at_its_door_where_conventions_have_that_number(golden: Case) -> None:
    answer = identify(golden.x, golden.y)
    assert answer.found
    assert answer.bounds
    assert not any(engine in note for note in answer.notes for engine in ("MNN", "OpenCV", "OpenVINO"))


@pytest.mark.parametrize("golden", SHOWN, ids=lambda golden: golden.name)
def test_the_notes_name_the_engine(golden: Case) -> None:
    wanted = ENGINES[golden.name.partition("-")[0]]
    assert any(wanted in note for note in identify(golden.x, golden.y).notes)


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("darknet-size5", "size 5, kappa 2, alpha 0.05, beta 0.75"),
        ("torch_crossmap-size4", "size 4, k 1, alpha 0.5, beta 0.75"),
        ("onnxref-batch_smaller", "size 3, bias 1, alpha 0.5, beta 0.75"),
    ],
)
def test_a_mistake_is_recognised_with_the_numbers_that_were_given(name: str, numbers: str) -> None:
    golden = next(case for case in quirks() if case.name == name)
    answer = identify(golden.x, golden.y)
    assert not answer.found
    assert numbers in answer.notes[0]


def test_what_no_mistake_explains_is_not_laid_at_an_engines_door() -> None:
    x = np.random.default_rng(0).normal(size=(2, 8, 3, 3)) * 4
    assert not any("this is what" in note for note in identify(x, np.tanh(x)).notes)
