"""The console owns the streams: a verb runs with others than those of the process."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from lrn_cli import normalize
from tests.conftest import Run

X = np.random.default_rng(0).standard_normal((1, 3, 4, 6)).astype("f4")


@pytest.fixture(autouse=True)
def tensor(tmp_path: Path) -> None:
    """A tensor to name."""
    np.save(tmp_path / "x.npy", X)


def test_a_tensor_goes_through_streams_in_memory(call: Run) -> None:
    sent = io.BytesIO()
    np.save(sent, X)
    ended = call("apply", "-", "-o", "-", "-c", "tf", "--json", stdin=sent.getvalue())
    assert ended.code == 0
    assert np.load(io.BytesIO(ended.out)).tobytes() == normalize(X, "tf").tobytes()
    assert json.loads(ended.err)["output"] == "-"


# (what is typed, what its answer begins with, its exit code)
ANSWERS = [
    ("apply x.npy -o y.npy -c tf --json", '{"input": "x.npy"', 0),
    ("info x.npy", "file\tformat", 0),
    ("explain tf", "tf: TensorFlow", 0),
    ("compare x.npy -c tf -c caffe", "a\tb", 1),
    ("translate caffe:local_size=5,alpha=1,beta=0.75 --to tf", "depth_radius=2", 0),
    ("identify x.npy x.npy", "field\tvalue", 0),
]


@pytest.mark.parametrize(("words", "beginning", "code"), ANSWERS, ids=[words for words, _, _ in ANSWERS])
def test_each_verb_answers_on_the_streams_it_is_given(
    words: str, beginning: str, code: int, call: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    ended = call(*words.split())
    assert ended.out.decode().startswith(beginning)
    assert ended.code == code
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "words", ["apply no.npy -o y.npy -c tf", "info no.npy", "translate caffe:alpha=1 --to pytorch:x"]
)
def test_what_goes_wrong_is_said_on_the_streams_it_is_given(
    words: str, call: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    call(*words.split()).assert_refused()
    assert capfd.readouterr() == ("", "")
