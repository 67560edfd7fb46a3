"""HDF5: a virtual dataset is read from its own file, and from others only if allowed and if all of them are there."""

from __future__ import annotations

import gc
from pathlib import Path

import h5py
import numpy as np
import pytest
from h5py import h5d, h5p, h5s, h5t

from lrn_cli.errors import LrnError
from lrn_cli.tensors.tensor import Reading
from tests.tensors.hdf5_files import ALLOWED, FORMAT, Journey, open_dataset, read_all, refusal


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own folder to work in, without a folder where HDF5 looks first."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HDF5_VDS_PREFIX", raising=False)
    return tmp_path


def _write(path: str, value: float, length: int = 4, name: str = "d") -> None:
    Path(path).parent.mkdir(exist_ok=True)
    with h5py.File(path, "a") as made:
        made[name] = np.full(length, value, "f4")


def _join(path: str, *sources: tuple[str, str], name: str = "v") -> None:
    """A virtual dataset of four numbers from each source."""
    layout = h5py.VirtualLayout((4 * len(sources),), "f4")
    for place, source in enumerate(sources):
        layout[4 * place : 4 * place + 4] = h5py.VirtualSource(*source, (4,))
    Path(path).parent.mkdir(exist_ok=True)
    with h5py.File(path, "a") as made:
        made.create_virtual_dataset(name, layout, fillvalue=-1)


def _join_blocks(path: str, file: str, dataset: str) -> None:
    """A virtual dataset of as many blocks as there are."""
    space = h5s.create_simple((4,), (h5s.UNLIMITED,))
    space.select_hyperslab((0,), (h5s.UNLIMITED,), (4,), (4,))
    storage = h5p.create(h5p.DATASET_CREATE)
    storage.set_virtual(space, file.encode(), dataset.encode(), h5s.create_simple((4,)))
    with h5py.File(path, "a") as made:
        h5d.create(made.id, b"v", h5t.IEEE_F32LE, space, storage)


def _refused(reading: Reading | None = None, path: str = "v.h5") -> str:
    with pytest.raises(LrnError) as raised:
        open_dataset(Path(path), "/v", reading)
    words = refusal(raised.value)
    del raised
    gc.collect()  # or its traceback keeps the files open that are written to next
    return words


@pytest.mark.parametrize("name", [".", "v.h5", "./v.h5"])
def test_a_virtual_dataset_of_its_own_file_is_read_and_written_as_plain_numbers(name: str) -> None:
    _write("v.h5", 3)
    _join("v.h5", (name, "d"), (name, "/d"))
    assert read_all(Path("v.h5"), "/v").tolist() == [3] * 8
    assert [(info.member, info.shape, info.filters) for info in FORMAT.describe(Path("v.h5"), Reading())] == [
        ("/d", (4,), ()),
        ("/v", (8,), ("virtual",)),
    ]
    Journey().carry_dataset(Path("v.h5"), "/v", Path("out.h5"), times=2)
    with h5py.File("out.h5") as made:
        assert not made["v"].is_virtual
        assert made["v"][:].tolist() == [6] * 8


def test_blocks_of_its_own_file_are_read_up_to_the_first_that_is_missing() -> None:
    for block in (0, 1, 3):
        _write("v.h5", block, name=f"d{block}")
    _join_blocks("v.h5", ".", "d%b")
    assert read_all(Path("v.h5"), "/v").tolist() == [0] * 4 + [1] * 4
    assert FORMAT.describe(Path("v.h5"), Reading())[-1].shape == (8,)


@pytest.mark.parametrize("blocks", [False, True])
def test_no_way_leads_through_the_own_file_into_another(blocks: bool) -> None:
    _write("secret.h5", 7)
    _join("w.h5", ("secret.h5", "d"))
    Path("secret.bin").write_bytes(bytes(16))
    with h5py.File("v.h5", "w") as made:
        made["d0"] = np.zeros(4, "f4")
        made["link"] = h5py.ExternalLink("secret.h5", "/d")
        made["d1"] = h5py.SoftLink("/link")
        made["e0"] = h5py.ExternalLink("secret.h5", "/d")
        made.create_dataset("f0", (4,), "f4", external=[("secret.bin", 0, 16)])
    _join("v.h5", ("secret.h5", "d"), name="g0")
    for letter in ("d", "e", "f", "g") if blocks else ("d1", "e0", "f0", "g0", "link"):
        with h5py.File("v.h5", "a") as made:
            made.pop("v", None)
        if blocks:
            _join_blocks("v.h5", ".", f"{letter}%b")
        else:
            _join("v.h5", (".", letter))
        assert "--allow-external" in _refused(), letter


