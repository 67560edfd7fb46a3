"""Stores that somebody made to do harm: one line each, and no more memory than others take."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from tests.scale.zarr_files import edit, files, metadata, store

numcodecs = pytest.importorskip("numcodecs", reason="numcodecs comes with zarr: pip install -e '.[test-cluster]'")

Document = dict[str, Any]


def put(key: str, value: object) -> Callable[[Document], object]:
    return lambda document: document.__setitem__(key, value)


def chunk(shape: list[int]) -> Callable[[Document], object]:
    return lambda document: document["chunk_grid"]["configuration"].__setitem__("chunk_shape", shape)


def within_shards(depth: int) -> list[Document]:
    codecs: list[Document] = [{"name": "bytes", "configuration": {"endian": "little"}}]
    for _ in range(depth):
        about = {"chunk_shape": [1, 8, 5, 5], "codecs": codecs, "index_codecs": [{"name": "bytes"}]}
        codecs = [{"name": "sharding_indexed", "configuration": about}]
    return codecs


DECLARED: list[tuple[str, int, Callable[[Document], object], str]] = [
    ("4e18 elements", 3, put("shape", [4 * 10**9, 10**9, 5, 5]), "declares|take|impossible"),
    ("3 TB", 3, put("shape", [4 * 10**9, 8, 5, 5]), "3,200,000,000,000 bytes"),
    ("a negative length", 3, put("shape", [-4, 8, 5, 5]), "are no lengths"),
    ("a length that is no whole number", 3, put("shape", [4.0, 8, 5, 5]), "are no lengths"),
    ("a length that is NaN", 2, put("shape", [float("nan"), 8, 5, 5]), "are no lengths"),
    ("an infinite length", 2, put("shape", [float("inf"), 8, 5, 5]), "are no lengths"),
    ("a length that is true", 3, put("shape", [True, 8, 5, 5]), "are no lengths"),
    ("no list of lengths", 3, put("shape", "4"), "are no lengths"),
    ("other axes than chunks", 3, put("shape", [1] * 70), "70 axes"),
    ("a chunk of 4 TB", 3, chunk([10**5, 10**3, 100, 100]), "the limit is"),
    ("a chunk of nothing", 3, chunk([0, 8, 5, 5]), "are no lengths"),
    ("pickle as a filter", 2, put("filters", [{"id": "pickle"}]), "'pickle'"),
    ("pickle as a compressor", 2, put("compressor", {"id": "pickle"}), "'pickle'"),
    ("pickle behind another", 2, put("filters", [{"id": "shuffle"}, {"id": "pickle"}]), "'pickle'"),
    ("pickle in version 3", 3, lambda d: d["codecs"].append({"name": "numcodecs.pickle"}), "'pickle'"),
    ("texts of any length", 3, lambda d: d["codecs"].append({"name": "vlen-utf8"}), "'vlen-utf8'"),
    ("objects", 2, put("dtype", "|O"), "text or Python objects"),
    ("a type that is a program", 2, put("dtype", "(1000000000,1000)f8"), "the type"),
    ("a type that is none", 2, put("dtype", "<f3"), "the type"),
    ("names of chunks that lead out", 2, put("dimension_separator", "/../"), "separator"),
    (
        "the same in version 3",
        3,
        put("chunk_key_encoding", {"name": "default", "configuration": {"separator": "/../../"}}),
        "separator",
    ),
    ("another grid", 3, put("chunk_grid", {"name": "rectangular"}), "is none of regular"),
    ("another version", 3, put("zarr_format", 99), "is no metadata of Zarr 3"),
    ("no kind of node", 3, put("node_type", "x"), "is no metadata of Zarr 3"),
    ("a storage transformer", 3, put("storage_transformers", [{"name": "x"}]), "storage transformers"),
    ("what must be understood", 3, put("evil", {"must_understand": True}), "does not open"),
    ("a fill value of 400 digits", 2, put("fill_value", 10**400), "does not open"),
    ("codecs that are none", 2, put("filters", "abc"), "no codecs"),
    ("shards within shards within shards", 3, put("codecs", within_shards(60)), "'sharding_indexed'"),
]


@pytest.mark.parametrize(
    ("version", "change", "words"), [row[1:] for row in DECLARED], ids=[row[0] for row in DECLARED]
)
def test_what_cannot_be_is_refused_in_a_line(
    call: Run, tmp_path: Path, version: int, change: Callable[[Document], object], words: str
) -> None:
    edit(store(tmp_path / "x.zarr", version), change)
    ended = call("apply", "x.zarr", "-o", "y.npy", "-c", "caffe")
    ended.assert_refused("x.zarr")
    assert any(word in ended.err for word in words.split("|")), ended.err
    assert call("info", "x.zarr").code in (0, 2)
    assert not (tmp_path / "y.npy").exists()


TEXTS = {
    "nested": b'{"zarr_format":3,"attributes":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "40 MB": b'{"zarr_format":3,"attributes":"' + b"a" * (40 << 20) + b'"}',
    "3,000,000 values": b'{"zarr_format":3,"attributes":[' + b"1," * 3_000_000 + b"1]}",
    "a list": b"[1, 2]",
    "nothing": b"",
    "no text": b"\xff\xfe{",
    "zeros": b"\0" * 100,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_metadata_that_are_none_are_refused_before_anything_is_made_of_them(
    call: Run, tmp_path: Path, text: bytes
) -> None:
    metadata(store(tmp_path / "x.zarr")).write_bytes(text)
    for words in (("apply", "x.zarr", "-o", "y.npy"), ("info", "x.zarr")):
        call(*words).assert_refused("x.zarr/zarr.json: the metadata")


def bomb(codec: str) -> bytes:
    """A gigabyte in little room."""
    if codec == "gzip":
        return gzip.compress(bytes(1 << 30), 1)
    return bytes(numcodecs.registry.get_codec({"id": codec}).encode(bytes((1 << 30) - 64)))


MEMORY = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "lrn_cli", *sys.argv[1:]], capture_output=True, text=True)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10, done.stderr)
"""


