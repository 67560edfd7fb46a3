"""`lrn identify` as a command."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.analysis.identification.pairs_made import activations, normalized
from tests.conftest import Run


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """x.npy, and y.npy made from it."""
    x = activations((2, 16, 7, 7), 5, relu=True)
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", normalized(x, {1: (2, 2)}, 1, 0.02, 0.75))
    return tmp_path


def test_the_answer_is_lines_of_two_cells_the_conventions_last(call: Run, pair: Path) -> None:
    ended = call("identify", "x.npy", "y.npy")
    rows = dict(line.split("\t") for line in ended.out.decode().splitlines())
    assert (ended.code, ended.err) == (0, "")
    assert rows["found"] == "yes"
    assert rows["formula"] == "y = x / (1 + 0.02 * sum of x^2 over c-2..c+2) ^ 0.75"
    assert rows["axis"] == "1 of 2x16x7x7 (NCHW)"
    assert rows["determined"] == "window, axis, region, scale, bias, beta"
    assert rows["residual"].endswith(" relative, over 1568 elements")
    assert rows["tf"] == "tf:depth_radius=2,bias=1,alpha=0.02,beta=0.75 --layout NCHW"
    assert rows["pytorch"] == "pytorch:size=5,alpha=0.1,beta=0.75,k=1"


@pytest.mark.parametrize("convention", ["onnx", "tf", "caffe", "wolfram"])
def test_what_it_says_of_a_convention_can_be_pasted_behind_c(call: Run, pair: Path, convention: str) -> None:
    rows = dict(line.split("\t") for line in call("identify", "x.npy", "y.npy").out.decode().splitlines())
    assert call("apply", "x.npy", "-o", "again.npy", "-c", *rows[convention].split()).code == 0
    np.testing.assert_array_max_ulp(np.load(pair / "again.npy"), np.load(pair / "y.npy"), 8)


def test_json_is_one_object(call: Run, pair: Path) -> None:
    data = json.loads(call("identify", "--json", "x.npy", "y.npy").out)
    assert data["window"] == {"C": [2, 2]}
    assert (data["found"], data["axis"], data["scale"], data["bias"], data["beta"]) == (True, 1, 0.02, 1.0, 0.75)
    assert data["conventions"]["caffe"]["local_size"] == 5


def test_quiet_says_it_by_the_exit_code_alone(call: Run, pair: Path) -> None:
    ended = call("identify", "-q", "x.npy", "y.npy")
    assert (ended.code, ended.out, ended.err) == (0, b"", "")


def test_nothing_found_is_exit_code_1_with_the_best_attempt(lrn: Run, pair: Path) -> None:
    np.save(pair / "z.npy", np.tanh(np.load(pair / "x.npy")))
    ended = lrn("identify", "x.npy", "z.npy")
    lines = ended.out.decode().splitlines()
    assert (ended.code, ended.err) == (1, "")
    assert lines[1] == "found\tno, this is the best attempt"
    assert lines[2].startswith("formula\ty = x / (")
    data = lrn("identify", "--json", "x.npy", "z.npy")
    assert (data.code, json.loads(data.out)["found"]) == (1, False)


def test_any_two_formats_and_orders_in_memory_go_together(call: Run, pair: Path) -> None:
    x, y = np.load(pair / "x.npy"), np.load(pair / "y.npy")
    np.save(pair / "fortran.npy", np.asfortranarray(x))
    np.savez_compressed(pair / "both.npz", x=x, y=y)
    with h5py.File(pair / "both.h5", "w") as file:
        file.create_dataset("maps/x", data=x, chunks=(1, 4, 7, 7), compression="gzip")
        file["maps/y"] = np.moveaxis(y, 1, -1)
    for source, result in (
        ("fortran.npy", "y.npy"),
        ("both.npz::x", "both.h5::maps/y"),
        ("both.h5::/maps/x", "both.npz::y"),
        ("both.npz::x", "both.npz::y"),
    ):
        data = json.loads(call("identify", "--json", source, result).out)
        assert (data["window"], data["scale"]) == ({"C": [2, 2]}, 0.02)
    piped = call("identify", "--json", "-", "y.npy", stdin=(pair / "x.npy").read_bytes())
    assert json.loads(piped.out)["scale"] == 0.02


def test_shapes_that_do_not_go_together_are_trouble(call: Run, pair: Path) -> None:
    np.save(pair / "z.npy", np.zeros((2, 16, 7, 8)))
    call("identify", "x.npy", "z.npy").assert_refused("2x16x7x7", "2x16x7x8")


def test_a_missing_file_is_trouble(call: Run, pair: Path) -> None:
    call("identify", "x.npy", "none.npy").assert_refused("none.npy: no such file")


def test_help_has_the_formula_and_an_example(lrn: Run) -> None:
    text = lrn("identify", "--help").out.decode()
    assert "(bias + scale * sum of x[j]^2" in text
    assert "lrn identify feats.npy out.npy" in text


def test_of_several_outputs_it_is_said_what_each_is_why_they_differ_and_what_to_type(call: Run, pair: Path) -> None:
    x = np.load(pair / "x.npy")
    np.save(pair / "z.npy", normalized(x, {1: (2, 2)}, 1, 0.1, 0.75))
    ended = call("identify", "x.npy", "y.npy", "z.npy")
    rows = [line.split("\t") for line in ended.out.decode().splitlines()]
    assert ended.code == 0
    assert [value for name, value in rows if name == "output"] == ["y.npy", "z.npy"]
    (apart,) = (value for name, value in rows if name == "apart")
    assert apart == "y.npy and z.npy: alpha is 0.1 in y.npy and 0.5 in z.npy; the windows are the same"
    typed = [value for name, value in rows if name == "to type"]
    assert len(typed) == 2
    for line in typed:
        assert call(*line.split()[1:]).code == 0


def test_one_output_of_several_that_nothing_made_is_exit_code_1(call: Run, pair: Path) -> None:
    np.save(pair / "z.npy", np.load(pair / "x.npy")[:, ::-1])
    ended = call("identify", "--json", "x.npy", "y.npy", "z.npy")
    data = json.loads(ended.out)
    assert (ended.code, [one["found"] for one in data["outputs"]]) == (1, [True, False])
    assert data["apart"] == ["z.npy is not found to be made of the input"]


def test_a_tolerance_is_taken_as_compare_takes_it(call: Run, pair: Path) -> None:
    y = np.load(pair / "y.npy")
    np.save(pair / "z.npy", y * (1 + 3e-4 * np.random.default_rng(0).uniform(-1, 1, y.shape)).astype("f4"))
    assert call("identify", "-q", "x.npy", "z.npy").code == 1
    assert call("identify", "-q", "x.npy", "z.npy", "--rtol", "1e-3").code == 0
    call("identify", "x.npy", "z.npy", "--rtol", "-1").assert_refused("rtol is -1.0")


def test_an_output_without_the_batchs_axis_is_compared_too(call: Run, pair: Path) -> None:
    x = np.load(pair / "x.npy")[:1]
    np.save(pair / "one.npy", x)
    word = "caffe:local_size=5,alpha=0.1"
    for name, shape in (("image.npy", x.shape[1:]), ("row.npy", (x.size,))):
        np.save(pair / name, normalized(x, {1: (2, 2)}, 1, 0.02, 0.75).reshape(shape))
        ended = call("compare", "one.npy", "--against", name, "-c", word)
        assert ended.code == 0
        assert "taken as 1x16x7x7" in ended.out.decode()
