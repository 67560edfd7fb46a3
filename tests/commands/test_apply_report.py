"""What `lrn apply` says of what it has done, and on which stream."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Run


@pytest.fixture(autouse=True)
def x_npy(tmp_path: Path) -> Path:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).standard_normal((2, 4, 5, 6)).astype("f4"))
    return tmp_path / "x.npy"


TF = "tf depth_radius=5 bias=1 alpha=1 beta=0.5"
CAFFE = "caffe local_size=5 alpha=1 beta=0.75 k=1 norm_region=ACROSS_CHANNELS"


def test_the_report_is_one_line_with_the_files_the_numbers_the_axis_and_the_channels(call: Run) -> None:
    ended = call("apply", "x.npy", "-o", "y.npy", "-c", "caffe")
    assert ended.err == f"x.npy -> y.npy: {CAFFE}; NCHW, 4 channels on axis 1; 2x4x5x6 float32\n"
    assert (ended.code, ended.out) == (0, b"")


# (LRN_CONVENTION, words, what was taken)
TAKEN = [
    ("", "", TF),
    ("", "--alpha 2", "tf depth_radius=5 bias=1 alpha=2 beta=0.5"),
    ("  ", "", TF),
    ("caffe", "", CAFFE),
    ("CAFFE:local_size=3", "", CAFFE.replace("=5", "=3")),
    ("caffe:local_size=3", "--k 2", CAFFE.replace("=5", "=3").replace("k=1", "k=2")),
]


@pytest.mark.parametrize(("variable", "words", "taken"), TAKEN)
def test_a_convention_that_was_not_typed_is_said_once_with_its_numbers(
    variable: str, words: str, taken: str, call: Run
) -> None:
    ended = call("apply", "x.npy", "-o", "y.npy", *words.split(), env={"LRN_CONVENTION": variable})
    notes = [line for line in ended.err.splitlines() if line.startswith("lrn: ")]
    assert len(notes) == 1
    assert notes[0].endswith(taken)


@pytest.mark.parametrize("variable", ["caffe", "nonsense"])
def test_a_convention_that_was_typed_overrules_the_variable_without_a_note(variable: str, call: Run) -> None:
    ended = call("apply", "x.npy", "-o", "y.npy", "-c", "tf", env={"LRN_CONVENTION": variable})
    assert ended.err.startswith(f"x.npy -> y.npy: {TF};")
    assert len(ended.err.splitlines()) == 1


def test_a_parameter_in_the_variable_and_as_a_flag_is_refused(call: Run) -> None:
    ended = call("apply", "x.npy", "-o", "y.npy", "--local-size", 3, env={"LRN_CONVENTION": "caffe:local_size=3"})
    ended.assert_refused("local_size is given twice")


@pytest.mark.parametrize("words", ["--json", "--format JSON -q"])
def test_the_report_as_json_has_every_field(words: str, call: Run) -> None:
    ended = call("apply", "x.npy", "-o", "y.npy", "-c", "wolfram:ChannelWindowSize=1", *words.split())
    assert json.loads(ended.out) == {
        "input": "x.npy",
        "output": "y.npy",
        "convention": "wolfram",
        "parameters": {"Alpha": 1, "Beta": 0.5, "Bias": 1, "ChannelWindowSize": 1},
        "window": {"C": [1, 1]},
        "scale": 1 / 3,
        "bias": 1,
        "beta": 0.5,
        "layout": "NCHW",
        "channel_axis": 1,
        "channels": 4,
        "shape": [2, 4, 5, 6],
        "dtype": "float32",
        "output_dtype": "float32",
        "not_finite": 0,
        "notices": [],
    }
    assert ended.err == ""


def test_data_on_standard_output_moves_the_json_to_standard_error(lrn: Run) -> None:
    ended = lrn("apply", "x.npy", "-o", "-", "-c", "tf", "--json")
    assert json.loads(ended.err)["output"] == "-"
    assert np.load(io.BytesIO(ended.out)).shape == (2, 4, 5, 6)


def test_quiet_says_nothing_at_all(lrn: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros(3, "f4"))
    ended = lrn("apply", "x.npy", "-o", "y.npy", "--bias", 0, "-q")
    assert (ended.code, ended.out, ended.err) == (0, b"", "")


def test_verbose_shows_the_canonical_form(call: Run) -> None:
    ended = call("apply", "x.npy", "-o", "y.npy", "-c", "pytorch:size=4", "-v")
    assert "y = x / (1 + 2.5e-05 * sum of x^2 over c-2..c+1) ^ 0.75" in ended.err


# (the numbers of one pixel, the bias, how many results are not finite though everything they come from is)
NOT_FINITE = [
    ([0, 0, 0], 0, 3),
    ([0, 0, 1], 0, 0),
    ([0, 0, 0], 1, 0),
    ([np.nan, 1, 2], 1, 0),
    ([np.inf, 1, 2], 1, 0),
    ([-np.inf, 0, 0], 0, 0),
    ([1e30, 1e30, 1e30], 0, 0),
]


@pytest.mark.parametrize(("pixel", "bias", "count"), NOT_FINITE)
def test_only_what_is_not_finite_for_finite_inputs_is_counted(
    pixel: list[float], bias: int, count: int, call: Run, tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", np.array(pixel, "f4"))
    ended = call("apply", "x.npy", "-o", "y.npy", "-c", f"tf:bias={bias}", "--json")
    assert json.loads(ended.out)["not_finite"] == count
    assert ended.err.count("warning") == (count > 0)
    assert f"{count} values are NaN or infinite" in ended.err or not count


def test_the_help_has_the_formula_an_example_and_every_default_of_the_convention_that_is_named(lrn: Run) -> None:
    text = lrn("apply", "--help").out.decode()
    assert "/ (bias + scale * sum of x[j]^2" in text
    assert "lrn apply feats.npy -o out.npy" in text
    assert "lrn apply -c NAME -h" in text
    assert "--depth-radius" not in text
    # Each framework's names and defaults, from its own documentation.
    defaults = {
        "tf": "--depth-radius 5 --bias 1 --alpha 1 --beta 0.5",
        "alexnet": "--k 2 --n 5 --alpha 0.0001 --beta 0.75",
        "caffe": "--local-size 5 --alpha 1 --beta 0.75 --k 1 --norm-region ACROSS_CHANNELS",
        "neupy": "--alpha 0.0001 --beta 0.75 --k 2 --depth-radius 5",
        "neupy-theano": "--alpha 0.0001 --beta 0.75 --k 2 --n 5",
        "onnx": "--size required --alpha 0.0001 --beta 0.75 --bias 1",
        "pytorch": "--size required --alpha 0.0001 --beta 0.75 --k 1",
        "wolfram": "--alpha 1 --beta 0.5 --bias 1 --channel-window-size 2",
        "matconvnet": "--n 5 --kappa 2 --alpha 0.001 --beta 0.5",
        "openvino": "--axes required --alpha 1 --beta 0.5 --bias 1 --size 5",
    }
    for name in ("tf", "caffe", "openvino", "matconvnet"):
        wanted = defaults[name]
        assert _defaults(lrn("apply", "-c", name, "-h").out.decode(), name) == wanted


def _defaults(text: str, convention: str) -> str:
    """The flags of a convention's section in the help, each with what is in brackets behind it."""
    section = text.partition(f"\n{convention} (")[2].partition("\n\n")[0]
    entries = " ".join(section.splitlines()[1:]).split(" --")[1:]
    return " ".join(f"--{entry.split()[0]} {entry.rpartition('[')[2].partition(']')[0]}" for entry in entries)
