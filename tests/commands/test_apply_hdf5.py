"""`lrn apply` from and to HDF5: what is kept, what is copied along, what is added and what is refused."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

import lrn_cli
from tests.arithmetic.exact import formula, ulps
from tests.conftest import Run

X = np.random.default_rng(0).standard_normal((2, 8, 6, 5)).astype("f4")
BY_CAFFE = formula(X, {1: (2, 2)}, scale=1 / 5, bias=1, beta=0.75)
CONV = "/net/conv1"


def assert_by_caffe(result: NDArray[Any]) -> None:
    """Check that these are the numbers that Caffe's defaults make of `X`."""
    assert result.shape == BY_CAFFE.shape
    assert ulps(result, BY_CAFFE).max() <= 8


@pytest.fixture(autouse=True)
def source(tmp_path: Path) -> Path:
    """A file with one tensor, which has all that a dataset can have, among other objects; and some other files."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        conv = file.create_dataset(
            CONV,
            data=X,
            chunks=(1, 4, 6, 3),
            maxshape=(None, 8, 6, 5),
            compression="gzip",
            compression_opts=7,
            shuffle=True,
            fletcher32=True,
        )
        conv.attrs["layout"], conv.attrs["mean"] = "NCHW", np.arange(3, dtype="f8")
        angles = file.create_dataset("net/angles", data=np.arange(8) * 22.5)
        angles.make_scale("angle")
        conv.dims[1].attach_scale(angles)
        for dimension, label in zip(conv.dims, "NCHW", strict=True):
            dimension.label = label
        file.attrs["title"] = "features"
        file["names"] = np.array(["cat", "dog"], dtype=object)
        file["soft"] = h5py.SoftLink(CONV)
    with h5py.File(tmp_path / "many.h5", "w") as file:
        file["a"], file["b"], file["group/c"] = X, X * 2, X * 3
    np.save(tmp_path / "x.npy", X)
    return tmp_path / "x.h5"


def numbers(path: Path, member: str) -> NDArray[Any]:
    """All numbers of a dataset."""
    with h5py.File(path) as file:
        result: NDArray[Any] = file[member][...]
    return result


def datasets(path: Path) -> list[str]:
    """The paths of a file's datasets."""
    found: list[str] = []
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.append(f"/{name}") if isinstance(item, h5py.Dataset) else None)
    return sorted(found)


def test_a_dataset_keeps_its_path_storage_attributes_labels_and_scale(call: Run, tmp_path: Path) -> None:
    ended = call("apply", "x.h5", "-o", "y.h5", "-c", "caffe")
    assert ended.code == 0, ended.err
    assert_by_caffe(numbers(tmp_path / "y.h5", CONV))
    with h5py.File(tmp_path / "y.h5") as file:
        conv = file[CONV]
        assert (conv.chunks, conv.maxshape) == ((1, 4, 6, 3), (None, 8, 6, 5))
        assert (conv.compression, conv.compression_opts, conv.shuffle, conv.fletcher32) == ("gzip", 7, True, True)
        assert conv.attrs["layout"] == "NCHW"
        np.testing.assert_array_equal(conv.attrs["mean"], [0, 1, 2])
        assert [dimension.label for dimension in conv.dims] == ["N", "C", "H", "W"]
        assert conv.dims[1]["angle"] == file["net/angles"]
        np.testing.assert_array_equal(conv.dims[1]["angle"][...], np.arange(8) * 22.5)


def test_the_file_says_by_what_it_was_made(lrn: Run, tmp_path: Path) -> None:
    lrn("apply", "x.h5", "-o", "y.h5", "-c", "CAFFE", "--alpha", "1e-4")
    with h5py.File(tmp_path / "y.h5") as file:
        attributes = dict(file[CONV].attrs)
    assert (attributes["lrn_convention"], attributes["lrn_version"]) == ("caffe", lrn_cli.__version__)
    assert json.loads(attributes["lrn_parameters"]) == {
        "local_size": 5,
        "alpha": 1e-4,
        "beta": 0.75,
        "k": 1,
        "norm_region": "ACROSS_CHANNELS",
    }


