"""The command as a process of its own, in which Python has been started and all has been imported before.

Most of a short run's time goes into that, and it is the same each time. Here a server has done it once, and forks for
each run, which has its own streams, folder, environment, mask of permissions and exit code. Real ones are for how
Python and the command start, the variables and limits that they start with, memory, and signals, which would reach
the client.
"""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

REAL = [sys.executable, "-m", "lrn_cli"]
"""How a user starts the command."""

_HERE = Path(__file__).parent


@cache
def command() -> list[str]:
    """The words that stand for `lrn`; the first who asks starts the server, which ends with this process."""
    folder = tempfile.mkdtemp()
    words = [sys.executable, str(_HERE / "server.py"), f"{folder}/socket"]
    server = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    atexit.register(shutil.rmtree, folder)
    atexit.register(server.communicate)
    # Isolated and without site-packages a client starts in a tenth of the time.
    return [sys.executable, "-IS", str(_HERE / "client.py"), words[-1]]
