"""Processes that work side by side: what one crash costs is one job."""

from __future__ import annotations

import os
import signal

import pytest

from lrn_cli.work.isolation import each
from lrn_cli.work.processes import Crashed, Workers

pytestmark = pytest.mark.processes


def squared(job: int) -> int:
    """The square; a job below zero crashes its process as a library does."""
    if job < 0:
        os.kill(os.getpid(), signal.SIGSEGV)
    return job * job


@pytest.mark.parametrize("processes", [1, 3])
@pytest.mark.parametrize("jobs", [[1, 2, 3], [-1, 2, 3, 4, 5, 6, 7], [1, -1, -1, -1, 5] * 6, [-1] * 5, [2, -1], []])
def test_a_crash_costs_its_own_job_and_no_other(jobs: list[int], processes: int) -> None:
    workers: Workers[int, int] = Workers(squared, processes)
    try:
        results = dict(workers.run(jobs))
    finally:
        workers.stop()
    assert sorted(results) == list(range(len(jobs)))
    for index, result in results.items():
        if isinstance(result, Crashed):
            assert jobs[index] < 0
            assert result.reason == "killed by SIGSEGV"
        else:
            assert result == jobs[index] ** 2


def test_there_may_be_more_jobs_than_a_pipe_holds_numbers() -> None:
    count = 20_000
    jobs = [-1 if index == count - 5 else index for index in range(count)]
    workers: Workers[int, int] = Workers(squared, 2)
    try:
        results = dict(workers.run(jobs))
    finally:
        workers.stop()
    assert [index for index in range(count) if isinstance(results[index], Crashed)] == [count - 5]
    assert all(results[index] == index**2 for index in range(count - 5))


def stillborn(_: int) -> None:
    """A job whose process ends without a word."""
    os._exit(3)


def test_processes_that_all_end_leave_no_job_without_a_result() -> None:
    workers: Workers[int, None] = Workers(stillborn, 2)
    try:
        reasons = {index: result.reason for index, result in workers.run(range(5)) if isinstance(result, Crashed)}
    finally:
        workers.stop()
    assert reasons == dict.fromkeys(range(5), "ended with exit code 3")


class AwkwardError(Exception):
    """An error that takes two words to make, as those of libraries do."""

    def __init__(self, function: str, code: int) -> None:
        super().__init__(f"{function} gave {code}")


def test_an_error_that_cannot_be_made_again_elsewhere_comes_with_its_words() -> None:
    def fail(_word: str) -> None:
        raise AwkwardError("decode", 3)

    with pytest.raises(RuntimeError, match="AwkwardError: decode gave 3"):
        list(each(fail, ["x.h5"]))
