"""Safetensors: what is written, in a new file and in one that is there, and what of the others stays."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.errors import LrnError
from lrn_cli.tensors.registry import find_format
from lrn_cli.tensors.selection import open_tensor
from lrn_cli.tensors.tensor import Reading, Writing
from tests.conftest import Run
from tests.tensors.safetensors_files import by_place, names, parse, safetensors, tensor, texts

X = np.random.default_rng(0).standard_normal((2, 6, 4, 5)).astype("f4")
EXPECTED = normalize(X, "caffe")
NUMBERS = np.arange(30, dtype="u1").reshape(1, 6, 5)
FORMAT = find_format("safetensors")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three tensors, in an order of bytes that is not the header's."""
    path = tmp_path / "x.safetensors"
    path.write_bytes(safetensors({"conv": X, "half": X[0, 0, 0].astype("f2"), "u": NUMBERS}, {"format": "pt"}))
    return path


@pytest.mark.parametrize("output", ["y.safetensors", "out/", "x.safetensors"])
def test_the_result_takes_the_tensors_place_and_the_others_stay(
    output: str, file: Path, call: Run, tmp_path: Path
) -> None:
    before = parse(file)
    ended = call("apply", "x.safetensors::conv", "-o", output, "-c", "caffe", "--force")
    assert ended.code == 0, ended.err
    made = tmp_path / (output + "x.safetensors" if output == "out/" else output)
    np.testing.assert_array_equal(tensor(made, "conv"), EXPECTED)
    after = parse(made)
    assert {name: after[0][name] for name in names(made)} == {k: v for k, v in before[0].items() if k[0] != "_"}
    assert after[1][X.nbytes :] == before[1][X.nbytes :]


def test_how_it_was_made_stands_among_the_texts_of_the_file(file: Path, call: Run, tmp_path: Path) -> None:
    call("apply", "x.safetensors::conv", "-o", "y.safetensors", "-c", "caffe:local_size=3")
    found = texts(tmp_path / "y.safetensors")
    assert list(found) == ["format", "lrn_convention", "lrn_parameters", "lrn_version", "lrn_tensors"]
    assert (found["format"], found["lrn_convention"], found["lrn_tensors"]) == ("pt", "caffe", '["conv"]')
    assert json.loads(found["lrn_parameters"])["local_size"] == 3


def test_what_another_run_has_said_of_other_tensors_stays(file: Path, call: Run, tmp_path: Path) -> None:
    call("apply", "x.safetensors::conv", "-o", "y.safetensors", "-c", "caffe:local_size=3")
    call("apply", "y.safetensors::half", "-o", "y.safetensors", "-c", "caffe:local_size=3", "--force")
    assert json.loads(texts(tmp_path / "y.safetensors")["lrn_tensors"]) == ["conv", "half"]
    call("apply", "y.safetensors::u", "-o", "y.safetensors", "-c", "pytorch:size=5", "--force")
    found = texts(tmp_path / "y.safetensors")
    assert (found["lrn_convention"], found["lrn_tensors"]) == ("pytorch", '["u"]')
    assert (found["lrn_convention.conv"], found["lrn_convention.half"]) == ("caffe", "caffe")
    call("apply", "y.safetensors::conv", "-o", "y.safetensors", "-c", "pytorch:size=5", "--force")
    found = texts(tmp_path / "y.safetensors")
    assert json.loads(found["lrn_tensors"]) == ["u", "conv"]
    assert "lrn_convention.conv" not in found


def test_only_leaves_out_the_other_tensors_and_texts(file: Path, call: Run, tmp_path: Path) -> None:
    assert call("apply", "x.safetensors::conv", "-o", "y.safetensors", "-c", "caffe", "--only").code == 0
    assert names(tmp_path / "y.safetensors") == ["conv"]
    assert "format" not in texts(tmp_path / "y.safetensors")


def test_each_tensor_begins_at_a_multiple_of_its_elements_size(file: Path, call: Run, tmp_path: Path) -> None:
    assert call("apply", "x.safetensors::u", "-o", "y.safetensors", "-c", "caffe").code == 0
    made = tmp_path / "y.safetensors"
    assert (names(made), by_place(made)) == (["conv", "half", "u"], ["conv", "u", "half"])
    assert int.from_bytes(made.read_bytes()[:8], "little") % 8 == 0
    np.testing.assert_array_equal(tensor(made, "u"), normalize(NUMBERS, "caffe"))
    for name, values in (("conv", X), ("half", X[0, 0, 0].astype("f2"))):
        np.testing.assert_array_equal(tensor(made, name), values)


# (what is typed for the input, the output's tensor)
SOURCES = [
    ("feats.npy", "feats"),
    ("big.npy", "big"),
    ("x.npz::a b", "a b"),
    ("x.h5::/block/conv", "block/conv"),
    ("-", "data"),
]


@pytest.mark.parametrize(("word", "name"), SOURCES)
def test_tensors_from_elsewhere_keep_their_name_and_become_plain(
    word: str, name: str, call: Run, tmp_path: Path
) -> None:
    np.save(tmp_path / "feats.npy", np.asfortranarray(X))
    np.save(tmp_path / "big.npy", X.astype(">f8"))
    arrays: dict[str, Any] = {"a b": X.astype("f2")}
    np.savez(tmp_path / "x.npz", **arrays)
    with h5py.File(tmp_path / "x.h5", "w") as made:
        made["block/conv"] = X
    sent = (tmp_path / "feats.npy").read_bytes()
    ended = call("apply", word, "-o", "y.safetensors", "-c", "caffe", stdin=sent if word == "-" else b"")
    assert ended.code == 0, ended.err
    dtype = {"big.npy": "f8", "x.npz::a b": "f2"}.get(word, "f4")
    assert names(tmp_path / "y.safetensors") == [name]
    found = tensor(tmp_path / "y.safetensors", name)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, normalize(X.astype(dtype), "caffe"))


