"""What a group of files costs the scheduler and the client of a cluster, with workers that only wait.

`python -m tests.benchmarks.cluster ADDRESS COUNT` is the process that has so many of these workers.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.tables import Table
from tests.benchmarks.timing import MeasurementError, Settings, say

SECONDS = 1 / 16
"""What a file takes: a worker sleeps so long."""
TOGETHER = 20
"""Workers in a process: of many more, threads would wait for each other."""
FILES = 320
"""For each worker: 20 s, in which it has some ten groups."""


class Taken(NamedTuple):
    """What a run took: seconds, those if groups cost nothing, groups, and processor time of both."""

    seconds: float
    ideal: float
    groups: int
    scheduler: float
    client: float


def measure(settings: Settings, _folder: Path) -> Iterator[Table]:
    """Measure 20 and 100 workers."""
    if find_spec("distributed") is None:
        say("cluster: Dask is not installed; the extra cluster has it")
        return
    table = Table(
        "A cluster: what groups of files cost",
        ("workers", "files", "groups", "s", "ideal s", "scheduler ms a group", "client ms a group", "client ms a file"),
        f"Twenty workers in a process, each of whose files is {SECONDS * 1e3:g} ms of sleep; heartbeats included.",
    )
    for workers in (20, 100):
        say(f"cluster: {workers} workers")
        files = settings.size(FILES * 2) // 2 * workers
        with ExitStack() as stack:
            taken = _run(stack, workers, files)
        each = (1e3 * taken.scheduler / taken.groups, 1e3 * taken.client / taken.groups, 1e3 * taken.client / files)
        table.add(workers, files, taken.groups, taken.seconds, taken.ideal, *each)
    yield table


def _run(stack: ExitStack, workers: int, files: int) -> Taken:
    from distributed import Client

    from lrn_cli.cluster.dispatch import Dispatch
    from lrn_cli.conventions.binding import bound
    from lrn_cli.pipeline.joint import Task
    from lrn_cli.pipeline.request import Request

    folder = stack.enter_context(tempfile.TemporaryDirectory())
    scheduler, address = _scheduler(stack, Path(folder))
    for _ in range(workers // TOGETHER):
        _begin(stack, "tests.benchmarks.cluster", address, str(TOGETHER))
    client = stack.enter_context(Client(address, set_as_default=False))
    _wait(lambda: len(client.nthreads()) == workers)
    request = Request("", "out/", bound("caffe"))
    jobs = [Task(word, [request._replace(source=word)]) for word in (f"in/{number:07}.npy" for number in range(files))]
    dispatch = Dispatch(client, address, "benchmark", jobs, range(files))
    before, own, begun = _processor_time(scheduler), time.process_time(), time.perf_counter()
    if sum(1 for _ in dispatch.results()) != files:
        raise MeasurementError("not every file was told of")
    seconds = time.perf_counter() - begun
    return Taken(
        seconds,
        files * SECONDS / workers,
        dispatch.begun,
        _processor_time(scheduler) - before,
        time.process_time() - own,
    )


def _scheduler(stack: ExitStack, folder: Path) -> tuple[int, str]:
    """Start one; its process and its address."""
    import json

    file = folder / "scheduler.json"
    words = ("--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file))
    process = _begin(stack, "distributed.cli.dask_scheduler", *words)
    _wait(lambda: file.exists() and file.read_text().endswith("}"))
    return process, json.loads(file.read_text())["address"]


def _begin(stack: ExitStack, module: str, *words: str) -> int:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process.pid


def _wait(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not holds():
        if time.monotonic() > end:
            raise MeasurementError("the cluster does not start")
        time.sleep(0.05)


def _processor_time(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def work(address: str, count: int) -> None:
    """Be so many workers, of one thread each, for which a file is a sleep."""
    from distributed import Worker

    from lrn_cli.cluster import remote
    from lrn_cli.pipeline.joint import Task
    from lrn_cli.pipeline.request import Outcome, Report

    def wait(job: remote.Job) -> remote.Result:
        assert isinstance(job, Task)
        time.sleep(SECONDS)
        request = job.requests[0]
        report = Report(request.source, "out/", request.bound, "NCHW", (1, 32, 32, 24), 32, "float32", "float32", 0, ())
        return [Outcome(request.source, "out/", report).under(None)]

    vars(remote).update(do=wait, may_crash=lambda _: False)
    workers = [Worker(address, nthreads=1, dashboard=False, memory_limit=0) for _ in range(count)]
    await asyncio.gather(*workers)
    await asyncio.gather(*(worker.finished() for worker in workers))


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], int(sys.argv[2])))
