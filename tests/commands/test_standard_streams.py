"""`lrn` with standard streams that are closed, full or not to be waited for, and with a mask of permissions."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lrn_cli import normalize

LRN = f"{sys.executable} -m lrn_cli"
X = np.random.default_rng(0).standard_normal((2, 8, 6, 5)).astype("f4")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    np.save(tmp_path / "x.npy", X)
    return tmp_path


def shell(line: str, folder: Path, before: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a line in which LRN stands for the command."""
    words = ["bash", "-c", line.replace("LRN", LRN)]
    environment = {**os.environ, "LRN_CONVENTION": "caffe"}
    return subprocess.run(
        words, cwd=folder, capture_output=True, text=True, check=False, timeout=60, preexec_fn=before, env=environment
    )


def test_what_is_said_never_gets_into_the_output(folder: Path) -> None:
    assert shell("LRN apply x.npy -o - 2>&- > y.npy", folder).returncode == 0
    np.testing.assert_array_equal(np.load(folder / "y.npy"), normalize(X, "caffe"))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("LRN apply x.npy -o y.npy >&-", 0),
        ("LRN apply x.npy -o y.npy <&- >&- 2>&-", 0),
        ("LRN apply x.npy -o y.npy 2>/dev/full", 0),
        ("LRN apply missing.npy -o y.npy 2>/dev/full", 2),
        ("LRN apply x.npy -o - >&-", 2),
        ("LRN apply - -o y.npy <&-", 2),
        ("LRN info x.npy > /dev/full", 2),
    ],
)
def test_a_closed_or_full_stream_is_no_defect(line: str, code: int, folder: Path) -> None:
    done = shell(line, folder)
    assert done.returncode == code
    assert "defect" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_pipe_that_does_not_wait_is_waited_for(folder: Path) -> None:
    unblock = f'{sys.executable} -c "import os; os.set_blocking(0, False); os.set_blocking(1, False)"'
    line = f"(sleep 0.2; cat x.npy) | (({unblock}); LRN apply - -o -) | (sleep 0.4; cat) > y.npy"
    done = shell(line, folder)
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(np.load(folder / "y.npy"), normalize(X, "caffe"))


@pytest.mark.parametrize(
    "line",
    [
        "mkfifo pipe; cat x.npy > pipe & LRN apply pipe -o y.npy",
        "cat x.npy | LRN apply /dev/stdin -o y.npy",
        "LRN apply <(cat x.npy) -o y.npy",
    ],
)
def test_a_pipe_with_a_name_is_read_as_a_stream(line: str, folder: Path) -> None:
    done = shell(line, folder)
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(np.load(folder / "y.npy"), normalize(X, "caffe"))


def test_a_write_that_fails_leaves_nothing(folder: Path) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))

    done = shell("LRN apply x.npy -o y.npy", folder, limit)
    assert done.returncode == 2
    assert "y.npy: cannot be written: File too large" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["x.npy"]


@pytest.mark.parametrize(("mask", "mode"), [("022", 0o644), ("077", 0o600), ("0222", 0o444)])
def test_a_new_output_has_the_mode_that_the_mask_leaves(mask: str, mode: int, folder: Path) -> None:
    done = shell(f"umask {mask}; LRN apply x.npy -o y.npy && LRN apply x.npy -o y.h5", folder)
    assert done.returncode == 0, done.stderr
    assert {(folder / name).stat().st_mode & 0o777 for name in ("y.npy", "y.h5")} == {mode}


def test_an_output_that_is_replaced_keeps_its_mode(folder: Path) -> None:
    (folder / "y.npy").write_bytes(b"old")
    (folder / "y.npy").chmod(0o440)
    assert shell("LRN apply x.npy -o y.npy --force", folder).returncode == 0
    assert (folder / "y.npy").stat().st_mode & 0o777 == 0o440


def test_hanging_up_ends_it_like_sigterm_unless_it_is_ignored(folder: Path) -> None:
    (folder / "y.npy").write_bytes(b"old")
    words = [*LRN.split(), "apply", "-", "-o", "y.npy", "-q", "-c", "caffe", "--force"]
    process = subprocess.Popen(words, cwd=folder, stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write((folder / "x.npy").read_bytes()[:200])
    process.stdin.flush()
    while len(list(folder.iterdir())) < 3:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGHUP)
    assert process.wait(30) == 129
    process.stdin.close()
    assert sorted(path.name for path in folder.iterdir()) == ["x.npy", "y.npy"]
    assert (folder / "y.npy").read_bytes() == b"old"


def test_a_number_far_beyond_its_limit_is_refused_at_once(folder: Path) -> None:
    for flag in ("-c caffe --local-size -1000000000", "-c tf --depth-radius 99999999999999"):
        done = shell(f"LRN apply x.npy -o y.npy {flag}", folder)
        assert done.returncode == 2
        assert "it must be" in done.stderr
