"""`lrn translate` prints what can be pasted: parameters, flags, code; and refuses with exit code 1."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

import lrn_cli
from lrn_cli.conventions.registry import conventions
from tests.conftest import Run


def test_one_target_prints_its_parameters_alone(lrn: Run) -> None:
    ended = lrn("translate", "caffe:local_size=5,alpha=1e-4,beta=0.75", "--to", "tf")
    assert (ended.code, ended.out, ended.err) == (0, b"depth_radius=2 bias=1 alpha=2e-05 beta=0.75\n", "")


def test_flags_say_the_same_as_the_one_word(call: Run) -> None:
    ended = call("translate", "caffe", "--local-size", 5, "--alpha", "1e-4", "--to", "TensorFlow")
    assert ended.out == b"depth_radius=2 bias=1 alpha=2e-05 beta=0.75\n"


def test_without_a_target_every_convention_has_a_row_and_refusals_are_answers(call: Run) -> None:
    ended = call("translate", "caffe:alpha=5e-4")
    rows = [line.split("\t") for line in ended.out.decode().splitlines()]
    assert (ended.code, ended.err) == (0, "")
    assert rows[0] == ["convention", "parameters", "notes"]
    assert [row[0] for row in rows[1:]] == ["tf", "alexnet", "neupy", "neupy-theano", "onnx", "pytorch", "wolfram"]
    assert rows[1] == ["tf", "depth_radius=2 bias=1 alpha=0.0001 beta=0.75", "-"]
    assert rows[3][1] == "-"
    assert "it must be 1 or more and odd" in rows[3][2]


def test_a_refused_target_is_exit_1_with_the_reason_and_what_comes_nearest(lrn: Run) -> None:
    ended = lrn("translate", "pytorch:size=4", "--to", "tf")
    assert (ended.code, ended.out) == (1, b"")
    assert ended.err.splitlines() == [
        "lrn: error: tf: the even window of 4 reaches 2 before and 1 after;"
        " depth_radius is a radius, its windows are odd",
        "hint: -c tf:depth_radius=1,bias=1,alpha=2.5e-05,beta=0.75 comes nearest",
    ]


def test_what_some_back_ends_refuse_is_a_warning_on_standard_error(call: Run) -> None:
    ended = call("translate", "tf:depth_radius=9", "--to", "caffe")
    assert ended.code == 0
    assert ended.err == "lrn: warning: Caffe's cuDNN engine wants local_size to be 16 or less, and it is 19\n"


def test_flags_never_normalise_over_another_axis_without_a_word(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((8, 8, 8), "f4"))
    flags = call("translate", "caffe", "--to", "pytorch", "--format", "flags").out.decode()
    ended = call("apply", "x.npy", "-o", "y.npy", *shlex.split(flags))
    ended.assert_refused("layout NCHW names 4 axes, the tensor has 3")


@pytest.mark.parametrize("target", ["tf", "pytorch", "onnx", "wolfram", "alexnet", "neupy-theano"])
def test_flags_pasted_behind_apply_give_the_same_file(call: Run, tmp_path: Path, target: str) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(3).normal(size=(2, 8, 5, 4)).astype("f4"))
    call("apply", "x.npy", "-o", "wanted.npy", "-c", "caffe:local_size=5,alpha=5e-4")
    flags = call("translate", "caffe:local_size=5,alpha=5e-4", "--to", target, "--format", "flags").out.decode()
    call("apply", "x.npy", "-o", "made.npy", *shlex.split(flags))
    assert (tmp_path / "made.npy").read_bytes() == (tmp_path / "wanted.npy").read_bytes()


def test_code_moves_the_axes_of_the_layout_that_is_given(call: Run) -> None:
    ended = call("translate", "tf:depth_radius=2", "--to", "pytorch", "--format", "python", "--layout", "NHWC")
    assert b"x1 = x.permute(0, 3, 1, 2)" in ended.out
    assert b"x1" not in call("translate", "tf", "--to", "pytorch", "--format", "python", "--layout", "NCHW").out


def test_a_language_of_no_use_for_the_target_is_an_error_that_names_the_one_it_has(call: Run) -> None:
    call("translate", "tf", "--to", "caffe", "--format", "python").assert_refused("prototxt", "caffe")


def test_a_refused_target_leaves_standard_output_empty_in_every_format(call: Run) -> None:
    for name in ("text", "flags", "python"):
        ended = call("translate", "caffe", "--to", "neupy", "--format", name)
        assert (ended.code, ended.out) == (1, b"")


def test_of_several_targets_none_is_left_out_of_the_code_without_a_word(call: Run) -> None:
    ended = call("translate", "caffe", "--to", "tf", "--to", "wolfram", "--format", "python")
    ended.assert_refused("wolfram is not called from python", "--format wolfram")


def test_code_without_a_target_leaves_out_what_is_not_called_from_that_language(call: Run) -> None:
    ended = call("translate", "tf:depth_radius=2", "--format", "prototxt")
    assert ended.out.count(b'type: "LRN"') == 1


def test_json_is_what_python_gets(call: Run) -> None:
    one = json.loads(call("translate", "wolfram", "--to", "neupy", "--json").out)
    every = json.loads(call("translate", "wolfram", "--format", "json").out)
    assert one == lrn_cli.translate("wolfram", to="neupy")
    assert every == lrn_cli.translate("wolfram")


def test_a_required_parameter_that_is_missing_is_an_error(call: Run) -> None:
    call("translate", "pytorch", "--to", "tf").assert_refused("size", "is required")


def test_an_unknown_target_is_an_error_with_the_nearest_name(call: Run) -> None:
    call("translate", "caffe", "--to", "tensorflw").assert_refused("unknown convention 'tensorflw'", "--to tf")


def test_an_empty_convention_is_an_error_and_not_the_default(call: Run) -> None:
    call("translate", "", "--to", "tf").assert_refused("unknown convention ''", "-c tf")


def test_two_conventions_to_translate_from_are_an_error(call: Run) -> None:
    call("translate", "caffe", "-c", "tf", "--to", "onnx").assert_refused("2 conventions are given")


# (word, target, channels, whether it is exact on so many and refused for any number)
ON_CHANNELS = [
    ("onnx:size=8", "caffe", 4, True),
    ("pytorch:size=6", "tf", 3, True),
    ("pytorch:size=6", "tf", 6, False),
    ("onnx:size=4", "neupy", 2, True),
]


@pytest.mark.parametrize(("word", "target", "channels", "exact"), ON_CHANNELS)
def test_windows_over_all_channels_are_the_same(word: str, target: str, channels: int, exact: bool, call: Run) -> None:
    assert call("translate", word, "--to", target).code == 1
    ended = call("translate", word, "--to", target, "--channels", channels, "--format", "word")
    assert ended.code == (0 if exact else 1)
    if exact:
        assert f"only on {channels} channel" in ended.err
        x = np.random.default_rng(0).standard_normal((2, 5, channels))
        found, expected = (lrn_cli.normalize(x, of, axis=-1) for of in (ended.out.decode().strip(), word))
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_limit_on_channels_is_settled_by_their_number(call: Run) -> None:
    word = ("translate", "tf:depth_radius=2", "--to", "wolfram")
    assert "wants 5 channels or more" in call(*word).err
    assert (call(*word, "--channels", 5).code, call(*word, "--channels", 5).err) == (0, "")
    refused = call(*word, "--channels", 4)
    assert refused.code == 1
    assert "makes a window of 5 channels and the tensor has 4" in refused.err


@pytest.mark.parametrize("word", ["caffe", "onnx:size=4", "caffe:norm_region=WITHIN_CHANNEL"])
def test_where_no_convention_has_an_equivalent_the_answer_is_no(word: str, call: Run) -> None:
    ended = call("translate", word)
    numbers = [line.split("\t")[1] for line in ended.out.decode().splitlines()[1:]]
    assert ended.code == (1 if set(numbers) == {"-"} else 0)


def test_without_another_convention_the_usual_ones_are_answered_for_and_all_with_a_flag(call: Run) -> None:
    few, every = (call("translate", "tf", *words).out.decode().splitlines()[1:] for words in ([], ["--all"]))
    names = [line.partition("\t")[0] for line in few]
    assert names == ["alexnet", "caffe", "neupy", "neupy-theano", "onnx", "pytorch", "wolfram"]
    assert [line.partition("\t")[0] for line in every][: len(names)] == names
    assert len(every) == len(conventions()) - 1