@pytest.mark.parametrize(
    ("words", "paths", "title"),
    [("", ["/names", "/net/angles", CONV], "features"), ("--only", ["/net/angles", CONV], None)],
)
def test_the_other_objects_come_along_unless_only_the_dataset_is_wanted(
    words: str, paths: list[str], title: str | None, call: Run, tmp_path: Path
) -> None:
    call("apply", "x.h5", "-o", "y.h5", "-c", "caffe", *words.split())
    assert datasets(tmp_path / "y.h5") == paths
    with h5py.File(tmp_path / "y.h5") as file:
        assert file.attrs.get("title") == title
        assert ("soft" in file, "names" in file) == (not words, not words)
        if not words:
            assert file["soft"] == file[CONV]
            assert list(file["names"].asstr()) == ["cat", "dog"]


# (input, behind -o, where the result is to be found)
WAYS = [
    ("x.h5", "y.h5", f"y.h5::{CONV}"),
    (f"x.h5::{CONV}", "y.h5", f"y.h5::{CONV}"),
    ("x.h5::net/conv1", "y.h5", f"y.h5::{CONV}"),
    ("x.h5::/soft", "y.h5", f"y.h5::{CONV}"),
    ("x.h5", "new/", f"new/x.h5::{CONV}"),
    ("x.h5", "y.h5::/other/place", "y.h5::/other/place"),
    ("many.h5::/a", "y.h5", "y.h5::/a"),
    ("many.h5::a", "many.h5::/group/norm", "many.h5::/group/norm"),
    ("x.npy", "y.h5", "y.h5::/x"),
    ("x.npy", "y.hdf5::/p/q", "y.hdf5::/p/q"),
    ("x.npy", "y.dat --output-format h5", "y.dat::/x"),
    ("x.h5", "x.h5 --force", f"x.h5::{CONV}"),
    ("x.h5", f"x.h5::{CONV} --force", f"x.h5::{CONV}"),
]


@pytest.mark.parametrize(("word", "output", "place"), WAYS)
def test_the_result_stands_where_it_was_asked_for(
    word: str, output: str, place: str, call: Run, tmp_path: Path
) -> None:
    ended = call("apply", word, "-o", *output.split(), "-c", "caffe")
    assert ended.code == 0, ended.err
    file, _, member = place.partition("::")
    assert_by_caffe(numbers(tmp_path / file, member))


def test_a_dataset_becomes_an_npy_file_or_stream(lrn: Run, tmp_path: Path) -> None:
    assert lrn("apply", "x.h5", "-o", "y.npy", "-c", "caffe").code == 0
    assert_by_caffe(np.load(tmp_path / "y.npy"))
    assert lrn("apply", "x.h5", "-o", "-", "-c", "caffe").out == (tmp_path / "y.npy").read_bytes()


def test_a_stream_becomes_the_only_dataset_of_a_file(call: Run, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, X)
    assert call("apply", "-", "-o", "y.h5", "-c", "caffe", stdin=buffer.getvalue()).code == 0
    (member,) = datasets(tmp_path / "y.h5")
    assert_by_caffe(numbers(tmp_path / "y.h5", member))


@pytest.mark.parametrize("output", ["many.h5::/norm", "many.h5::/b --force"])
def test_adding_or_replacing_a_dataset_keeps_the_rest_of_the_file(output: str, call: Run, tmp_path: Path) -> None:
    assert call("apply", "x.h5", "-o", *output.split(), "-c", "caffe").code == 0
    added = output.removesuffix(" --force").partition("::")[2]
    assert datasets(tmp_path / "many.h5") == sorted({"/a", "/b", "/group/c", added})
    assert_by_caffe(numbers(tmp_path / "many.h5", added))
    np.testing.assert_array_equal(numbers(tmp_path / "many.h5", "/a"), X)
    np.testing.assert_array_equal(numbers(tmp_path / "many.h5", "/group/c"), X * 3)


def test_force_without_a_dataset_replaces_the_file(call: Run, tmp_path: Path) -> None:
    assert call("apply", "x.npy", "-o", "many.h5", "-c", "caffe", "--force").code == 0
    assert datasets(tmp_path / "many.h5") == ["/x"]


