"""Archives of NumPy: what is written, in a new one and in one that is there, and what of the other entries stays."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.registry import find_format
from lrn_cli.tensors.selection import open_tensor
from lrn_cli.tensors.tensor import Reading, Writing
from tests.conftest import Run

X = np.random.default_rng(0).standard_normal((2, 6, 4, 5)).astype("f4")
EXPECTED = normalize(X, "caffe")
FORMAT = find_format("npz")
SAVES = [np.savez, np.savez_compressed]


def saved(save: Any, **arrays: Array) -> bytes:
    """What NumPy makes of these arrays."""
    buffer = BytesIO()
    save(buffer, **arrays)
    return buffer.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two arrays of numbers and one of text."""
    path = tmp_path / "x.npz"
    np.savez(path, a=X * 2, b=X, t=np.array(["x"]))
    return path


@pytest.mark.parametrize("save", SAVES)
@pytest.mark.parametrize("output", ["y.npz", "x.npz"])
def test_the_output_is_what_numpy_would_have_written_byte_for_byte(
    save: Any, output: str, call: Run, tmp_path: Path
) -> None:
    others = {"a": X * 2, "t": np.array(["x"])}
    (tmp_path / "x.npz").write_bytes(saved(save, a=others["a"], b=X, t=others["t"]))
    assert call("apply", "x.npz::b", "-o", output, "-c", "caffe", "--force").code == 0
    assert (tmp_path / output).read_bytes() == saved(save, a=others["a"], b=EXPECTED, t=others["t"])


# (what is typed for the input, the name in the archive)
SOURCES = [("feats.npy", "feats"), ("x.h5::/block/conv", "block/conv"), ("-", "data"), ("x.npz::b", "b")]


@pytest.mark.parametrize(("word", "name"), SOURCES)
def test_tensors_from_elsewhere_keep_their_name(word: str, name: str, file: Path, call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "feats.npy", X)
    with h5py.File(tmp_path / "x.h5", "w") as made:
        made.create_dataset("block/conv", data=X, compression="gzip")
    sent = (tmp_path / "feats.npy").read_bytes()
    ended = call("apply", word, "-o", "y.npz", "-c", "caffe", "--only", stdin=sent if word == "-" else b"")
    assert ended.code == 0, ended.err
    assert (tmp_path / "y.npz").read_bytes() == saved(np.savez, **{name: EXPECTED})


@pytest.mark.parametrize("dtype", [">f8", "<f2"])
def test_byte_order_and_the_order_of_axes_stay(dtype: str, call: Run, tmp_path: Path) -> None:
    values = np.asfortranarray(X.astype(dtype))
    np.save(tmp_path / "x.npy", values)
    assert call("apply", "x.npy", "-o", "y.npz", "-c", "caffe").code == 0
    found = np.load(tmp_path / "y.npz")["x"]
    assert (found.dtype, found.flags.f_contiguous) == (np.dtype(dtype), True)
    np.testing.assert_array_equal(found, normalize(values, "caffe"))


def test_an_array_joins_an_archive_and_replaces_one_only_when_told(file: Path, call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "feats.npy", X)
    assert call("apply", "feats.npy", "-o", "x.npz::new", "-c", "caffe").code == 0
    t = np.array(["x"])
    assert file.read_bytes() == saved(np.savez, a=X * 2, b=X, t=t, new=EXPECTED)
    ended = call("apply", "feats.npy", "-o", "x.npz::a", "-c", "caffe")
    ended.assert_refused("x.npz::a: is there already, and is not replaced without --force")
    assert call("apply", "feats.npy", "-o", "x.npz::a", "-c", "caffe", "--force").code == 0
    assert file.read_bytes() == saved(np.savez, a=EXPECTED, b=X, t=t, new=EXPECTED)


def test_what_takes_the_place_of_a_packed_array_is_packed(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "feats.npy", X)
    (tmp_path / "x.npz").write_bytes(saved(np.savez_compressed, a=X * 2, b=X))
    assert call("apply", "feats.npy", "-o", "x.npz::b", "-c", "caffe", "--force").code == 0
    assert (tmp_path / "x.npz").read_bytes() == saved(np.savez_compressed, a=X * 2, b=EXPECTED)


@pytest.mark.parametrize(("output", "made"), [("out/", "out/x.b.npy"), ("{stem}.{member}.npz", "x.b.npz")])
def test_in_a_folder_an_array_becomes_npy_as_ever_and_an_archive_by_a_template(
    output: str, made: str, file: Path, call: Run, tmp_path: Path
) -> None:
    assert call("apply", "x.npz::b", "-o", output, "-c", "caffe").code == 0
    found = np.load(tmp_path / made)
    np.testing.assert_array_equal(found["b"] if made.endswith("z") else found, EXPECTED)


