"""Threads that work through a list together, each with scratch memory of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Condition, Lock, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")

_PATIENCE = 0.5
"""Seconds that a thread gets to notice that another has failed."""


def usable_cores() -> int:
    """How many cores this process may use: by its affinity, and by the quota of its control group.

    >>> usable_cores() >= 1
    True
    """
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows have no affinity to ask for
        cores = os.cpu_count() or 1
    return max(1, min(cores, _quota(Path("/sys/fs/cgroup"))))


def _quota(root: Path) -> int:
    """How many cores' worth of time the control group allows, rounded up; more than any machine has if it does not."""
    for files in (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")):
        try:
            quota, period = " ".join((root / file).read_text() for file in files).split()
            if quota != "max" and int(quota) > 0:
                return -(-int(quota) // int(period))
        except (OSError, ValueError):
            continue
    return sys.maxsize


class Stopped(Exception):  # noqa: N818 - no error of its own: another thread failed
    """Another worker failed, so this one's turn will not come."""


class Turns:
    """Lets threads do one step of their work in the order of their items, the rest side by side."""

    def __init__(self) -> None:
        self._next = 0
        self._stopped = False
        self._changed = Condition()

    @contextmanager
    def of(self, index: int) -> Iterator[None]:
        """Wait for the turn of item `index`, and pass it on when the `with` block ends well.

        Raises:
            Stopped: Another worker has failed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._next == index)
            if self._stopped:
                raise Stopped
        yield
        with self._changed:
            self._next += 1
            self._changed.notify_all()

    def stop(self) -> None:
        """Send everyone home who waits."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()


def share(
    items: Iterable[Item],
    make_worker: Callable[[], Callable[[Item], int]],
    threads: int,
    turns: Sequence[Turns] = (),
) -> int:
    """Let each of `threads` workers take the next item until none is left.

    Args:
        items: What to work on, taken one by one in order.
        make_worker: Called once in each thread; what it returns is called with each item and returns a count.
        threads: How many; 1 works in the calling thread.
        turns: What workers may be waiting for: stopped where one fails.

    Returns:
        The sum of the counts.

    Raises:
        BaseException: Whatever a worker raised first; the others stop at their next item.
    """
    crew = _Crew(items, make_worker, turns)
    helpers: list[Thread] = []
    with suppress(RuntimeError):  # the system lets no more threads start: those there are do all of it
        for _ in range(threads - 1):
            helper = Thread(target=crew.work, daemon=True)
            helper.start()
            helpers.append(helper)
    crew.work()
    try:
        _join(helpers, crew.failures, patient=not turns)
    except BaseException as error:  # Ctrl-C while waiting: the others must stop before files are removed
        crew.fail(error)
        _join(helpers, crew.failures, patient=not turns)
    if crew.failures:
        raise crew.failures[0]
    return sum(crew.counts)


class _Crew(Generic[Item]):
    """What the workers share: the items left, what they have counted, and whether one has failed."""

    def __init__(
        self, items: Iterable[Item], make_worker: Callable[[], Callable[[Item], int]], turns: Sequence[Turns]
    ) -> None:
        self._remaining, self._lock = iter(items), Lock()
        self._make_worker, self._turns = make_worker, turns
        self.failures: list[BaseException] = []
        self.counts: list[int] = []

    def fail(self, error: BaseException) -> None:
        """Let the others stop at their next item, or at once where they wait for their turn."""
        self.failures.append(error)
        for turn in self._turns:
            turn.stop()

    def work(self) -> None:
        """Work until nothing is left or somebody has failed."""
        try:
            worker = self._make_worker()
            for item in self._take():
                self.counts.append(worker(item))
        except BaseException as error:
            self.fail(error)

    def _take(self) -> Iterator[Item]:
        while not self.failures:
            with self._lock:
                try:
                    item = next(self._remaining)
                except StopIteration:
                    return
            yield item


def _join(helpers: Iterable[Thread], failures: Sequence[BaseException], *, patient: bool) -> None:
    """Wait until all have ended; after a failure not for long, unless `patient`: one may wait for a silent pipe."""
    for helper in helpers:
        while helper.is_alive():
            helper.join(_PATIENCE)
            if failures and not patient:
                break
