"""What `lrn` writes to Zarr is read by zarr-python, keeps all else of the store, and appears whole or not at all."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from threading import Thread
from typing import Any

import h5py
import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.boxes import blocks
from lrn_cli.formula import Span
from lrn_cli.tensors.zarr.assembly import Assembly
from tests.conftest import Run
from tests.scale.zarr_files import files, group, load, maps, store, zarr

WAY = ("-c", "caffe", "--local-size", "3", "--alpha", "2", "--layout", "NCHW")


def expected(values: Any) -> Any:
    return normalize(values, "caffe", local_size=3, alpha=2, layout="NCHW")


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def about(path: Path, name: str = "") -> Any:
    """The metadata of an array as zarr-python has them."""
    node = zarr.open(path, mode="r")
    return (node[name] if name else node).metadata.to_dict()


def test_other_formats_become_an_array_of_version_3(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", maps())
    np.save(tmp_path / "f.npy", np.asfortranarray(maps()))
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["a/conv"] = maps().astype(">f8")
    for name in ("x.npy", "f.npy", "x.h5"):
        out = f"{name}.zarr"
        assert call("apply", name, "-o", out, *WAY).code == 0
        member = "a/conv" if name == "x.h5" else ""
        values = maps().astype(">f8" if member else "f4")
        np.testing.assert_array_equal(load(tmp_path / out, member), expected(values))
        found = about(tmp_path / out, member)
        assert (found["zarr_format"], found["attributes"]["lrn_convention"]) == (3, "caffe")
        assert found["attributes"]["lrn_parameters"]["local_size"] == 3


def test_attributes_of_hdf5_come_along_as_far_as_json_has_them(call: Run, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["a/conv"] = maps()
        file["a/conv"].attrs.update({"units": "K", "by": np.bytes_("us"), "range": np.arange(2.0), "_FillValue": 7.5})
        file["a/conv"].attrs["wave"] = np.complex64(1)
        file["a/conv"].attrs["names"] = ["a", "b"]
    ended = call("apply", "x.h5", "-o", "y.zarr", *WAY)
    assert "y.zarr: not kept of x.h5: attributes names, wave" in ended.err
    found = about(tmp_path / "y.zarr", "a/conv")["attributes"]
    own = {name: value for name, value in found.items() if not name.startswith("lrn_")}
    assert own == {"units": "K", "by": "us", "range": [0, 1], "_FillValue": "AAAAAAAAHkA="}  # as xarray spells 7.5


KINDS: dict[str, dict[str, Any]] = {
    "blosc of version 2": {"version": 2},
    "filters of version 2": {"version": 2, "filters": [{"id": "shuffle", "elementsize": 2}], "order": "F"},
    "shards": {"shards": (2, 8, 5, 5), "chunks": (1, 4, 5, 5)},
    "dots in names of chunks": {"chunk_key_encoding": {"name": "v2", "separator": "."}},
    "a fill value": {"fill_value": 7},
}


@pytest.mark.parametrize("dtype", ["f4", "f8", "i2", "u1", "?"])
@pytest.mark.parametrize("kind", KINDS)
def test_chunks_shards_codecs_and_attributes_are_kept_whatever_the_type(
    call: Run, tmp_path: Path, kind: str, dtype: str
) -> None:
    options = dict(KINDS[kind])
    version = options.pop("version", 3)
    if "filters" in options:
        numcodecs = pytest.importorskip("numcodecs")
        options["filters"] = [numcodecs.get_codec(one) for one in options["filters"]]
    if dtype == "?" and "fill_value" in options:
        options["fill_value"] = True
    path = store(tmp_path / "x.zarr", version, dtype=dtype, attributes={"units": "1"}, **options)
    assert call("apply", "x.zarr", "-o", "y.zarr", *WAY).code == 0
    values = load(tmp_path / "y.zarr")
    np.testing.assert_array_equal(values, expected(load(path)))
    old, new = about(path), about(tmp_path / "y.zarr")
    changing = {"attributes", "data_type", "dtype", "fill_value", "codecs", "filters", "compressor"}
    assert {key: old[key] for key in old.keys() - changing} == {key: new[key] for key in new.keys() - changing}
    assert new["attributes"]["units"] == "1"
    assert float(new["fill_value"]) == float(old["fill_value"])
    listed = [
        [one.get("name", one.get("id")) for one in (m.get("codecs") or m.get("filters") or ())] for m in (old, new)
    ]
    assert listed[0] == listed[1]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("consolidated", [True, False])
def test_the_other_arrays_are_copied_with_what_is_consolidated(
    call: Run, tmp_path: Path, version: int, consolidated: bool
) -> None:
    arrays = {"a/conv": maps(), "a/other": maps((3, 4)), "labels": np.arange(5)}
    path = group(tmp_path / "x.zarr", arrays, version, consolidated=consolidated)
    assert call("apply", "x.zarr::/a/conv", "-o", "y.zarr", *WAY).code == 0
    assert call("apply", "x.zarr::/a/conv", "-o", "z.zarr::/b/new", *WAY).code == 0
    assert call("apply", "x.zarr::/a/conv", "-o", "only.zarr", "--only", *WAY).code == 0
    old, new = files(path), files(tmp_path / "y.zarr")
    same = {name for name in old if "conv" not in name and name not in (".zmetadata", "zarr.json")}
    assert {name: new[name] for name in same} == {name: old[name] for name in same}
    for out, name in (("y.zarr", "a/conv"), ("z.zarr", "b/new"), ("only.zarr", "a/conv")):
        np.testing.assert_array_equal(load(tmp_path / out, name), expected(maps()))
    there = {"y.zarr": set(arrays), "z.zarr": {"b/new", "a/other", "labels"}, "only.zarr": {"a/conv"}}
    for out, wanted in there.items():
        use = consolidated and out != "only.zarr"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            root = zarr.open_group(tmp_path / out, mode="r", use_consolidated=use)
        found = {name for name, node in root.members(max_depth=None) if isinstance(node, zarr.Array)}
        assert found == wanted
    assert call("apply", "x.zarr::/a/conv", "-o", "w.zarr::/labels", *WAY).code == 2


@pytest.mark.parametrize("version", [2, 3])
def test_an_array_joins_a_store_in_its_version_and_is_replaced_only_by_force(
    call: Run, tmp_path: Path, version: int
) -> None:
    path = group(tmp_path / "old.zarr", {"a/conv": maps(), "b": maps((2, 2))}, version, consolidated=True)
    np.save(tmp_path / "x.npy", maps() * 3)
    before = files(path)
    assert call("apply", "x.npy", "-o", "old.zarr::/new/deep/one", *WAY).code == 0
    assert call("apply", "x.npy", "-o", "old.zarr::/a/two", *WAY).code == 0
    taken = call("apply", "x.npy", "-o", "old.zarr::/a/conv", *WAY)
    taken.assert_refused("old.zarr::/a/conv: is there already, and is not replaced without --force")
    after = files(path)
    roots = (".zmetadata", "zarr.json")
    assert {name: after[name] for name in before if name not in roots} == {
        name: before[name] for name in before if name not in roots
    }
    assert call("apply", "x.npy", "-o", "old.zarr::/a/conv", "--force", *WAY).code == 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        root = zarr.open_group(path, mode="r", use_consolidated=True)
    for name in ("new/deep/one", "a/two", "a/conv"):
        np.testing.assert_array_equal(root[name][...], expected(maps() * 3))
        assert root[name].metadata.zarr_format == version
    assert names(tmp_path) == ["old.zarr", "x.npy"]


def test_several_arrays_go_to_one_store_together(call: Run, tmp_path: Path) -> None:
    group(tmp_path / "x.zarr", {"a": maps(), "b": maps() * 2, "c": maps((3,))})
    assert call("apply", "x.zarr::/a", "x.zarr::/b", "-o", "y.zarr", *WAY).code == 0
    for name, values in (("a", maps()), ("b", maps() * 2)):
        np.testing.assert_array_equal(load(tmp_path / "y.zarr", name), expected(values))
    np.testing.assert_array_equal(load(tmp_path / "y.zarr", "c"), maps((3,)))


REFUSED: list[tuple[str, tuple[str, ...], str]] = [
    ("a store that is there", ("x.npy", "-o", "old.zarr"), "is there already, and is not replaced without --force"),
    ("a folder of other things", ("x.npy", "-o", "plain.zarr::/a"), "is a folder, not a Zarr store"),
    ("a file", ("x.npy", "-o", "file.zarr", "--force"), "is a file, not a Zarr store"),
    ("a group", ("x.npy", "-o", "old.zarr::/a", "--force"), "is a group, and is not replaced"),
    ("what lies in an array", ("x.npy", "-o", "old.zarr::/a/conv/x"), "is no group"),
    ("the root", ("x.npy", "-o", "new.zarr::/"), "/ is the root group"),
    ("a way out", ("x.npy", "-o", "new.zarr::/../x"), "'..' is no name"),
    ("a name of metadata", ("x.npy", "-o", "new.zarr::/zarr.json"), "is no name of a group or an array"),
    ("an array as a group", ("x.npy", "-o", "array.zarr::/a"), "is an array, not a group"),
    ("the input itself", ("array.zarr", "-o", "array.zarr"), "it is the input itself"),
    ("a folder that is not there", ("x.npy", "-o", "no/where/x.zarr"), "there is no folder"),
]


@pytest.mark.parametrize(("words", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_in_the_way_is_refused_and_stays(
    call: Run, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    np.save(tmp_path / "x.npy", maps())
    group(tmp_path / "old.zarr", {"a/conv": maps()})
    store(tmp_path / "array.zarr")
    (tmp_path / "plain.zarr").mkdir()
    (tmp_path / "plain.zarr" / "mine").write_text("mine")
    (tmp_path / "file.zarr").write_text("mine")
    before = files(tmp_path)
    call("apply", *words, *WAY).assert_refused(message)
    assert files(tmp_path) == before
    assert names(tmp_path) == ["array.zarr", "file.zarr", "old.zarr", "plain.zarr", "x.npy"]


@pytest.mark.parametrize("in_one_step", [True, False])
def test_force_replaces_a_store_and_its_own_input(
    call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_one_step: bool
) -> None:
    if not in_one_step:
        monkeypatch.setattr("lrn_cli.tensors.replace_folders._renameat2", lambda: None)
    group(tmp_path / "x.zarr", {"a": maps(), "b": maps((2, 3))})
    store(tmp_path / "y.zarr", 2)
    assert call("apply", "x.zarr::/a", "-o", "y.zarr", "--force", *WAY).code == 0
    assert call("apply", "x.zarr::/a", "-o", "x.zarr", "--force", *WAY).code == 0
    assert call("apply", "x.zarr::/b", "-o", "new.zarr", "--only", "-c", "tf").code == 0
    for name in ("x.zarr", "y.zarr"):
        np.testing.assert_array_equal(load(tmp_path / name, "a"), expected(maps()))
        np.testing.assert_array_equal(load(tmp_path / name, "b"), maps((2, 3)))
    assert names(tmp_path) == ["new.zarr", "x.zarr", "y.zarr"]


def test_differences_are_dropped_for_numbers_that_they_would_change(call: Run, tmp_path: Path) -> None:
    numcodecs = pytest.importorskip("numcodecs")
    store(tmp_path / "x.zarr", 2, dtype="i4", filters=[numcodecs.Delta("i4")])
    ended = call("apply", "x.zarr", "-o", "y.zarr", *WAY)
    assert "written without delta, which would not keep float64 numbers as they are" in ended.err
    np.testing.assert_array_equal(load(tmp_path / "y.zarr"), expected(load(tmp_path / "x.zarr")))


def test_a_store_of_version_2_takes_over_the_axes_names_of_version_3(call: Run, tmp_path: Path) -> None:
    store(tmp_path / "x.zarr", dimension_names=("n", "c", "h", "w"), attributes={"units": "1"})
    group(tmp_path / "old.zarr", {"b": maps((2, 2))}, 2)
    assert call("apply", "x.zarr", "-o", "old.zarr::/a", *WAY).code == 0
    attributes = zarr.open(tmp_path / "old.zarr", mode="r")["a"].attrs.asdict()
    assert (attributes["_ARRAY_DIMENSIONS"], attributes["units"]) == (["n", "c", "h", "w"], "1")


def test_all_chunks_are_there_also_those_of_nothing_but_the_fill_value(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((4, 8, 5, 5), "f4"))
    assert call("apply", "x.npy", "-o", "y.zarr", *WAY).code == 0
    assert "missing" not in call("info", "y.zarr").out.decode()
    assert zarr.open(tmp_path / "y.zarr", mode="r").nchunks_initialized == 1


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_no_half_store(tmp_path: Path, sign: signal.Signals) -> None:
    words = [sys.executable, "-m", "lrn_cli", "apply", "-", "-o", "y.zarr", *WAY]
    with subprocess.Popen(words, cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdin is not None
        np.lib.format.write_array_header_1_0(
            run.stdin, {"descr": "<f4", "fortran_order": False, "shape": (64, 8, 32, 32)}
        )
        run.stdin.write(bytes(1 << 20))
        run.stdin.flush()
        until = time.monotonic() + 60
        while not any(name.endswith(".lrn-partial") for name in names(tmp_path)) and time.monotonic() < until:
            time.sleep(0.02)
        run.send_signal(sign)
        run.communicate()
    left = names(tmp_path)
    assert "y.zarr" not in left
    if sign != signal.SIGKILL:
        assert left == []


SHAPES = [((7, 9, 5), (2, 4, 5), (3, 3, 2)), ((20,), (7,), (3,)), ((4, 6), (4, 6), (1, 6)), ((5, 5), (1, 1), (5, 5))]


@pytest.mark.parametrize(("shape", "chunk", "block"), SHAPES)
@pytest.mark.parametrize("room", [0, 1 << 20])
def test_blocks_cut_in_any_way_become_whole_chunks(
    monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...], chunk: tuple[int, ...], block: tuple[int, ...], room: int
) -> None:
    monkeypatch.setattr("lrn_cli.tensors.zarr.assembly._MOST", room)
    values, written = np.arange(np.prod(shape), dtype="f4").reshape(shape), np.full(shape, -1, "f4")
    parts: list[tuple[slice, ...]] = []

    def write(box: tuple[slice, ...], given: Any) -> None:
        parts.append(box)
        written[box] = given

    assembly = Assembly(shape, chunk, np.dtype("f4"), read=lambda box: written[box], write=write)
    nowhere = (Span(0, 0),) * len(shape)
    boxes = [one.core for one in blocks(shape, nowhere, block)]

    def add(some: list[tuple[slice, ...]]) -> None:
        for box in some:
            assembly.add(box, values[box])

    threads = [Thread(target=add, args=(boxes[first::3],)) for first in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assembly.finish()
    np.testing.assert_array_equal(written, values)
    assert all(piece.start % edge == 0 for box in parts for piece, edge in zip(box, chunk, strict=True))


def test_two_threads_never_write_parts_of_one_chunk(call: Run, tmp_path: Path) -> None:
    values = maps((6, 40, 30, 30))
    store(tmp_path / "x.zarr", shape=values.shape, chunks=(1, 3, 7, 30), shards=(2, 39, 28, 30))
    for _ in range(3):
        assert call("apply", "x.zarr", "-o", "y.zarr", "--force", "-j", "4", "--memory", "1M", *WAY).code == 0
        np.testing.assert_array_equal(load(tmp_path / "y.zarr"), expected(values))


def test_provenance_is_json_in_the_attributes(call: Run, tmp_path: Path) -> None:
    store(tmp_path / "x.zarr", 2, attributes={"units": "1"})
    assert call("apply", "x.zarr", "-o", "y.zarr", *WAY).code == 0
    attributes = json.loads((tmp_path / "y.zarr" / ".zattrs").read_text())
    assert set(attributes) == {"units", "lrn_convention", "lrn_parameters", "lrn_version"}
