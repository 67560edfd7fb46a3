"""A call that was pasted stands wherever a convention stands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.conventions.registry import conventions
from tests.conftest import Run

CALL = "nn.LocalResponseNorm(5, alpha=1e-4)"
WORD = "pytorch:size=5,alpha=1e-4,beta=0.75,k=1"


def test_it_is_translated_as_an_argument_and_from_standard_input(call: Run) -> None:
    asked = call("translate", WORD, "--to", "tf").out
    assert call("translate", CALL, "--to", "tf").out == asked
    assert call("translate", "-", "--to", "tf", stdin=f"self.norm = {CALL}\n".encode()).out == asked
    assert call("translate", "-c", CALL, "--to", "tf").out == asked


def test_flags_beside_it_are_more_of_its_parameters(call: Run) -> None:
    assert call("translate", CALL, "--k", "2", "--to", "tf").out == b"depth_radius=2 bias=2 alpha=2e-05 beta=0.75\n"
    call("translate", CALL, "--alpha", "1", "--to", "tf").assert_refused("alpha is given twice")


def test_it_is_applied(call: Run, tmp_path: Path) -> None:
    x = np.arange(2 * 6 * 2 * 2, dtype=np.float32).reshape(2, 6, 2, 2)
    np.save(tmp_path / "x.npy", x)
    assert call("apply", "x.npy", "-o", "y.npy", "-c", CALL).code == 0
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), normalize(x, "pytorch", size=5))


def test_it_is_explained_with_its_numbers(call: Run) -> None:
    ended = call("explain", "lrn_param { local_size: 3 alpha: 0.3 }", "--json")
    assert json.loads(ended.out)["scale"] == 0.1


# (the other convention, its language, what is said when that is translated back): a prototxt is a model with layers
WRITTEN = [
    ("pytorch", "python", b"depth_radius=2 bias=1 alpha=2e-05 beta=0.5\n"),
    ("wolfram", "wolfram", b"depth_radius=2 bias=1 alpha=2e-05 beta=0.5\n"),
    ("caffe", "prototxt", b"y1\ttf\tdepth_radius=2 bias=1 alpha=2e-05 beta=0.5\t-\n"),
]


@pytest.mark.parametrize(("other", "language", "said"), WRITTEN)
def test_what_a_translation_writes_is_translated_back(other: str, language: str, said: bytes, call: Run) -> None:
    written = call("translate", "tf:depth_radius=2,alpha=2e-05", "--to", other, "--format", language).out
    assert call("translate", "-", "--to", "tf", stdin=written).out.endswith(said)


# (text, what the one line says)
REFUSED = [
    ("nn.LocalResponseNorm(size)", "size is size, an integer is wanted"),
    ("nn.LocalResponseNorm(5, gamma=1)", "pytorch has no parameter gamma; it has size, alpha, beta, k"),
    ("f(5)", "no call and no layer that a convention has"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_what_says_no_numbers_is_one_line_and_a_hint(text: str, said: str, call: Run) -> None:
    call("translate", text, "--to", "tf").assert_refused(said)


def test_what_translate_writes_is_read_back_through_a_pipe_whatever_the_framework(call: Run) -> None:
    read = 0
    for convention in conventions():
        for language in convention.languages:
            written = call("translate", "caffe:local_size=5", "--to", convention.name, "--format", language)
            if written.code:
                continue  # it has no such window
            back = call("translate", "-", "--to", "caffe", "-q", stdin=written.out)
            numbers = b"local_size=5 alpha=1 beta=0.75 k=1 norm_region=ACROSS_CHANNELS"
            assert numbers in back.out, (convention.name, language, back.err)
            read += 1
    assert read > 30