def test_what_is_missing_is_named_before_anything_is_read() -> None:
    _write("there.h5", 1)
    _join("v.h5", ("there.h5", "d"), ("gone.h5", "d"))
    assert "v.h5::/v: is put together from gone.h5, which is missing" in _refused(ALLOWED)
    _write("gone.h5", 2, name="other")
    assert "v.h5::/v: is put together from gone.h5::/d, which is missing | lrn info gone.h5" in _refused(ALLOWED)
    _write("gone.h5", 2)
    assert read_all(Path("v.h5"), "/v", ALLOWED).tolist() == [1] * 4 + [2] * 4
    Path("gone.h5").write_bytes(b"no HDF5 file")
    assert "gone.h5: is not an HDF5 file" in _refused(ALLOWED)


def test_what_is_missing_of_a_source_that_is_virtual_itself_is_named() -> None:
    _join("in/w.h5", ("gone.h5", "d"))
    _join("v.h5", ("in/w.h5", "v"))
    assert "v.h5::/v: is put together from gone.h5, which is missing | put it beside in/w.h5" in _refused(ALLOWED)
    _write("in/gone.h5", 5)
    assert read_all(Path("v.h5"), "/v", ALLOWED).tolist() == [5] * 4


def test_the_first_block_must_be_there_and_a_later_one_ends_them() -> None:
    _join_blocks("v.h5", "b%b.h5", "d")
    assert "is put together from b0.h5, which is missing" in _refused(ALLOWED)
    _write("b0.h5", 1)
    _write("b2.h5", 3)
    assert read_all(Path("v.h5"), "/v", ALLOWED).tolist() == [1] * 4


def test_gaps_between_sources_are_filled() -> None:
    _write("s.h5", 1)
    layout = h5py.VirtualLayout((6,), "f4")
    layout[1:5] = h5py.VirtualSource("s.h5", "d", (4,))
    with h5py.File("v.h5", "w") as made:
        made.create_virtual_dataset("v", layout, fillvalue=-1)
    assert read_all(Path("v.h5"), "/v", ALLOWED).tolist() == [-1, 1, 1, 1, 1, -1]


def test_a_source_that_is_too_small_is_named() -> None:
    _write("s.h5", 1, length=2)
    _join("v.h5", ("s.h5", "d"))
    assert "is put together from s.h5::/d, which holds 2 numbers, not 4" in _refused(ALLOWED)


@pytest.mark.parametrize("reading", [Reading(), ALLOWED])
def test_a_circle_is_refused(reading: Reading) -> None:
    _join("v.h5", (".", "w"))
    _join("v.h5", (".", "v"), name="w")
    assert "v.h5::/v: is put together from itself, in a circle" in _refused(reading)


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("s.h5", ["pre/s.h5", "in/s.h5", "s.h5", "real/s.h5"]),
        ("s.h5", ["in/s.h5", "s.h5", "real/s.h5"]),
        ("s.h5", ["s.h5", "real/s.h5"]),
        ("s.h5", ["real/s.h5"]),
        ("/nowhere/s.h5", ["in/s.h5", "s.h5"]),
    ],
)
def test_sources_are_looked_for_where_hdf5_finds_them(
    name: str, there: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HDF5_VDS_PREFIX", "none:pre")
    _join("real/v.h5", (name, "d"))
    Path("in").mkdir()
    Path("in/v.h5").symlink_to("../real/v.h5")
    for value, path in enumerate(there):
        _write(path, value)
    with h5py.File("in/v.h5") as file:
        assert file["v"][:].tolist() == [0] * 4
    assert read_all(Path("in/v.h5"), "/v", ALLOWED).tolist() == [0] * 4
    for path in there:
        Path(path).unlink()
    assert f"is put together from {name}, which is missing" in _refused(ALLOWED, "in/v.h5")