# (stored as, words, written as)
DTYPES = [
    ("u1", "", "<f4"),
    ("<i8", "", "<f8"),
    (">f4", "", ">f4"),
    ("<f2", "", "<f2"),
    ("<f8", "--dtype float16", "<f2"),
]


@pytest.mark.parametrize(("stored", "words", "written"), DTYPES)
def test_chunks_and_compression_stay_when_the_type_changes(
    stored: str, words: str, written: str, call: Run, tmp_path: Path
) -> None:
    x = (np.abs(X) * 40).astype(stored)
    with h5py.File(tmp_path / "typed.h5", "w") as file:
        file.create_dataset("x", data=x, chunks=(1, 8, 6, 5), compression="gzip", shuffle=True)
    call("apply", "typed.h5", "-o", "y.h5", "-c", "caffe", *words.split())
    with h5py.File(tmp_path / "y.h5") as file:
        y = file["x"]
        assert (y.dtype.str, y.chunks, y.compression, y.shuffle) == (written, (1, 8, 6, 5), "gzip", True)
        exact = formula(x, {1: (2, 2)}, scale=1 / 5, bias=1, beta=0.75)
        assert ulps(y[...].astype(y.dtype.newbyteorder("=")), exact).max() <= 8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files, and ones that are not as they should be."""
    with h5py.File(tmp_path / "odd.h5", "w") as file:
        file["nothing"], file["complex"] = h5py.Empty("f4"), X.astype("c8")
        file["elsewhere"] = h5py.ExternalLink("many.h5", "/a")
    (tmp_path / "fake.h5").write_bytes((tmp_path / "x.npy").read_bytes())
    (tmp_path / "cut.h5").write_bytes((tmp_path / "x.h5").read_bytes()[:-900])
    return tmp_path


# (words behind `lrn apply`, what the error or its hint must name)
REFUSED: list[tuple[str, list[str]]] = [
    ("many.h5 -o y.npy", ["3 numeric datasets, none named", "/a, /b, /group/c", "many.h5::/a"]),
    ("many.h5::/aa -o y.npy", ["many.h5", "/aa", "many.h5::/a"]),
    ("many.h5::/group -o y.npy", ["many.h5::/group", "is a group", "many.h5::/group/c"]),
    ("x.h5::/names -o y.npy", ["x.h5::/names"]),
    ("odd.h5::/complex -o y.npy", ["odd.h5::/complex", "complex numbers"]),
    ("odd.h5::/nothing -o y.npy", ["odd.h5::/nothing"]),
    ("odd.h5::/elsewhere -o y.npy", ["many.h5", "--allow-external"]),
    ("cut.h5 -o y.npy", ["cut.h5", "ends early"]),
    ("x.h5 -o many.h5", ["many.h5: is there already", "--force"]),
    ("x.h5 -o many.h5::/a", ["many.h5::/a: is there already", "--force"]),
    ("x.h5 -o many.h5::/group --force", ["many.h5::/group: is a group"]),
    ("x.h5 -o many.h5::/a/b", ["many.h5::/a", "no group"]),
    ("x.h5 -o many.h5::/", ["many.h5", "/ is the root group"]),
    ("x.h5 -o y.h5::/", ["y.h5", "/ is the root group"]),
    ("x.h5 -o fake.h5::/a", ["fake.h5: is not an HDF5 file"]),
    ("x.h5 -o y.npy::/a", ["y.npy", "one array"]),
    ("x.h5 -o y.h5::/names", ["/names", "copied along", "--only"]),
]


@pytest.mark.parametrize(("words", "fragments"), REFUSED, ids=[words for words, _ in REFUSED])
def test_a_refusal_is_one_line_and_a_hint_and_writes_nothing(
    words: str, fragments: list[str], folder: Path, call: Run
) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    call("apply", *words.split(), "-c", "caffe").assert_refused(*fragments)
    assert {path: path.read_bytes() if path.is_file() else b"" for path in folder.iterdir()} == before
