"""Zarr stores among objects: zarr-python reads what was sent, and nobody sees a store of which something is missing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrn_cli.dtypes import Array
from tests.conftest import Ended, Run
from tests.scale.stores import Bucket, Web
from tests.scale.zarr_files import group, maps, store

zarr = pytest.importorskip("zarr", reason="zarr is not installed: pip install -e '.[test-cluster]'")

CAFFE = ("-c", "caffe:local_size=3,alpha=1,beta=1,k=1", "--debug")
"""`--debug` so that nothing is done in another process."""


def normalised(x: Array) -> Array:
    """The results of CAFFE: alpha is divided by the window."""
    padded = np.pad(x.astype("f8") ** 2, ((0, 0), (1, 1), (0, 0), (0, 0)))
    return np.asarray(x / (1 + (padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]) / 3), "f4")


def assert_refused(ended: Ended, *fragments: str) -> None:
    """Check that a run with `--debug` failed and said all of that."""
    assert ended.code == 2
    assert [fragment for fragment in fragments if fragment not in ended.err] == []


def put(bucket: Bucket, folder: Path, key: str) -> str:
    """Put a store there; its URL."""
    for file in (path for path in folder.rglob("*") if path.is_file()):
        bucket.put(f"{key}/{file.relative_to(folder)}", file.read_bytes())
    return f"s3://maps/{key}"


def read(bucket: Bucket, key: str, member: str = "") -> Array:
    """An array, as zarr-python reads what the bucket holds."""

    async def fill(memory: Any) -> None:
        for name in bucket.keys(f"{key}/"):
            data = zarr.core.buffer.default_buffer_prototype().buffer.from_bytes(bucket.get(name))
            await memory.set(name.removeprefix(f"{key}/"), data)

    memory = zarr.storage.MemoryStore()
    asyncio.run(fill(memory))
    return np.asarray(zarr.open_array(memory, path=member, mode="r")[...])


STORES = [
    {"version": 2, "chunks": (3, 8, 3, 3), "order": "F"},
    {"version": 3},
    {"version": 3, "shards": (2, 8, 5, 5), "chunks": (1, 4, 5, 5)},
]


@pytest.mark.parametrize("about", STORES)
def test_a_store_of_objects_becomes_another(bucket: Bucket, call: Run, tmp_path: Path, about: dict[str, Any]) -> None:
    x = put(bucket, store(tmp_path / "x.zarr", **about), "in/x.zarr")
    assert call("apply", x, "-o", "s3://maps/out/", *CAFFE).code == 0
    np.testing.assert_allclose(read(bucket, "out/x.zarr"), normalised(maps()), rtol=1e-6)
    assert {Path(key).name for key in bucket.keys("out/")} & {".lrn-partial"} == set()


def test_an_array_in_a_group_is_read_and_written(bucket: Bucket, call: Run, tmp_path: Path) -> None:
    x = put(bucket, group(tmp_path / "g.zarr", {"conv1": maps(), "other": np.arange(3.0)}), "g.zarr")
    ended = call("apply", f"{x}::conv1", "-o", "s3://maps/y.zarr", *CAFFE)
    assert "what else is in s3://maps/g.zarr is not copied along behind a URL" in ended.err
    np.testing.assert_allclose(read(bucket, "y.zarr", "conv1"), normalised(maps()), rtol=1e-6)
    assert call("apply", f"{x}::/conv1", "-o", "here.zarr::/deep/er", *CAFFE).code == 0
    here = zarr.open_array(str(tmp_path / "here.zarr"), path="deep/er", mode="r")[...]
    np.testing.assert_array_equal(here, read(bucket, "y.zarr", "conv1"))
    listed = call("info", x, "--debug").out.decode()
    assert "/conv1\t4x8x5x5" in listed
    assert "/other\t3" in listed
    assert_refused(call("apply", x, "-o", "y.npy", *CAFFE), "2 numeric arrays, none named", f"{x}::/conv1")


def test_a_folder_of_objects_is_searched_for_stores(bucket: Bucket, call: Run, tmp_path: Path) -> None:
    put(bucket, store(tmp_path / "a.zarr"), "in/deep/a.zarr")
    listed = call("info", "-r", "s3://maps/in", "--debug").out.decode().splitlines()
    assert [line.partition("\t")[0] for line in listed[1:]] == ["s3://maps/in/deep/a.zarr"]


def test_metadata_come_last_and_an_exception_leaves_nothing(
    bucket: Bucket, call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lrn_cli.tensors.remote.zarr import _Sending

    before: list[set[str]] = []

    def fail(self: _Sending) -> None:
        before.append(bucket.keys("y.zarr"))
        raise OSError("no more")

    monkeypatch.setattr(_Sending, "commit", fail)
    x = put(bucket, store(tmp_path / "x.zarr"), "x.zarr")
    assert call("apply", x, "-o", "s3://maps/y.zarr", *CAFFE).code == 2
    assert before == [{"y.zarr/.lrn-partial", *(f"y.zarr/c/{n}/0/0/0" for n in range(4))}]
    assert bucket.keys("y.zarr") == set()


def test_a_store_that_is_there_is_neither_replaced_nor_added_to(bucket: Bucket, call: Run, tmp_path: Path) -> None:
    x = put(bucket, store(tmp_path / "x.zarr"), "x.zarr")
    y = put(bucket, group(tmp_path / "y.zarr", {"a": maps()}), "y.zarr")
    held = bucket.keys()
    for words in ((y,), (y, "--force"), (f"{y}::/b",), (f"{y}::/a", "--force")):
        ended = call("apply", x, "-o", *words, *CAFFE)
        assert_refused(ended, "s3://maps/y.zarr: is there already", "another name")
    assert bucket.keys() == held


def test_of_two_runs_to_one_store_the_second_is_told(bucket: Bucket, call: Run, tmp_path: Path) -> None:
    x = put(bucket, store(tmp_path / "x.zarr"), "x.zarr")
    bucket.put("y.zarr/.lrn-partial", b"")
    bucket.put("y.zarr/c/0/0/0/0", b"another's")
    ended = call("apply", x, "-o", "s3://maps/y.zarr", *CAFFE)
    assert_refused(ended, "s3://maps/y.zarr: another run writes there, or has ended in the middle of it")
    assert bucket.keys("y.zarr") == {"y.zarr/.lrn-partial", "y.zarr/c/0/0/0/0"}


def test_of_two_that_begin_at_once_one_takes_the_place(
    bucket: Bucket, call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lrn_cli.tensors.remote.zarr import RemoteZarr

    monkeypatch.setattr(RemoteZarr, "check", lambda *_: None)  # when both looked, nothing was there
    x = put(bucket, store(tmp_path / "x.zarr"), "x.zarr")
    bucket.put("y.zarr/.lrn-partial", b"")
    assert "another run writes there" in call("apply", x, "-o", "s3://maps/y.zarr", *CAFFE).err
    bucket.empty()
    x = put(bucket, tmp_path / "x.zarr", "x.zarr")
    bucket.put("y.zarr/zarr.json", b"{}")
    assert "appeared meanwhile" in call("apply", x, "-o", "s3://maps/y.zarr", *CAFFE).err
    assert bucket.keys("y.zarr") == {"y.zarr/zarr.json"}


def test_codecs_that_run_code_are_refused_behind_urls_too(bucket: Bucket, call: Run, tmp_path: Path) -> None:
    folder = store(tmp_path / "x.zarr", 2)
    document = json.loads((folder / ".zarray").read_text())
    (folder / ".zarray").write_text(json.dumps({**document, "compressor": {"id": "pickle"}}))
    x = put(bucket, folder, "x.zarr")
    assert_refused(call("apply", x, "-o", "y.npy", *CAFFE), "s3://maps/x.zarr: is stored with 'pickle'")


def test_a_web_server_has_the_arrays_that_are_named(web: Web, call: Run, tmp_path: Path) -> None:
    for folder in (store(tmp_path / "a.zarr"), group(tmp_path / "g.zarr", {"conv1": maps()})):
        for file in (path for path in folder.rglob("*") if path.is_file()):
            web.files[f"{folder.name}/{file.relative_to(folder)}"] = file.read_bytes()
    url = f"{web.url}/parts"
    for word in (f"{url}/a.zarr", f"{url}/g.zarr::/conv1"):
        assert call("apply", word, "-o", "y.npy", "--force", *CAFFE).code == 0
        np.testing.assert_allclose(np.load(tmp_path / "y.npy"), normalised(maps()), rtol=1e-6)
    ended = call("apply", f"{url}/g.zarr", "-o", "z.npy", *CAFFE)
    assert_refused(ended, "is a group, and a web server does not list what is in it", f"{url}/g.zarr::/NAME")
