"""Colours: who decides, and that words stay where colours are."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.commands.terminal.colours import wanted
from tests.conftest import Run

VARIABLES = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE")

# (--color, the environment, whether it is a terminal, whether there are colours)
DECISIONS = [
    (None, {}, True, True),
    (None, {}, False, False),
    ("auto", {}, True, True),
    ("always", {}, False, True),
    ("always", {"NO_COLOR": "1"}, False, True),
    ("never", {"FORCE_COLOR": "1"}, True, False),
    (None, {"NO_COLOR": "1"}, True, False),
    (None, {"NO_COLOR": ""}, True, True),
    (None, {"FORCE_COLOR": "1"}, False, True),
    (None, {"FORCE_COLOR": "0"}, False, False),
    (None, {"CLICOLOR_FORCE": "1"}, False, True),
    (None, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
    (None, {"TERM": "dumb"}, True, False),
]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that says nothing of colours."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return monkeypatch


@pytest.mark.parametrize(("choice", "env", "terminal", "expected"), DECISIONS)
def test_who_decides(
    choice: str | None, env: dict[str, str], terminal: bool, expected: bool, bare: pytest.MonkeyPatch
) -> None:
    for name, value in env.items():
        bare.setenv(name, value)
    assert wanted(choice, terminal=terminal) is expected


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """Two tensors that differ."""
    np.save(tmp_path / "x.npy", np.ones((2, 3, 4, 5)))
    np.save(tmp_path / "y.npy", np.full((2, 3, 4, 5), 2.0))
    return tmp_path


COMMANDS = [
    ["compare", "x.npy", "y.npy", "--format", "text"],
    ["compare", "x.npy", "x.npy", "--format", "text"],
    ["info", "x.npy", "--format", "text"],
    ["explain", "caffe"],
    ["identify", "x.npy", "y.npy", "--format", "text"],
    ["gradient", "x.npy", "y.npy", "--check", "y.npy", "-c", "caffe"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_words_are_the_same_with_colours_and_without(
    words: list[str], call: Run, pair: Path, bare: pytest.MonkeyPatch
) -> None:
    plain = call(*words, "--color", "never").out.decode()
    coloured = call(*words, "--color", "always").out.decode()
    assert "\x1b[" in coloured
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m|[✓✗] ", "", coloured) == plain


def test_tables_for_programs_have_no_colours(call: Run, pair: Path, bare: pytest.MonkeyPatch) -> None:
    for form in ("tsv", "csv", "markdown", "json"):
        assert b"\x1b" not in call("info", "x.npy", "--format", form, "--color", "always").out


def on_a_terminal(folder: Path, *words: str, **env: str) -> str:
    leader, follower = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    subprocess.run(
        [sys.executable, "-m", "lrn_cli", *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
        env={**kept, "TERM": "xterm", "PYTHONPATH": os.pathsep.join(sys.path[1:]), **env},
        check=False,
        timeout=60,
    )
    os.close(follower)
    said = os.read(leader, 1 << 16)
    os.close(leader)
    return said.decode()


def test_the_verdict_and_errors_are_in_colour_on_a_terminal(pair: Path) -> None:
    assert "\x1b[1;31m✗ DIFFERENT\x1b[0m with" in on_a_terminal(pair, "compare", "x.npy", "y.npy")
    assert "\x1b[1;32m✓ EQUAL\x1b[0m with" in on_a_terminal(pair, "compare", "x.npy", "x.npy")
    assert "\x1b[1;31mlrn: error:\x1b[0m no.npy" in on_a_terminal(pair, "info", "no.npy")
    assert "\x1b" not in on_a_terminal(pair, "info", "no.npy", NO_COLOR="1")
    assert "\x1b" not in on_a_terminal(pair, "info", "no.npy", "--color", "never")


@pytest.mark.parametrize("rows", ["24", "50"])
def test_the_verdict_is_on_the_screen_with_the_map(pair: Path, rows: str) -> None:
    y = np.ones((2, 3, 40, 50))
    np.save(pair / "big.npy", y)
    np.save(pair / "other.npy", y + np.random.default_rng(1).normal(size=y.shape))
    said = on_a_terminal(pair, "compare", "big.npy", "other.npy", COLUMNS="80", LINES=rows)
    lines = said.splitlines()
    assert len(lines) < int(rows)
    assert any("DIFFERENT" in line for line in lines)
    assert sum("█" in line or "▓" in line for line in lines) >= 4


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize(
    "words", [["explain", "caffe"], ["show", "x.npy"], ["compare", "x.npy", "y.npy", "--format", "text"]]
)
def test_a_terminal_without_the_signs_gets_others(pair: Path, encoding: str, words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lrn_cli", *words],
        cwd=pair,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": os.pathsep.join(sys.path[1:])},
        check=False,
        timeout=60,
    )
    assert done.stdout
    assert b"\\u" not in done.stdout


def test_of_a_cause_that_is_folded_no_line_is_taken_for_one_to_type(
    call: Run, tmp_path: Path, bare: pytest.MonkeyPatch
) -> None:
    x = np.random.default_rng(0).normal(size=(1, 9, 9, 16)) * 9
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", normalize(x, "tf", alpha=1e-4, beta=0.75))
    words = ("compare", "x.npy", "--against", "y.npy", "-c", "caffe", "--format", "text", "--color", "always")
    for columns in ("60", "70", "80", "90"):
        bare.setenv("COLUMNS", columns)
        lines = call(*words).out.decode().splitlines()
        typed = [before for before, line in pairwise(lines) if line.startswith("\x1b[1m")]
        assert typed == ["   to make a equal to b, type:"]
