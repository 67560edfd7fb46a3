"""What engines do against their word is named where an output shows it."""

from __future__ import annotations

import numpy as np
import pytest

from lrn_cli.analysis.identification.identify import identify
from tests.golden import Case, quirks

# The engine that the notes name, by the file of its outputs.
ENGINES = {
    "darknet": "Darknet",
    "mnn": "mnnconvert",
    "ncnn": "ncnn",
    "onednn": "oneDNN",
    "onnxref": "reference evaluator",
    "onnxtf": "onnx-tensorflow",
    "opencv": "OpenCV",
    "openvino": "OpenVINO",
    "tfjs": "TensorFlow.js",
    "tflite_ref": "reference kernel",
    "torch_crossmap": "CrossMapLRN2d",
    "tract": "tract",
}
# Windows that cover all channels are the same in both kernels; so many elements say enough of the others.
ALIKE = {"tflite_ref-wide", "tflite_ref-bias0", "tflite_ref-rand2"}
# One or two for each mistake that has to be searched for, which takes seconds.
SEARCHED = {"darknet-size5", "darknet-nan", "torch_crossmap-size5", "torch_crossmap-size4", "onnxref-batch_smaller"}
SHOWN = [
    case
    for case in quirks()
    if case.name not in ALIKE and (not case.name.startswith(("darknet", "torch")) or case.name in SEARCHED)
]


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
