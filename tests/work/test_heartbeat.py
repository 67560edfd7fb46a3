"""A process that is watched may take long over a file's elements, and over nothing else."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lrn_cli.commands import lrn
from lrn_cli.errors import LrnError
from lrn_cli.work import heartbeat, processes
from lrn_cli.work.heartbeat import long_call
from lrn_cli.work.processes import Crashed, Workers

BUSY = 0.8
"""Seconds of processor time that a call takes: twice the patience of these tests, far less than the other."""
VERBS = {
    "apply": ["apply", "x.h5", "-o", "z.npy"],
    "apply to HDF5": ["apply", "x.npy", "-o", "z.h5"],
    "apply to packed HDF5": ["apply", "x.h5", "-o", "z.h5"],
    "the survey before it": ["apply", "missing.h5", "-o", "z.npy"],
    "compare": ["compare", "x.h5", "--against", "y.h5"],
    "compare conventions": ["compare", "x.h5", "-c", "tf", "-c", "caffe"],
    "identify": ["identify", "x.h5", "y.h5"],
}


def hold_the_lock() -> None:
    """Compute under Python's own lock, as HDF5 does: no other thread gets to run."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    end = time.process_time() + BUSY
    while time.process_time() < end:
        pass
    sys.setswitchinterval(usual)


def slow(call: Callable[..., None]) -> Callable[..., None]:
    """The same call, taking long the first time in each process."""
    slowed = set[int]()

    def called(*given: Any, **named: Any) -> None:
        if os.getpid() not in slowed:
            slowed.add(os.getpid())
            hold_the_lock()
        call(*given, **named)

    return called


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of one chunk, a short patience, and an HDF5 that takes longer over a call for elements."""
    monkeypatch.chdir(tmp_path)
    x = np.random.default_rng(0).standard_normal((2, 8, 6, 6)).astype("f4")
    np.save("x.npy", x)
    lrn.main(["apply", "x.npy", "-o", "y.npy", "-q"], standalone_mode=False)
    for name, values in (("x", x), ("y", np.load("y.npy")), ("missing", x)):
        with h5py.File(f"{name}.h5", "w") as file:
            made = file.create_dataset("v", data=values, chunks=values.shape, compression="gzip")
            if name == "missing":
                made.attrs["_FillValue"] = np.float32(-1e9)
    monkeypatch.setattr(heartbeat, "_PATIENCE", 0.4)
    monkeypatch.setattr(heartbeat, "_INTERVAL", 0.05)
    monkeypatch.setattr(processes, "_GLANCE", 0.1)
    for name in ("read_direct", "write_direct"):
        monkeypatch.setattr(h5py.Dataset, name, slow(getattr(h5py.Dataset, name)))
    return tmp_path


@pytest.mark.parametrize("words", VERBS.values(), ids=VERBS)
def test_a_slow_chunk_is_waited_for_by_every_verb(folder: Path, words: list[str]) -> None:
    # A difference, or nothing found, is an answer, too.
    assert lrn.main(words, standalone_mode=False) in (None, 0, 1)


@pytest.mark.parametrize("verb", ["apply", "compare", "identify"])
def test_a_chunk_that_never_ends_is_an_error_of_its_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(heartbeat, "_MUCH_PATIENCE", 0.4)
    with pytest.raises(LrnError, match="a call into it never ended"):
        lrn.main(VERBS[verb], standalone_mode=False)


def jobs_done(work: Callable[[int], None], monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What becomes of one job in a process that is watched impatiently."""
    monkeypatch.setattr(heartbeat, "_PATIENCE", 0.4)
    monkeypatch.setattr(heartbeat, "_INTERVAL", 0.05)
    monkeypatch.setattr(processes, "_GLANCE", 0.1)
    workers: Workers[int, None] = Workers(work, 1)
    try:
        return [result.reason if isinstance(result, Crashed) else result for _, result in workers.run([0])]
    finally:
        workers.stop()


def test_only_while_a_long_call_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(_: int) -> None:
        with long_call():
            pass
        hold_the_lock()

    assert jobs_done(work, monkeypatch) == ["a call into it never ended"]


def test_what_a_long_call_took_does_not_count_against_what_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(_: int) -> None:
        sys.setswitchinterval(1000)  # the thread that beats gets no turn at all
        for _ in range(3):
            with long_call(), long_call():
                end = time.process_time() + BUSY / 2
                while time.process_time() < end:
                    pass
            end = time.process_time() + 0.2
            while time.process_time() < end:
                pass

    assert jobs_done(work, monkeypatch) == [None]


def test_a_process_that_is_not_watched_tells_nobody() -> None:
    assert heartbeat._own is None
    called: list[object] = []
    with long_call():
        called.append(heartbeat._own)
    assert called == [None]
