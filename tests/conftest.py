"""What tests share: the command as a real process, and its errors."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Ended:
    """A finished run of the command."""

    code: int
    out: bytes
    err: str

    def assert_refused(self, *fragments: str) -> None:
        """Check that it failed with one line that holds all fragments, and one hint, and said nothing else."""
        lines = self.err.splitlines()
        assert self.code == 2, self.err
        assert [line.partition(": ")[0] for line in lines] == ["lrn", "hint"], self.err
        assert lines[0].startswith("lrn: error: ")
        for fragment in fragments:
            assert fragment in self.err
        assert self.out == b""


Run = Callable[..., Ended]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start processes, so that `-m "not processes"` leaves the quick ones."""
    for item in items:
        at_hand = vars(item.module) if isinstance(item, pytest.Function) else {}
        if "lrn" in getattr(item, "fixturenames", ()) or "subprocess" in at_hand:
            item.add_marker("processes")


@pytest.fixture
def lrn(tmp_path: Path) -> Run:
    """Run `lrn` in the test's own folder, as a process, with bytes on standard input."""

    def run(*words: object, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "lrn_cli", *map(str, words)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "LRN_CONVENTION": "", **(env or {})},
            check=False,
            timeout=120,
        )
        return Ended(done.returncode, done.stdout, done.stderr.decode())

    return run
