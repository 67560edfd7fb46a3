"""`lrn compare` with the input at hand says what an output is, and what to type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lrn_cli import normalize
from tests.conftest import Run

X = np.random.default_rng(3).standard_normal((2, 12, 9, 7)).astype("f4") * 9
CUBE = np.random.default_rng(4).standard_normal((2, 8, 8, 8)).astype("f4") * 9
LAST = (0, 2, 3, 1)
TF: dict[str, Any] = {"depth_radius": 5, "bias": 1.0, "alpha": 1e-4, "beta": 0.75}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "last.npy", X.transpose(LAST).copy())
    np.save(tmp_path / "tf.npy", normalize(X.transpose(LAST).copy(), "tf", **TF))
    np.save(tmp_path / "caffe.npy", normalize(X, "caffe", local_size=5, alpha=1e-3))
    np.save(tmp_path / "other.npy", np.sinh(X / 9))
    np.save(tmp_path / "cube.npy", CUBE)
    np.save(tmp_path / "made.npy", normalize(CUBE, "caffe", alpha=0.01))
    np.save(tmp_path / "turned.npy", normalize(CUBE, "caffe", alpha=0.01).transpose(LAST).copy())
    return tmp_path


def found(call: Run, *words: str) -> dict[str, Any]:
    ended = call("compare", *words, "--json")
    assert ended.code == 1, ended.err
    (pair,) = json.loads(ended.out)["pairs"]
    return dict(pair)


# (words of compare, what the cause says, whether the advice makes them equal)
MADE = [
    (
        "last.npy --against tf.npy -c tf:depth_radius=2,alpha=2e-5",
        "tf.npy is tf:depth_radius=5,bias=1,alpha=0.0001,beta=0.75; you asked for tf:depth_radius=2,bias=1,alpha=2e-05",
        True,
    ),
    ("last.npy --against tf.npy -c caffe --layout NHWC", "caffe:local_size=11,alpha=0.0011,beta=0.75,k=1", True),
    ("x.npy --against tf.npy -c caffe", "the layouts differ: NCHW and NHWC; tf.npy is caffe:local_size=11", False),
    (
        "cube.npy --against turned.npy -c caffe:alpha=.1",
        "alpha=0.01,beta=0.75,k=1,norm_region=ACROSS_CHANNELS, its axes as NHWC",
        False,
    ),
    ("x.npy --against caffe.npy -c caffe:alpha=1e-3 --axis 3", "--layout NCHW", True),
    ("x.npy --against x.npy -c caffe", "x.npy is x.npy unchanged; you asked for caffe:local_size=5", False),
    ("x.npy --against other.npy -c tf", "tf with these numbers does not give other.npy", False),
]


@pytest.mark.parametrize(("words", "told", "advised"), MADE)
def test_an_output_is_said_to_be_what_it_is(words: str, told: str, advised: bool, call: Run) -> None:
    pair = found(call, *words.split())
    assert told in pair["cause"]
    assert bool(pair["advice"]) == advised
    if advised:
        source, _, output = words.split()[:3]
        assert call("compare", source, "--against", output, *pair["advice"].split()).code == 0


@pytest.mark.parametrize("words", ["made.npy turned.npy", "cube.npy --against turned.npy -c caffe:alpha=.01"])
def test_another_layout_is_noticed_where_all_axes_are_as_long(words: str, call: Run) -> None:
    pair = found(call, *words.split())
    assert pair["cause"] == "the layouts differ: NCHW and NHWC; in one layout they are equal"
    assert (pair["layouts"], pair["differing"]) == (["NCHW", "NHWC"], 0)
    assert pair["suggestion"] == "np.transpose(b, (0, 3, 1, 2))"


def test_of_three_files_the_first_is_the_input_of_the_others(call: Run) -> None:
    pair = found(call, "x.npy", "tf.npy", "caffe.npy")
    assert "tf.npy is tf:depth_radius=5,bias=1,alpha=0.0001,beta=0.75 --layout NCHW" in pair["cause"]
    assert "caffe.npy is tf:depth_radius=2,bias=1,alpha=0.0002,beta=0.75 --layout NCHW" in pair["cause"]
    assert pair["cause"].endswith("the window of tf.npy is 11 channels, that of caffe.npy 5 channels")
    assert "other.npy is not found to be made of x.npy" in found(call, "x.npy", "caffe.npy", "other.npy")["cause"]
    assert "x.npy is x.npy unchanged" in found(call, "x.npy", "caffe.npy", "x.npy")["cause"]
    assert found(call, "cube.npy", "other.npy", "caffe.npy")["notes"] == ["neither is found to be made of cube.npy"]
    assert call("compare", "x.npy", "tf.npy", "tf.npy").code == 0


def test_without_the_input_it_is_said_what_it_would_tell(call: Run) -> None:
    pair = found(call, "tf.npy", "caffe.npy")
    assert pair["cause"] == "the layouts differ: NHWC and NCHW; in one layout they differ too"
    assert any("lrn compare INPUT a b" in note for note in pair["notes"])


@pytest.mark.parametrize(("suffix", "dtype"), [("png", "u1"), ("tif", "u1"), ("png", "u2")])
def test_an_image_is_held_to_half_a_step_of_its_numbers(suffix: str, dtype: str, folder: Path, call: Run) -> None:
    peak = np.iinfo(dtype).max
    pixels = np.random.default_rng(5).integers(0, peak, (16, 18, 3), endpoint=True).astype(dtype)
    x = (pixels[:, :, 0] / peak).astype("f4")[:, :, None]
    np.save(folder / "grey.npy", x)
    made = normalize(x, "tf", depth_radius=1, bias=0.5, alpha=0.1, layout="HWC")  # some of it above 1
    Image.fromarray(np.round(np.clip(made[:, :, 0], 0, 1) * peak).astype(dtype)).save(folder / f"y.{suffix}")
    words = ("compare", "grey.npy", "--against", f"y.{suffix}", "--layout", "HWC", "-c")
    assert call(*words, "tf:depth_radius=1,bias=.5,alpha=.1").code == 0
    assert call(*words, "tf:depth_radius=1,bias=.5,alpha=.12").code == 1
    np.save(folder / "y.npy", np.clip(made, 0, 1))
    assert call("compare", "y.npy", f"y.{suffix}").code == 0
    far = np.round(np.clip(made[:, :, 0], 0, 1) * peak).astype(dtype)
    far[3, 3] ^= 4
    Image.fromarray(far).save(folder / f"far.{suffix}")
    assert call("compare", "y.npy", f"far.{suffix}").code == 1
    assert call("compare", f"y.{suffix}", f"far.{suffix}").code == 1
    assert call("compare", "y.npy", f"y.{suffix}", "--atol", "0").code == 1


def test_what_identify_did_not_find_is_not_advised_to_be_asked_of_it(call: Run) -> None:
    pair = found(call, "x.npy", "--against", "other.npy", "-c", "tf")
    assert not pair["suggestion"]
    assert pair["notes"] == ["lrn identify finds no convention that makes other.npy of x.npy"]
