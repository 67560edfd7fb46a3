"""Much at once: ten thousand files, and a tensor far larger than the memory that it may take."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lrn_cli.tensors.npy.header import encode_header
from tests.benchmarks.tables import Table
from tests.campaign.settings import Settings, say

LRN = (sys.executable, "-m", "lrn_cli", "apply")
_GIB = 1 << 30
_FILES = 10_000
_MOST = 200 << 20


def campaign(settings: Settings, folder: Path) -> Iterator[Table]:
    """Each with its time and its peak memory."""
    table = Table("Load", ("run", "exit", "seconds", "peak MiB", "outputs"))
    (folder / "in").mkdir()
    x = np.random.default_rng(0).standard_normal((1, 8, 8, 16)).astype("f4")
    for number in range(_FILES):
        np.save(folder / "in" / f"{number}.npy", x)
    code, seconds, peak = _run((*LRN, "in", "-r", "-o", "out/", "-q", "-c", "tf"), folder)
    made = sum(1 for _ in (folder / "out").iterdir())
    table.add(f"{_FILES} files", code, seconds, peak / 2**20, made)
    if code or made != _FILES:
        settings.failures.append(f"load: {made} of {_FILES} files, exit {code}")
    for name in ("in", "out"):
        shutil.rmtree(folder / name)
    if shutil.disk_usage(folder).free < 10 * _GIB:
        say("load: less than 10 GiB are free: the sparse tensor is left out")
    else:
        _sparse(settings, folder, table)
    yield table


def _sparse(settings: Settings, folder: Path, table: Table) -> None:
    shape = (64, 32, 1024, 1024)  # of float32: 8 GiB
    head = encode_header(shape, False, np.dtype("f4"))
    with (folder / "x.npy").open("wb") as file:
        file.write(head)
        file.truncate(len(head) + 8 * _GIB)
    try:
        code, seconds, peak = _run((*LRN, "x.npy", "-o", "y.npy", "-q", "-c", "caffe"), folder)
        size = (folder / "y.npy").stat().st_size if code == 0 else 0
    finally:
        for name in ("x.npy", "y.npy"):
            (folder / name).unlink(missing_ok=True)
    table.add("sparse .npy of 8 GiB", code, seconds, peak / 2**20, int(size == len(head) + 8 * _GIB))
    if code or peak > _MOST:
        settings.failures.append(f"load: 8 GiB: exit {code}, {peak >> 20} MiB")


def _run(command: tuple[str, ...], folder: Path) -> tuple[int, float, int]:
    """Exit code, seconds, and peak memory in bytes of the largest of its processes."""
    begin = time.monotonic()
    process = subprocess.Popen(command, cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, time.monotonic() - begin, usage.ru_maxrss * 1024
