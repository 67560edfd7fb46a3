"""What `lrn apply` makes of .npy and .npz files: the numbers, their type and order, and where they go."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.arithmetic.exact import formula, ulps
from tests.conftest import Run

X = np.random.default_rng(0).standard_normal((2, 4, 5, 6)).astype("f4")
BY_TF = formula(X, {3: (5, 5)}, scale=1, bias=1, beta=0.5)


def assert_near(result: NDArray[Any], exact: NDArray[Any]) -> None:
    """Check that a result is as near to the exact one as is promised."""
    assert result.shape == exact.shape
    assert ulps(result, exact).max() <= 8


@pytest.fixture(autouse=True)
def x_npy(tmp_path: Path) -> Path:
    np.save(tmp_path / "x.npy", X)
    return tmp_path / "x.npy"


# words: reach of the window along its axes, what the sum is multiplied by, bias, beta
CONVENTIONS: dict[str, tuple[dict[int, tuple[int, int]], float, float, float]] = {
    "": ({3: (5, 5)}, 1, 1, 0.5),
    "-c tf": ({3: (5, 5)}, 1, 1, 0.5),
    "-c tensorflow:depth_radius=1 --alpha 2 --bias .5 --beta 0.9": ({3: (1, 1)}, 2, 0.5, 0.9),
    "-c tf --depth-radius 0": ({3: (0, 0)}, 1, 1, 0.5),
    "-c caffe": ({1: (2, 2)}, 1 / 5, 1, 0.75),
    "-c Caffe --local-size 3 --alpha 6 --k 2": ({1: (1, 1)}, 2, 2, 0.75),
    "-c caffe:LOCAL_SIZE=3 --norm-region within_channel": ({2: (1, 1), 3: (1, 1)}, 1 / 9, 1, 0.75),
    "-c caffe:norm_region=WITHIN_CHANNEL,k=7": ({2: (2, 2), 3: (2, 2)}, 1 / 25, 1, 0.75),
    "-c mathematica --channel-window-size 1": ({1: (1, 1)}, 1 / 3, 1, 0.5),
    "-c WOLFRAM:channelwindowsize=1,ALPHA=6,Bias=2": ({1: (1, 1)}, 2, 2, 0.5),
    "-c neupy --alpha 1": ({3: (5, 5)}, 1, 2, 0.75),
    "-c neupy-theano --alpha 1 --n 3": ({1: (1, 1)}, 1, 2, 0.75),
    "-c alexnet --alpha 1 --n 2": ({1: (1, 1)}, 1, 2, 0.75),
    "-c torch --alpha 4 --size 4": ({1: (2, 1)}, 1, 1, 0.75),
    "-c onnx:size=4,alpha=4": ({1: (1, 2)}, 1, 1, 0.75),
}


@pytest.mark.parametrize("words", CONVENTIONS)
def test_each_convention_reads_its_parameters_in_its_own_way(words: str, call: Run, tmp_path: Path) -> None:
    reaches, scale, bias, beta = CONVENTIONS[words]
    ended = call("apply", "x.npy", "-o", "y.npy", *words.split())
    assert ended.code == 0, ended.err
    assert_near(np.load(tmp_path / "y.npy"), formula(X, reaches, scale=scale, bias=bias, beta=beta))


@pytest.mark.parametrize("words", ["--Depth-Radius 2", "--DEPTH-RADIUS 2", "-c wolfram --ChannelWindowSize 1"])
def test_a_flag_is_known_without_regard_to_case(words: str, call: Run) -> None:
    ended = call("apply", "x.npy", "-o", "y.npy", *words.split())
    assert ended.code == 0, ended.err


# (shape, words, channel axis)
LAYOUTS: list[tuple[tuple[int, ...], str, int]] = [
    ((7,), "-c caffe", 0),
    ((3, 7), "-c tf", 1),
    ((7, 3), "-c tf --layout CN", 0),
    ((7, 3, 2), "-c caffe", 0),
    ((3, 7, 2), "-c pytorch:size=3", 1),
    ((3, 2, 7), "-c tf --layout hwc", 2),
    ((7, 3, 2), "-c tf --axis 0", 0),
    ((3, 7, 2, 2), "-c wolfram", 1),
    ((3, 7, 2, 2, 2), "-c onnx:size=3", 1),
    ((3, 2, 2, 7, 2), "-c tf --axis -2", 3),
    ((2, 7, 2, 1, 2, 2), "-c pytorch:size=3", 1),
]
REACHES = {"caffe": (2, 2, 1 / 5, 0.75), "tf": (5, 5, 1, 0.5), "wolfram": (2, 2, 1 / 5, 0.5)}


@pytest.mark.parametrize(("shape", "words", "axis"), LAYOUTS)
def test_the_layout_follows_from_the_convention_and_the_rank(
    shape: tuple[int, ...], words: str, axis: int, call: Run, tmp_path: Path
) -> None:
    x = np.random.default_rng(1).standard_normal(shape)
    np.save(tmp_path / "x.npy", x)
    ended = call("apply", "x.npy", "-o", "y.npy", "--json", *words.split())
    assert ended.code == 0, ended.err
    report = json.loads(ended.out)
    assert (report["channel_axis"], report["channels"]) == (axis, 7)
    before, after, scale, beta = REACHES.get(words.split()[1], (1, 1, 1e-4 / 3, 0.75))
    assert_near(np.load(tmp_path / "y.npy"), formula(x, {axis: (before, after)}, scale=scale, bias=1, beta=beta))


# (stored as, words, written as)
DTYPES = [
    *[(dtype, "", "<f4") for dtype in ("|b1", "|u1", "|i1", "<u2", "<i2", ">i2", "<f4")],
    *[(dtype, "", "<f8") for dtype in ("<u4", "<i4", ">i4", "<u8", "<i8", "<f8")],
    *[(dtype, "", dtype) for dtype in ("<f2", ">f2", ">f4", ">f8")],
    ("<f4", "--dtype float64", "<f8"),
    ("<f8", "--dtype float16", "<f2"),
    ("|u1", "--dtype float64", "<f8"),
    ("<f4", "--compute float64", "<f4"),
]


@pytest.mark.parametrize(("stored", "words", "written"), DTYPES)
def test_the_result_has_the_inputs_float_type_or_one_wide_enough(
    stored: str, words: str, written: str, call: Run, tmp_path: Path
) -> None:
    x = (np.abs(X) * 40).astype(stored)
    np.save(tmp_path / "x.npy", x)
    call("apply", "x.npy", "-o", "y.npy", *words.split())
    y = np.load(tmp_path / "y.npy")
    assert y.dtype.str == written
    exact = formula(x, {3: (5, 5)}, scale=1, bias=1, beta=0.5)
    assert ulps(y.astype(y.dtype.newbyteorder("=")), exact).max() <= (0.51 if "--compute" in words else 8)


def test_an_array_of_uint8_is_squared_without_wrapping(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([3, 4, 0], "u1") * 50)
    call("apply", "x.npy", "-o", "y.npy", "-c", "tf:bias=0")
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), [0.6, 0.8, 0], rtol=1e-6)


def test_an_array_in_fortran_order_is_written_in_fortran_order(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.asfortranarray(X))
    call("apply", "x.npy", "-o", "y.npy")
    assert np.load(tmp_path / "y.npy").flags.f_contiguous
    assert_near(np.load(tmp_path / "y.npy"), BY_TF)


@pytest.mark.parametrize("word", ["stored.npz", "stored.npz::a", "packed.npz::b", "odd::name.npy"])
def test_an_array_is_found_in_its_file(word: str, lrn: Run, tmp_path: Path) -> None:
    np.savez(tmp_path / "stored.npz", a=X)
    np.savez_compressed(tmp_path / "packed.npz", a=X * 2, b=X)
    np.save(tmp_path / "odd::name.npy", X)
    assert lrn("apply", word, "-o", "y.npy").code == 0
    assert_near(np.load(tmp_path / "y.npy"), BY_TF)


def test_an_empty_tensor_gives_an_empty_tensor(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.empty((0, 4, 5, 6), ">f8"))
    assert call("apply", "x.npy", "-o", "y.npy").code == 0
    y = np.load(tmp_path / "y.npy")
    assert (y.shape, y.dtype.str) == ((0, 4, 5, 6), ">f8")


# (input, behind -o, the file that appears)
FOLDERS = [
    ("x.npy", "there", "there/x.npy"),
    ("x.npy", "there/", "there/x.npy"),
    ("x.npy", "new/", "new/x.npy"),
    ("./x.npy", "there/", "there/x.npy"),
    ("there/../x.npy", "there/", "there/x.npy"),
    ("x.npy", "linked", "there/x.npy"),
    ("two.npz::b", "there/", "there/two.b.npy"),
    ("./two.npz::b", "there/", "there/two.b.npy"),
]


@pytest.mark.parametrize(("source", "folder", "expected"), FOLDERS)
def test_a_folder_takes_the_inputs_name(source: str, folder: str, expected: str, call: Run, tmp_path: Path) -> None:
    np.savez(tmp_path / "two.npz", a=X * 2, b=X)
    (tmp_path / "there").mkdir()
    (tmp_path / "linked").symlink_to("there")
    ended = call("apply", source, "-o", folder)
    assert ended.code == 0, ended.err
    assert_near(np.load(tmp_path / expected), BY_TF)
    assert [file.name for file in (tmp_path / expected).parent.iterdir()] == [Path(expected).name]


def test_a_folder_takes_the_only_array_of_an_archive_though_it_is_not_named(call: Run, tmp_path: Path) -> None:
    np.savez(tmp_path / "one.npz", a=X)
    ended = call("apply", "one.npz", "-o", "new/")
    assert ended.code == 0, ended.err
    (written,) = (tmp_path / "new").glob("one*.npy")
    assert_near(np.load(written), BY_TF)


def test_arrays_of_one_archive_do_not_take_the_same_name_in_a_folder(call: Run, tmp_path: Path) -> None:
    np.savez(tmp_path / "two.npz", a=X, b=X)
    for name in "ab":
        ended = call("apply", f"two.npz::{name}", "-o", "new/", "--output-format", "h5", "-c", "caffe")
        assert ended.code == 0, ended.err
    assert len(list((tmp_path / "new").iterdir())) == 2


def test_a_folder_that_was_made_goes_again_when_the_input_turns_out_damaged(call: Run, tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "x.npz", a=X)
    damaged = bytearray((tmp_path / "x.npz").read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    (tmp_path / "x.npz").write_bytes(damaged)
    call("apply", "x.npz::a", "-o", "new/", "-c", "tf").assert_refused("x.npz::a", "damaged")
    assert not (tmp_path / "new").exists()


def test_the_output_format_decides_over_the_suffix(call: Run, tmp_path: Path) -> None:
    assert call("apply", "x.npy", "-o", "y.dat", "--output-format", "npy").code == 0
    assert_near(np.load(tmp_path / "y.dat"), BY_TF)


@pytest.mark.parametrize("output", ["x.npy", "hard.npy", "soft.npy", "dangling.npy"])
def test_the_output_may_be_the_input_or_a_link(output: str, x_npy: Path, call: Run, tmp_path: Path) -> None:
    x_npy.chmod(0o640)
    os.link(x_npy, tmp_path / "hard.npy")
    (tmp_path / "soft.npy").symlink_to("x.npy")
    (tmp_path / "dangling.npy").symlink_to("y.npy")
    assert call("apply", "x.npy", "-o", output, "--force").code == 0
    assert_near(np.load(tmp_path / output), BY_TF)
    assert (tmp_path / output).is_symlink() == (output in {"soft.npy", "dangling.npy"})
    assert output == "dangling.npy" or (tmp_path / output).stat().st_mode & 0o777 == 0o640
    np.testing.assert_array_equal(np.load(tmp_path / ("x.npy" if output == "hard.npy" else "hard.npy")), X)


@pytest.mark.parametrize("output", ["old.npy", "old.h5", "old.h5::/x"])
def test_a_disk_that_fills_up_costs_neither_the_old_file_nor_a_hint(output: str, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((1, 64, 64, 8), "f4"))
    old = tmp_path / output.partition("::")[0]
    subprocess.run([sys.executable, "-m", "lrn_cli", "apply", "x.npy", "-o", old, "-q"], cwd=tmp_path, check=True)
    before = old.read_bytes()
    lrn = shlex.join([sys.executable, "-m", "lrn_cli", "apply", "x.npy", "-o", output, "--force", "-c", "tf"])
    done = subprocess.run(["sh", "-c", f"ulimit -f 16; {lrn}"], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, old.read_bytes() == before, len(list(tmp_path.iterdir()))) == (2, True, 2)
    assert [line.partition(b": ")[0] for line in done.stderr.splitlines()] == [b"lrn", b"hint"]
