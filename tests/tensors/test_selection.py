"""Which file and which tensor in it a word means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.tensors.selection import split
from tests.conftest import Run

X = np.random.default_rng(0).standard_normal((2, 6, 4, 5)).astype("f4")
EXPECTED = normalize(X, "caffe")

# (word, the file that is meant, the member); of these files only a.h5, b::c.npz and plain are there
WORDS = [
    ("a.h5", "a.h5", ""),
    ("a.h5::/x", "a.h5", "/x"),
    ("a.h5::/x::y", "a.h5", "/x::y"),
    ("a.h5::/x::y.npy", "a.h5", "/x::y.npy"),
    ("a.h5:::x", "a.h5", ":x"),
    ("plain::x::y", "plain", "x::y"),
    ("b::c.npz", "b::c.npz", ""),
    ("b::c.npz::x::y", "b::c.npz", "x::y"),
    ("folder::a.h5::/x", "folder::a.h5", "/x"),
    ("folder/a.h5::/x::y", "folder/a.h5", "/x::y"),
    ("new.h5::/x::y", "new.h5", "/x::y"),
    ("new.NC::/x::y", "new.NC", "/x::y"),
    ("out/x::y.npy", "out/x::y.npy", ""),
    ("new::x::y", "new::x", "y"),
    ("::/x", "", "/x"),
]


@pytest.mark.parametrize(("word", "file", "member"), WORDS)
def test_the_file_is_the_shortest_that_is_there_else_the_shortest_with_a_known_suffix(
    word: str, file: str, member: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.h5", "b::c.npz", "plain"):
        Path(name).write_bytes(b"")
    Path("folder").mkdir()
    assert split(word) == (file, member)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files with members that have `::` in their names."""
    arrays: dict[str, Any] = {"x::y": X, "x": X * 2}
    np.savez(tmp_path / "x.npz", **arrays)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["a b/c::d"], file["a b/c"] = X, X * 2
    return tmp_path


# (input, behind -o, the file of the result and the dataset in it)
PLACES = [
    ("x.npz::x::y", "y.npy", ("y.npy", "")),
    ("x.npz::x::y", "y.h5::/p::q", ("y.h5", "/p::q")),
    ("x.npz::x::y", "{stem}-{member}.npy", ("x-x::y.npy", "")),
    ("x.npz::x::y", "out/", ("out/x.x::y.npy", "")),
    ("x.h5::/a b/c::d", "y.npy", ("y.npy", "")),
    ("x.h5::/a b/c::d", "y.h5", ("y.h5", "/a b/c::d")),
    ("x.h5::/a b/c::d", "x.h5::/p::q", ("x.h5", "/p::q")),
    ("x.h5::/a b/c::d", "{member}.npy", ("a b.c::d.npy", "")),
    ("x.h5::/a b/c::d", "out/", ("out/x.h5", "/a b/c::d")),
]


@pytest.mark.parametrize(("word", "output", "place"), PLACES)
def test_a_member_whose_name_has_colons_goes_wherever_another_does(
    word: str, output: str, place: tuple[str, str], folder: Path, call: Run
) -> None:
    file, member = place
    ended = call("apply", word, "-o", output, "-c", "caffe")
    assert ended.code == 0, ended.err
    if member:
        with h5py.File(folder / file) as opened:
            np.testing.assert_array_equal(opened[member][...], EXPECTED)
    else:
        np.testing.assert_array_equal(np.load(folder / file), EXPECTED)


@pytest.mark.parametrize("word", ["x.npz::x::y", "x.h5::/a b/c::d"])
def test_info_and_compare_find_a_member_whose_name_has_colons(word: str, folder: Path, call: Run) -> None:
    np.save(folder / "x.npy", X)
    listed = call("info", word).out.decode().splitlines()[1].split("\t")
    assert (listed[0], listed[2], listed[-1]) == (word, word.partition("::")[2], "yes")
    assert call("compare", word, "x.npy").code == 0
