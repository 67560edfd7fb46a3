"""Progress: on a terminal, where a run lasts, and nowhere else."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

SENT = io.BytesIO()
np.save(SENT, np.ones((40, 16, 30, 30), "f4"))


def said(folder: Path, *words: str, seconds: float, terminal: bool) -> str:
    """What a run over a slow pipe says on standard error, by the time it has ended."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "lrn_cli", "apply", "-", "-o", "y.npy", "-c", "caffe", *words],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=follower if terminal else subprocess.PIPE,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(follower)
    data, pieces = SENT.getvalue(), 12
    assert process.stdin is not None
    for piece in range(pieces):
        process.stdin.write(data[len(data) * piece // pieces : len(data) * (piece + 1) // pieces])
        process.stdin.flush()
        time.sleep(seconds / pieces)
    process.stdin.close()
    text = b""
    while terminal:
        try:
            text += os.read(leader, 1 << 16)
        except OSError:
            break
    os.close(leader)
    rest = b""
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            with stream:
                rest += stream.read()
    assert process.wait(30) == 0
    return (text + rest).decode()


def test_a_run_that_lasts_shows_its_share_and_rate_on_a_terminal(tmp_path: Path) -> None:
    text = said(tmp_path, seconds=1.8, terminal=True)
    assert re.search(r"\b[1-9]\d?%", text)
    assert "/s" in text
    assert "━" in text


@pytest.mark.parametrize(("words", "seconds", "terminal"), [((), 1.5, False), (("-q",), 1.5, True), ((), 0.1, True)])
def test_nothing_is_drawn_in_a_pipe_when_quiet_or_when_it_is_soon_over(
    tmp_path: Path, words: tuple[str, ...], seconds: float, terminal: bool
) -> None:
    text = said(tmp_path, *words, seconds=seconds, terminal=terminal)
    assert "━" not in text
    assert "/s" not in text
    assert text.count("\n") == (0 if words else 1)
