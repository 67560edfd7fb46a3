"""Work that may crash a library, in processes of a process beside a worker: Dask's workers may have none themselves."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from typing import IO, Any

from lrn_cli.tensors.replace import part_of_run
from lrn_cli.work.processes import Crashed, Workers

_PATIENCE = 5.0
"""Seconds to clean up."""


class Keeper:
    """A process that starts a process for work, and another where that crashes."""

    def __init__(self) -> None:
        paths = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lrn_cli.cluster.keeper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": paths},
            start_new_session=True,  # Ctrl-C in the worker's terminal is the worker's
        )

    def run(self, token: str, work: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """Do jobs of the run of that token one by one, and give each result with its index; `Crashed` is one.

        Raises:
            EOFError, OSError: The process is gone.
        """
        ours, theirs = self._process.stdin, self._process.stdout
        assert ours is not None  # noqa: S101 - as it was started
        assert theirs is not None  # noqa: S101
        pickle.dump((token, work, list(jobs)), ours)
        ours.flush()
        for _ in jobs:
            yield pickle.load(theirs)  # noqa: S301 - from a process of ours

    def end(self) -> None:
        """End it; what it has begun is removed."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_PATIENCE)
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self._process.wait()


_idle: list[Keeper] = []
"""Those of this worker whose threads do something else; a start takes a quarter of a second."""


@contextmanager
def keeper() -> Iterator[Keeper]:
    """One for a `with` block, which ends where that is left in the middle."""
    try:
        one = _idle.pop()
    except IndexError:
        one = Keeper()
    try:
        yield one
    except BaseException:
        one.end()
        raise
    _idle.append(one)


def serve(requests: IO[bytes], results: IO[bytes]) -> None:
    """Do what is asked for until nobody asks, or nobody listens."""
    with suppress(EOFError, BrokenPipeError):
        while True:
            token, work, jobs = pickle.load(requests)  # noqa: S301 - from the process that has started this one
            with part_of_run(token):
                for told in _each(work, jobs):
                    pickle.dump(told, results)
                    results.flush()


def _each(work: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[tuple[int, Any | Crashed]]:
    """Do jobs in another process, and import what it had to, so that the next one need not."""
    workers = Workers(partial(_do, work), 1)
    needed: Sequence[str] = ()
    try:
        for index, told in workers.run(jobs):
            if isinstance(told, Crashed):
                yield index, told
            else:
                result, needed = told
                yield index, result
    finally:
        workers.stop()
    for name in needed:
        with suppress(Exception):
            import_module(name)


def _do(work: Callable[[Any], Any], job: Any) -> tuple[Any, list[str]]:
    before = set(sys.modules)
    return work(job), [name for name in sys.modules if name not in before]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no result
    serve(sys.stdin.buffer, told)