@pytest.mark.parametrize("codec", ["zstd", "gzip", "blosc"])
def test_a_chunk_that_unpacks_to_a_gigabyte_takes_no_such_memory(tmp_path: Path, codec: str) -> None:
    path = store(tmp_path / "x.zarr", 2, compressors=numcodecs.registry.get_codec({"id": codec}))
    (path / "1.0.0.0").write_bytes(bomb(codec))
    words = ["apply", str(path), "-o", str(tmp_path / "y.npy"), "-c", "caffe"]
    done = subprocess.run([sys.executable, "-c", MEMORY, *words], capture_output=True, text=True, check=True)
    code, megabytes, *said = done.stdout.split(maxsplit=2)
    assert (int(code), int(megabytes) < 500) == (2, True), done.stdout
    assert "a chunk is cut short or damaged" in said[0]


@pytest.mark.parametrize("name", ["x.zip", "x.zarr", "x.zarr.zip"])
def test_a_store_in_an_archive_is_refused_with_what_unpacks_it(call: Run, tmp_path: Path, name: str) -> None:
    store(tmp_path / "folder.zarr")
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        for inner, data in files(tmp_path / "folder.zarr").items():
            archive.writestr(inner, data)
    folder = "x.1.zarr" if name == "x.zarr" else "x.zarr"
    ended = call("apply", name, "-o", "y.npy", "-c", "caffe")
    ended.assert_refused(f"{name}: is a Zarr store in an archive", f"hint: python3 -m zipfile -e {name} {folder}")
    with zipfile.ZipFile(tmp_path / name) as archive:  # as the hint does
        archive.extractall(tmp_path / folder)
    assert call("apply", folder, "-o", "y.npy", "-c", "caffe").code == 0


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn"])
def test_a_type_that_nobody_here_reads_is_refused_by_its_name(call: Run, tmp_path: Path, name: str) -> None:
    edit(store(tmp_path / "x.zarr"), put("data_type", name))
    hint = "save it as float32 in the program that made the file"
    call("apply", "x.zarr", "-o", "y.npy", "-c", "caffe").assert_refused(f"is of the type '{name}'", hint)


