"""`lrn apply` between other programs: real pipes, readers that leave, signals."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lrn_cli import normalize
from tests.conftest import Run

LRN = [sys.executable, "-m", "lrn_cli"]


def as_npy(array: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def from_npy(data: bytes) -> NDArray[Any]:
    array: NDArray[Any] = np.load(io.BytesIO(data))
    return array


@contextmanager
def started(*words: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    pipe = subprocess.PIPE
    process = subprocess.Popen([*LRN, *words], stdin=pipe, stdout=pipe, stderr=pipe, cwd=folder)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()


ARRAYS: dict[str, tuple[NDArray[Any], str]] = {
    "NCHW": (np.random.default_rng(0).standard_normal((5, 8, 60, 50)).astype("f4"), "caffe"),
    "NHWC": (np.random.default_rng(1).standard_normal((3, 90, 50, 12)).astype("f4"), "tf"),
    "one image of many channels": (np.random.default_rng(2).standard_normal((1, 64, 70, 60)).astype("f4"), "caffe"),
    "one long vector": (np.random.default_rng(3).standard_normal(300_000), "pytorch:size=6"),
    "within a channel": (
        np.random.default_rng(4).standard_normal((1, 2, 400, 300)).astype("f4"),
        "caffe:norm_region=WITHIN_CHANNEL",
    ),
    "Fortran order": (np.asfortranarray(np.random.default_rng(5).standard_normal((4, 9, 50, 40))), "caffe"),
    "big-endian": (np.random.default_rng(6).standard_normal((4, 9, 5, 4)).astype(">f4"), "caffe"),
    "integers": (np.arange(480, dtype=np.uint8).reshape(2, 8, 6, 5), "caffe"),
    "empty": (np.empty((0, 8, 6, 5), "f4"), "caffe"),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_a_pipe_a_file_and_python_give_the_same_bytes(kind: str, lrn: Run, tmp_path: Path) -> None:
    x, word = ARRAYS[kind]
    expected = normalize(x, word)
    piped = lrn("apply", "-", "-o", "-", "-c", word, stdin=as_npy(x))
    assert piped.code == 0, piped.err
    np.save(tmp_path / "x.npy", x)
    for jobs in (1, 3):
        lrn("apply", "x.npy", "-o", "y.npy", "-c", word, "-j", jobs, "--force")
        assert (tmp_path / "y.npy").read_bytes() == piped.out
    result = from_npy(piped.out)
    assert (result.dtype, result.flags.f_contiguous) == (expected.dtype, expected.flags.f_contiguous)
    assert result.tobytes() == expected.tobytes()


@pytest.mark.parametrize("kind", ["NCHW", "NHWC", "one image of many channels", "one long vector", "within a channel"])
def test_the_first_results_leave_before_the_input_has_ended(kind: str, tmp_path: Path) -> None:
    x, word = ARRAYS[kind]
    sent = as_npy(x)
    with started("apply", "-", "-o", "-", "-c", word, folder=tmp_path) as process:
        seen = threading.Event()
        writer = threading.Thread(target=_send_in_two, args=(process, sent, seen))
        writer.start()
        assert process.stdout is not None
        beginning = process.stdout.read(len(sent) // 4)
        seen.set()
        result = beginning + process.stdout.read()
        writer.join()
        assert process.wait(30) == 0
    assert from_npy(result).tobytes() == normalize(x, word).tobytes()


def _send_in_two(process: subprocess.Popen[bytes], data: bytes, seen: threading.Event) -> None:
    """Send three quarters, and the rest only when a quarter of the result has been seen."""
    assert process.stdin is not None
    process.stdin.write(data[: len(data) * 3 // 4])
    process.stdin.flush()
    if seen.wait(60):
        process.stdin.write(data[len(data) * 3 // 4 :])
    process.stdin.close()


def test_without_an_output_a_stream_goes_to_standard_output(lrn: Run) -> None:
    x = ARRAYS["NCHW"][0][:1]
    assert from_npy(lrn("apply", "-", "-c", "caffe", stdin=as_npy(x)).out).tobytes() == normalize(x, "caffe").tobytes()


def test_a_reader_that_leaves_ends_the_command_with_141_and_no_noise(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((64, 96, 20, 20), "f4"))
    with started("apply", "x.npy", "-o", "-", "-c", "caffe", "-q", folder=tmp_path) as process:
        assert process.stdout is not None
        process.stdout.read(100)
        process.stdout.close()
        assert process.wait(60) == 141
        assert process.stderr is not None
        assert process.stderr.read() == b""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_with_its_code_and_leaves_no_file(number: signal.Signals, code: int, tmp_path: Path) -> None:
    sent = as_npy(ARRAYS["NCHW"][0])
    (tmp_path / "y.npy").write_bytes(b"old")
    # Only to replace a file is another one made that has a name.
    with started("apply", "-", "-o", "y.npy", "-c", "caffe", "-q", "--force", folder=tmp_path) as process:
        assert process.stdin is not None
        process.stdin.write(sent[: len(sent) // 2])
        process.stdin.flush()
        deadline = time.monotonic() + 30
        while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(list(tmp_path.iterdir())) == 2, "the unfinished file should be there by now"
        process.send_signal(number)
        assert process.wait(30) == code
        assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_a_named_pipe_and_a_device_are_written_straight_through(lrn: Run, tmp_path: Path) -> None:
    x = ARRAYS["NCHW"][0]
    np.save(tmp_path / "x.npy", x)
    os.mkfifo(tmp_path / "pipe")
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    assert lrn("apply", "x.npy", "-o", "pipe", "-c", "caffe").code == 0
    reader.join(30)
    assert from_npy(received[0]).tobytes() == normalize(x, "caffe").tobytes()
    assert (tmp_path / "pipe").is_fifo()
    assert lrn("apply", "x.npy", "-o", "/dev/null", "-c", "caffe").code == 0
