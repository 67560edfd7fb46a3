"""Hints for what is no tensor of numbers: typed as they stand, they make one of it."""

from __future__ import annotations

import pickle
import sys
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.lib import format as npy
from numpy.typing import NDArray

from lrn_cli import LrnError, normalize
from tests.advice import follow, hint_of
from tests.conftest import Run

X = np.random.default_rng(0).standard_normal((2, 6, 4, 5)).astype("f4")
RECORDS = np.zeros((3, 4), [("name", "S3"), ("value", "f4"), ("other", "i2")])
RECORDS["value"] = X[0, 0, :3, :4]
TEXT = np.array(["1.5", "-2"])
DAYS = np.array(["2020-01-01", "1970-01-03"], "M8[D]")

# (what is saved, what the line calls it, what the hint makes of it)
KINDS: dict[str, tuple[NDArray[Any], str, NDArray[Any]]] = {
    "complex": (X + 1j * X[::-1], "complex numbers", np.abs(X + 1j * X[::-1])),
    "records": (RECORDS, "structured records", RECORDS["value"]),
    "raw bytes of 4": (X.view("V4"), "raw bytes", X),
    "raw bytes of 8": (X.astype("f8").view("V8"), "raw bytes", X.astype("f8")),
    "text": (TEXT.astype("S4"), "text", np.array([1.5, -2], "f4")),
    "one number": (np.array(2.5), "a single number", np.array([[2.5]])),
}
# HDF5 has no type for these
MORE_KINDS: dict[str, tuple[NDArray[Any], str, NDArray[Any]]] = {
    "letters": (TEXT, "text", np.array([1.5, -2], "f4")),
    "dates": (DAYS, "dates", np.array([18262, 2])),
    "times": (DAYS - DAYS[1], "times", np.array([18260, 0])),
}


def assert_made(hint: str, expected: NDArray[Any], folder: Path) -> None:
    """Check that what the hint saves is just that."""
    before = set(folder.iterdir())
    follow(hint, folder)
    (made,) = (path for path in set(folder.iterdir()) - before if path.suffix == ".npy")
    np.testing.assert_array_equal(np.load(made), expected)


@pytest.mark.parametrize("kind", [*KINDS, *MORE_KINDS])
@pytest.mark.parametrize("word", ["x.npy", "my 'x'.npy", "x.npz::a b"])
def test_numbers_are_made_of_what_numpy_has_saved(word: str, kind: str, call: Run, tmp_path: Path) -> None:
    saved, what, expected = (KINDS | MORE_KINDS)[kind]
    file, _, member = word.partition("::")
    if member:
        arrays: dict[str, Any] = {member: saved}
        np.savez(tmp_path / file, **arrays)
    else:
        np.save(tmp_path / file, saved)
    ended = call("apply", word, "-o", "y.npy")
    ended.assert_refused(word, what)
    assert_made(hint_of(ended), expected, tmp_path)


def ragged(file: h5py.File) -> None:
    rows = file.create_dataset("a", (2, 2), h5py.vlen_dtype("f4"))
    for index in np.ndindex(2, 2):
        rows[index] = X[0, 0, 0, : 1 + sum(index)]


def arrays_in_elements(file: h5py.File) -> None:
    file.create_dataset("a", (2,), np.dtype(("f4", (3,))))


def text_of_any_length(file: h5py.File) -> None:
    file.create_dataset("a", data=TEXT.astype(object), dtype=h5py.string_dtype())


def saved_as_it_is(saved: NDArray[Any]) -> Callable[[h5py.File], None]:
    def save(file: h5py.File) -> None:
        file["a"] = saved

    return save


# (how it is made, what the line calls it, what the hint makes of it)
HDF5: dict[str, tuple[Callable[[h5py.File], None], str, NDArray[Any]]] = {
    "a row in each element": (ragged, "a row of its own length", X[0, 0, 0, :1]),
    "an array in each element": (arrays_in_elements, "an array in each element", np.zeros((2, 3), "f4")),
    "text of any length": (text_of_any_length, "text", np.array([1.5, -2], "f4")),
    **{kind: (saved_as_it_is(saved), what, expected) for kind, (saved, what, expected) in KINDS.items()},
}


