"""`lrn gradient`: files as of `apply`, dy beside them, and answers about a gradient instead of one."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from lrn_cli import gradient, parameter_gradient
from lrn_cli.dtypes import Array
from tests.conftest import Run
from tests.gradients import Case, cases

WORD = "caffe:local_size=3,alpha=1"


@pytest.fixture
def tensors(tmp_path: Path) -> tuple[Array, Array]:
    """x.npy and dy.npy in the test's folder."""
    rng = np.random.default_rng(0)
    x, dy = (rng.standard_normal((2, 8, 5, 6)).astype("f4") for _ in range(2))
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "dy.npy", dy)
    return x, dy


def as_npy(array: Array) -> bytes:
    stream = BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@pytest.mark.parametrize("case", [case for case in cases() if case.by_name], ids=lambda case: case.name)
def test_the_files_of_engines_have_the_gradients_of_engines(case: Case, call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", case.x)
    np.save(tmp_path / "dy.npy", case.dy)
    word = f"{case.convention}:{','.join(f'{name}={value}' for name, value in case.parameters.items())}"
    done = call("gradient", "x.npy", "dy.npy", "-o", "dx.npy", "-c", word, "--layout", case.layout)
    assert done.code == 0, done.err
    case.assert_matched_by(np.load(tmp_path / "dx.npy"))


def test_the_report_names_both_files(call: Run, tmp_path: Path, tensors: tuple[Array, Array]) -> None:
    done = call("gradient", "x.npy", "dy.npy", "-o", "dx.npy", "-c", WORD)
    assert done.code == 0
    assert done.err == (
        "x.npy, dy.npy -> dx.npy: caffe local_size=3 alpha=1 beta=0.75 k=1 norm_region=ACROSS_CHANNELS;"
        " NCHW, 8 channels on axis 1; 2x8x5x6 float32\n"
    )
    np.testing.assert_array_equal(np.load(tmp_path / "dx.npy"), gradient(*tensors, WORD))


def test_json_has_dy_besides(call: Run, tensors: tuple[Array, Array]) -> None:
    done = call("gradient", "x.npy", "dy.npy", "-o", "dx.npy", "-c", WORD, "--json")
    assert json.loads(done.out)["dy"] == "dy.npy"
    assert "dy" not in json.loads(call("apply", "x.npy", "-o", "y.npy", "-c", WORD, "--json").out)


@pytest.mark.parametrize("which", ["x", "dy"])
def test_either_tensor_may_come_through_a_pipe(call: Run, tensors: tuple[Array, Array], which: str) -> None:
    words = ("-", "dy.npy") if which == "x" else ("x.npy", "-")
    sent = as_npy(tensors[which == "dy"])
    done = call("gradient", *words, "-o", "-", "-c", WORD, stdin=sent)
    assert done.code == 0, done.err
    np.testing.assert_array_equal(np.load(BytesIO(done.out)), gradient(*tensors, WORD))


def test_ones_are_the_gradient_of_the_sum(call: Run, tmp_path: Path, tensors: tuple[Array, Array]) -> None:
    assert call("gradient", "x.npy", "--dy", "ones", "-o", "dx.npy", "-c", WORD).code == 0
    np.testing.assert_array_equal(np.load(tmp_path / "dx.npy"), gradient(tensors[0], None, WORD))


def test_forward_is_the_change_of_the_results(call: Run, tmp_path: Path, tensors: tuple[Array, Array]) -> None:
    assert call("gradient", "x.npy", "dy.npy", "--forward", "-o", "c.npy", "-c", WORD).code == 0
    np.testing.assert_array_equal(np.load(tmp_path / "c.npy"), gradient(*tensors, WORD, forward=True))


def test_parameters_are_json_under_the_framework_s_names(call: Run, tensors: tuple[Array, Array]) -> None:
    done = call("gradient", "x.npy", "dy.npy", "--parameters", "-c", WORD)
    assert json.loads(done.out) == pytest.approx(parameter_gradient(*tensors, WORD))
    done = call("gradient", "x.npy", "--dy", "ones", "--parameters", "-c", "tf")
    assert set(json.loads(done.out)) == {"bias", "alpha", "beta"}


def test_a_parameter_without_a_derivative_is_null(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "zero.npy", np.zeros((1, 2, 2, 4), "f4"))
    done = call("gradient", "zero.npy", "--dy", "ones", "--parameters", "-c", "tf:bias=0")
    assert json.loads(done.out)["bias"] is None


@pytest.mark.parametrize("typed", ["dy", "dy/", "dy/{stem}.npy"])
def test_many_tensors_have_a_folder_of_dy_or_a_template(call: Run, tmp_path: Path, typed: str) -> None:
    rng = np.random.default_rng(1)
    expected = {}
    for folder in ("x", "dy"):
        (tmp_path / folder).mkdir()
    for name in ("a", "b"):
        x, dy = (rng.standard_normal((3, 9)).astype("f4") for _ in range(2))
        np.save(tmp_path / "x" / f"{name}.npy", x)
        np.save(tmp_path / "dy" / f"{name}.npy", dy)
        expected[name] = gradient(x, dy, "tf")
    done = call("gradient", "x/a.npy", "x/b.npy", "--dy", typed, "-o", "out/", "-c", "tf")
    assert done.code == 0, done.err
    for name, dx in expected.items():
        np.testing.assert_array_equal(np.load(tmp_path / "out" / f"{name}.npy"), dx)


def test_the_tensors_of_one_file_have_those_of_another_under_the_same_names(call: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    kept = {}
    with h5py.File(tmp_path / "x.h5", "w") as xs, h5py.File(tmp_path / "dy.h5", "w") as dys:
        for name in ("f/a", "f/b"):
            x, dy = (rng.standard_normal((3, 9)).astype("f4") for _ in range(2))
            xs[name], dys[name] = x, dy
            kept[name] = gradient(x, dy, "tf")
    done = call("gradient", "x.h5::/f/*", "--dy", "dy.h5", "-o", "dx.h5", "-c", "tf")
    assert done.code == 0, done.err
    with h5py.File(tmp_path / "dx.h5") as file:
        for name, dx in kept.items():
            np.testing.assert_array_equal(file[name][()], dx)
            assert file[name].attrs["lrn_derivative"] == "gradient"


def test_threads_memory_and_orders_of_axes_change_no_byte(call: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    x, dy = (rng.standard_normal((4, 64, 40, 41)).astype("f4") for _ in range(2))
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "dy.npy", np.asfortranarray(dy))
    expected = gradient(x, dy, WORD, threads=1)
    for more in (["-j", "1"], ["-j", "3"], ["--memory", "1M"]):
        assert call("gradient", "x.npy", "dy.npy", "-o", "dx.npy", "-f", "-c", WORD, *more).code == 0
        np.testing.assert_array_equal(np.load(tmp_path / "dx.npy"), expected)


def test_check_says_what_it_found_and_ends_with_zero_or_one(
    call: Run, tmp_path: Path, tensors: tuple[Array, Array]
) -> None:
    np.save(tmp_path / "right.npy", gradient(*tensors, WORD))
    np.save(tmp_path / "wrong.npy", tensors[1])
    done = call("gradient", "x.npy", "dy.npy", "--check", "right.npy", "-c", WORD, "--numeric")
    assert done.code == 0, done.out
    assert done.out.startswith(b"right.npy: is the gradient of x.npy for dy.npy under caffe local_size=3 alpha=1 ")
    assert b"finite differences at 6" in done.out
    done = call("gradient", "x.npy", "dy.npy", "--check", "wrong.npy", "-c", WORD)
    assert done.code == 1
    assert b"mistake: dx = dy (deeppy)" in done.out
    found = json.loads(call("gradient", "x.npy", "dy.npy", "--check", "wrong.npy", "-c", WORD, "--json").out)
    assert (found["equal"], found["mistake"], found["power"]) == (False, "dx = dy", True)


def test_a_check_without_power_says_what_to_change(call: Run, tmp_path: Path, tensors: tuple[Array, Array]) -> None:
    np.save(tmp_path / "mine.npy", gradient(*tensors, "alexnet"))
    done = call("gradient", "x.npy", "dy.npy", "--check", "mine.npy", "-c", "alexnet")
    assert done.code == 0
    assert b"this check has no power: the second term is " in done.out
    assert b"use larger alpha or x" in done.out


def test_a_gradient_in_bfloat16_is_checked_to_what_that_holds(
    call: Run, tmp_path: Path, tensors: tuple[Array, Array]
) -> None:
    bits = gradient(*tensors, WORD).view("u4")
    header = b'{"dx":{"dtype":"BF16","shape":[2,8,5,6],"data_offsets":[0,960]}}'
    rounded = ((bits + 0x8000) >> 16).astype("<u2").tobytes()
    (tmp_path / "dx.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + rounded)
    done = call("gradient", "x.npy", "dy.npy", "--check", "dx.safetensors", "-c", WORD)
    assert done.code == 0, done.out
    assert b"allowed: 0.015625 of either" in done.out


# words behind `gradient`, and what the error must say
REFUSED: list[tuple[list[str], str]] = [
    ([], "no input is given"),
    (["x.npy"], "no dy is given"),
    (["x.npy", "dy.npy", "x.npy"], "3 inputs and nothing says which is dy"),
    (["x.npy", "dy.npy", "dx.npy"], "dx.npy: no such file; an output stands behind -o"),
    (["folder", "dy.npy", "-o", "dx.npy"], "folder: is a folder, not a tensor file"),
    (["x.npy", "dy.npy"], "x.npy: nothing says where the result goes"),
    (["x.npy", "other.npy", "-o", "dx.npy"], "other.npy is 3x4 and x.npy is 2x8x5x6; they must be of one shape"),
    (["x.npy", "missing.npy", "-o", "dx.npy"], "missing.npy"),
    (["x.npy", "photo.png", "-o", "dx.npy"], "photo.png: is an image"),
    (["-", "-", "-o", "dx.npy"], "standard input is given twice"),
    (["x.npy", "dy.npy", "--numeric", "-o", "dx.npy"], "--numeric compares a file with finite differences"),
    (["x.npy", "dy.npy", "--rtol", "1e-3", "-o", "dx.npy"], "--rtol is what --check allows"),
    (["x.npy", "dy.npy", "--check", "dx.npy", "--parameters"], "--parameters and --check are different questions"),
    (["x.npy", "dy.npy", "--check", "x.npy", "-o", "dx.npy"], "--check answers on standard output"),
    (["x.npy", "dy.npy", "--check", "other.npy"], "other.npy is 3x4"),
    (["x.npy", "--dy", "dy.npy", "dy.npy", "--check", "x.npy"], "--check is about one tensor"),
    (["x.npy", "dy.npy", "--check", "x.npy", "--rtol", "-1"], "rtol is -1.0"),
]


@pytest.mark.parametrize(
    ("words", "said"), REFUSED, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    words: list[str], said: str, call: Run, tmp_path: Path, tensors: tuple[Array, Array]
) -> None:
    (tmp_path / "folder").mkdir()
    np.save(tmp_path / "other.npy", np.ones((3, 4), "f4"))
    Image.fromarray(np.zeros((8, 5, 3), np.uint8)).save(tmp_path / "photo.png")
    call("gradient", *words, "-c", WORD, stdin=as_npy(tensors[0])).assert_refused(said)
    assert not (tmp_path / "dx.npy").exists()
