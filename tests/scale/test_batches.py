"""`lrn apply --cluster`: what comes of a batch, and what is said, is what this machine alone gives."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from tests.conftest import Run
from tests.scale.clusters import Cluster, Here

WORD = ("-c", "caffe:alpha=0.5")
X = np.random.default_rng(0).standard_normal((2, 6, 4, 5)).astype("f4")


def fill(folder: Path) -> None:
    """Tensors of several formats, and files that are none."""
    (folder / "in" / "deep").mkdir(parents=True)
    for name in ("a", "b", "deep/c"):
        np.save(folder / "in" / f"{name}.npy", X)
    with h5py.File(folder / "in" / "d.h5", "w") as file:
        file["f/one"], file["f/two"] = X, X + 1
    np.savez(folder / "in" / "e.npz", x=X)
    Image.fromarray(np.arange(48, dtype="u1").reshape(4, 4, 3)).save(folder / "in" / "g.png")
    (folder / "in" / "bad.npy").write_bytes(b"nothing")
    (folder / "in" / "bad.h5").write_bytes(b"\x89HDF\r\n\x1a\n and no more")


@pytest.fixture
def both(tmp_path: Path) -> tuple[Here, Here]:
    """The same files twice: for a run here, and for one on a cluster."""
    for name in ("here", "there"):
        fill(tmp_path / name)
    return Here(tmp_path / "here"), Here(tmp_path / "there")


RUNS = [
    "in/a.npy in/bad.npy in/missing.npy in/e.npz in/bad.h5 in/g.png -o out/ -v",
    "in -r -o out/deep/{stem}.{convention}{suffix} --include *.npy --include *.h5 --json",
    "in/d.h5::/f/* -o out.h5 -v",
    "in/a.npy in/g.png in/d.h5::/f/one -o out/ --output-format h5",
    "in/a.npy -o in/a.npy",
    "in/a.npy in/b.npy in/deep/c.npy -o in/ --force",
    "in/a.npy in/b.npy -o out/ --dry-run",
    "in/a.npy in/deep/c.npy -o nowhere/out/",
    "in/a.npy",
    "in/d.h5::/f/one -o in/d.h5::/g/new",
]


@pytest.mark.parametrize("words", RUNS)
def test_outputs_and_words_are_those_of_one_machine(
    words: str, both: tuple[Here, Here], cluster: Cluster, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = both
    monkeypatch.chdir(here.folder)
    expected = call("apply", *words.split(), *WORD)
    monkeypatch.chdir(there.folder)
    found = call("apply", *words.split(), *WORD, "--cluster", cluster.address)
    said = found.err.replace(f" --cluster {cluster.address}", "")  # which a hint keeps, as it was typed
    assert (found.code, found.out.decode(), said) == (expected.code, expected.out.decode(), expected.err)
    assert {name: meaning(there.folder / name) for name in there.files(".")} == {
        name: meaning(here.folder / name) for name in here.files(".")
    }


def meaning(path: Path) -> object:
    """A file's bytes; of HDF5, in which there are times, each dataset's and its attributes."""
    if not h5py.is_hdf5(path) or path.name.startswith("bad"):
        return path.read_bytes()
    found: dict[str, object] = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, one: found.setdefault(name, (bytes_of(one), sorted(map(str, one.attrs.items())))))
    return found


def bytes_of(one: h5py.Group | h5py.Dataset) -> bytes:
    return np.asarray(one).tobytes() if isinstance(one, h5py.Dataset) else b""


def test_a_cluster_is_named_by_its_schedulers_file_and_by_a_variable(here: Here, cluster: Cluster, call: Run) -> None:
    fill(here.folder)
    words = ("apply", "in/a.npy", "in/b.npy", *WORD, "-o")
    runs = [
        call(*words, "file/", "--cluster", cluster.file),
        # Dask looks at it when it is imported.
        here(*words, "dask/", "--cluster", "dask", env={"DASK_SCHEDULER_ADDRESS": cluster.address}),
        call(*words, "variable/", env={"LRN_CLUSTER": cluster.address}),
    ]
    assert [run.code for run in runs] == [0] * 3, [run.err for run in runs]
    assert [len(here.files(folder)) for folder in ("file", "dask", "variable")] == [2] * 3


def test_many_files_are_each_done_once_in_groups(here: Here, cluster: Cluster, call: Run) -> None:
    (here.folder / "in").mkdir()
    for number in range(300):
        np.save(here.folder / "in" / f"{number:03}.npy", X + number)
    ended = call("apply", "in", "-r", "-o", "out/", *WORD, "--json", "--cluster", cluster.address)
    assert [json.loads(line)["input"] for line in ended.out.splitlines()] == [f"in/{n:03}.npy" for n in range(300)]
    assert call("apply", "in", "-r", "-o", "expected/", *WORD, "-j", 2).code == 0
    assert here.files("out") == here.files("expected")


STREAMS = [("- -o y.npy", "- is a stream"), ("in/a.npy -o -", "- is a stream")]


@pytest.mark.parametrize(("words", "said"), STREAMS)
def test_a_stream_is_refused(words: str, said: str, call: Run) -> None:
    call("apply", *words.split(), *WORD, "--cluster", "tcp://127.0.0.1:1").assert_refused(said, "--cluster")
