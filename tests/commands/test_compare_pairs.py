"""`lrn compare` of folders and of files of several tensors: those of one name, a line for each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests.conftest import Run

X = np.random.default_rng(0).standard_normal((2, 6, 4, 4)).astype("f4")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    for place in ("new/deep", "old/deep"):
        (tmp_path / place).mkdir(parents=True)
    for name in ("a.npy", "deep/b.npy"):
        np.save(tmp_path / "new" / name, X)
        np.save(tmp_path / "old" / name, X)
    with h5py.File(tmp_path / "new" / "m.h5", "w") as file:
        file["c1"], file["g/c2"], file["text"], file["one"] = X, X, b"words", 1.5
    with h5py.File(tmp_path / "old" / "m.h5", "w") as file:
        file["c1"], file["g/c2"] = X, X * 2
    arrays: dict[str, Any] = {"c1": X, "g/c2": X}
    np.savez(tmp_path / "z.npz", **arrays)
    return tmp_path


def rows(out: bytes) -> list[tuple[str, str, str]]:
    """a, b and the verdict of each line."""
    header, *lines = (line.split("\t") for line in out.decode().splitlines())
    cells = [dict(zip(header, line, strict=True)) for line in lines]
    return [(row["a"], row["b"], row["verdict"]) for row in cells]


def test_folders_are_compared_file_by_file_and_files_dataset_by_dataset(folder: Path, call: Run) -> None:
    np.save(folder / "new" / "more.npy", X)
    np.save(folder / "old" / "deep" / "less.npy", X)
    ended = call("compare", "--recursive", "new", "old")
    assert rows(ended.out) == [
        ("new/a.npy", "old/a.npy", "equal"),
        ("new/deep/b.npy", "old/deep/b.npy", "equal"),
        ("-", "old/deep/less.npy", "missing"),
        ("new/m.h5::/c1", "old/m.h5::/c1", "equal"),
        ("new/m.h5::/g/c2", "old/m.h5::/g/c2", "different"),
        ("new/more.npy", "-", "missing"),
    ]
    assert ended.code == 1
    assert ended.err == "lrn: of 6 pairs 3 equal, 1 different, 2 missing in one of the two\n"


# (what makes the folders unlike, the exit code)
CHANGES = [(None, 0), ("new/extra.npy", 1), ("old/extra.npy", 1)]


@pytest.mark.parametrize(("extra", "code"), CHANGES)
def test_only_folders_that_are_equal_in_all_are_equal(extra: str | None, code: int, folder: Path, call: Run) -> None:
    if extra:
        np.save(folder / extra, X)
    ended = call("compare", "-r", "new", "old", "--exclude", "m.h5", "-q")
    assert (ended.code, ended.out, ended.err) == (code, b"", "")


def test_all_datasets_of_two_files_are_compared_whatever_the_format(call: Run) -> None:
    data = json.loads(call("compare", "new/m.h5", "old/m.h5", "--json").out)
    assert data["equal"] is False
    assert [(pair["name"], pair["verdict"]) for pair in data["pairs"]] == [("/c1", "equal"), ("/g/c2", "different")]
    assert data["pairs"][1]["pairs"][0]["cause"] == "a is b times 0.5"
    assert call("compare", "z.npz", "z.npz").code == 0
    assert call("compare", "new/m.h5", "new/m.h5", "-q").code == 0
    missing = json.loads(call("compare", "z.npz", "new/m.h5", "--json").out)
    assert {pair["verdict"] for pair in missing["pairs"]} == {"missing"}


def test_a_file_that_cannot_be_read_is_reported_and_the_others_are_compared(folder: Path, call: Run) -> None:
    (folder / "old" / "a.npy").write_bytes(b"nothing")
    ended = call("compare", "-r", "new", "old", "--include", "*.npy")
    assert rows(ended.out) == [("new/a.npy", "old/a.npy", "failed"), ("new/deep/b.npy", "old/deep/b.npy", "equal")]
    assert ended.code == 2
    assert "lrn: error: old/a.npy: is none of" in ended.err


def test_what_a_convention_makes_of_a_folder_is_compared_with_another(call: Run) -> None:
    assert call("apply", "-r", "new", "--include", "*.npy", "-o", "made/", "-c", "caffe").code == 0
    words = ("compare", "-r", "new", "--against", "made", "--include", "*.npy")
    assert rows(call(*words, "-c", "caffe").out) == [
        ("caffe", "made/a.npy", "equal"),
        ("caffe", "made/deep/b.npy", "equal"),
    ]
    assert call(*words, "-c", "tf").code == 1


REFUSED = [
    ("compare new old", ["new: is a folder", "hint: lrn compare --recursive new old"]),
    ("compare new -c tf", ["new: is a folder", "hint: lrn info -r new"]),
    ("identify new old", ["new: is a folder", "hint: lrn info --recursive new"]),
    ("compare -r new z.npz", ["new is a folder and z.npz is none"]),
    ("compare -r new old --include *.png", ["no file below this folder", "--include '*.png'"]),
    ("compare new/m.h5 new/a.npy", ["new/m.h5: 2 numeric datasets, none named"]),
    ("compare new/a.npy old/a.npy --include a*", ["these are not searched"]),
]


@pytest.mark.parametrize(("words", "fragments"), REFUSED, ids=[words for words, _ in REFUSED])
def test_what_is_no_pair_of_folders_is_refused(words: str, fragments: list[str], call: Run) -> None:
    call(*words.split()).assert_refused(*fragments)
