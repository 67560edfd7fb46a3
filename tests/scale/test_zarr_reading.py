"""Zarr stores are read as zarr-python reads them, in whatever way they are named, and by all commands."""

from __future__ import annotations

import json
import shutil
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.tensors.registry import find_mark, is_plain_folder
from lrn_cli.tensors.selection import open_values
from lrn_cli.tensors.tensor import Reading
from tests.conftest import Run
from tests.scale.zarr_files import edit, files, group, load, maps, store

WAY = ("-c", "caffe", "--local-size", "3", "--alpha", "2")


def expected(values: Any, layout: str = "NCHW") -> Any:
    return normalize(values, "caffe", local_size=3, alpha=2, layout=layout)


def tensors(call: Run, file: str) -> list[dict[str, Any]]:
    """What `info` says of a file's tensors."""
    (found,) = json.loads(call("info", file, "--json").out)
    listed: list[dict[str, Any]] = found["tensors"]
    return listed


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("named", ["x.zarr::/a/conv", "x.zarr::a/conv", "x.zarr::/a//conv/", "x.zarr::/a/c*"])
def test_an_array_is_found_by_its_path_with_or_without_slashes(
    call: Run, tmp_path: Path, version: int, named: str
) -> None:
    group(tmp_path / "x.zarr", {"a/conv": maps(), "b": maps((3, 4))}, version)
    assert call("apply", named, "-o", "y.npy", *WAY).code == 0
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), expected(maps()))


def test_the_only_array_needs_no_name_and_several_are_listed(call: Run, tmp_path: Path) -> None:
    group(tmp_path / "one.zarr", {"a/conv": maps()})
    assert call("apply", "one.zarr", "-o", "y.npy", *WAY).code == 0
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), expected(maps()))
    group(tmp_path / "two.zarr", {"a/conv": maps(), "b": maps((3, 4))})
    call("apply", "two.zarr", "-o", "z.npy", *WAY).assert_refused("2 numeric arrays, none named: /a/conv, /b")
    call("apply", "two.zarr::/c", "-o", "z.npy", *WAY).assert_refused("has no /c; it has /a/conv, /b")
    call("apply", "two.zarr::/a", "-o", "z.npy", *WAY).assert_refused("is a group, not an array")
    call("apply", "two.zarr::/../one.zarr", "-o", "z.npy", *WAY).assert_refused("'..' is no name")


def test_where_only_the_channels_are_named_that_is_their_axis(call: Run, tmp_path: Path) -> None:
    store(tmp_path / "x.zarr", dimension_names=("member", "time", "lat", "channel"))
    call("apply", "x.zarr", "-o", "y.npy", "-c", "caffe", "--local-size", "3", "--alpha", "2")
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), expected(maps(), "NHWC"))


def test_wildcards_take_all_that_match(call: Run, tmp_path: Path) -> None:
    group(tmp_path / "x.zarr", {"a/one": maps(), "a/two": maps() * 2, "b": maps()})
    (tmp_path / "out").mkdir()
    assert call("apply", "x.zarr::/a/*", "-o", "out/{member}.npy", *WAY).code == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["a.one.npy", "a.two.npy"]
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "a.two.npy"), expected(maps() * 2))
    assert call("apply", "x.zarr", "--dataset", "/b", "-o", "b.npy", *WAY).code == 0


NAMES: list[tuple[tuple[str, ...], str | None]] = [
    (("batch", "channel", "y", "x"), "NCHW"),
    (("time", "lat", "lon", "band"), "NHWC"),
    (("a", "b", "c", "d"), None),
]


@pytest.mark.parametrize(("dims", "layout"), NAMES)
@pytest.mark.parametrize("version", [2, 3])
def test_the_names_of_the_axes_are_the_layout_unless_another_is_asked_for(
    call: Run, tmp_path: Path, dims: tuple[str, ...], layout: str | None, version: int
) -> None:
    named: dict[str, Any] = {"attributes": {"_ARRAY_DIMENSIONS": dims}} if version == 2 else {"dimension_names": dims}
    store(tmp_path / "x.zarr", version, **named)
    taken = json.loads(call("apply", "x.zarr", "-o", "y.npy", *WAY, "--json").out)["layout"]
    assert taken == (layout or "NCHW")
    asked = call("apply", "x.zarr", "-o", "z.npy", *WAY, "--layout", "NHWC", "--json")
    assert json.loads(asked.out)["layout"] == "NHWC"
    assert tensors(call, "x.zarr")[0]["layout"] == layout


