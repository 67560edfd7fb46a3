"""What is longer than the screen is paged, where somebody sits before it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest


def paged(folder: Path, *words: str, lines: str = "24", typed: bool = True) -> str:
    """What a pager was given that marks each of its lines; empty where it was not started."""
    pager = folder / "pager"
    pager.write_text(f"#!{sys.executable}\nimport sys\nopen('paged', 'w').write(sys.stdin.read())\n")
    pager.chmod(0o755)
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "lrn_cli", *words],
        cwd=folder,
        stdin=follower if typed else subprocess.DEVNULL,
        stdout=follower,
        env={
            **{name: value for name, value in os.environ.items() if name != "NO_COLOR"},
            **{"TERM": "xterm", "PAGER": str(pager), "COLUMNS": "80", "LINES": lines},
            "PYTHONPATH": os.pathsep.join(sys.path[1:]),
        },
    )
    os.close(follower)
    try:
        while os.read(leader, 1 << 16):
            pass
    except OSError:  # the other end is closed and everything has been read
        pass
    os.close(leader)
    assert process.wait(60) == 0
    found = folder / "paged"
    return found.read_text() if found.exists() else ""


def test_a_long_answer_is_paged_in_its_colours(tmp_path: Path) -> None:
    text = paged(tmp_path, "explain", "caffe")
    assert "What people get wrong" in text
    assert "\x1b[" in text


@pytest.mark.parametrize(
    ("words", "lines", "typed"),
    [
        (["explain", "caffe"], "1000", True),
        (["explain", "caffe", "--no-pager"], "24", True),
        (["explain", "caffe"], "24", False),
    ],
    ids=["it fits", "not wanted", "nobody there"],
)
def test_otherwise_it_is_not(words: list[str], lines: str, typed: bool, tmp_path: Path) -> None:
    assert paged(tmp_path, *words, lines=lines, typed=typed) == ""
