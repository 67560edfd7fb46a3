"""Names at the edge of the shell: standard streams by their paths, links, URLs, and what a list may hold."""

from __future__ import annotations

import io
import os
import pty
import shlex
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

from lrn_cli import normalize
from tests.conftest import Run
from tests.warm import serving

X = np.random.default_rng(0).standard_normal((2, 6, 4, 5)).astype("f4")
EXPECTED = normalize(X, "caffe")
STDOUT = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "//dev/../dev/stdout"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    np.save(tmp_path / "x.npy", X)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["a"] = X
    return tmp_path


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a line in which LRN stands for the command."""
    environment = {**os.environ, "LRN_CONVENTION": "caffe"}
    words = ["bash", "-c", line.replace("LRN", shlex.join(serving.command()))]
    return subprocess.run(words, cwd=folder, capture_output=True, check=False, timeout=60, env=environment)


@pytest.mark.parametrize("name", STDOUT)
@pytest.mark.parametrize("source", ["x.npy", "x.h5"])
@pytest.mark.parametrize("line", ["> y.npy", ">> y.npy", "| cat > y.npy"])
def test_standard_output_is_written_by_any_of_its_names(line: str, source: str, name: str, folder: Path) -> None:
    done = shell(f"LRN apply {source} -o {name} -q {line}", folder)
    assert (done.returncode, done.stderr) == (0, b"")
    np.testing.assert_array_equal(np.load(folder / "y.npy"), EXPECTED)


@pytest.mark.parametrize("name", STDOUT)
def test_what_standard_output_cannot_take_is_refused_by_any_of_its_names(name: str, lrn: Run, folder: Path) -> None:
    lrn("apply", "x.npy", "x.h5", "-o", name).assert_refused("2 inputs cannot be written to standard output", "-o out/")
    lrn("apply", "x.npy", "-o", name, "--output-format", "h5").assert_refused("standard output carries npy")
    leader, follower = pty.openpty()
    words = [*serving.command(), "apply", "x.npy", "-o", name]
    done = subprocess.run(words, cwd=folder, stdout=follower, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(follower)
    os.close(leader)
    assert done.stderr.startswith(b"lrn: error: standard output is a terminal")


@pytest.mark.parametrize("line", ["cat x.npy | LRN apply /dev/stdin", "LRN apply /dev/stdin < x.npy"])
def test_standard_input_is_read_by_its_name(line: str, folder: Path) -> None:
    done = shell(f"{line} -o y.npy", folder)
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(np.load(folder / "y.npy"), EXPECTED)


def test_a_terminal_is_no_tensor(folder: Path) -> None:
    leader, follower = pty.openpty()
    words = [*serving.command(), "apply", "/dev/stdin", "-o", "y.npy"]
    done = subprocess.run(words, cwd=folder, stdin=follower, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(follower)
    os.close(leader)
    assert done.stderr.startswith(b"lrn: error: /dev/stdin: is a terminal")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("LRN info - < x.npy", "-"),
        ("cat x.npy | LRN info -", "-"),
        ("cat x.npy | LRN info /dev/stdin", "/dev/stdin"),
        ("LRN info /dev/stdin < x.npy", "/dev/stdin"),
        ("mkfifo pipe; cat x.npy > pipe & LRN info pipe", "pipe"),
        ("cat x.npy | LRN info - x.h5 | head -2", "-"),
    ],
)
def test_info_describes_an_array_in_a_pipe(line: str, word: str, folder: Path) -> None:
    done = shell(line, folder)
    assert done.returncode == 0, done.stderr
    row = done.stdout.decode().splitlines()[1]
    assert row.split("\t") == [word, "npy", "-", "2x6x4x5", "float32", "C", "-", "-", "yes"]


def test_info_describes_a_stream_that_apply_refuses(lrn: Run) -> None:
    buffer = io.BytesIO()
    np.save(buffer, X.astype("c8"))
    ended = lrn("info", "-", stdin=buffer.getvalue())
    assert ended.out.decode().splitlines()[1].split("\t")[3:] == ["2x6x4x5", "complex64", "C", "-", "-", "-"]
    lrn("info", "-", stdin=b"hello world").assert_refused("standard input", "no .npy array")
    lrn("info", "-", "-", stdin=buffer.getvalue()).assert_refused("given 2 times")


def test_a_link_that_leads_nowhere_is_called_that(call: Run, folder: Path) -> None:
    for name, target in (("near.npy", "y/../x.np"), ("far.npy", "/nowhere/at/all"), ("chain.npy", "near.npy")):
        (folder / name).symlink_to(target)
    (folder / "y").mkdir()
    ended = call("apply", "near.npy", "-o", "z.npy")
    ended.assert_refused(f"near.npy: is a symbolic link to {folder}/x.np, which is not there", f"{folder}/x.npy?")
    call("apply", "chain.npy", "-o", "z.npy").assert_refused(f"is a symbolic link to {folder}/x.np, which is not there")
    ended = call("apply", "far.npy", "-o", "z.npy")
    ended.assert_refused("is a symbolic link to /nowhere/at/all, which is not there")
    assert "did you mean" not in ended.err


# (word, the error, the hint), in a folder HERE that is also the home
MISSING = [
    ("file://HERE/x.npy", "file://HERE/x.npy: no such file", "did you mean HERE/x.npy?"),
    ("file://HERE/a%20b.npy", "file://HERE/a%20b.npy: no such file", "did you mean HERE/a b.npy?"),
    ("file://localhostHERE/x.npy", "no such file", "did you mean HERE/x.npy?"),
    ("file://HERE/X.npy", "no such file", "did you mean HERE/x.npy?"),
    ("ftp://a.org/x.npy", "ftp://a.org/x.npy: no such file", "curl -LO ftp://a.org/x.npy"),
    ("~/x.npy", "~/x.npy: no such file", "did you mean HERE/x.npy?"),
    ("$HOME/x.npy", "no such file", "did you mean HERE/x.npy?"),
    ("'x.npy'", "'x.npy': no such file", "did you mean x.npy?"),
    ('"a b.npy"', "no such file", "did you mean a b.npy?"),
    ("x.npy ", "no such file", "did you mean x.npy?"),
    ("x.npy\r", "no such file", "did you mean x.npy?"),
    ("\ufeffx.npy", "no such file", "did you mean x.npy?"),
]


@pytest.mark.parametrize(("word", "message", "hint"), MISSING)
def test_a_name_that_no_shell_has_read_gets_the_plain_one(
    word: str, message: str, hint: str, call: Run, folder: Path
) -> None:
    np.save(folder / "a b.npy", X)
    word, message, hint = (text.replace("HERE", str(folder)) for text in (word, message, hint))
    ended = call("apply", word, "-o", "y.npy", env={"HOME": str(folder)})
    ended.assert_refused(message)
    assert ended.err.splitlines()[1] == f"hint: {hint}"


@pytest.mark.parametrize("source", ["list", "-"])
def test_the_mark_before_a_list_is_no_part_of_a_name(source: str, call: Run, folder: Path) -> None:
    data = "x.npy\r\n".encode("utf-8-sig")
    (folder / "list").write_bytes(data)
    ended = call("apply", "--files-from", source, "-o", "out/", "-c", "caffe", stdin=data)
    assert ended.code == 0, ended.err
    np.testing.assert_array_equal(np.load(folder / "out" / "x.npy"), EXPECTED)


@pytest.mark.parametrize("name", ["list", "my 'list'"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_a_list_in_utf_16_is_refused_as_one(encoding: str, name: str, call: Run, folder: Path) -> None:
    data = "\ufeffx.npy\r\n".encode(encoding) if encoding == "utf-16-be" else "x.npy\r\n".encode(encoding)
    (folder / name).write_bytes(data)
    ended = call("apply", "--files-from", name, "-o", "out/")
    ended.assert_refused(f"{name}: the list is in UTF-16, it must be in UTF-8")
    line = ended.err.splitlines()[1].removeprefix("hint: ").replace("lrn", "LRN")
    done = shell(line, folder)
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(np.load(folder / "out" / "x.npy"), EXPECTED)


# (inputs, behind -o)
TOGETHER = [
    ("m.h5::/a m.h5::/b m.h5::/g/c", "out/"),
    ("m.h5::/a m.h5::/b", "m2.h5::/{member}"),
    ("m.h5::/a m.h5::/b", "deep/m2.h5::/{member}"),
    ("m.h5::/a m.h5::/b n.h5::/a", "out/"),
    ("m.h5::/a n.h5::/a", "out/{member}.npy"),
    ("m.nc::/a m.nc::/b", "out/"),
]


@pytest.mark.parametrize(("inputs", "output"), TOGETHER)
def test_datasets_that_would_share_a_file_get_one_each_by_the_hint(
    inputs: str, output: str, call: Run, tmp_path: Path
) -> None:
    for name in ("m.h5", "n.h5", "m.nc"):
        with h5py.File(tmp_path / name, "w") as file:
            file["a"], file["b"], file["g/c"] = X, X, X
    ended = call("apply", *inputs.split(), "-o", output, "-c", "caffe")
    ended.assert_refused("inputs would write", "{member}")
    again = shell(f"LRN apply {inputs} {ended.err.splitlines()[1].removeprefix('hint: ')}", tmp_path)
    assert again.returncode == 0, again.stderr
    made = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent != tmp_path]
    assert len(made) == len(inputs.split())


# (what is typed, what is there, whether the one is meant by the other)
ALIKE = [
    ("im_0000.npy", "im_00000.npy", True),
    ("im_00009.npy", "im_00002.npy", False),
    ("y.npy", "x.npy", False),
    ("in.npy", "bin", False),
    ("FEATS.NPY", "feats.npy", True),
    ("lables.npy", "labels.npy", True),
]


@pytest.mark.parametrize(("typed", "there", "meant"), ALIKE)
def test_a_name_is_guessed_only_where_no_other_number_and_no_other_name_is_typed(
    typed: str, there: str, meant: bool, call: Run, tmp_path: Path
) -> None:
    (tmp_path / there).touch()
    assert (f"did you mean {there}?" in call("info", typed).err) == meant