def test_info_lists_arrays_with_chunks_and_codecs_without_zarr_python(
    call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group(tmp_path / "x.zarr", {"a/conv": maps(), "b": maps((3, 4))}, consolidated=True)
    store(tmp_path / "y.zarr", shards=(2, 8, 5, 5))
    monkeypatch.setitem(__import__("sys").modules, "zarr", None)
    assert [(one["path"], one["dtype"], one["filters"]) for one in tensors(call, "x.zarr")] == [
        ("/a/conv", "float32", ["zstd"]),
        ("/b", "float32", ["zstd"]),
    ]
    (sharded,) = tensors(call, "y.zarr")
    assert (sharded["path"], sharded["chunks"], sharded["filters"]) == (None, [1, 8, 5, 5], ["shards", "zstd"])


def test_without_zarr_python_its_extra_is_named_and_other_formats_work(
    call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path / "x.zarr")
    np.save(tmp_path / "x.npy", maps())
    monkeypatch.setitem(__import__("sys").modules, "zarr", None)
    for words in (("x.zarr", "-o", "y.npy"), ("x.npy", "-o", "y.zarr")):
        ended = call("apply", *words, *WAY)
        ended.assert_refused("is a Zarr store, which needs zarr-python", "pip install 'lrn-tensor[zarr]'")
    assert call("apply", "x.npy", "-o", "y.npy", *WAY).code == 0
    assert not (tmp_path / "y.zarr").exists()


@pytest.mark.parametrize("version", [2, 3])
def test_chunks_that_are_missing_are_told(call: Run, tmp_path: Path, version: int) -> None:
    path = store(tmp_path / "x.zarr", version, fill_value=2.5)
    (path / ("1.0.0.0" if version == 2 else "c/1/0/0/0")).unlink()
    assert "1 of 4 chunks missing" in call("info", "x.zarr").out.decode()
    ended = call("apply", "x.zarr", "-o", "y.npy", *WAY)
    assert ended.code == 0
    assert "1 of 4 chunks are not there and count as 2.5" in ended.err
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), expected(load(path)))


def test_a_store_is_a_file_and_not_a_folder_to_walk(call: Run, tmp_path: Path) -> None:
    for name in ("in/a.zarr", "in/deep/b.zarr", "in/named-otherwise"):
        store(tmp_path / name)
    np.save(tmp_path / "in" / "c.npy", maps())
    listed = json.loads(call("info", "-r", "in", "--json").out)
    assert [one["file"] for one in listed] == ["in/a.zarr", "in/c.npy", "in/deep/b.zarr", "in/named-otherwise"]
    assert call("apply", "-r", "in", "-o", "out/", "--exclude", "named-otherwise", *WAY).code == 0
    for name in ("a.zarr", "deep/b.zarr"):
        np.testing.assert_array_equal(load(tmp_path / "out" / name), expected(maps()))
    assert (tmp_path / "out" / "c.npy").exists()
    call("info", "in").assert_refused("in: is a folder, not a tensor file")


def test_what_is_a_store_is_told_by_what_is_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "empty.zarr").mkdir()
    made = [store(tmp_path / "a", 3), store(tmp_path / "b", 2), group(tmp_path / "c", {"x": maps((2, 3))}, 2)]
    marks = [find_mark(path) for path in made]
    assert [mark.name for mark in marks if mark] == ["zarr.json", ".zarray", ".zgroup"]
    assert [is_plain_folder(path) for path in (*made, tmp_path, tmp_path / "empty.zarr")] == [False] * 3 + [True] * 2


def test_compare_identify_and_gradient_take_stores(call: Run, tmp_path: Path) -> None:
    store(tmp_path / "x.zarr", dimension_names=("n", "c", "h", "w"))
    np.save(tmp_path / "x.npy", maps())
    assert call("apply", "x.zarr", "-o", "y.zarr", *WAY).code == 0
    assert call("compare", "x.zarr", "x.npy").code == 0
    assert call("compare", "x.zarr", "y.zarr").code == 1
    assert call("identify", "x.zarr", "y.zarr").code == 0
    assert call("gradient", "x.zarr", "--dy", "y.zarr", "-o", "dx.zarr", *WAY).code == 0
    assert call("gradient", "x.npy", "--dy", "y.zarr", "-o", "dx.npy", *WAY).code == 0
    np.testing.assert_array_equal(load(tmp_path / "dx.zarr"), np.load(tmp_path / "dx.npy"))
    assert call("info", "--stats", "x.zarr", "y.zarr").code == 0


