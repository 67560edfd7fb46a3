"""One tensor in slabs, by several workers: the bits are those of one machine, whatever the cut."""

from __future__ import annotations

import os
import signal
from typing import Any

import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.cluster import assembly
from tests.conftest import Run
from tests.scale.clusters import Cluster, Here, until

RNG = np.random.default_rng(0)

# (shape, dtype, words): cut outside of the window, across it, in both regions, in Fortran order, of odd sizes
CASES = [
    ((61, 24, 33, 21), "f4", "-c caffe:alpha=0.5"),
    ((1, 190, 101, 71), "f4", "-c caffe:alpha=0.5,local_size=7"),
    ((2, 3, 401, 301), "f8", "-c caffe:norm_region=WITHIN_CHANNEL,alpha=0.5"),
    ((3, 201, 99, 40), "f2", "-c tf"),
    ((40, 50, 60, 9), "F", "-c caffe:alpha=0.5"),
    ((301, 7003), "f4", "-c pytorch:size=4 --dtype float64"),
    ((3, 5), "f4", "-c caffe"),
    ((0, 5, 4), "f4", "-c caffe"),
]


@pytest.mark.parametrize(("shape", "kind", "words"), CASES)
def test_slabs_have_the_bits_of_one_machine(
    shape: tuple[int, ...], kind: str, words: str, here: Here, cluster: Cluster, *, call: Run
) -> None:
    x = RNG.standard_normal(shape).astype("f4" if kind == "F" else kind)
    np.save(here.folder / "x.npy", np.asfortranarray(x) if kind == "F" else x)
    expected = call("apply", "x.npy", "-o", "expected.npy", *words.split())
    ended = call("apply", "x.npy", "-o", "y.npy", *words.split(), "--cluster", cluster.address)
    assert (ended.code, ended.err) == (0, expected.err.replace("expected.npy", "y.npy"))
    assert sorted(path.name for path in here.folder.iterdir()) == ["expected.npy", "x.npy", "y.npy"]
    assert (here.folder / "y.npy").read_bytes() == (here.folder / "expected.npy").read_bytes()


def test_a_worker_that_is_killed_costs_its_slab_and_no_bit(here: Here, cluster: Cluster) -> None:
    x = RNG.standard_normal((32, 96, 80, 80), dtype="f4")
    np.save(here.folder / "x.npy", x)
    run = here.begin("apply", "x.npy", "-o", "y.npy", "-c", "caffe:alpha=0.5", "--cluster", cluster.address)
    until(lambda: list(here.folder.glob(".y.npy.*")), "it has begun")
    os.kill(cluster.numbers()[0], signal.SIGKILL)
    assert here.end(run).code == 0
    np.testing.assert_array_equal(np.load(here.folder / "y.npy"), normalize(x, "caffe", alpha=0.5, layout="NCHW"))
    assert sorted(path.name for path in here.folder.iterdir()) == ["x.npy", "y.npy"]
    cluster.wait_for(2)


@pytest.mark.parametrize("output", ["npy", "zarr"])
def test_ctrl_c_leaves_nothing_of_it(output: str, here: Here, cluster: Cluster) -> None:
    if output == "zarr":
        pytest.importorskip("zarr", reason="zarr is not installed: pip install -e '.[test-cluster]'")
    np.lib.format.open_memmap(here.folder / "x.npy", "w+", "f4", (200, 96, 100, 100)).flush()
    words = ("x.npy", "-o", "new/", "--output-format", output, "-c", "caffe")
    run = here.begin("apply", *words, "--cluster", cluster.address)
    until(lambda: list(here.folder.rglob(".x.*")) or run.poll() is not None, "it has begun")
    run.send_signal(signal.SIGINT)
    assert here.end(run).code == 130
    assert [path.name for path in here.folder.iterdir()] == ["x.npy"]


def test_what_is_in_the_way_is_refused_as_on_one_machine(here: Here, cluster: Cluster, call: Run) -> None:
    np.save(here.folder / "x.npy", np.ones((2, 3, 4, 5), "f4"))
    (here.folder / "y.npy").write_text("old")
    refused = [("x.npy", "-o", "y.npy"), ("x.npy", "-o", "no/y.npy"), ("none.npy", "-o", "z.npy"), ("x.npy", "-o", "z")]
    for words in refused:
        alone = call("apply", *words, "-c", "caffe")
        there = call("apply", *words, "-c", "caffe", "--cluster", cluster.address)
        assert (there.code, there.err) == (alone.code, alone.err)
    assert (here.folder / "y.npy").read_text() == "old"
    assert call("apply", "x.npy", "-o", "y.npy", "-c", "caffe", "-f", "--cluster", cluster.address).code == 0
    assert np.load(here.folder / "y.npy").shape == (2, 3, 4, 5)


def test_large_files_among_several_go_in_slabs(
    here: Here, cluster: Cluster, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrn_cli.cluster.engine._LARGE", 1 << 20)
    done = list[str]()

    def note(task: Any, *of: Any) -> Any:
        done.append(task.word)
        return assembly.assemble(task, *of)

    monkeypatch.setattr("lrn_cli.cluster.engine.assemble", note)
    for name, count in (("a", 4), ("large", 60), ("larger", 70), ("z", 3)):
        np.save(here.folder / f"{name}.npy", RNG.standard_normal((count, 24, 40, 41), dtype="f4"))
    words = ("apply", "a.npy", "large.npy", "larger.npy", "z.npy", "-c", "caffe:alpha=0.5", "-o")
    ended = call(*words, "out/", "--cluster", cluster.address)
    assert (ended.code, sorted(done)) == (0, ["large.npy", "larger.npy"]), ended.err
    assert ended.err == "lrn: 4 of 4 inputs done: NCHW with 24 channels\n"
    assert call(*words, "expected/").code == 0
    assert here.files("out") == here.files("expected")