@pytest.mark.parametrize("bytes_there", [0, 50, 799, 801, 5000])
@pytest.mark.parametrize("packed", [True, False])
def test_a_chunk_of_another_length_is_damaged(call: Run, tmp_path: Path, bytes_there: int, packed: bool) -> None:
    options: dict[str, Any] = {} if packed else {"compressors": None}
    path = store(tmp_path / "x.zarr", **options)
    (path / "c/1/0/0/0").write_bytes(b"\1" * bytes_there)
    call("apply", "x.zarr", "-o", "y.npy", "-c", "caffe").assert_refused("x.zarr: a chunk is cut short or damaged")


def test_a_chunk_as_large_as_a_disk_is_not_read(call: Run, tmp_path: Path) -> None:
    for version, name in ((3, "c/1/0/0/0"), (2, "1.0.0.0")):
        path = store(tmp_path / "x.zarr", version, compressors=None)
        os.truncate(path / name, 1 << 40)  # which takes no room
        call("apply", "x.zarr", "-o", "y.npy", "-c", "caffe").assert_refused("one has 1,099,511,627,776 bytes")
        shutil.rmtree(path)


def test_links_that_lead_out_of_the_store_are_refused(call: Run, tmp_path: Path) -> None:
    outside = tmp_path / "secret"
    outside.write_bytes(bytes(800))
    path = store(tmp_path / "chunk.zarr", compressors=None)
    (path / "c/1/0/0/0").unlink()
    (path / "c/1/0/0/0").symlink_to(outside)
    path = store(tmp_path / "meta.zarr")
    (path / "zarr.json").rename(tmp_path / "elsewhere.json")
    (path / "zarr.json").symlink_to(tmp_path / "elsewhere.json")
    for name in ("chunk.zarr", "meta.zarr"):
        call("apply", name, "-o", "y.npy", "-c", "caffe").assert_refused("leads out of the store")
    group = tmp_path / "group.zarr"
    group.mkdir()
    (group / "zarr.json").write_text('{"zarr_format":3,"node_type":"group","attributes":{}}')
    (group / "a").symlink_to(store(tmp_path / "other.zarr"))
    call("apply", "group.zarr::/a", "-o", "y.npy", "-c", "caffe").assert_refused("leads out of the store")
    call("apply", "group.zarr", "-o", "y.npy", "-c", "caffe").assert_refused("holds no array")


def test_a_pipe_among_the_chunks_is_not_waited_for(call: Run, tmp_path: Path) -> None:
    path = store(tmp_path / "x.zarr")
    (path / "c/1/0/0/0").unlink()
    os.mkfifo(path / "c/1/0/0/0")
    call("apply", "x.zarr", "-o", "y.npy", "-c", "caffe").assert_refused("is a pipe or a device")


def test_groups_in_a_circle_or_nested_deeply_end(call: Run, tmp_path: Path) -> None:
    text = json.dumps({"zarr_format": 3, "node_type": "group", "attributes": {}})
    circle = tmp_path / "circle.zarr"
    circle.mkdir()
    (circle / "zarr.json").write_text(text)
    (circle / "a").symlink_to(circle)
    deep = tmp_path / "deep.zarr"
    folder = deep
    for _ in range(200):
        folder.mkdir()
        (folder / "zarr.json").write_text(text)
        folder /= "g"
    for path in (circle, deep):
        call("apply", path.name, "-o", "y.npy", "-c", "caffe").assert_refused("holds no array")


def test_what_consolidated_metadata_claim_is_not_believed(call: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.zarr"
    path.mkdir()
    known = {"../../secret": {"node_type": "array"}, "a": 5, "b": {"shape": [10**18]}}
    about = {"kind": "inline", "must_understand": False, "metadata": known}
    document = {"zarr_format": 3, "node_type": "group", "attributes": {}, "consolidated_metadata": about}
    (path / "zarr.json").write_text(json.dumps(document))
    call("apply", "x.zarr", "-o", "y.npy", "-c", "caffe").assert_refused("x.zarr: holds no array")
