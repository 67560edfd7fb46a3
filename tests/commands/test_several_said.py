"""What `lrn` says of several datasets of a file, and what it refuses before a byte is written."""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from tests.conftest import Run

WORD = ("-c", "caffe:alpha=0.5")
X = np.random.default_rng(0).standard_normal((2, 6, 4, 5)).astype("f4")


def names_in(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Good files of two datasets, and bad ones: a rank that Caffe has not, packed numbers, a damaged chunk."""
    for name in ("x", "z", "rank", "packed", "damaged"):
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            file["f/a"] = X
            b = file.create_dataset("f/b", data=X, chunks=X.shape, compression="gzip")
            if name == "rank":
                file["f/c"] = X[None]
            if name == "packed":
                b.attrs["scale_factor"] = 0.1
            if name == "damaged":
                b.id.write_direct_chunk((0, 0, 0, 0), zlib.compress(X.tobytes())[:-40])
    np.save(tmp_path / "n.npy", X)
    np.savez(tmp_path / "z.npz", a=X, b=X)
    return tmp_path


def test_each_dataset_is_a_row_of_the_plan_and_nothing_is_written(folder: Path, call: Run) -> None:
    ended = call("apply", "x.h5::*", "-o", "y.h5", "--dry-run", *WORD)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.decode().splitlines()[1:] == [
        f"x.h5::/f/{name}\ty.h5::/f/{name}\tNCHW\t6\t2x6x4x5\tfloat32\tfloat32" for name in "ab"
    ]
    assert not (folder / "y.h5").exists()


def test_each_dataset_is_an_object_and_with_verbose_a_line(folder: Path, call: Run) -> None:
    ended = call("apply", "x.h5", "z.h5", "--dataset", "*", "-o", "out/", "--json", "-v", *WORD)
    rows = [json.loads(line) for line in ended.out.splitlines()]
    places = [f"{file}.h5::/f/{name}" for file in "xz" for name in "ab"]
    assert [(row["input"], row["output"]) for row in rows] == [(place, f"out/{place}") for place in places]
    ended = call("apply", "x.h5::*", "-o", "y.h5", "-v", *WORD)
    assert [line.split(": ")[0] for line in ended.err.splitlines() if " -> " in line] == [
        f"x.h5::/f/{name} -> y.h5::/f/{name}" for name in "ab"
    ]
    assert ended.err.endswith("lrn: 2 of 2 inputs done: NCHW with 6 channels\n")


def test_a_name_that_matches_one_is_spoken_of_as_that_one(folder: Path, call: Run) -> None:
    by_name = call("apply", "x.h5::/f/a", "-o", "y.h5", *WORD)
    assert (by_name.code, by_name.err.count(" -> ")) == (0, 1)
    assert call("apply", "x.h5::/f/a*", "-o", "y.h5", "--force", *WORD) == by_name
    assert call("apply", "x.h5", "--dataset", "/*/a", "-o", "y.h5", "--force", *WORD) == by_name


def test_a_file_that_is_there_is_skipped_with_all_its_datasets(folder: Path, call: Run) -> None:
    words = ("apply", "x.h5", "z.h5", "--dataset", "*", "-o", "out/", *WORD)
    assert call(*words).code == 0
    (folder / "out" / "z.h5").unlink()
    ended = call(*words, "--skip-existing", "--json")
    assert (
        ended.err
        == "lrn: out/x.h5 is there already, skipped\nlrn: 2 of 4 inputs done, 2 skipped: NCHW with 6 channels\n"
    )
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert [(row["input"], row.get("skipped", False)) for row in rows] == [
        ("x.h5::/f/a", True),
        ("x.h5::/f/b", True),
        ("z.h5::/f/a", False),
        ("z.h5::/f/b", False),
    ]


# (a bad file, what is said of its dataset)
BAD = [
    ("rank", ["rank.h5::/f/c", "caffe"]),
    ("packed", ["packed.h5::/f/b", "scale_factor"]),
    ("damaged", ["damaged.h5::/f/b", "chunk is damaged"]),
]


@pytest.mark.parametrize(("name", "fragments"), BAD, ids=[name for name, _ in BAD])
def test_where_one_dataset_fails_nothing_appears_and_it_is_named(
    name: str, fragments: list[str], folder: Path, call: Run
) -> None:
    before = names_in(folder)
    call("apply", f"{name}.h5::*", "-o", "y.h5", *WORD).assert_refused(*fragments)
    call("apply", f"{name}.h5::*", "-o", "new/", *WORD).assert_refused(*fragments)
    (folder / "y.h5").write_bytes(b"old")
    call("apply", f"{name}.h5::*", "-o", "y.h5", "--force", *WORD).assert_refused(*fragments)
    assert (folder / "y.h5").read_bytes() == b"old"
    assert names_in(folder) == sorted([*before, "y.h5"])


@pytest.mark.parametrize(("name", "fragments"), BAD, ids=[name for name, _ in BAD])
def test_where_one_dataset_fails_other_outputs_are_done(
    name: str, fragments: list[str], folder: Path, call: Run
) -> None:
    ended = call("apply", "x.h5", f"{name}.h5", "z.h5", "--dataset", "*", "-o", "out/", "--json", *WORD)
    assert ended.code == 2
    assert names_in(folder / "out") == ["x.h5", "z.h5"]
    bad = [row for row in map(json.loads, ended.out.splitlines()) if "error" in row]
    assert {row["input"].partition("::")[0] for row in bad} == {f"{name}.h5"}
    errors = [line for line in ended.err.splitlines() if line.startswith("lrn: error: ")]
    assert [fragment for fragment in fragments if fragment not in errors[0]] == []
    assert errors[1:] == [f"lrn: error: {len(bad)} of {len(bad) + 4} inputs failed"]
    ended = call("apply", f"{name}.h5::*", "-o", "each/{member}.npy", *WORD)
    assert ended.code == 2
    assert "f.a.npy" in names_in(folder / "each")
    assert "lrn: error: 1 of" in ended.err


REFUSED = [
    ("x.h5::* -o y.npy", ["y.npy: 2 tensors, and a npy file holds one", "{member}.npy"]),
    ("x.h5::* -o y.npy --dry-run", ["y.npy: 2 tensors, and a npy file holds one"]),
    ("x.h5::* -o z.h5::/c", ["2 tensors would write z.h5::/c", "-o 'z.h5::/{member}'"]),
    ("x.h5::* -o z.h5", ["z.h5: is there already", "--force"]),
    ("x.h5::* -o -", ["2 inputs cannot be written to standard output"]),
    ("x.h5::*", ["2 inputs and nothing says where their results go"]),
    ("x.h5::* -o no/where/y.h5", ["no folder no/where"]),
    ("x.h5::/g/* -o y.h5", ["x.h5: has no tensor of numbers that matches /g/*; it has /f/a, /f/b"]),
    ("z.npz::c* -o y.h5", ["z.npz: has no tensor of numbers that matches c*; it has a, b"]),
    ("n.npy::* -o y.npy", ["n.npy: holds one array, none is called *"]),
    ("none.h5::* -o y.h5", ["none.h5"]),
    ("x.h5::/f/a --dataset * -o y.h5", ["x.h5::/f/a: names /f/a, and --dataset *"]),
    ("- --dataset * -o y.h5", ["- is one .npy stream"]),
    ("x.h5::/f/a x.h5::f/a -o y.h5", ["2 tensors would write y.h5::/f/a"]),
    ("x.h5::/f/a x.h5::/f/b -o y.npy", ["y.npy: 2 tensors, and a npy file holds one"]),
    ("x.h5::/f/a z.h5::/f/b -o y.h5", ["y.h5: 2 inputs cannot be written to one output"]),
    ("x.h5::* x.h5::/f/* -o out/", ["2 inputs would write", "{member}"]),
    ("x.h5::* x.h5::* -o out/", ["x.h5::*: is given 2 times"]),
]


@pytest.mark.parametrize(("words", "fragments"), REFUSED, ids=[words for words, _ in REFUSED])
def test_what_cannot_be_meant_is_refused_before_anything_is_made(
    words: str, fragments: list[str], folder: Path, call: Run
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    call("apply", *words.split(), *WORD).assert_refused(*fragments)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_how_many_one_name_may_stand_for_is_bounded(folder: Path, call: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrn_cli.tensors.format._MOST_MATCHES", 1)
    call("apply", "x.h5::*", "-o", "y.h5", *WORD).assert_refused("x.h5: * matches 2 datasets, the most are 1")


HINTS = [
    ("x.h5::* -o y.npy", "-o ./{stem}.{member}.npy", "x.f.a.npy"),
    ("x.h5::* -o z.h5::/c", "-o z.h5::/{member}", "z.h5"),
    ("x.h5::*", "-o out/", "out/x.h5"),
    ("x.h5::* -o -", "-o out/", "out/x.h5"),
]


@pytest.mark.parametrize(("words", "hint", "made"), HINTS, ids=[words for words, _, _ in HINTS])
def test_what_the_hint_says_works(words: str, hint: str, made: str, folder: Path, call: Run) -> None:
    refused = call("apply", *words.split(), *WORD)
    assert refused.err.splitlines()[-1].replace("'", "") == f"hint: {hint}"
    ended = call("apply", words.split(maxsplit=1)[0], *hint.split(), *WORD)
    assert (ended.code, ended.err) == (0, "lrn: 2 of 2 inputs done: NCHW with 6 channels\n")
    assert (folder / made).exists()


def test_the_disk_must_have_room_for_all_together(folder: Path, call: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with h5py.File("large.h5", "w") as file:
        for name in "ab":
            file[name] = np.zeros((3, 1 << 20), "f4")
    disk = SimpleNamespace(f_bavail=20 << 20, f_frsize=1)
    monkeypatch.setattr(os, "statvfs", lambda _: disk)
    assert call("apply", "large.h5::/a", "-o", "one.h5", *WORD, "--layout", "NC").code == 0
    ended = call("apply", "large.h5::*", "-o", "y.h5", *WORD, "--layout", "NC", "--dry-run")
    ended.assert_refused(f"y.h5: the result takes {24 << 20:,} bytes and its disk has {20 << 20:,} free")


def test_info_lists_what_matches(folder: Path, call: Run) -> None:
    ended = call("info", "x.h5::/f/*", "z.npz::*")
    rows = [line.split("\t") for line in ended.out.decode().splitlines()[1:]]
    assert [(row[0], row[2], row[-1]) for row in rows] == [
        ("x.h5::/f/*", "/f/a", "yes"),
        ("x.h5::/f/*", "/f/b", "yes"),
        ("z.npz::*", "a", "yes"),
        ("z.npz::*", "b", "yes"),
    ]
    (one,) = json.loads(call("info", "--json", "x.h5::/f/a*").out)
    assert [tensor["path"] for tensor in one["tensors"]] == ["/f/a"]
    call("info", "x.h5::/g*").assert_refused("has no tensor of numbers that matches /g*; it has /f/a, /f/b")


@pytest.mark.parametrize(("word", "names"), [("x.h5::/f/*", "/f/a, /f/b"), ("z.npz::*", "a, b")])
@pytest.mark.parametrize("verb", ["compare", "identify"])
def test_where_one_tensor_is_wanted_the_matches_are_named_unless_it_is_one(
    verb: str, word: str, names: str, folder: Path, call: Run
) -> None:
    file, _, pattern = word.partition("::")
    refused = call(verb, word, "n.npy")
    refused.assert_refused(f"{file}: one tensor is wanted, and {pattern} matches 2: {names}")
    first = refused.err.splitlines()[-1].removeprefix("hint: ")
    by_name = call(verb, first, "n.npy")
    assert by_name.code in (0, 1), by_name.err
    assert call(verb, f"{file}::{pattern.replace('*', '[a]')}", "n.npy").code == by_name.code
