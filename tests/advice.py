"""What a reader of a hint does: types it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from tests.conftest import Ended
from tests.warm import serving

ROOT = Path(__file__).parent.parent
_CAVEATS = ("if you trust the file: ", "if it spells numbers: ", "if it is float8_e4m3fn: ")


def hint_of(ended: Ended) -> str:
    """The hint of a refused run."""
    line = ended.err.splitlines()[1]
    assert line.startswith("hint: "), ended.err
    return line.removeprefix("hint: ")


def follow(hint: str, folder: Path) -> str:
    """Type a hint's command, which must work, with the Python and the `lrn` under test; give what it prints."""
    for caveat in _CAVEATS:
        hint = hint.removeprefix(caveat)
    programs = folder / ".programs"
    programs.mkdir(exist_ok=True)
    for name, words in (("python3", [sys.executable]), ("lrn", serving.command())):
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        (programs / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", hint], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