@pytest.mark.parametrize("kind", HDF5)
def test_numbers_are_made_of_what_hdf5_keeps(kind: str, call: Run, tmp_path: Path) -> None:
    make, what, expected = HDF5[kind]
    with h5py.File(tmp_path / "x.h5", "w") as file:
        make(file)
    ended = call("apply", "x.h5", "-o", "y.npy")
    ended.assert_refused("x.h5::/a", what)
    assert_made(hint_of(ended), expected, tmp_path)


def test_of_several_datasets_none_is_called_numeric_that_is_not(call: Run, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        ragged(file)
        file["b"] = np.array([b"x", b"y"])
    ended = call("apply", "x.h5", "-o", "y.npy")
    ended.assert_refused("x.h5: 2 datasets, none of them numeric: /a, /b")
    assert_made(hint_of(ended), X[0, 0, 0, :1], tmp_path)
    np.savez(tmp_path / "z.npz", a=X.astype("c8"), b=TEXT)
    ended = call("apply", "z.npz", "-o", "y.npy")
    ended.assert_refused("z.npz: 2 arrays, none of them numeric: a, b")
    assert_made(hint_of(ended), np.abs(X), tmp_path)


def test_the_hint_is_for_the_first_dataset_that_has_numbers_in_it(call: Run, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["a"], file["b"] = np.array([b"x", b"y"]), X.astype("c8")
    ended = call("apply", "x.h5", "-o", "y.npy")
    ended.assert_refused("x.h5: 2 datasets, none of them numeric: /a, /b")
    assert_made(hint_of(ended), np.abs(X), tmp_path)


def test_what_a_hint_makes_replaces_no_file(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X.astype("c8"))
    (tmp_path / "x.1.npy").write_bytes(b"old")
    assert_made(hint_of(call("apply", "x.npy", "-o", "y.npy")), np.abs(X), tmp_path)
    assert (tmp_path / "x.1.npy").read_bytes() == b"old"


def objects(*values: object) -> NDArray[Any]:
    """A vector of objects."""
    made = np.empty(len(values), object)
    for index, value in enumerate(values):
        made[index] = value
    return made


# (objects, the numbers that the hint saves; None where there are none, and the hint shows the objects)
PICKLED: dict[str, tuple[NDArray[Any], NDArray[Any] | None]] = {
    "a dictionary": (np.array({"conv1": X, "conv2": X * 2}), X),
    "a dictionary of lists": (np.array({"conv1": [X, X[0]], "fc": [X, X]}), X),
    "a dictionary of dictionaries": (np.array({"conv1": {"weights": X, "biases": X[0]}}), X),
    "a dictionary with other things first": (np.array({"name": "vgg", "step": 3, "last": None, "w": X}), X),
    "an ordered dictionary": (np.array(OrderedDict([("conv1", X)])), X),
    "a dictionary with numbers for keys": (np.array({7: X, 8: X}), X),
    "a dictionary with quotes in a key": (np.array({'it\'s "so"\\n': X}), X),
    "arrays of several shapes": (objects(X, X[0]), X),
    "lists of arrays": (objects([X, X], [X]), X),
    "numbers": (objects(1, 2.5), np.array([1, 2.5], "f4")),
    "words": (objects("a", "b"), None),
    "nothing": (objects(None, {}), None),
}


@pytest.mark.parametrize("kind", PICKLED)
@pytest.mark.parametrize("word", ["x.npy", "x.npz::a"])
def test_of_pickled_objects_the_first_array_is_saved(word: str, kind: str, call: Run, tmp_path: Path) -> None:
    saved, expected = PICKLED[kind]
    if word == "x.npy":
        np.save(tmp_path / "x.npy", saved, allow_pickle=True)
    else:
        np.savez(tmp_path / "x.npz", a=saved)
    ended = call("apply", word, "-o", "y.npy")
    ended.assert_refused(word, "Python objects", "if you trust the file: python3 -c ")
    if expected is None:
        follow(hint_of(ended), tmp_path)
    else:
        assert_made(hint_of(ended), expected, tmp_path)


def test_what_python_2_has_pickled_is_loaded_as_such(call: Run, tmp_path: Path) -> None:
    data = pickle.dumps(np.array({"conv1": [X, X[0]]}), protocol=2)
    with (tmp_path / "x.npy").open("wb") as file:
        npy.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": ()})
        file.write(data.replace(b"X\x05\0\0\0conv1", b"U\x05conv1"))  # its text was bytes
    ended = call("apply", "x.npy", "-o", "y.npy")
    ended.assert_refused("latin1")
    assert_made(hint_of(ended), X, tmp_path)


class Hostile:
    """What a pickle may do to who loads it."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


def test_no_pickle_is_loaded_for_its_hint(call: Run, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    for number, value in enumerate((Hostile(trace), {"a": Hostile(trace)}, {"a": [Hostile(trace)]})):
        np.save(tmp_path / f"{number}.npy", objects(value), allow_pickle=True)
        call("apply", f"{number}.npy", "-o", "y.npy").assert_refused("Python objects")
    assert not trace.exists()


@pytest.mark.parametrize("damage", [b"", b"\x80\x04", b"\x80\x04]", b"]}}}}", b"]" * 1000, b"\x80\x05\x95", b"]U\xff"])
def test_a_damaged_pickle_has_a_hint_all_the_same(damage: bytes, call: Run, tmp_path: Path) -> None:
    with (tmp_path / "x.npy").open("wb") as file:
        npy.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": (2,)})
        file.write(damage)
    call("apply", "x.npy", "-o", "y.npy").assert_refused("Python objects", "np.load")


def test_a_stream_that_is_not_of_numbers_is_to_become_a_file(call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X.astype("c8"))
    sent = (tmp_path / "x.npy").read_bytes()
    call("apply", "-", "-o", "y.npy", stdin=sent).assert_refused("standard input", "complex numbers", "to a file")


def test_in_python_the_hint_is_about_the_array() -> None:
    with pytest.raises(LrnError) as caught:
        normalize(X.astype("c8"), "caffe")
    assert caught.value.hint == "take np.abs(x)"
    with pytest.raises(LrnError) as caught:
        normalize(X.view("V4"), "caffe")
    assert caught.value.hint == 'take x.view("float32")'


# (bytes behind the array, what the line says)
BEHIND = [
    (b"x", "goes on for 1 byte behind its array: its header declares 960 bytes of elements, 961 follow"),
    (b"\x93NUMPX", "goes on for 6 bytes behind its array"),
    (b"\x93NUMPY\x01\0", "holds more than one array"),
]


@pytest.mark.parametrize(("behind", "what"), BEHIND)
def test_the_array_before_other_bytes_is_saved_alone(behind: bytes, what: str, call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    with (tmp_path / "x.npy").open("ab") as file:
        file.write(behind)
    ended = call("apply", "x.npy", "-o", "y.npy")
    ended.assert_refused("x.npy: the file", what)
    assert_made(hint_of(ended), X, tmp_path)


# (what stands for False in a header, what the line says)
HEADERS = [
    ("false", "it says false, which Python spells False"),
    ("true", "it says true, which Python spells True"),
    ("nan", "nan is no plain value"),
    ("int(0)", "int(0) is no plain value"),
]


def test_a_type_that_numpy_saves_and_does_not_read_needs_the_extra_that_does(
    call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    np.save(tmp_path / "x.npy", np.zeros((3, 4), "i1"))
    (tmp_path / "x.npy").write_bytes((tmp_path / "x.npy").read_bytes().replace(b"'|i1'", b"'<f1'"))
    ended = call("apply", "x.npy", "-o", "y.npy")
    ended.assert_refused("x.npy", "float8_e5m2 is computed with ml_dtypes", "pip install 'lrn-tensor[float8]'")


@pytest.mark.parametrize(("written", "what"), HEADERS)
def test_a_header_that_is_not_python_says_where(written: str, what: str, call: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    whole = (tmp_path / "x.npy").read_bytes()
    changed = whole[:128].replace(b"False", written.encode()).rstrip(b"\n").ljust(127)[:127] + b"\n" + whole[128:]
    (tmp_path / "x.npy").write_bytes(changed)
    for ended in (call("apply", "x.npy", "-o", "y.npy"), call("apply", "-", "-o", "y.npy", stdin=changed)):
        ended.assert_refused("the .npy header cannot be read", what)
        assert "0x" not in ended.err
