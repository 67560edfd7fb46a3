"""One tensor in slabs, by several workers: the bits are those of one machine, whatever the cut."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from lrn_cli import normalize
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
    ended = here("apply", "x.npy", "-o", "y.npy", *words.split(), "--cluster", cluster.address)
    assert (ended.code, ended.err) == (0, expected.err.replace("expected.npy", "y.npy"))
    assert sorted(path.name for path in here.folder.iterdir()) == ["expected.npy", "x.npy", "y.npy"]
    assert (here.folder / "y.npy").read_bytes() == (here.folder / "expected.npy").read_bytes()


def test_a_worker_that_is_killed_costs_its_slab_and_no_bit(here: Here, cluster: Cluster) -> None:
    x = RNG.standard_normal((64, 96, 100, 100), dtype="f4")
    np.save(here.folder / "x.npy", x)
    run = here.begin("apply", "x.npy", "-o", "y.npy", "-c", "caffe:alpha=0.5", "--cluster", cluster.address)
    until(lambda: list(here.folder.glob(".y.npy.*")), "it has begun")
    os.kill(cluster.numbers()[0], signal.SIGKILL)
    assert here.end(run).code == 0
    y = np.load(here.folder / "y.npy", mmap_mode="r")
    assert all(np.array_equal(y[at], normalize(x[at], "caffe", alpha=0.5, layout="CHW")) for at in range(0, 64, 9))
    assert sorted(path.name for path in here.folder.iterdir()) == ["x.npy", "y.npy"]
    cluster.wait_for(2)


def test_ctrl_c_leaves_nothing_of_it(here: Here, cluster: Cluster) -> None:
    np.lib.format.open_memmap(here.folder / "x.npy", "w+", "f4", (200, 96, 100, 100)).flush()
    run = here.begin("apply", "x.npy", "-o", "y.npy", "-c", "caffe", "--cluster", cluster.address)
    until(lambda: list(here.folder.glob(".y.npy.*")), "it has begun")
    run.send_signal(signal.SIGINT)
    assert here.end(run).code == 130
    assert [path.name for path in here.folder.iterdir()] == ["x.npy"]


def test_what_is_in_the_way_is_refused_as_on_one_machine(here: Here, cluster: Cluster, call: Run) -> None:
    np.save(here.folder / "x.npy", np.ones((2, 3, 4, 5), "f4"))
    (here.folder / "y.npy").write_text("old")
    for words in (("x.npy", "-o", "y.npy"), ("x.npy", "-o", "no/y.npy"), ("none.npy", "-o", "z.npy")):
        alone = call("apply", *words, "-c", "caffe")
        there = here("apply", *words, "-c", "caffe", "--cluster", cluster.address)
        assert (there.code, there.err) == (alone.code, alone.err)
    assert (here.folder / "y.npy").read_text() == "old"
    assert here("apply", "x.npy", "-o", "y.npy", "-c", "caffe", "-f", "--cluster", cluster.address).code == 0
    assert np.load(here.folder / "y.npy").shape == (2, 3, 4, 5)


def test_large_files_among_several_go_in_slabs(here: Here, cluster: Cluster) -> None:
    for name, count in (("a", 4), ("large", 60), ("z", 3)):
        np.save(here.folder / f"{name}.npy", RNG.standard_normal((count, 24, 40, 41), dtype="f4"))
    words = ("apply", "a.npy", "large.npy", "z.npy", "-c", "caffe:alpha=0.5", "-o")
    program = "from lrn_cli.cluster import engine, slabs\nfrom lrn_cli.__main__ import main\nengine._LARGE = 1 << 20\n"
    program += "write, engine.assemble = engine.assemble, lambda *of: (print(of[0].word), write(*of))[1]\nmain()"
    ended = here.end(here.begin(*words, "out/", "--cluster", cluster.address, program=("-c", program)))
    assert (ended.code, ended.out) == (0, b"large.npy\n"), ended.err
    assert ended.err == "lrn: 3 of 3 inputs done: NCHW with 24 channels\n"
    assert here(*words, "expected/").code == 0
    assert here.files("out") == here.files("expected")