class Unseekable(BytesIO):
    """What a pipe takes: of an archive in it the sizes stand behind each entry."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError


def test_other_entries_stay_as_they_are_packed_whoever_has_packed_them(call: Run, tmp_path: Path) -> None:
    stream = Unseekable()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, (name, method) in enumerate(
            [("read me ü.txt", zipfile.ZIP_BZIP2), ("b.npy", zipfile.ZIP_STORED), ("folder/l", zipfile.ZIP_LZMA)]
        ):
            about = zipfile.ZipInfo(name, (2001, 2, 3 + number, 4, 5, 6))
            about.compress_type, about.comment, about.external_attr = method, b"of it", 0o644 << 16
            about.extra = struct.pack("<HH4s", 0x7777, 4, b"more")
            archive.writestr(about, _npy(X) if name == "b.npy" else b"text " * 99)
        archive.comment = b"of all"
    (tmp_path / "x.npz").write_bytes(stream.getvalue())
    assert call("apply", "x.npz", "-o", "y.npz", "-c", "caffe").code == 0
    with zipfile.ZipFile(tmp_path / "x.npz") as old, zipfile.ZipFile(tmp_path / "y.npz") as new:
        assert new.testzip() is None
        assert new.comment == b"of all"
        assert new.namelist() == old.namelist()
        for name in ("read me ü.txt", "folder/l"):
            assert _told(new.getinfo(name)) == _told(old.getinfo(name))
            assert new.read(name) == b"text " * 99
    if shutil.which("unzip"):
        assert subprocess.run(["unzip", "-tq", tmp_path / "y.npz"], capture_output=True, check=False).returncode in (
            0,
            81,
        )


def _npy(values: Array) -> bytes:
    buffer = BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


def _told(about: zipfile.ZipInfo) -> tuple[object, ...]:
    return about.compress_type, about.comment, about.external_attr, about.date_time, about.CRC, about.extra


def overlapping(data: bytes) -> bytes:
    """An archive whose directory has its first entry a hundred times."""
    with zipfile.ZipFile(BytesIO(data)) as old:
        first, second = old.infolist()[:2]
    end = data.rindex(b"PK\5\6")
    (start,) = struct.unpack_from("<I", data, end + 16)
    one = data[start : data.index(b"PK\1\2", start + 4)]
    assert first.filename != second.filename
    directory = one * 100 + data[start + len(one) : end]
    counts = struct.pack("<HHII", 102, 102, len(directory), start)
    return data[:start] + directory + data[end : end + 8] + counts + data[end + 20 :]


def moved(data: bytes) -> bytes:
    """An archive whose first entry has lost its signature."""
    return b"XX" + data[2:]


# Python's own reader finds overlapping entries from 3.11.8 on, and says so in words of its own.
DAMAGED = [(overlapping, "the archive is damaged: "), (moved, "x.npz")]


@pytest.mark.parametrize(("harm", "reason"), DAMAGED)
def test_entries_that_cannot_be_copied_are_refused_before_anything_is_written(
    harm: Any, reason: str, call: Run, tmp_path: Path
) -> None:
    (tmp_path / "x.npz").write_bytes(harm(saved(np.savez, a=X, b=X, c=X)))
    call("apply", "x.npz::b", "-o", "y.npz", "-c", "caffe").assert_refused(reason)
    assert [path.name for path in tmp_path.iterdir()] == ["x.npz"]


REFUSED = [
    ("y.npz::t", "y.npz::t: would take the place of x.npz::t, which is copied along"),
    ("x.npz", "x.npz: is there already, and is not replaced without --force"),
    ("plain.npz::a", "plain.npz: the archive is damaged"),
    ("pipe.npz --output-format npz", "npz cannot be written to a pipe or a device"),
    ("y.npz::" + "n" * 70_000, "the name of an array has 70,004 bytes, the limit is 65,535"),
]


@pytest.mark.parametrize(("output", "reason"), REFUSED)
def test_what_cannot_be_written_is_refused_before_anything_is(
    output: str, reason: str, file: Path, call: Run, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.npz")
    (tmp_path / "plain.npz").write_bytes(b"plain")
    before = sorted(tmp_path.iterdir())
    call("apply", "x.npz::b", "-o", *output.split(), "-c", "caffe").assert_refused(reason)
    assert sorted(tmp_path.iterdir()) == before


def test_of_two_that_add_to_an_archive_none_loses_what_the_other_has_added(file: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "feats.npy", X)
    with open_tensor(str(tmp_path / "feats.npy"), Reading()) as source:
        sinks = [FORMAT.create(Writing(file, name, (0, 3), X.dtype, source)) for name in ("c", "d")]
        sinks[0].commit()
        with pytest.raises(LrnError, match="was changed while it was being read"), sinks[1]:
            pass
    assert np.load(file).files == ["a", "b", "t", "c"]


def test_an_archive_that_is_changed_while_it_is_read_is_noticed(file: Path, tmp_path: Path) -> None:
    with open_tensor(f"{file}::b", Reading()) as source:
        sink = FORMAT.create(Writing(tmp_path / "y.npz", "", (0, 3), X.dtype, source))
        with file.open("ab") as changing:
            changing.write(b"more")
        with pytest.raises(LrnError, match="was changed while it was being read"), sink:
            pass
    assert not (tmp_path / "y.npz").exists()


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_several_arrays_are_written_to_one_archive_together(order: tuple[str, ...], file: Path, tmp_path: Path) -> None:
    made, whole = tmp_path / "y.npz", tuple(slice(0, length) for length in X.shape)
    with open_tensor(f"{file}::a", Reading()) as a, open_tensor(f"{file}::b", Reading()) as b:
        sources = {"a": a, "b": b}
        writings = [Writing(made, "", X.shape, X.dtype, sources[name]) for name in order]
        with FORMAT.create_several(writings) as sinks:
            for name, sink in zip(order, sinks, strict=True):
                sink.write(whole, X * (3 if name == "a" else 5))
                assert not made.exists()
        with pytest.raises(ZeroDivisionError), FORMAT.create_several([w._replace(force=True) for w in writings]):
            raise ZeroDivisionError
    with zipfile.ZipFile(made) as archive, np.load(made) as arrays:
        assert archive.testzip() is None
        assert sorted(arrays.files) == ["a", "b", "t"]
        np.testing.assert_array_equal(arrays["a"], X * 3)
        np.testing.assert_array_equal(arrays["b"], X * 5)
        assert arrays["t"].tolist() == ["x"]
