"""What `lrn apply` refuses: one line and a hint, exit code 2, and nothing written."""

from __future__ import annotations

import io
import os
import pty
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good tensor and every kind of bad one."""
    rng = np.random.default_rng(0)
    good = rng.standard_normal((1, 4, 4, 3)).astype("f4")
    np.save(tmp_path / "x.npy", good)
    np.save(tmp_path / "rank3.npy", good[0])
    np.save(tmp_path / "rank5.npy", good[None])
    np.save(tmp_path / "scalar.npy", np.float32(1))
    np.save(tmp_path / "complex.npy", good.astype("c8"))
    np.save(tmp_path / "objects.npy", np.array([None, {}]), allow_pickle=True)
    np.save(tmp_path / "records.npy", np.zeros(3, [("a", "f4")]))
    np.savez(tmp_path / "two.npz", a=good, b=good)
    whole = (tmp_path / "x.npy").read_bytes()
    (tmp_path / "empty.npy").write_bytes(b"")
    (tmp_path / "text.npy").write_text("1.0 2.0 3.0\n")
    (tmp_path / "short.npy").write_bytes(whole[:-5])
    (tmp_path / "header.npy").write_bytes(whole[:40])
    (tmp_path / "long.npy").write_bytes(whole + whole)
    (tmp_path / "huge.npy").write_bytes(_declaring("(100000, 100000, 100000, 3)"))
    (tmp_path / "negative.npy").write_bytes(_declaring("(-1, 3)"))
    (tmp_path / "overflow.npy").write_bytes(_declaring(f"({2**62}, {2**62})"))
    (tmp_path / "there.npy").write_bytes(b"old")
    (tmp_path / "sub").mkdir()
    return tmp_path


def _declaring(shape: str) -> bytes:
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (118 - len(header) - 1) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


# (words behind `lrn apply`, what the line must name)
REFUSED: list[tuple[str, list[str]]] = [
    ("missing.npy -o y.npy", ["missing.npy", "no such file"]),
    ("x.npz -o y.npy", ["x.npz: no such file", "x.npy"]),
    ("sub -o y.npy", ["sub: is a folder"]),
    ("empty.npy -o y.npy", ["empty.npy", "0 bytes"]),
    ("text.npy -o y.npy", ["text.npy", "b'1.0 2.0", "though its name ends in .npy"]),
    ("short.npy -o y.npy", ["short.npy", "cut short", "192", "187"]),
    ("header.npy -o y.npy", ["header.npy", "header"]),
    ("long.npy -o y.npy", ["long.npy", "more than one array"]),
    ("huge.npy -o y.npy", ["huge.npy", "cut short", "12000000000000000"]),
    ("negative.npy -o y.npy", ["negative.npy", "impossible shape"]),
    ("overflow.npy -o y.npy", ["overflow.npy", "impossible shape"]),
    ("objects.npy -o y.npy", ["objects.npy", "Python objects"]),
    ("records.npy -o y.npy", ["records.npy", "structured records"]),
    ("complex.npy -o y.npy", ["complex.npy", "complex numbers", "np.abs"]),
    ("scalar.npy -o y.npy", ["scalar.npy", "a single number"]),
    ("two.npz -o y.npy", ["two.npz", "2 numeric arrays, none named: a, b", "two.npz::a"]),
    ("two.npz::c -o y.npy", ["two.npz", "has no c", "a, b"]),
    ("x.npy::c -o y.npy", ["x.npy", "none is called c"]),
    ("x.npy -o y.npy -c cafe", ["unknown convention 'cafe'", "-c caffe"]),
    ("x.npy -o y.npy -c tf -c caffe", ["2 conventions", "tf and caffe"]),
    ("x.npy -o y.npy -c caffe --depth-radius 2", ["no depth_radius", "--local-size 5"]),
    ("x.npy -o y.npy --local-size 5", ["tf has no local_size", "--depth-radius 2"]),
    ("x.npy -o y.npy -c caffe --local-size 4", ["local_size is 4", "odd"]),
    ("x.npy -o y.npy -c tf:depth_radius=1 --depth-radius 2", ["depth_radius is given twice"]),
    ("x.npy -o y.npy --depth-radius -1", ["depth_radius is -1", "0 or more"]),
    ("x.npy -o y.npy --alpha some", ["alpha is 'some'", "number"]),
    ("x.npy -o y.npy --alpha nan", ["alpha is nan", "finite"]),
    ("x.npy -o y.npy --beta inf", ["beta is inf", "finite"]),
    ("x.npy -o y.npy -c pytorch", ["pytorch: size", "required", "--size 5"]),
    ("x.npy -o y.npy -c onnx", ["onnx: size", "required", "--size 5"]),
    ("rank3.npy -o y.npy -c wolfram --layout HWC", ["window of 5 channels and the tensor has 3", "rank3.npy"]),
    ("rank3.npy -o y.npy", ["tf has no layout for rank 3", "NHWC"]),
    ("rank5.npy -o y.npy -c caffe", ["caffe has no layout for rank 5", "NCHW, CHW"]),
    ("x.npy -o y.npy --axis 4", ["x.npy: axis 4 is not there", "0 to 3"]),
    ("x.npy -o y.npy --layout NHC", ["layout NHC names 3 axes, the tensor has 4"]),
    ("x.npy -o y.npy --layout NHWX", ["letter 'X'"]),
    ("x.npy -o y.npy --layout NHWC --axis 3", ["both say"]),
    ("x.npy -o y.npy --dtype int8", ["'int8'", "float16, float32, float64"]),
    ("x.npy -o y.npy --compute bfloat16", ["'bfloat16'"]),
    ("x.npy", ["x.npy: nothing says where the result goes", "-o out.npy"]),
    ("x.npy -o there.npy", ["there.npy: is there already", "--force"]),
    ("x.npy -o x.npy", ["x.npy: is there already", "--force"]),
    ("x.npy -o nowhere/y.npy", ["there is no folder", "nowhere", "mkdir -p"]),
    ("x.npy -o nowhere/deeper/", ["no folder", "nowhere"]),
    ("x.npy -o y.jpg", ["'.jpg'", "png, tiff"]),
    ("x.npy -o y", ["name without suffix", "y.npy"]),
    ("x.npy -o y.npy::z", ["y.npy", "holds one array", "z"]),
    ("x.npy -o y.npy --output-format jpeg", ["'jpeg'"]),
    ("x.npy -o y.png", ["y.png"]),
    ("x.npy -o - --output-format png", ["standard output carries npy"]),
    ("x.npy -o y.npy --colour red", ["no such option"]),
    ("", ["no input is given"]),
]


@pytest.mark.parametrize(("words", "fragments"), REFUSED, ids=[words for words, _ in REFUSED])
def test_a_refusal_is_one_line_and_a_hint_and_writes_nothing(
    words: str, fragments: list[str], folder: Path, call: Run
) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    call("apply", *words.split()).assert_refused(*fragments)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


STREAMS = [
    (b"", ["standard input", "0 bytes"]),
    (b"hello world, this is text", ["standard input", "no .npy array", "b'hello '"]),
    (b"\x93NUMPY\x01\x00\x76", ["standard input", "header"]),
]


@pytest.mark.parametrize(("sent", "fragments"), STREAMS)
def test_a_stream_that_is_no_array_is_refused(sent: bytes, fragments: list[str], lrn: Run, tmp_path: Path) -> None:
    lrn("apply", "-", "-o", "y.npy", stdin=sent).assert_refused(*fragments)
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_ends_early_or_goes_on_leaves_no_file(call: Run, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.ones((2, 3, 4, 5), "f4"))
    for sent, fragment in ((buffer.getvalue()[:-1], "ended early"), (buffer.getvalue() * 2, "more bytes follow")):
        ended = call("apply", "-", "-o", "y.npy", "-c", "caffe", stdin=sent)
        assert ended.code == 2
        assert fragment in ended.err
        assert list(tmp_path.iterdir()) == []


def test_a_convention_from_the_environment_is_refused_like_one_on_the_command_line(folder: Path, lrn: Run) -> None:
    lrn("apply", "x.npy", "-o", "y.npy", env={"LRN_CONVENTION": "cafe"}).assert_refused("unknown convention 'cafe'")


def test_binary_is_not_written_to_a_terminal(folder: Path) -> None:
    leader, follower = pty.openpty()
    words = [sys.executable, "-m", "lrn_cli", "apply", "x.npy", "-o", "-"]
    done = subprocess.run(words, cwd=folder, stdout=follower, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(follower)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].startswith(b"lrn: error: standard output is a terminal")
    with pytest.raises(OSError, match="Input/output error"):  # nothing was written before it was closed
        os.read(leader, 1)
    os.close(leader)


def test_a_terminal_is_not_read_as_a_tensor(tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    words = [sys.executable, "-m", "lrn_cli", "apply", "-", "-o", "y.npy"]
    done = subprocess.run(words, cwd=tmp_path, stdin=follower, capture_output=True, check=False, timeout=60)
    os.close(follower)
    os.close(leader)
    assert done.returncode == 2
    assert b"standard input is a terminal" in done.stderr


def test_control_characters_of_a_file_name_do_not_reach_the_terminal(lrn: Run) -> None:
    lrn("apply", "a\x1b[31m\nb.npy", "-o", "y.npy").assert_refused("a\\x1b[31m\\nb.npy: no such file")


def test_a_traceback_is_shown_only_with_debug(lrn: Run) -> None:
    ended = lrn("apply", "missing.npy", "-o", "y.npy", "--debug")
    assert "Traceback" in ended.err
    assert "Traceback" not in lrn("apply", "missing.npy", "-o", "y.npy").err
    assert ended.code == 2


def test_a_cluster_without_dask_names_the_extra(call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)  # as where it is not installed
    np.save(tmp_path / "x.npy", np.ones((1, 4, 2, 3), "f4"))
    for flags, env in ((("--cluster", "tcp://host:8786"), {}), ((), {"LRN_CLUSTER": "tcp://host:8786"})):
        ended = call("apply", "x.npy", "-o", "y.npy", "-c", "caffe", *flags, env=env)
        ended.assert_refused("lrn: error: --cluster needs distributed", "hint: pip install 'lrn-tensor[cluster]'")
    assert not (tmp_path / "y.npy").exists()
