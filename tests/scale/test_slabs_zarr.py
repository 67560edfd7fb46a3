"""One tensor in slabs to and from chunks: the files are those of one machine, and no two workers write to one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lrn_cli.cluster import assembly, keeper
from tests.conftest import Run
from tests.scale.clusters import Cluster, Here, until
from tests.scale.zarr_files import files, group, maps, store

SHAPE = (12, 70, 30, 31)
WITHIN = "-c caffe:norm_region=WITHIN_CHANNEL,alpha=0.5"
ACROSS = "-c caffe:alpha=0.5"


def in_hdf5(path: Path, **options: Any) -> None:
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("a/b", data=maps(SHAPE), **options)
        dataset.attrs["units"] = "1"


def in_fortran_order(path: Path) -> None:
    np.save(path, np.asfortranarray(maps(SHAPE)))


# (input, how it is made, output, words)
CASES: dict[str, tuple[str, Callable[[Path], object], str, str]] = {
    "to chunks": ("x.npy", lambda path: np.save(path, maps(SHAPE)), "y.zarr", ACROSS),
    "to chunks, cut across the window": ("x.npy", lambda path: np.save(path, maps((1, *SHAPE[1:]))), "y.zarr", ACROSS),
    "from Fortran order": ("x.npy", in_fortran_order, "y.zarr", WITHIN),
    "from chunks that lie across": (
        *("x.zarr", lambda path: store(path, shape=SHAPE, chunks=(5, 9, 30, 20)), "y.npy", ACROSS),
    ),
    "from chunks to chunks": (
        *("x.zarr", lambda path: store(path, shape=SHAPE, chunks=(2, 30, 17, 31), dtype="f8"), "y.zarr", WITHIN),
    ),
    "version 2, in Fortran order": (
        *("x.zarr", lambda path: store(path, 2, shape=SHAPE, chunks=(3, 70, 9, 9), order="F"), "y.zarr", ACROSS),
    ),
    "shards": (
        "x.zarr",
        lambda path: store(path, shape=SHAPE, chunks=(1, 35, 10, 10), shards=(4, 35, 30, 40), dtype="f2"),
        *("y.zarr", ACROSS),
    ),
    "an array among others": (
        "x.zarr::/a/b",
        lambda path: group(path, {"a/b": maps(SHAPE), "c": maps((3, 4))}, consolidated=True),
        *("y.zarr", ACROSS),
    ),
    "an array that joins others": ("x.npy", lambda path: np.save(path, maps(SHAPE)), "old.zarr::/n/new", ACROSS),
    "from HDF5": ("x.h5", lambda path: in_hdf5(path, chunks=(3, 16, 30, 31), compression="gzip"), "y.npy", ACROSS),
    "from HDF5 to chunks": ("x.h5", lambda path: in_hdf5(path, chunks=(1, 70, 20, 31)), "y.zarr::/n", WITHIN),
    "nothing": ("x.npy", lambda path: np.save(path, np.zeros((0, 5, 4), "f4")), "y.zarr", ACROSS),
}


@pytest.mark.parametrize("case", CASES)
def test_files_are_those_of_one_machine(case: str, tmp_path: Path, cluster: Cluster, call: Run) -> None:
    word, make, output, words = CASES[case]
    make(tmp_path / word.partition("::")[0])
    for name in ("alone", "there"):
        (tmp_path / name).mkdir()
        group(tmp_path / name / "old.zarr", {"a": maps((2, 3))}, 2, consolidated=True)
    alone = call("apply", word, "-o", f"alone/{output}", *words.split())
    there = call("apply", word, "-o", f"there/{output}", *words.split(), "--cluster", cluster.address)
    assert (there.code, there.err) == (0, alone.err.replace("alone/", "there/"))
    assert files(tmp_path / "there") == files(tmp_path / "alone")


def test_the_process_beside_a_worker_does_one_group_after_another(
    here: Here, cluster: Cluster, call: Run, tmp_path: Path
) -> None:
    in_hdf5(tmp_path / "x.h5", chunks=(1, 70, 30, 31))
    words = ("apply", "x.h5", "-o", "y.npy", "--force", *ACROSS.split(), "--cluster", cluster.address)
    assert [call(*words).code for _ in range(4)] == [0] * 4  # by then each worker has one
    before = processes_beside(cluster)
    assert call(*words).code == 0
    assert processes_beside(cluster) == before != []


def processes_beside(cluster: Cluster) -> list[int]:
    """The numbers of the processes that wait beside workers."""
    with cluster.client() as client:
        found = client.run(lambda: [one._process.pid for one in keeper._idle])
    return sorted(number for numbers in found.values() for number in numbers)


def test_a_worker_that_is_killed_costs_its_slab_and_no_bit(here: Here, cluster: Cluster, call: Run) -> None:
    store(here.folder / "x.zarr", shape=(20, 96, 50, 50), chunks=(1, 96, 25, 25), shards=(1, 96, 50, 50))
    run = here.begin("apply", "x.zarr", "-o", "y.zarr", *ACROSS.split(), "--cluster", cluster.address)
    until(lambda: list(here.folder.glob(".y.zarr.*/c/*/*/*/*")), "some of it is written")
    os.kill(cluster.numbers()[0], signal.SIGKILL)
    assert here.end(run).code == 0
    assert call("apply", "x.zarr", "-o", "alone.zarr", *ACROSS.split()).code == 0
    assert files(here.folder / "y.zarr") == files(here.folder / "alone.zarr")
    assert sorted(path.name for path in here.folder.iterdir()) == ["alone.zarr", "x.zarr", "y.zarr"]
    cluster.wait_for(2)


def test_what_a_lost_worker_has_left_does_not_come_along(
    here: Here, cluster: Cluster, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(task: Any, begun: Any, *of: Any) -> Any:
        name = f"0.{'0123456789abcdef' * 2}.partial"  # as zarr-python calls a chunk of which it has not all
        for folder in ("", "c"):
            (begun.shared.unfinished / folder).mkdir(exist_ok=True)
            (begun.shared.unfinished / folder / name).touch()
        return assembly.assemble(task, begun, *of)

    monkeypatch.setattr("lrn_cli.cluster.engine.assemble", leave)
    np.save(here.folder / "x.npy", maps())
    assert call("apply", "x.npy", "-o", "y.zarr", *ACROSS.split(), "--cluster", cluster.address).code == 0
    assert sorted(files(here.folder / "y.zarr")) == ["c/0/0/0/0", "zarr.json"]


def test_an_old_store_is_replaced_only_by_force(here: Here, cluster: Cluster, call: Run) -> None:
    np.save(here.folder / "x.npy", maps())
    store(here.folder / "y.zarr")
    before = files(here.folder)
    words = ("apply", "x.npy", "-o", "y.zarr", *ACROSS.split())
    alone, there = call(*words), call(*words, "--cluster", cluster.address)
    assert (there.code, there.err) == (alone.code, alone.err)
    assert files(here.folder) == before
    assert call(*words, "--force", "--cluster", cluster.address).code == 0
    assert files(here.folder / "y.zarr") != before
