"""The workers of a Dask cluster, in the shape of `Workers`: jobs in, results out as they are done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from lrn_cli.cluster import checks, remote
from lrn_cli.cluster.address import connect
from lrn_cli.cluster.assembly import assemble, unchanged
from lrn_cli.cluster.dispatch import Dispatch, Gone
from lrn_cli.cluster.remote import Job
from lrn_cli.cluster.slabs import Beginning, Begun, Slab
from lrn_cli.errors import LrnError
from lrn_cli.pipeline.joint import Task
from lrn_cli.pipeline.request import Outcome
from lrn_cli.tensors.replace import part_of_run, remove_unfinished

if TYPE_CHECKING:
    from distributed import Client

_MOMENT = 2.0
"""Seconds that workers and scheduler get to hear that a run is over; one that stands still hears nothing."""

_LARGE = 1 << 30
"""Bytes of a tensor's file among several beyond which it is done in slabs."""

Ended = list[Outcome] | LrnError


class Cluster:
    """Does the inputs of a batch on a cluster: each at least once, and tells of each once.

    Args:
        address: As typed.
        note: Says what may surprise.
        debug: Let Dask say what it has to say.

    Attributes:
        numbers: None of this machine's processes does any of it.
        advanced: Called with the number of bytes read after each slab.
    """

    def __init__(self, address: str, *, note: Callable[[str], None], debug: bool = False) -> None:
        self._address, self._note, self._debug = address, note, debug
        self._token = os.urandom(8).hex()
        self._client: Client | None = None
        self._dispatch: Dispatch | None = None
        self._folders, self._missing = set[str](), set[Path]()
        self._told = self._failed = self._all = 0
        self._slabs = ""
        self.advanced: Callable[[int], None] = lambda _: None
        self.numbers: list[int] = []

    def __str__(self) -> str:
        """How far it is, in front of what it is at."""
        workers = len(self._dispatch.workers) if self._dispatch else 0
        failed = f", {self._failed} failed" if self._failed else ""
        return f"{self._told} of {self._all} files{self._slabs}, {workers} worker{'s'[: workers != 1]}{failed}: "

    def run(self, jobs: Sequence[Task]) -> Iterator[tuple[int, Ended]]:
        """Do all jobs and give each result with the index of its job, in the order in which they are done."""
        if not jobs:
            return
        self._all = len(jobs)
        self._client = client = connect(self._address, debug=self._debug)
        checks.check_workers(client, self._address, self._note)
        checks.check_sight(client, self._address, jobs, self._note)
        untold = set(range(len(jobs)))
        try:
            for index, result in self._results(jobs):
                untold.discard(index)
                yield self._tell(index, result)
        except Gone as gone:
            for index in sorted(untold):
                yield self._tell(index, LrnError(f"{jobs[index].word}: is not done: {gone.why}", gone.hint))

    def _results(self, jobs: Sequence[Task]) -> Iterator[tuple[int, Ended]]:
        """Several inputs in groups, one alone and those that are large in slabs where that can be."""
        there = {} if jobs[0].dry_run else dict(checks.refused(jobs))
        yield from there.items()
        left = [index for index in range(len(jobs)) if index not in there]
        replacing = _Replacing(jobs, self._folders)
        large = left
        if len(jobs) > 1:
            yield from self._do(replacing, left, _LARGE)
            large = self._dispatch.large if self._dispatch else []
        yield from self._in_slabs(jobs, replacing, large) if large else ()

    def _in_slabs(
        self, jobs: Sequence[Task], replacing: Sequence[Task], numbers: Sequence[int]
    ) -> Iterator[tuple[int, Ended]]:
        """Have outputs begun, what is not done so is done with it, and then the slabs of one after another."""
        threads, begun = self._threads(), dict[int, Begun]()
        beginnings = [Beginning(replacing[number], jobs[number].requests[0].force, threads) for number in numbers]
        before = [unchanged(one.word) for one in beginnings]
        parents = {Path(one.requests[0].output_file).parent for one in beginnings}
        self._missing |= {folder for folder in parents if not folder.exists()}
        for place, result in self._do(beginnings, range(len(numbers))):
            if isinstance(result, Begun):
                begun[place] = result
            else:
                yield numbers[place], result
        for place, one in begun.items():
            outcomes = assemble(jobs[numbers[place]], one, before[place], self._do_slabs, self.advanced)
            yield numbers[place], outcomes

    def _do(self, jobs: Sequence[Job], left: Sequence[int], large: int = 0) -> Iterator[tuple[int, Any]]:
        assert self._client is not None  # noqa: S101 - it is called behind `connect`
        self._dispatch = Dispatch(self._client, self._address, self._token, jobs, left, large=large)
        yield from self._dispatch.results()

    def _do_slabs(self, slabs: Sequence[Slab]) -> Iterator[tuple[int, Any]]:
        for done, (index, result) in enumerate(self._do(slabs, range(len(slabs)))):
            self._slabs = f", {done + 1} of {len(slabs)} slabs"
            yield index, result

    def _threads(self) -> int:
        assert self._client is not None  # noqa: S101
        return sum(self._client.nthreads().values())

    def _tell(self, index: int, result: Ended) -> tuple[int, Ended]:
        self._told += 1
        self._failed += isinstance(result, LrnError) or any(outcome.error for outcome in result)
        return index, result

    def stop(self) -> None:
        """End it: what has not begun does not begin, and what is unfinished goes."""
        client, self._client = self._client, None
        if client is None:
            return
        if self._dispatch is not None and self._dispatch.outstanding:
            _try(lambda: client.run(remote.stop, self._token, on_error="ignore"))
        _try(lambda: client.close(timeout=_MOMENT))
        with part_of_run(self._token):
            for folder in self._folders:
                remove_unfinished(Path(folder, "any"), "*")
        for missing in self._missing:
            with suppress(OSError):  # it was made, and something is in it
                missing.rmdir()


class _Replacing(Sequence[Task]):
    """Tasks whose outputs replace what is there: the client has seen that nothing was, and what is there now is theirs.

    Args:
        tasks: The tasks.
        folders: Takes the folders of their outputs.
    """

    def __init__(self, tasks: Sequence[Task], folders: set[str]) -> None:
        self._tasks, self._folders = tasks, folders

    def __len__(self) -> int:
        return len(self._tasks)

    def __getitem__(self, index: int) -> Task:  # type: ignore[override]
        task = self._tasks[index]
        if task.dry_run:
            return task
        output = task.requests[0].output or ""
        self._folders.add(os.path.dirname(output if output.endswith("/") else task.requests[0].output_file))
        threads = task.requests[0].threads or 1
        return task._replace(requests=[request._replace(force=True, threads=threads) for request in task.requests])


def _try(what: Callable[[], object]) -> None:
    """Do what may take for ever where somebody stands still, and wait a moment for it."""

    def do() -> None:
        with suppress(Exception):
            what()

    thread = Thread(target=do, daemon=True)
    thread.start()
    thread.join(_MOMENT)
