"""Processes that work through jobs side by side.

Processes rather than threads: a file that crashes an image or HDF5 library takes one job with it, not the others.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

_AHEAD = 4
"""Jobs that a process has at hand, so that it need not wait for the next one."""
_HEADSTART = 0.3
"""Seconds that a process gets to end by itself."""
_PATIENCE = 5.0
"""Seconds that it then gets to clean up."""


class Crashed:
    """The result of a job whose process ended in the middle of it.

    Attributes:
        reason: In words.
    """

    def __init__(self, exit_code: int | None) -> None:
        try:
            self.reason = f"killed by {signal.Signals(-(exit_code or 0)).name}"
        except ValueError:
            self.reason = f"ended with exit code {exit_code}"


class Workers(Generic[Job, Result]):
    """A number of processes that each do one job after another.

    Args:
        work: Does one job. Called in the processes, whose memory is that of this one when they start.
        count: How many processes.
    """

    def __init__(self, work: Callable[[Job], Result], count: int) -> None:
        methods = multiprocessing.get_all_start_methods()
        self._context: Any = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
        self._work = work
        self._count = count
        self._jobs: Sequence[Job] = ()
        self._processes: dict[Connection, Any] = {}

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Result | Crashed]]:
        """Do all jobs and give each result with the index of its job, in the order in which they are done."""
        self._jobs = jobs  # the processes have them from the start; only numbers are sent
        waiting = deque(range(len(jobs)))
        under_way: dict[Connection, deque[int]] = {}

        def give(connection: Connection) -> None:
            given = under_way.setdefault(connection, deque())
            while waiting and len(given) < _AHEAD:
                given.append(waiting.popleft())
                # One that has ended in the middle of an earlier job takes no more; that is seen when it is waited for.
                with suppress(OSError):
                    connection.send(given[-1])
            if not given:
                del under_way[connection]

        for _ in range(min(self._count, len(jobs))):
            give(self._start())
        while under_way:
            for ready in wait(list(under_way)):
                assert isinstance(ready, Connection)  # noqa: S101 - what was given to `wait`
                result = self._result(ready)
                yield under_way[ready].popleft(), result
                if isinstance(result, Crashed):
                    waiting.extendleft(reversed(under_way.pop(ready)))
                    ready = self._start() if waiting else ready  # noqa: PLW2901 - another takes its place
                if waiting or ready in under_way:
                    give(ready)

    def stop(self) -> None:
        """End all processes; one in the middle of a job removes its unfinished output first."""
        for connection in self._processes:
            connection.close()
        for process in self._processes.values():
            # Idle ones end by themselves, and so do all after Ctrl-C, which reached them too.
            process.join(_HEADSTART)
            process.terminate()
            process.join(_PATIENCE)
            if process.is_alive():
                process.kill()
                process.join()
        self._processes.clear()

    def _result(self, connection: Connection) -> Result | Crashed:
        try:
            result: Result = connection.recv()
        except (EOFError, OSError):
            process = self._processes.pop(connection)
            process.join(_PATIENCE)
            connection.close()
            return Crashed(process.exitcode)
        return result

    def _start(self) -> Connection:
        # What is still in a buffer here would be written a second time by the new process.
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_serve, args=(self._work, self._jobs, theirs, [ours, *self._processes]), daemon=True
        )
        process.start()
        theirs.close()
        self._processes[ours] = process
        connection: Connection = ours
        return connection


@contextmanager
def _quiet_end() -> Iterator[None]:
    try:
        yield
    except Exception:
        raise
    except BaseException:
        raise SystemExit(1) from None


def _serve(
    work: Callable[[Any], Any], jobs: Sequence[Any], connection: Connection, not_ours: Sequence[Connection]
) -> None:
    """Do jobs until the other end is closed, as it is also when the first process is killed."""
    for other in not_ours:
        other.close()
    # Ctrl-C and SIGTERM reach here after the job's output has been removed; the first process tells of them. A defect
    # of ours ends the process with 1, which it tells of too.
    with suppress(EOFError, BrokenPipeError), _quiet_end():
        while True:
            connection.send(work(jobs[connection.recv()]))
