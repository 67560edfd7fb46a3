"""HDF5: elements that are stored plainly are read and written past HDF5, and are what HDF5 finds and leaves there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lrn_cli.boxes import Box
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.hdf5.raw.parts import parts
from lrn_cli.tensors.tensor import Source, Writing
from tests.tensors.hdf5_files import ALLOWED, F4, FORMAT, InMemory, Journey, leftovers, open_dataset, read_all, refusal

SHAPE = (5, 12, 9, 7)
NUMBERS = np.random.default_rng(3).standard_normal(SHAPE).astype("f4")
CHUNKS = [
    None,
    SHAPE,
    (1, 12, 9, 7),
    (1, 4, 9, 7),
    (2, 12, 9, 7),
    (2, 5, 4, 3),
    (5, 1, 1, 7),
    (3, 12, 2, 2),
    (1, 1, 1, 1),
]
EDGES = [SHAPE, (1, 12, 9, 7), (2, 12, 9, 7), (3, 5, 9, 7), (5, 12, 2, 3), (1, 1, 4, 7), (4, 7, 5, 4)]
# Every storage in every block, and as each version of the library writes it: how that finds chunks knows no blocks.
STORED = [
    (chunks, edges, ("earliest", "latest")[(row + column) % 2])
    for row, chunks in enumerate(CHUNKS)
    for column, edges in enumerate(EDGES)
]


def boxes(shape: tuple[int, ...], edges: tuple[int, ...]) -> Iterator[Box]:
    """Blocks that make up a tensor."""
    starts = (range(0, length, edge) for length, edge in zip(shape, edges, strict=True))
    for corner in product(*starts):
        yield tuple(slice(at, min(at + edge, length)) for at, edge, length in zip(corner, edges, shape, strict=True))


def only_past_hdf5(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make any use of HDF5 for elements an error."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("HDF5 was asked")

    monkeypatch.setattr(h5py.Dataset, "read_direct", refuse)
    monkeypatch.setattr(h5py.Dataset, "write_direct", refuse)


def in_boxes(source: Source, edges: tuple[int, ...]) -> Array:
    """All elements of a dataset, read in blocks by threads."""
    out = np.empty(source.info.shape, source.info.dtype)

    def read(box: Box) -> None:
        block = np.empty([part.stop - part.start for part in box], out.dtype)
        source.read(box, block)
        out[box] = block

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(read, boxes(out.shape, edges)))
    return out


@pytest.mark.parametrize(("chunks", "edges", "libver"), STORED, ids=str)
def test_every_block_of_every_storage_is_what_h5py_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunks: Any, edges: tuple[int, ...], libver: str
) -> None:
    with h5py.File(tmp_path / "in.h5", "w", libver=libver) as made:
        made.create_dataset("x", data=NUMBERS, chunks=chunks)
    only_past_hdf5(monkeypatch)
    with open_dataset(tmp_path / "in.h5", "/x") as source:
        assert np.array_equal(in_boxes(source, edges), NUMBERS)


@pytest.mark.parametrize(("chunks", "edges", "libver"), STORED, ids=str)
def test_whatever_the_blocks_h5py_finds_in_the_output_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunks: Any, edges: tuple[int, ...], libver: str
) -> None:
    with h5py.File(tmp_path / "in.h5", "w", libver=libver) as made:
        made.create_dataset("x", data=NUMBERS * 0, chunks=chunks)
        made["other"] = np.arange(1000)
    out = tmp_path / "out.h5"
    with open_dataset(tmp_path / "in.h5", "/x") as source, monkeypatch.context() as patch:
        only_past_hdf5(patch)
        writing = Writing(out, "", SHAPE, F4, source, provenance={"lrn_version": "1"})
        with FORMAT.create(writing) as sink, ThreadPoolExecutor(4) as threads:
            pieces = list(boxes(SHAPE, edges))
            list(threads.map(lambda box: sink.write(box, np.ascontiguousarray(NUMBERS[box])), pieces))
    with h5py.File(out, "r+") as made:
        x = made["x"]
        assert np.array_equal(x[:], NUMBERS)
        assert (x.chunks, x.maxshape, dict(x.attrs)) == (chunks, SHAPE, {"lrn_version": "1"})
        assert np.array_equal(made["other"][:], np.arange(1000))
        made["later"] = np.ones(5000)
        x[0] = 1
    with h5py.File(out) as made:
        assert np.array_equal(made["x"][1:], NUMBERS[1:])
        assert made["later"][:].sum() == 5000


@pytest.mark.parametrize("chunks", [None, (2, 5, 4, 3)])
def test_the_same_input_gives_the_same_file_byte_for_byte(tmp_path: Path, chunks: Any) -> None:
    with h5py.File(tmp_path / "in.h5", "w") as made:
        made.create_dataset("x", data=NUMBERS, chunks=chunks, track_times=False)  # which a copy would keep doing
    for name in ("a.h5", "b.h5"):
        Journey().carry_dataset(tmp_path / "in.h5", "/x", tmp_path / name, times=2)
        np.full(1 << 20, 7)  # memory that must not show in the next file
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


@pytest.mark.parametrize("chunks", [None, (2, 5, 4, 3)])
@pytest.mark.parametrize("dtype", [">f4", "<f8", ">f8", "<f2", "<u2", ">i4"])
def test_every_byte_order_is_read_and_written_as_it_is(tmp_path: Path, chunks: Any, dtype: str) -> None:
    numbers = (NUMBERS * 100).astype("i2").astype(dtype)
    with h5py.File(tmp_path / "in.h5", "w") as made:
        made.create_dataset("x", data=numbers, chunks=chunks)
    Journey().carry_dataset(tmp_path / "in.h5", "/x", tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5") as made:
        assert made["x"].dtype == np.dtype(dtype)
        assert np.array_equal(made["x"][:], numbers)


@pytest.mark.parametrize("chunks", [None, (2, 5, 4, 3)])
@pytest.mark.parametrize("prepended", [False, True])
def test_a_user_block_moves_everything(tmp_path: Path, chunks: Any, prepended: bool) -> None:
    path = tmp_path / "in.h5"
    with h5py.File(path, "w", userblock_size=0 if prepended else 1024) as made:
        made.create_dataset("x", data=NUMBERS, chunks=chunks)
    if prepended:
        path.write_bytes(bytes(512) + path.read_bytes())
    assert np.array_equal(read_all(path, "/x"), NUMBERS)


@pytest.mark.parametrize("libver", ["earliest", "latest"])
@pytest.mark.parametrize("limits", [SHAPE, (None, 12, 9, 7), (None, 12, None, 7)])
def test_chunks_that_were_never_written_have_the_fill_value(tmp_path: Path, libver: str, limits: Any) -> None:
    with h5py.File(tmp_path / "in.h5", "w", libver=libver) as made:
        x = made.create_dataset("x", SHAPE, "f4", chunks=(2, 5, 4, 3), fillvalue=-2, maxshape=limits)
        x[1:3, :7] = NUMBERS[1:3, :7]
    with h5py.File(tmp_path / "in.h5") as made:
        expected = made["x"][:]
    with open_dataset(tmp_path / "in.h5", "/x") as source:
        assert np.array_equal(in_boxes(source, (1, 5, 4, 7)), expected)
        Journey().carry(source, tmp_path / "out.h5", times=2)
    with h5py.File(tmp_path / "out.h5") as made:
        assert np.array_equal(made["x"][:], expected * 2)
        assert (made["x"].fillvalue, made["x"].maxshape) == (-2, limits)


def test_a_dataset_that_can_grow_is_filled_where_it_grows(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "in.h5", "w") as made:
        made.create_dataset("x", data=NUMBERS, chunks=(2, 12, 9, 7), maxshape=(None, 12, 9, 7), fillvalue=-2)
    Journey().carry_dataset(tmp_path / "in.h5", "/x", tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5", "r+") as made:
        made["x"].resize(9, axis=0)
        assert np.array_equal(made["x"][:5], NUMBERS)
        assert (made["x"][5:] == -2).all()


@pytest.mark.parametrize("chunks", [None, (2, 5, 4, 3)])
def test_a_dataset_of_another_file_is_read_from_that(tmp_path: Path, chunks: Any) -> None:
    with h5py.File(tmp_path / "far.h5", "w") as made:
        made.create_dataset("y", data=NUMBERS, chunks=chunks)
    with h5py.File(tmp_path / "in.h5", "w") as made:
        made["filling"] = np.arange(9999)
        made["x"] = h5py.ExternalLink("far.h5", "/y")
    assert np.array_equal(read_all(tmp_path / "in.h5", "/x", ALLOWED), NUMBERS)


@pytest.mark.parametrize("chunks", [None, (2, 5, 4, 3)])
def test_a_file_cut_while_it_is_open_is_an_error_of_one_line(tmp_path: Path, chunks: Any) -> None:
    path = tmp_path / "in.h5"
    with h5py.File(path, "w") as made:
        made.create_dataset("x", data=NUMBERS, chunks=chunks)
    with open_dataset(path, "/x") as source:
        os.truncate(path, path.stat().st_size - 4000)
        with pytest.raises(LrnError) as raised:
            in_boxes(source, SHAPE)
    assert "in.h5::/x[0:5, 0:12, 0:9, 0:7]: the file ends early" in refusal(raised.value)


def test_a_file_replaced_while_it_is_open_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "in.h5"
    with h5py.File(path, "w") as made:
        made["x"] = NUMBERS
    with open_dataset(path, "/x") as source:
        (tmp_path / "new").write_bytes(bytes(100))
        (tmp_path / "new").replace(path)
        assert np.array_equal(in_boxes(source, SHAPE), NUMBERS)


@pytest.mark.parametrize("chunks", [(1 << 20,), (1 << 12,)])
def test_a_full_disk_shows_before_anything_is_computed(tmp_path: Path, chunks: tuple[int, ...]) -> None:
    with h5py.File(tmp_path / "in.h5", "w") as made:
        made.create_dataset("x", (1 << 20,), "f4", chunks=chunks)
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from tests.tensors.hdf5_files import *\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "with open_dataset(Path(sys.argv[1]), '/x') as source:\n"
        "    writing = Writing(Path(sys.argv[2]), '', source.info.shape, F4, source)\n"
        "    try: FORMAT.create(writing)\n"
        "    except LrnError as error: print(refusal(error))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "in.h5", tmp_path / "out.h5"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == f"{tmp_path}/out.h5::/x: cannot be written: File too large | df -h\n"
    assert (done.returncode, done.stderr, leftovers(tmp_path)) == (0, "", [])
    assert not (tmp_path / "out.h5").exists()


@pytest.mark.parametrize("force", [False, True])
def test_an_output_that_is_given_up_leaves_no_descriptor_open(tmp_path: Path, force: bool) -> None:
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208 - a path would open one itself
    for attempt in range(3):
        writing = Writing(tmp_path / f"{attempt}.h5", "", SHAPE, F4, InMemory(NUMBERS), force=force)
        sink = FORMAT.create(writing)
        sink.write(tuple(slice(0, length) for length in SHAPE), NUMBERS)
        sink.abort()
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("chunk", [chunk for chunk in CHUNKS if chunk], ids=str)
@pytest.mark.parametrize("edges", EDGES, ids=str)
def test_the_parts_of_a_block_cover_it_once(chunk: tuple[int, ...], edges: tuple[int, ...]) -> None:
    times = np.zeros(SHAPE, int)
    for box in boxes(SHAPE, edges):
        for part in parts(box, chunk, SHAPE):
            times[part.box] += 1
    assert (times == 1).all()