def test_numbers_packed_by_attributes_are_asked_about_as_in_hdf5(call: Run, tmp_path: Path) -> None:
    packed = maps((2, 3, 4, 5)).astype("i2")
    about: dict[str, Any] = {"attributes": {"scale_factor": 0.5, "add_offset": 1, "units": "K"}}
    store(tmp_path / "x.zarr", shape=packed.shape, dtype="i2", chunks=packed.shape, **about)
    stored = load(tmp_path / "x.zarr")
    call("apply", "x.zarr", "-o", "y.npy", *WAY).assert_refused("its numbers are packed: scale_factor 0.5", "--cf")
    assert call("apply", "x.zarr", "-o", "y.zarr", "--cf", "unpack", *WAY).code == 0
    found = load(tmp_path / "y.zarr")
    np.testing.assert_allclose(found, expected(stored * 0.5 + 1), rtol=1e-5)
    attributes = json.loads((tmp_path / "y.zarr" / "zarr.json").read_text())["attributes"]
    assert "scale_factor" not in attributes
    assert attributes["units"] == "K"
    assert call("apply", "x.zarr", "-o", "raw.npy", "--cf", "raw", *WAY).code == 0


def test_reading_changes_nothing(call: Run, tmp_path: Path) -> None:
    path = group(tmp_path / "x.zarr", {"a": maps()}, 2, consolidated=True)
    before = files(path)
    assert call("apply", "x.zarr", "-o", "y.npy", *WAY).code == 0
    assert call("info", "--stats", "x.zarr").code == 0
    assert files(path) == before


def test_a_damaged_array_does_not_keep_others_from_being_read(call: Run, tmp_path: Path) -> None:
    path = group(tmp_path / "x.zarr", {"bad": maps(), "good": maps()})
    edit(path / "bad", lambda document: document.update(shape=[-1]))
    assert "damaged" in call("info", "x.zarr").out.decode()
    assert call("apply", "x.zarr::/good", "-o", "y.npy", *WAY).code == 0
    call("apply", "x.zarr::/bad", "-o", "z.npy", *WAY).assert_refused("x.zarr::/bad", "shape [-1] are no lengths")


def test_an_empty_store_and_one_without_arrays_say_so(call: Run, tmp_path: Path) -> None:
    path = group(tmp_path / "x.zarr", {})
    call("apply", "x.zarr", "-o", "y.npy", *WAY).assert_refused("holds no array")
    shutil.rmtree(path)
    path.mkdir()
    call("apply", "x.zarr", "-o", "y.npy", *WAY).assert_refused("is a folder, not a tensor file")


def test_a_large_chunk_is_unpacked_once_whatever_the_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zarr, storage = pytest.importorskip("zarr"), pytest.importorskip("zarr.storage")
    values = np.random.default_rng(0).standard_normal((2, 8, 1024, 1024)).astype("f4")  # two chunks of 32 MB
    made = zarr.create_array(tmp_path / "x.zarr", shape=values.shape, chunks=(1, *values.shape[1:]), dtype="f4")
    made[:] = values
    asked: list[str] = []
    get = storage.LocalStore.get

    def counted(store: Any, key: str, *args: Any, **more: Any) -> Any:
        asked.append(key)
        return get(store, key, *args, **more)

    monkeypatch.setattr(storage.LocalStore, "get", counted)
    with open_values(str(tmp_path / "x.zarr"), Reading()) as source:
        for sample, row in product(range(2), range(0, 1024, 128)):
            box = (slice(sample, sample + 1), slice(0, 8), slice(row, row + 128), slice(0, 1024))
            block = np.empty((1, 8, 128, 1024), "f4")
            source.read(box, block)
            np.testing.assert_array_equal(block, values[box])
    assert sorted(key for key in asked if key.startswith("c/")) == ["c/0/0/0/0", "c/1/0/0/0"]
