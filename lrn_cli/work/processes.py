"""Processes that work through jobs side by side.

Processes rather than threads: a file that crashes an image or HDF5 library takes one job with it, not the others.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from selectors import EVENT_READ, DefaultSelector
from typing import Any, Generic, NamedTuple, TypeVar

from lrn_cli.errors import LrnError
from lrn_cli.tensors.replace import remove_own_unfinished
from lrn_cli.work.heartbeat import Pulse
from lrn_cli.work.queue import Numbers, next_job

Job = TypeVar("Job")
Result = TypeVar("Result")

_GATHERING = 0.005
"""Seconds in which results gather: to wake up for each of many thousand would take time from those who work."""
_HEADSTART = 0.3
"""Seconds that a process gets to end by itself."""
_PATIENCE = 5.0
"""Seconds that it then gets to clean up."""
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_GLANCE = 1.0
"""Seconds between two looks at whether processes that say nothing still get anywhere."""


class Crashed:
    """The result of a job whose process ended in the middle of it.

    Attributes:
        reason: In words.
        process: The system's number of the process.
    """

    def __init__(self, exit_code: int | None, process: int, *, stood_still: bool = False) -> None:
        self.process = process
        try:
            self.reason = f"killed by {signal.Signals(-(exit_code or 0)).name}"
        except ValueError:
            self.reason = f"ended with exit code {exit_code}"
        if stood_still:
            self.reason = "a call into it never ended"


class _Message(NamedTuple):
    """What a process says after each job, and once before the first.

    Attributes:
        result: Of the job that it has done.
        following: The number of the job that it begins; None where none is left, and it ends.
    """

    result: Any
    following: int | None


class Workers(Generic[Job, Result]):
    """A number of processes that each do one job after another.

    Args:
        work: Does one job. Called in the processes, whose memory is that of this one when they start.
        count: How many processes.

    Attributes:
        numbers: The system's numbers of all processes there were.
    """

    def __init__(self, work: Callable[[Job], Result], count: int) -> None:
        methods = multiprocessing.get_all_start_methods()
        self._context: Any = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
        self._work = work
        self._count = count
        self._jobs: Sequence[Job] = ()
        self._numbers = Numbers(self._context)
        self._processes: dict[Connection, Any] = {}
        self._pulses: dict[Connection, Pulse] = {}
        self._standing: set[Connection] = set()
        self.numbers: list[int] = []
        self._listening = DefaultSelector()

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Result | Crashed]]:
        """Do all jobs and give each result with the index of its job, in the order in which they are done."""
        self._jobs = jobs  # the processes have them from the start; only numbers are sent
        left, doing = set(range(len(jobs))), dict[Connection, int]()
        crashed = Crashed(0, 0)
        for _ in range(min(self._count, len(jobs))):
            self._start()
        while self._listening.get_map():
            self._numbers.offer(len(jobs))
            for connection in self._ready():
                result, following = self._receive(connection)
                done = doing.pop(connection, None)
                if following is not None:
                    doing[connection] = following
                if done is not None:
                    left.remove(done)
                    yield done, result
                if isinstance(result, Crashed):
                    crashed = result
                    if done is not None:
                        self._start()  # another takes its place
        # What nobody came to: all that is left where processes end before they begin.
        yield from ((index, crashed) for index in sorted(left))

    def stop(self) -> None:
        """End all processes; one in the middle of a job removes its unfinished output first."""
        self._numbers.close()
        self._listening.close()
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

    def _ready(self) -> list[Connection]:
        """Those who have told something, once somebody has."""
        events = self._listening.select(0)
        if not events:
            time.sleep(_GATHERING)
            while not (events := self._listening.select(_GLANCE)):
                self._end_those_standing_still()
        return [key.data for key, _ in events]

    def _end_those_standing_still(self) -> None:
        for connection in self._listening.get_map().values():
            process = self._processes[connection.data]
            if self._pulses[connection.data].stands_still(process.pid):
                self._standing.add(connection.data)
                process.kill()

    def _receive(self, connection: Connection) -> _Message:
        try:
            told: _Message = connection.recv()
        except (EOFError, OSError):
            self._listening.unregister(connection)
            process = self._processes.pop(connection)
            process.join(_PATIENCE)
            connection.close()
            return _Message(Crashed(process.exitcode, process.pid, stood_still=connection in self._standing), None)
        if told.following is None:
            self._listening.unregister(connection)
        return told

    def _start(self) -> None:
        # What is still in a buffer here would be written a second time by the new process.
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        ours, theirs = self._context.Pipe(duplex=False)
        pulse = self._pulses[ours] = Pulse()
        not_theirs = [end for end in (ours, self._numbers.writer, *self._processes) if not end.closed]
        process = self._context.Process(
            target=_serve, args=(self._work, self._jobs, self._numbers.reader, theirs, not_theirs, pulse), daemon=True
        )
        # A signal is to find the new process where it can clean up, and this one where it knows of the other.
        with _hold_signals(), _keep_standard_input():
            try:
                process.start()
            except OSError as error:
                ours.close()
                theirs.close()
                if self._processes:
                    return  # those there are do all of it
                raise LrnError(f"no other process can be started: {error.strerror}", "ulimit -a") from None
            self._processes[ours] = process
            self.numbers.append(process.pid)
        theirs.close()
        self._listening.register(ours, EVENT_READ, ours)


@contextmanager
def _hold_signals() -> Iterator[None]:
    """Have signals that end a run wait until the `with` block is through."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _keep_standard_input() -> Iterator[None]:
    """Have new processes read the same standard input: they would get an empty one if `multiprocessing` saw it."""
    kept, sys.stdin = sys.stdin, None
    try:
        yield
    finally:
        sys.stdin = kept


def _let_in() -> None:
    """Let the signals through that were held when this process was made."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


@contextmanager
def _quiet_end() -> Iterator[None]:
    try:
        yield
    except Exception:
        raise
    except BaseException:
        raise SystemExit(1) from None


def _serve(  # noqa: PLR0917 - what a process is given when it starts
    work: Callable[[Any], Any],
    jobs: Sequence[Any],
    numbers: Connection,
    connection: Connection,
    not_ours: Sequence[Connection],
    pulse: Pulse,
) -> None:
    """Do jobs until none is left or nobody listens, as also when the first process is killed."""
    for other in not_ours:
        other.close()
    # Ctrl-C and SIGTERM reach here after the job's output has been removed; the first process tells of them. A defect
    # of ours ends the process with 1, which it tells of too.
    try:
        with suppress(ConnectionError), _quiet_end():
            _let_in()
            sys.stdin = sys.__stdin__
            pulse.begin()
            told = _Message(None, next_job(numbers))
            connection.send(told)
            while told.following is not None:
                told = _Message(work(jobs[told.following]), next_job(numbers))
                connection.send(told)
    finally:
        remove_own_unfinished()
