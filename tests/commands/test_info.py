"""`lrn info`: what is in files, and which tensor `lrn apply` would take."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from tests.conftest import Run

HEADER = "file\tformat\ttensor\tshape\tdtype\torder\tchunks\tfilters\tapply"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    x = np.ones((2, 3, 4, 5), "f4")
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "fortran.npy", np.asfortranarray(x))
    np.save(tmp_path / "scalar.npy", np.float32(1))
    np.save(tmp_path / "complex.npy", x.astype("c8"))
    np.savez(tmp_path / "one.npz", a=x)
    np.savez_compressed(tmp_path / "two.npz", a=x, b=x.astype(np.int16))
    with h5py.File(tmp_path / "x.h5", "w") as file:
        conv = file.create_dataset("net/conv1", data=x, chunks=(1, 3, 4, 5), compression="gzip", shuffle=True)
        file["net/angles"] = np.arange(3.0)
        file["net/angles"].make_scale("angle")
        conv.dims[1].attach_scale(file["net/angles"])
    Image.fromarray(np.zeros((5, 6, 4), np.uint8)).save(tmp_path / "x.png")
    (tmp_path / "text.npy").write_text("1 2 3\n")
    return tmp_path


# (what was typed, its rows)
ROWS: list[tuple[str, list[str]]] = [
    ("x.npy", ["x.npy npy - 2x3x4x5 float32 C - - yes"]),
    ("fortran.npy", ["fortran.npy npy - 2x3x4x5 float32 Fortran - - yes"]),
    ("complex.npy", ["complex.npy npy - 2x3x4x5 complex64 C - - -"]),
    ("one.npz", ["one.npz npz a 2x3x4x5 float32 C - - yes"]),
    ("two.npz", ["two.npz npz a 2x3x4x5 float32 C - deflate -", "two.npz npz b 2x3x4x5 int16 C - deflate -"]),
    ("two.npz::b", ["two.npz::b npz b 2x3x4x5 int16 C - deflate yes"]),
    ("x.png", ["x.png png - 5x6x4 float32 C - - yes"]),
]


@pytest.mark.parametrize(("word", "rows"), ROWS, ids=[word for word, _ in ROWS])
def test_off_a_terminal_the_table_is_tab_separated(word: str, rows: list[str], call: Run) -> None:
    ended = call("info", word)
    assert ended.out.decode().splitlines() == [HEADER, *("\t".join(row.split()) for row in rows)]
    assert (ended.code, ended.err) == (0, "")


def test_an_hdf5_file_shows_every_dataset_with_chunks_and_filters(call: Run) -> None:
    header, *rows = (line.split("\t") for line in call("info", "x.h5").out.decode().splitlines())
    conv, angles = sorted((dict(zip(header, row, strict=True)) for row in rows), key=lambda row: row["apply"] != "yes")
    assert (conv["tensor"], conv["shape"], conv["chunks"], conv["apply"]) == ("/net/conv1", "2x3x4x5", "1x3x4x5", "yes")
    assert conv["filters"].startswith("shuffle, gzip")
    assert (angles["tensor"], angles["shape"], angles["filters"], angles["apply"]) == ("/net/angles", "3", "-", "-")


@pytest.mark.parametrize("words", ["--json", "--format json -q"])
def test_as_json_there_is_one_object_for_each_file(words: str, call: Run) -> None:
    ended = call("info", "x.h5::/net/conv1", "fortran.npy", *words.split())
    data = json.loads(ended.out)
    assert [(file["file"], file["format"], file["refusal"]) for file in data] == [
        ("x.h5::/net/conv1", "h5", None),
        ("fortran.npy", "npy", None),
    ]
    (conv,), (array,) = (file["tensors"] for file in data)
    assert (conv["path"], conv["shape"], conv["dtype"], conv["chunks"]) == (
        "/net/conv1",
        [2, 3, 4, 5],
        "float32",
        [1, 3, 4, 5],
    )
    assert (conv["bytes"], conv["taken_by_apply"]) == (480, True)
    assert (array["path"], array["chunks"], array["filters"], array["fortran_order"]) == (None, None, [], True)


# (file, whether `lrn apply` takes something from it)
ASKED = [
    ("x.npy", True),
    ("two.npz", False),
    ("two.npz::a", True),
    ("complex.npy", False),
    ("scalar.npy", False),
    ("x.h5", True),
]


@pytest.mark.parametrize(("word", "taken"), ASKED)
def test_it_marks_just_what_apply_would_take(word: str, taken: bool, call: Run) -> None:
    ((listing,), ended) = json.loads(call("info", "--json", word).out), call("apply", word, "-o", "-", "-c", "caffe")
    assert (ended.code == 0) == taken
    assert any(tensor["taken_by_apply"] for tensor in listing["tensors"]) == taken
    assert (listing["refusal"] is None) == taken


@pytest.mark.parametrize(
    ("word", "fragments"),
    [
        ("missing.npy", ["missing.npy: no such file"]),
        ("text.npy", ["text.npy", "begins with b'1 2 3"]),
        (".", ["is a folder"]),
        ("two.npz::c", ["two.npz", "has no c; it has a, b", "lrn info two.npz"]),
        ("x.h5::/net", ["x.h5::/net", "is a group", "did you mean x.h5::/net/"]),
    ],
)
def test_what_cannot_be_listed_is_an_error_of_one_line_and_a_hint(word: str, fragments: list[str], call: Run) -> None:
    call("info", word).assert_refused(*fragments)


def test_one_bad_file_does_not_hide_the_others_and_never_ends_as_success(lrn: Run) -> None:
    ended = lrn("info", "missing.npy", "x.npy", "text.npy", "one.npz")
    assert [line.split("\t")[0] for line in ended.out.decode().splitlines()[1:]] == ["x.npy", "one.npz"]
    errors = [line.split(": ")[2] for line in ended.err.splitlines() if line.startswith("lrn: error: ")]
    assert (ended.code, errors) == (2, ["missing.npy", "text.npy"])


def test_brackets_and_tabs_in_a_name_change_neither_table(call: Run, tmp_path: Path) -> None:
    (tmp_path / "feats[").mkdir()
    names = ["feats[train].npy", "feats[/0].npy", "tab\there.npy"]
    for name in names:
        np.save(tmp_path / name, np.ones(3))
    rows = [line.split("\t") for line in call("info", *names).out.decode().splitlines()]
    assert [len(row) for row in rows] == [9, 9, 9, 9]
    assert [row[0] for row in rows[1:]] == ["feats[train].npy", "feats[/0].npy", "tab\\there.npy"]
    shown = _on_a_terminal("info", *names[:2], folder=tmp_path)
    assert all(name.encode() in shown for name in names[:2])


def _on_a_terminal(*words: str, folder: Path) -> bytes:
    """What a run shows on a terminal of 200 columns."""
    leader, follower = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "lrn_cli", *words],
        cwd=folder,
        stdout=follower,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "200"},
        check=True,
        timeout=60,
    )
    os.close(follower)
    shown = b""
    try:
        while piece := os.read(leader, 1 << 16):
            shown += piece
    except OSError:  # the other end is closed and everything has been read
        pass
    os.close(leader)
    return shown


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (np.array([[1.5, -2, np.nan], [np.inf, 4, -np.inf]], "f4"), ["-2", "4", "1.16667", "1", "2"]),
        (np.full((2, 3), np.nan), ["-", "-", "-", "6", "0"]),
        (np.arange(1 << 20).reshape(16, -1).T, ["0", "1.04858e+06", "524288", "0", "0"]),
        (np.array([[1.5e308, 1.7e308]]), ["1.5e+308", "1.7e+308", "1.6e+308", "0", "0"]),
        (np.zeros((0, 3)), ["-", "-", "-", "0", "0"]),
        (np.array([[True, False]]), ["0", "1", "0.5", "0", "0"]),
    ],
)
def test_statistics_are_of_what_is_finite(values: np.ndarray, shown: list[str], call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", values)
    for word, stdin in (("v.npy", b""), ("-", (tmp_path / "v.npy").read_bytes())):
        header, row = (
            line.split("\t") for line in call("info", "--stats", word, stdin=stdin).out.decode().splitlines()
        )
        cells = dict(zip(header, row, strict=True))
        assert [cells[name] for name in ("min", "max", "mean", "nan", "inf")] == shown
        assert cells["file bytes"] == ("-" if word == "-" else str((tmp_path / "v.npy").stat().st_size))


def test_statistics_are_of_each_tensor_that_has_numbers(call: Run) -> None:
    files = json.loads(call("info", "--stats", "--json", "two.npz", "x.png", "complex.npy").out)
    found = [(tensor["statistics"] or {}).get("max") for file in files for tensor in file["tensors"]]
    assert found == [1, 1, 0, None]
    assert [tensor["looks_like"] for tensor in files[1]["tensors"]] == ["HWC"]


def test_folders_are_searched_on_request_and_the_hint_says_how(call: Run, tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    np.save(tmp_path / "deep" / "er" / "x.npy", np.ones((1, 8, 8, 3), "f4"))
    np.save(tmp_path / "deep" / "y.npy", np.ones((1, 8, 8, 3), "f4"))
    refused = call("info", "deep")
    refused.assert_refused("deep: is a folder", "hint: lrn info --recursive deep")
    rows = call("info", "--recursive", "deep", "x.npy").out.decode().splitlines()[1:]
    assert [row.split("\t")[0] for row in rows] == ["deep/er/x.npy", "deep/y.npy", "x.npy"]
