"""What runs on the workers. Dask takes each function by its name, so the package must be there, and of this version."""

from __future__ import annotations

import asyncio
import os
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from time import perf_counter
from typing import NamedTuple

from lrn_cli._version import __version__
from lrn_cli.cluster.home import Home
from lrn_cli.cluster.slabs import Beginning, Begun, Slab, Written
from lrn_cli.errors import LrnError
from lrn_cli.pipeline.joint import Task, attempt
from lrn_cli.pipeline.outputs import is_there
from lrn_cli.pipeline.request import Outcome
from lrn_cli.tensors.replace import part_of_run
from lrn_cli.tensors.selection import split
from lrn_cli.work.isolation import crashed_error, may_crash
from lrn_cli.work.processes import Crashed

Job = Task | Beginning | Slab
Result = list[Outcome] | Begun | Written | LrnError

_stopped: set[str] = set()
"""Tokens of runs that are over."""
_writing: dict[object, str] = {}
"""Tokens of the runs whose slabs are being written."""
_MOMENT, _GLANCE = 2.0, 0.02
"""Seconds in which a slab comes to see that it is of no use any more, and between two looks."""


class Group(NamedTuple):
    """What a worker is given at a time.

    Attributes:
        token: Of the run, for the names of what is unfinished.
        home: Where names were typed.
        jobs: The inputs, or slabs of one; all of one kind.
        apart: Whether all are done in a process beside the worker, and not only those of libraries that may crash.
        large: Files of more bytes are only told; 0 where all are done.
    """

    token: str
    home: Home
    jobs: Sequence[Job]
    apart: bool = False
    large: int = 0


class Answer(NamedTuple):
    """What a worker says of a group.

    Attributes:
        worker: Its address.
        seconds: How long it took.
        ended: How each input has ended, as far as nobody stopped it.
        unseen: Which of them, by their place, are files that are not there.
        large: Which of them are left, as they are large.
        unfit: Why it does nothing; empty where it does.
    """

    worker: str
    seconds: float = 0.0
    ended: Sequence[Result] = ()
    unseen: Sequence[int] = ()
    large: Sequence[int] = ()
    unfit: str = ""


def work(version: str, group: bytes) -> bytes:
    """Do a group; both ways as bytes, into which Dask does not look, and which another version need not understand."""
    from distributed import get_worker

    here = get_worker().address
    if version != __version__:
        return pickle.dumps(Answer(here, unfit=f"has lrn {__version__}, and this is {version}"))
    return pickle.dumps(_do(here, pickle.loads(group)))  # noqa: S301 - from the client that Dask's workers obey anyway


async def stop(token: str) -> None:
    """Begin nothing more of a run; called in the worker's event loop while threads work.

    Slabs find that there is nothing any more to which they could be written: until then zarr-python may make it anew.
    """
    _stopped.add(token)
    end = perf_counter() + _MOMENT
    while token in _writing.values() and perf_counter() < end:
        await asyncio.sleep(_GLANCE)


class Blind(NamedTuple):
    """What a worker does not see, or cannot do: `how` with `path`, which is in that folder or is it."""

    how: str
    path: str
    folder: str


def look(files: Sequence[str], probe: str) -> Blind | None:
    """The first of some files that is not there, or a file's folder if the file is not there or no other can be made.

    Args:
        files: The files.
        probe: A new file of the client's; empty where it could make none.
    """
    for path in files:
        if not os.path.exists(path):
            return Blind("does not see", path, os.path.dirname(path))
    folder = os.path.dirname(probe)
    if probe and not os.path.exists(probe):
        return Blind("does not see what is written to", folder, folder)
    return Blind("cannot write to", folder, folder) if probe and not os.access(folder, os.W_OK | os.X_OK) else None


def _do(here: str, group: Group) -> Answer:
    begun, home = perf_counter(), group.home
    jobs = [home.task(job) if isinstance(job, Task) else job.elsewhere(home) for job in group.jobs]
    large = [place for place, job in enumerate(jobs) if group.large and _size(job.word) > group.large]
    with part_of_run(group.token), _told_of(group):
        ended = dict(_each(group, {place: job for place, job in enumerate(jobs) if place not in large}))
    unseen = [place for place, result in ended.items() if _failed(result) and not is_there(jobs[place].word)]
    told = [_typed(ended.get(place, []), home) for place in range(len(jobs))]
    return Answer(here, perf_counter() - begun, told, unseen, large)


@contextmanager
def _told_of(group: Group) -> Iterator[None]:
    """Have `stop` wait for slabs."""
    if not isinstance(group.jobs[0], Slab):
        yield
        return
    key = object()
    _writing[key] = group.token
    try:
        yield
    finally:
        del _writing[key]


def _each(group: Group, jobs: dict[int, Job]) -> Iterator[tuple[int, Result]]:
    """How each input ends, by its place: first what is done here, then what is done beside the worker."""
    fragile = {place: job for place, job in jobs.items() if group.apart or _may_crash(job)}
    for place, job in jobs.items():
        if group.token in _stopped:
            return
        if place not in fragile:
            yield place, do(job)
    if fragile:
        # In this order, so that the process is done with all of it, and not ended in the middle.
        for result, place in zip(_beside(group.token, list(fragile.values())), fragile, strict=True):
            yield place, result


def do(job: Job) -> Result:
    """One job."""
    return attempt(job) if isinstance(job, Task) else job.do()


def _beside(token: str, jobs: Sequence[Job]) -> Iterator[Result]:
    from lrn_cli.cluster.keeper import keeper

    with keeper() as kept:
        for index, result in kept.run(token, do, jobs):
            if token in _stopped:
                raise InterruptedError  # the process is ended, and with it what it does
            yield _crashed(jobs[index], result) if isinstance(result, Crashed) else result


def _crashed(job: Job, crashed: Crashed) -> Result:
    request = job.request if isinstance(job, Slab) else job.requests[0]
    return job.failed(crashed_error(job.word, request.output, request.output_format, crashed))


def _failed(result: Result) -> bool:
    return isinstance(result, LrnError) or (isinstance(result, list) and result[0].error is not None)


def _typed(result: Result, home: Home) -> Result:
    """A result in the names as they were typed."""
    if isinstance(result, LrnError):
        return home.error(result)
    if isinstance(result, Begun):
        return result._replace(outcome=home.outcome(result.outcome))
    return [home.outcome(outcome) for outcome in result] if isinstance(result, list) else result


def _may_crash(job: Job) -> bool:
    file = "" if isinstance(job, Slab) else job.requests[0].output_file
    return may_crash(job.word) or (os.path.exists(file) and may_crash(file))


def _size(word: str) -> int:
    with suppress(OSError):
        return os.stat(split(word)[0]).st_size
    return 0
