"""Clusters of Dask on this machine: a scheduler and workers, each a process as a user would start it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.conftest import Ended

ROOT = Path(__file__).parent.parent.parent
HOOK = Path(__file__).parent / "hook"
_PATIENCE = 60.0


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds."""
    end = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.02)


class Cluster:
    """A scheduler with workers, that end with it.

    Args:
        folder: Takes what they say.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._file = folder, folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        words = ("scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1", "--scheduler-file", self._file)
        self.scheduler = self._start(*words)
        until(lambda: self._file.exists() and self._file.read_text().endswith("}"), "the scheduler has started")
        self.file = str(self._file)
        self.address: str = json.loads(self._file.read_text())["address"]

    def start_worker(
        self, *, threads: int = 1, prefix: tuple[str, ...] = (), env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a worker, which has another folder than whoever uses it; `wait_for` waits for it."""
        words = (self.address, "--nthreads", threads, "--no-dashboard", "--memory-limit", "0", "--host", "127.0.0.1")
        return self._start("worker", *words, prefix=prefix, env=env)

    def _start(
        self, what: str, *words: object, prefix: tuple[str, ...] = (), env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        command = [*prefix, sys.executable, "-m", f"distributed.cli.dask_{what}", *map(str, words)]
        paths = {"PYTHONPATH": f"{HOOK}:{ROOT}", "DASK_DISTRIBUTED__WORKER__DAEMON": "true"}
        with (self._folder / f"{what}-{len(self._processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=self._folder, env={**os.environ, **paths, **(env or {})}, stdout=log, stderr=log
            )
        self._processes.append(process)
        return process

    def wait_for(self, count: int) -> None:
        """Wait until there are so many workers."""
        with self.client() as client:
            until(lambda: len(client.nthreads()) == count, f"{count} workers")

    def numbers(self) -> list[int]:
        """The system's numbers of the workers' processes: not of those that start them anew."""
        with self.client() as client:
            return sorted(client.run(os.getpid).values())

    @contextmanager
    def client(self) -> Iterator[Any]:
        from distributed import Client

        with Client(self.address, set_as_default=False, timeout=_PATIENCE) as client:
            yield client

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End one of its processes, with those that it has started."""
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._processes.remove(process)

    def close(self) -> None:
        """End all of it: workers first, so that none looks for the scheduler."""
        for process in reversed(list(self._processes)):
            self.stop(process)


class Here:
    """Runs of the command in a folder, each a process that has no hook."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(
        self, *words: object, env: Mapping[str, str] | None = None, program: Sequence[str] = ("-m", "lrn_cli")
    ) -> subprocess.Popen[bytes]:
        """Begin a run, of the command unless another program of Python's is given."""
        return subprocess.Popen(
            [sys.executable, *program, *map(str, words)],
            cwd=self.folder,
            env={**os.environ, "LRN_CONVENTION": "", "PYTHONPATH": str(ROOT), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __call__(self, *words: object, env: Mapping[str, str] | None = None) -> Ended:
        """Run it to its end."""
        return self.end(self.begin(*words, env=env))

    def end(self, process: subprocess.Popen[bytes]) -> Ended:
        """Wait for a run's end."""
        try:
            out, err = process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return Ended(process.returncode, out, err.decode())

    def files(self, folder: str) -> dict[str, bytes]:
        """Every file below a folder, hidden ones too, with what is in it."""
        below = self.folder / folder
        return {str(path.relative_to(below)): path.read_bytes() for path in below.rglob("*") if path.is_file()}
