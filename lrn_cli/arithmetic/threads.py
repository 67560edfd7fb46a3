"""Threads that work through a list together, each with scratch memory of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from threading import Lock, Thread
from typing import TypeVar

Item = TypeVar("Item")


def usable_cores() -> int:
    """How many cores this process may use.

    >>> usable_cores() >= 1
    True
    """
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows have no affinity to ask for
        return os.cpu_count() or 1


def share(items: Iterable[Item], make_worker: Callable[[], Callable[[Item], int]], threads: int) -> int:
    """Let each of `threads` workers take the next item until none is left.

    Args:
        items: What to work on, taken one by one in order.
        make_worker: Called once in each thread; what it returns is called with each item and returns a count.
        threads: How many; 1 works in the calling thread.

    Returns:
        The sum of the counts.

    Raises:
        BaseException: Whatever a worker raised first; the others stop at their next item.
    """
    remaining, lock = iter(items), Lock()
    failures: list[BaseException] = []
    counts: list[int] = []

    def work() -> None:
        try:
            worker = make_worker()
            while not failures:
                with lock:
                    try:
                        item = next(remaining)
                    except StopIteration:
                        return
                counts.append(worker(item))
        except BaseException as error:
            failures.append(error)

    helpers = [Thread(target=work, daemon=True) for _ in range(threads - 1)]
    for helper in helpers:
        helper.start()
    work()
    for helper in helpers:
        helper.join()
    if failures:
        raise failures[0]
    return sum(counts)
