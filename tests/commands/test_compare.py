"""`lrn compare`: what it reads, what it says where, and its exit code."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import h5py
import numpy as np
import pytest
from PIL import Image

from tests.conftest import Run

X = np.random.default_rng(0).standard_normal((2, 4, 5, 6)).astype("f4")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "fortran.npy", np.asfortranarray(X))
    np.save(tmp_path / "big.npy", X.astype(">f4"))
    np.save(tmp_path / "near.npy", X * np.float32(1 + 1e-6))
    np.save(tmp_path / "far.npy", X + np.float32(0.5))
    np.save(tmp_path / "last.npy", np.ascontiguousarray(X.transpose(0, 2, 3, 1)))
    np.save(tmp_path / "other.npy", X[:1])
    np.save(tmp_path / "empty.npy", X[:0])
    np.savez_compressed(tmp_path / "x.npz", a=X, f=np.asfortranarray(X))
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("conv", data=X, chunks=(1, 3, 2, 6), compression="gzip")
    Image.fromarray(np.arange(4 * 5 * 4, dtype=np.uint8).reshape(4, 5, 4)).save(tmp_path / "x.png")
    return tmp_path


def rows(out: bytes) -> list[dict[str, str]]:
    header, *lines = (line.split("\t") for line in out.decode().splitlines())
    return [dict(zip(header, line, strict=True)) for line in lines]


# (two files, exit code)
FILES = [
    ("x.npy x.npy", 0),
    ("x.npy fortran.npy", 0),
    ("fortran.npy x.npy", 0),
    ("x.npy big.npy", 0),
    ("x.npy near.npy", 0),
    ("x.npy near.npy --rtol 1e-7 --atol 0", 1),
    ("x.npy far.npy", 1),
    ("x.npy far.npy --atol .6", 0),
    ("x.npy x.h5", 0),
    ("x.h5::/conv fortran.npy", 0),
    ("x.npz::a x.h5", 0),
    ("fortran.npy x.npz::a", 0),
    ("x.npz::f x.npy", 0),
    ("empty.npy empty.npy", 0),
    ("x.npy last.npy", 1),
    ("x.npy other.npy", 1),
    ("x.png x.png", 0),
    ("x.npy missing.npy", 2),
]


@pytest.mark.parametrize(("words", "code"), FILES)
def test_two_files_of_any_format_and_order_are_compared(words: str, code: int, call: Run) -> None:
    assert call("compare", *words.split(), "-q").code == code


def test_a_stream_is_compared_with_a_file_of_either_order(call: Run) -> None:
    stream = io.BytesIO()
    np.save(stream, X)
    for other in ("x.npy", "fortran.npy", "x.h5"):
        assert call("compare", "-", other, stdin=stream.getvalue()).code == 0
    assert call("compare", "-", "--against", "x.npy", "-c", "tf", stdin=stream.getvalue()).code == 1


MADE = [
    ("x.npy", "-c caffe"),
    ("fortran.npy", "-c caffe:norm_region=WITHIN_CHANNEL,local_size=3"),
    ("x.h5", "-c pytorch --size 4"),
    ("x.npy", "-c onnx:size=4 --axis -1"),
    ("x.npz::f", "-c neupy --layout NCHW"),
    ("x.png", "-c tf --alpha 2"),
]


@pytest.mark.parametrize(("word", "options"), MADE)
def test_what_apply_made_is_recognised_to_the_bit(word: str, options: str, call: Run) -> None:
    assert call("apply", word, "-o", "y.npy", *options.split()).code == 0
    ended = call("compare", word, "--against", "y.npy", *options.split(), "--rtol", "0", "--atol", "0", "--json")
    (pair,) = json.loads(ended.out)["pairs"]
    assert (ended.code, pair["unequal"], pair["verdict"]) == (0, 0, "equal")
    assert call("compare", word, "--against", "y.npy", "-c", "alexnet:n=3,alpha=5", "--axis", "-1").code == 1


def test_off_a_terminal_there_is_a_row_for_each_pair_and_the_rule_beside_it(call: Run) -> None:
    ended = call("compare", "x.npy", "-c", "tf:depth_radius=2", "-c", "caffe:beta=.5")
    (row,) = rows(ended.out)
    assert (row["a"], row["b"], row["verdict"], row["elements"]) == ("caffe", "tf", "different", "240")
    assert row["cause"].startswith("caffe divides alpha by local_size 5: alpha 5 there equals 1 in tf")
    assert row["advice"].startswith("-c caffe:local_size=5,alpha=5,beta=0.5,k=1")
    assert ended.err == ""
    told = call("compare", "x.npy", "-c", "tf:depth_radius=2", "-c", "caffe:beta=.5", "-v")
    assert "|a-b| <= atol + rtol*|b|" in told.err
    assert (ended.code, row["rtol"], row["atol"]) == (1, "1e-05", "1e-08")
    then = call("compare", "x.npy", "-c", "tf:depth_radius=2", *row["advice"].split(), "--rtol", "1e-6")
    assert then.code == 0


def test_without_conventions_four_are_compared_and_all_with_the_first_on_request(call: Run) -> None:
    assert len(rows(call("compare", "x.npy", "--axis", "2").out)) == 6
    assert [row["b"] for row in rows(call("compare", "x.npy", "--reference", "--axis", "2").out)] == ["tf"] * 3


def test_a_convention_that_refuses_is_a_difference(call: Run) -> None:
    ended = call("compare", "x.npy", "-c", "caffe", "-c", "wolfram", "--typed", "window=5")
    (row,) = rows(ended.out)
    assert (ended.code, row["verdict"], row["largest"]) == (1, "refused", "-")
    assert "ChannelWindowSize 5 makes a window of 11 channels and the tensor has 4" in row["cause"]


def test_quiet_says_it_by_the_exit_code_alone(lrn: Run) -> None:
    for other, code in (("near.npy", 0), ("far.npy", 1)):
        ended = lrn("compare", "-q", "x.npy", other)
        assert (ended.code, ended.out, ended.err) == (code, b"", "")


def test_as_json_it_is_one_object(lrn: Run) -> None:
    ended = lrn("compare", "x.npy", "far.npy", "--json")
    data = json.loads(ended.out)
    (pair,) = data["pairs"]
    assert (ended.code, data["equal"], data["tensors"], ended.err) == (1, False, ["x.npy", "far.npy"], "")
    assert pair["largest"]["distance"] == pytest.approx(0.5, rel=1e-6)
    assert (pair["elements"], pair["differing"], pair["percent"]) == (240, 240, 100.0)


# (words, what the error says)
REFUSED = [
    ("", ["no tensor is given"]),
    ("x.npy -c tf", ["tf alone has nothing to be compared with", "--against"]),
    ("x.npy far.npy -c tf", ["conventions are given too", "lrn compare x.npy --against far.npy -c tf"]),
    ("x.npy far.npy --alpha 1", ["conventions are given too"]),
    ("x.npy far.npy near.npy last.npy", ["4 tensors are given, three are the most"]),
    ("x.npy far.npy --against near.npy", ["3 tensors are given"]),
    ("- -", ["standard input is given twice"]),
    ("x.npy -c tf -c caffe --alpha 1", ["alpha=1", "not said whose"]),
    ("x.npy -c tf -c pytorch", ["size", "required"]),
    ("x.npy -c tf -c caffee", ["unknown convention", "-c caffe"]),
    ("x.npy far.npy --rtol -1", ["rtol is -1.0"]),
    ("other.npy --typed radius=3", ["radius is none of window"]),
    ("x.npy far.npy --plot diff.gif", ["diff.gif", ".png"]),
    ("x.npy far.npy --plot x.svg", ["x.svg: is there already"]),
]


@pytest.mark.parametrize(("words", "fragments"), REFUSED)
def test_trouble_is_one_line_and_a_hint_and_exit_code_2(
    words: str, fragments: list[str], call: Run, tmp_path: Path
) -> None:
    if "x.svg" in words:
        (tmp_path / "x.svg").write_text("mine")
    call("compare", *words.split()).assert_refused(*fragments)


def test_a_plot_shows_every_pair(call: Run, tmp_path: Path) -> None:
    for suffix, magic in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        ended = call("compare", "x.npy", "--plot", f"diff.{suffix}", "--layout", "NCHW", "--typed", "window=1")
        assert (ended.code, len(rows(ended.out))) == (1, 6), ended.err
        assert (tmp_path / f"diff.{suffix}").read_bytes().startswith(magic)


def test_a_plot_says_the_verdict_the_axes_the_tolerance_and_what_is_hatched(call: Run, tmp_path: Path) -> None:
    y = X.copy()
    y[0, 1, 2, 3] = np.nan
    np.save(tmp_path / "nan.npy", y)
    ended = call("compare", "x.npy", "nan.npy", "--plot", "diff.svg", "--layout", "NCHW")
    assert "lrn: differences drawn in diff.svg" in ended.err
    words = " ".join(ElementTree.parse(tmp_path / "diff.svg").getroot().itertext())  # noqa: S314 - our own file
    for said in ("DIFFERENT: x.npy against nan.npy, 1 of 240", "H (height)", "W (width)", "NaN or infinite in one"):
        assert said in words
    assert "-0." not in words.partition("a: x.npy")[0]
    for said in ("x.npy: 2x4x5x6 float32 (NCHW)", "with rtol 1e-05 and atol 1e-08", "b: nan.npy", "a - b"):
        assert said in words


def test_a_plot_of_equal_tensors_says_that_there_is_no_difference(call: Run, tmp_path: Path) -> None:
    assert call("compare", "x.npy", "x.npy", "-q", "--plot", "same.svg", "--layout", "NCHW").code == 0
    words = " ".join(ElementTree.parse(tmp_path / "same.svg").getroot().itertext())  # noqa: S314 - our own file
    assert words.count("no difference") == 2
    assert "EQUAL: x.npy against x.npy" in words


def test_a_plot_of_two_layouts_knows_the_channels(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "nchw.npy", np.zeros((2, 5, 4, 3)))
    np.save(tmp_path / "nhwc.npy", np.ones((2, 4, 3, 5)))
    assert call("compare", "nchw.npy", "nhwc.npy", "-q", "--plot", "two.svg").code == 1
    words = " ".join(ElementTree.parse(tmp_path / "two.svg").getroot().itertext())  # noqa: S314 - our own file
    for said in (
        "channel by channel",
        "W (width)",
        "over N (batch) and C (channel)",
        "allowed where it is largest: 1e-10",
    ):
        assert said in words


def test_on_a_terminal_each_pair_is_a_few_short_lines_and_a_small_map(tmp_path: Path) -> None:
    y = X.copy()
    y[0, 0, 2, 3] += 1
    np.save(tmp_path / "y[0].npy", y)
    code, shown = _on_a_terminal("compare", "x.npy", "y[0].npy", "--layout", "NCHW", folder=tmp_path)
    assert code == 1
    assert max(map(len, shown)) <= 100
    assert any("y[0].npy" in line for line in shown)
    assert any("1 of 240 elements differ" in line for line in shown)
    assert [line.strip() for line in shown[-5:]] == ["······", "······", "···█··", "······", "······"]
    assert [line.partition("m")[2][:6] for line in shown if "\x1b" in line] == ["✗ DIFF"]


def _on_a_terminal(*words: Any, folder: Path) -> tuple[int, list[str]]:
    """The exit code of a run on a terminal, and the lines that it shows."""
    leader, follower = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "lrn_cli", *words],
        cwd=folder,
        stdout=follower,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "200", "PYTHONIOENCODING": "utf-8"},
        check=False,
        timeout=60,
    )
    os.close(follower)
    shown = b""
    try:
        while piece := os.read(leader, 1 << 16):
            shown += piece
    except OSError:  # the other end is closed and everything has been read
        pass
    os.close(leader)
    return done.returncode, shown.decode().splitlines()


def test_distances_of_elements_that_are_equal_are_not_told(call: Run, tmp_path: Path) -> None:
    x = np.ones((1, 2, 3, 4), "f4")
    np.save(tmp_path / "x.npy", x)
    x[0, 1, 2, 3] = np.nan
    np.save(tmp_path / "nan.npy", x)
    header, cells = (line.split("\t") for line in call("compare", "x.npy", "nan.npy").out.decode().splitlines())
    told = dict(zip(header, cells, strict=True))
    distances = ("largest", "relative", "ulp", "rms", "mean", "median", "p99", "mean_signed")
    assert {told[name] for name in distances} == {"-"}
    assert (told["differing"], told["nan_mismatches"]) == ("1", "1")