def test_a_tensor_joins_a_file_that_is_there_and_replaces_one_only_when_told(
    file: Path, call: Run, tmp_path: Path
) -> None:
    np.save(tmp_path / "feats.npy", X)
    assert call("apply", "feats.npy", "-o", "x.safetensors::new", "-c", "caffe").code == 0
    assert names(file) == ["conv", "half", "u", "new"]
    np.testing.assert_array_equal(tensor(file, "new"), EXPECTED)
    before = file.read_bytes()
    ended = call("apply", "feats.npy", "-o", "x.safetensors::half", "-c", "caffe")
    ended.assert_refused("x.safetensors::half: is there already, and is not replaced without --force")
    assert file.read_bytes() == before
    assert call("apply", "feats.npy", "-o", "x.safetensors::half", "-c", "caffe", "--force").code == 0
    assert names(file) == ["conv", "half", "u", "new"]
    np.testing.assert_array_equal(tensor(file, "half"), EXPECTED)
    np.testing.assert_array_equal(tensor(file, "u"), NUMBERS)


REFUSED = [
    ("y.safetensors::u", "y.safetensors::u: would take the place of x.safetensors::u, which is copied along"),
    ("y.safetensors::__metadata__", "is what safetensors calls its texts"),
    ("x.safetensors", "x.safetensors: is there already, and is not replaced without --force"),
    ("plain.safetensors::a", "plain.safetensors"),
    ("pipe.safetensors --output-format safetensors", "safetensors cannot be written to a pipe or a device"),
    ("nowhere/y.z/x.safetensors", "there is no folder"),
]


@pytest.mark.parametrize(("output", "reason"), REFUSED)
def test_what_cannot_be_written_is_refused_before_anything_is(
    output: str, reason: str, file: Path, call: Run, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    (tmp_path / "plain.safetensors").write_bytes(b"plain")
    before = sorted(tmp_path.iterdir())
    call("apply", "x.safetensors::conv", "-o", *output.split(), "-c", "caffe").assert_refused(reason)
    assert sorted(tmp_path.iterdir()) == before


def test_a_renamed_result_takes_the_place_of_its_tensor(file: Path, call: Run, tmp_path: Path) -> None:
    assert call("apply", "x.safetensors::half", "-o", "y.safetensors::norm", "-c", "tf").code == 0
    assert names(tmp_path / "y.safetensors") == ["conv", "norm", "u"]


def test_of_two_that_add_to_a_file_none_loses_what_the_other_has_added(file: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "feats.npy", X)
    with open_tensor(str(tmp_path / "feats.npy"), Reading()) as source:
        sinks = [FORMAT.create(Writing(file, name, X.shape, X.dtype, source)) for name in ("a", "b")]
        sinks[0].commit()
        with pytest.raises(LrnError, match="was changed while it was being read"), sinks[1]:
            pass
    assert names(file) == ["conv", "half", "u", "a"]


def test_several_tensors_are_written_to_one_file_together(file: Path, tmp_path: Path) -> None:
    made = tmp_path / "y.safetensors"
    with (
        open_tensor(f"{file}::conv", Reading()) as conv,
        open_tensor(f"{file}::u", Reading()) as u,
    ):
        about = {"lrn_convention": "caffe", "lrn_parameters": {"k": 1}}
        writings = [
            Writing(made, "", u.info.shape, np.dtype("f4"), u, provenance=about),
            Writing(made, "", conv.info.shape, np.dtype("f2"), conv, provenance=about),
        ]
        with FORMAT.create_several(writings) as sinks:
            for sink, writing in zip(sinks, writings, strict=True):
                whole = tuple(slice(0, length) for length in writing.shape)
                sink.write(whole, np.full(writing.shape, 7, writing.dtype))
                assert not made.exists()
        with pytest.raises(ZeroDivisionError), FORMAT.create_several([w._replace(force=True) for w in writings]):
            raise ZeroDivisionError
    assert (names(made), by_place(made)) == (["conv", "half", "u"], ["u", "conv", "half"])
    for name, dtype, shape in (("conv", "f2", X.shape), ("u", "f4", NUMBERS.shape)):
        np.testing.assert_array_equal(tensor(made, name), np.full(shape, 7, dtype))
    np.testing.assert_array_equal(tensor(made, "half"), X[0, 0, 0].astype("f2"))
    assert texts(made) == {
        "format": "pt",
        "lrn_convention": "caffe",
        "lrn_parameters": '{"k": 1}',
        "lrn_tensors": '["u", "conv"]',
    }


def test_two_of_one_name_are_refused(file: Path, tmp_path: Path) -> None:
    with open_tensor(f"{file}::conv", Reading()) as source:
        writing = Writing(tmp_path / "y.safetensors", "", X.shape, X.dtype, source)
        with pytest.raises(LrnError, match="two tensors would be called conv"), FORMAT.create_several([writing] * 2):
            pass


def test_blocks_are_written_from_several_threads_in_any_order(file: Path, tmp_path: Path) -> None:
    made, numbers = tmp_path / "y.safetensors", np.arange(X.size, dtype="f4").reshape(X.shape)
    with (
        open_tensor(f"{file}::conv", Reading()) as source,
        FORMAT.create(Writing(made, "", X.shape, X.dtype, source)) as sink,
    ):
        boxes = [(slice(n, n + 1), slice(c, c + 2), slice(0, 4), slice(0, 5)) for n in (1, 0) for c in (4, 2, 0)]
        threads = [threading.Thread(target=sink.write, args=(box, numbers[box].copy())) for box in boxes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    np.testing.assert_array_equal(tensor(made, "conv"), numbers)
