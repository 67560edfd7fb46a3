"""What is lost in the middle of a run on a cluster: workers, the scheduler, patience. Each input is told of once."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from lrn_cli import normalize
from tests.scale.clusters import Cluster, Here, until

WORD = ("-c", "caffe:alpha=0.5")
X = np.random.default_rng(0).standard_normal((4, 96, 32, 32)).astype("f4")
EXPECTED = normalize(X, "caffe", alpha=0.5).tobytes()


def fill(folder: Path, count: int, *others: str) -> list[str]:
    """So many tensors of 1.5 MB, and others, in the order of their names."""
    (folder / "in").mkdir()
    names = sorted([*(f"in/{number:03}.npy" for number in range(count)), *others])
    np.save(folder / "in" / "first", X)
    for name in names:
        os.link(folder / "in" / "first.npy", folder / name)
    (folder / "in" / "first.npy").unlink()
    return names


def done(folder: Path) -> int:
    """How many outputs there are."""
    return len(list((folder / "out").glob("*.npy"))) if (folder / "out").is_dir() else 0


def assert_whole(here: Here) -> None:
    """Check that every file among the outputs is a whole result: nothing unfinished, and nothing half done."""
    for name, data in here.files("out").items():
        assert name.endswith(".npy")
        assert not name.startswith(".")
        assert data.endswith(EXPECTED), name


def test_workers_that_are_killed_cost_nothing(here: Here, cluster: Cluster) -> None:
    names = fill(here.folder, 240)
    run = here.begin("apply", "in", "-r", "-o", "out/", *WORD, "--json", "--cluster", cluster.address)
    for share in (20, 100):
        until(lambda share=share: done(here.folder) > share or run.poll() is not None, "some are done")  # type: ignore[misc]
        os.kill(cluster.numbers()[0], signal.SIGKILL)
    ended = here.end(run)
    assert (ended.code, ended.err.splitlines()[-1]) == (0, "lrn: 240 of 240 inputs done: NCHW with 96 channels")
    assert [json.loads(line)["input"] for line in ended.out.splitlines()] == names
    assert_whole(here)
    cluster.wait_for(2)


def test_a_file_that_kills_workers_is_told_of_alone(here: Here, cluster: Cluster) -> None:
    names = fill(here.folder, 60, "in/021poison.npy")
    ended = here("apply", "in", "-r", "-o", "out/", *WORD, "--json", "--cluster", cluster.address)
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert (ended.code, [row["input"] for row in rows]) == (2, names)
    assert [row["error"] for row in rows if "error" in row] == [
        "in/021poison.npy: reading it crashed a library (killed by SIGKILL); the file may be damaged"
    ]
    assert done(here.folder) == 60
    assert_whole(here)
    cluster.wait_for(2)


@pytest.mark.parametrize("still", [False, True], ids=["at work", "standing still"])
def test_ctrl_c_ends_it_and_no_more_is_begun(still: bool, here: Here, cluster: Cluster) -> None:
    fill(here.folder, 400)
    numbers = cluster.numbers()
    if still:
        for number in numbers:
            os.kill(number, signal.SIGSTOP)
    run = here.begin("apply", "in", "-r", "-o", "out/", *WORD, "--cluster", cluster.address)
    if still:
        time.sleep(2)
        assert done(here.folder) == 0
    until(lambda: still or done(here.folder) > 10, "some are done")
    run.send_signal(signal.SIGINT)
    begun = time.monotonic()
    ended = here.end(run)
    there = done(here.folder)
    assert (ended.code, time.monotonic() - begun < 15) == (130, True)
    for number in numbers:
        os.kill(number, signal.SIGCONT)
    time.sleep(1)
    assert done(here.folder) <= there + 2  # what each worker had at hand
    assert there < 400
    assert_whole(here)


def test_a_scheduler_that_is_killed_ends_it(here: Here, another: Cluster) -> None:
    names = fill(here.folder, 400)
    another.start_worker()
    another.wait_for(1)
    run = here.begin("apply", "in", "-r", "-o", "out/", *WORD, "--json", "--cluster", another.address)
    until(lambda: done(here.folder) > 10, "some are done")
    another.scheduler.kill()
    begun = time.monotonic()
    ended = here.end(run)
    assert (ended.code, time.monotonic() - begun < 15) == (2, True)
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert [row["input"] for row in rows] == names
    left = [row for row in rows if "error" in row]
    assert {row["error"].removeprefix(row["input"]) for row in left} == {
        f": is not done: the scheduler at {another.address} is gone"
    }
    assert {row["hint"] for row in left} == {"--skip-existing to do what is left"}
    assert ended.err.splitlines()[-2:] == [
        f"lrn: error: {len(left)} of 400 inputs failed",
        "hint: the lines above say why",
    ]
    assert_whole(here)
    again = here("apply", "in", "-r", "-o", "out/", *WORD, "-q", "--skip-existing")
    assert (again.code, done(here.folder)) == (0, 400)
