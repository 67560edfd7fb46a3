"""Clusters that could not do it: refused before the start, in one line and with what to do."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from lrn_cli._version import __version__
from tests.conftest import Run
from tests.scale.clusters import HOOK, ROOT, Cluster

X = np.ones((1, 4, 2, 3), "f4")
UNSHARE = ("unshare", "-m", "sh", "-c")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("a", "deep/b", "deep/c", "z"):
        np.save(tmp_path / "in" / f"{name}.npy", X)
    return tmp_path


WORDS = ("apply", "in", "-r", "-o", "out/", "-c", "caffe", "--cluster")


# (address, message, hint)
NOWHERE = [
    ("tcp://127.0.0.1:1", "no scheduler answers there", "dask scheduler --port 1"),
    ("nowhere.json", "is neither an address nor a file", "tcp://HOST:8786"),
    ("in/a.npy", "in/a.npy: is no scheduler's file", "a file that dask scheduler --scheduler-file writes"),
    ("dask", "Dask's configuration names no scheduler", "export DASK_SCHEDULER_ADDRESS=tcp://HOST:8786"),
    ("carrier-pigeon://coop:1", "carrier-pigeon:// is no address of a scheduler", "tcp://coop:1"),
    ("tcp://127.0.0.1", "tcp://127.0.0.1: has no port", "tcp://127.0.0.1:8786"),
    ("tcp://127.0.0.1:99999", "has no port from 1 to 65,535", "tcp://127.0.0.1:8786"),
    ("127.0.0.1:9000", "is neither an address nor a file", "tcp://127.0.0.1:9000"),
    ("http://127.0.0.1:8787", "http:// is no address of a scheduler", "tcp://127.0.0.1:8786"),
    ("", "--cluster '': is neither an address nor a file", "tcp://HOST:8786"),
]


@pytest.mark.parametrize(("address", "message", "hint"), NOWHERE, ids=[address for address, *_ in NOWHERE])
def test_an_address_where_nothing_answers(
    address: str, message: str, hint: str, folder: Path, dask: None, *, call: Run
) -> None:
    begun = time.monotonic()
    call(*WORDS, address).assert_refused(message, hint)
    assert time.monotonic() - begun < 15
    assert not (folder / "out").exists()


@pytest.fixture
def impatient(dask: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a run wait for a second where others wait for several."""
    from lrn_cli.cluster import address, checks

    assert max(address._PATIENCE, checks._PATIENCE) <= 10
    for module in (address, checks):
        monkeypatch.setattr(module, "_PATIENCE", 1)


@pytest.mark.parametrize(("scheme", "said"), [("tcp", "no scheduler answers there"), ("tls", "TLS expects")])
def test_an_address_where_somebody_listens_and_says_nothing(
    scheme: str, said: str, folder: Path, impatient: None, call: Run
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        call(*WORDS, f"{scheme}://127.0.0.1:{silent.getsockname()[1]}").assert_refused(said)


def test_a_cluster_without_workers(folder: Path, another: Cluster, impatient: None, call: Run) -> None:
    ended = call(*WORDS, another.address)
    ended.assert_refused(f"{another.address}: the cluster has no worker", f"hint: dask worker {another.address}")


def test_workers_without_the_package(folder: Path, another: Cluster, call: Run) -> None:
    another.start_worker(env={"LRN_TEST_WORKER": "bare"})
    another.wait_for(1)
    call(*WORDS, another.address).assert_refused(
        f"has no lrn, this is {__version__}", f"hint: pip install lrn-tensor=={__version__}"
    )
    assert not (folder / "out").exists()


def test_a_worker_of_another_version(
    folder: Path, cluster: Cluster, call: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    copy = tmp_path_factory.mktemp("older")
    shutil.copytree(ROOT / "lrn_cli", copy / "lrn_cli")
    (copy / "lrn_cli" / "_version.py").write_text('__version__ = "0.0.9"\n')
    worker = cluster.start_worker(env={"PYTHONPATH": f"{HOOK}:{copy}"})
    try:
        cluster.wait_for(3)
        ended = call(*WORDS, cluster.address)
    finally:
        cluster.stop(worker)
    ended.assert_refused(
        f"has lrn 0.0.9, this is {__version__} (1 of 3 workers)", f"pip install lrn-tensor=={__version__}"
    )
    assert not (folder / "out").exists()
    cluster.wait_for(2)


def apart(folder: Path) -> tuple[str, ...]:
    """What starts a worker for which that folder is empty."""
    if subprocess.run([*UNSHARE, "true"], check=False, capture_output=True).returncode:
        pytest.skip("a process cannot have mounts of its own here")
    return (*UNSHARE, f"mount -t tmpfs none '{folder}' && exec \"$@\"", "sh")


@pytest.mark.parametrize(
    ("hidden", "message"), [("in", "does not see in/a.npy"), ("out", "does not see what is written to out")]
)
def test_a_worker_that_does_not_see_the_files(
    hidden: str, message: str, folder: Path, cluster: Cluster, call: Run
) -> None:
    (folder / "out").mkdir()
    worker = cluster.start_worker(prefix=apart(folder / hidden))
    try:
        cluster.wait_for(3)
        ended = call(*WORDS, cluster.address)
    finally:
        cluster.stop(worker)
    ended.assert_refused(f"{message} (1 of 3 workers)", f"in place of {folder / hidden}")
    assert list((folder / "out").iterdir()) == []
    cluster.wait_for(2)


def test_what_one_worker_does_not_see_another_does(folder: Path, cluster: Cluster, call: Run) -> None:
    for number in range(40):
        np.save(folder / "in" / "deep" / f"{number}.npy", X)
    worker = cluster.start_worker(prefix=apart(folder / "in" / "deep"))
    try:
        cluster.wait_for(3)
        ended = call(*WORDS, cluster.address)
    finally:
        cluster.stop(worker)
    assert (ended.code, ended.err) == (0, "lrn: 44 of 44 inputs done: NCHW with 4 channels\n")
    assert len(list((folder / "out").rglob("*.npy"))) == 44
    cluster.wait_for(2)
