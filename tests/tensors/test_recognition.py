"""Which format a file has: its first bytes, what stands further in, and whose file it is where `lrn` reads none."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import shutil
import struct
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from lrn_cli import normalize
from tests.advice import follow, hint_of
from tests.conftest import Run

X = np.random.default_rng(0).standard_normal((2, 6, 4, 5)).astype("f4")


def as_npy() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, X)
    return buffer.getvalue()


# What may stand at the beginning of a user block, which HDF5 never looks at.
BEGINNINGS = {
    "nothing": b"",
    "text": b"# made by a beamline\n" * 20,
    "an .npy array": as_npy()[:400],
    "a PNG": b"\x89PNG\r\n\x1a\n",
    "a zip archive": b"PK\x03\x04",
}


@pytest.mark.parametrize("begins", BEGINNINGS)
@pytest.mark.parametrize("size", [512, 4096, 1 << 16, 1 << 20])
def test_hdf5_is_found_behind_a_user_block_whatever_that_begins_with(
    size: int, begins: str, call: Run, tmp_path: Path
) -> None:
    with h5py.File(tmp_path / "x.h5", "w", userblock_size=size) as file:
        file["a"], file["b"] = X, file.create_dataset("c", data=X, chunks=(1, 6, 4, 5), compression="gzip")[...]
    with (tmp_path / "x.h5").open("r+b") as raw:
        raw.write(BEGINNINGS[begins])
    for member in "ac":
        ended = call("apply", f"x.h5::/{member}", "-o", f"{member}.npy", "-c", "caffe")
        assert ended.code == 0, ended.err
        np.testing.assert_array_equal(np.load(tmp_path / f"{member}.npy"), normalize(X, "caffe"))


def test_a_user_block_of_text_needs_no_name(call: Run, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.dat", "w", userblock_size=1 << 16) as file:
        file["a"] = X
    assert call("apply", "x.dat", "-o", "y.npy", "-c", "caffe").code == 0


def test_a_signature_elsewhere_makes_no_hdf5_file(call: Run, tmp_path: Path) -> None:
    for place in (1000, 4096 + 512, 3 * 4096):
        (tmp_path / "x.h5").write_bytes(bytes(place) + b"\x89HDF\r\n\x1a\n" + bytes(20_000))
        call("info", "x.h5").assert_refused("x.h5: is none of h5")


@pytest.mark.parametrize("suffix", [".nc", ".nc4", ".mat", ".nxs", ".he5", ".keras"])
def test_other_names_of_hdf5_files_are_found_and_written(suffix: str, call: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with h5py.File(tmp_path / "in" / f"x{suffix}", "w") as file:
        file["a"] = X
    assert call("apply", "in", "--recursive", "-o", "out/", "-c", "caffe").code == 0
    with h5py.File(tmp_path / "out" / f"x{suffix}") as file:
        np.testing.assert_array_equal(file["a"][...], normalize(X, "caffe"))
    np.save(tmp_path / "x.npy", X)
    assert call("apply", "x.npy", "-o", f"y{suffix}::/b", "-c", "caffe").code == 0
    with h5py.File(tmp_path / f"y{suffix}") as file:
        np.testing.assert_array_equal(file["b"][...], normalize(X, "caffe"))


# The beginnings of files, as their specifications give them.
FOREIGN = {
    "x5.nc": (b"CDF\x05", "a NetCDF-3 file of 64-bit data"),
    "x.hdf": (b"\x0e\x03\x13\x01", "an HDF4 file"),
    "x.grib": (b"GRIB\0\0\0\1", "a GRIB file"),
    "x.fits": (b"SIMPLE  =                    T", "a FITS file"),
    "x.onnx": (b"\x08\x07\x12\x07pytorch", "an ONNX model"),
    "x.pt": (pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2), "a PyTorch file"),
    "x.pkl": (pickle.dumps({"a": X}), "a Python pickle"),
}


def test_a_file_of_another_program_is_called_what_it_is_and_not_passed_over(call: Run, tmp_path: Path) -> None:
    for name, (begins, _) in FOREIGN.items():
        (tmp_path / name).write_bytes(begins + bytes(100))
    ended = call("info", *FOREIGN)
    errors = [line for line in ended.err.splitlines() if line.startswith("lrn: error: ")]
    assert errors == [f"lrn: error: {name}: is {what}, which lrn does not read" for name, (_, what) in FOREIGN.items()]
    (tmp_path / "in").mkdir()
    (tmp_path / "x5.nc").rename(tmp_path / "in" / "x.nc")
    (tmp_path / "x.hdf").rename(tmp_path / "in" / "x.hdf")
    ended = call("apply", "in", "--recursive", "-o", "out/", "-c", "caffe")
    assert ended.code == 2
    assert "2 of 2 inputs failed" in ended.err


@pytest.mark.parametrize(
    ("name", "begins_and_what"),
    [
        ("x.nc", (b"CDF\1", "a NetCDF-3 file")),
        ("x.nc", (b"CDF\2", "a NetCDF-3 file")),
        ("x.mat", (b"MATLAB 5.0 MAT-file, Platform: GLNXA64", "a MATLAB file of version 5")),
        ("x.mat", (struct.pack("<5i", 0, 1, 1, 0, 2) + b"x\0", "a MATLAB file of version 4")),
    ],
)
def test_what_scipy_reads_is_refused_without_it_and_the_extra_named(
    name: str, begins_and_what: tuple[bytes, str], call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins, what = begins_and_what
    monkeypatch.setitem(sys.modules, "scipy.io", None)  # as if it were not installed
    (tmp_path / name).write_bytes(begins + bytes(100))
    for words in (("info", name), ("apply", name, "-o", "y.npy"), ("apply", f"{name}::x", "-o", "y.npy")):
        ended = call(*words)
        ended.assert_refused(f"{name}: is {what}, which lrn does not read without SciPy")
        assert hint_of(ended) == "pip install 'lrn-tensor[mat]'"


PROGRAMS = {"gz": "gzip", "bz2": "bzip2", "xz": "xz"}


@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_a_compressed_file_is_unpacked_by_the_hint(suffix: str, pack: object, call: Run, tmp_path: Path) -> None:
    assert callable(pack)
    if shutil.which(PROGRAMS[suffix]) is None:
        pytest.skip(f"the hint is for {PROGRAMS[suffix]}, which is not here")
    (tmp_path / f"my x.npy.{suffix}").write_bytes(pack(as_npy()))
    ended = call("apply", f"my x.npy.{suffix}", "-o", "y.npy")
    ended.assert_refused("has compressed")
    follow(hint_of(ended), tmp_path)
    assert (tmp_path / "my x.npy").read_bytes() == as_npy()
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), normalize(X, "tf"))


def as_image(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray((X[0, :3].transpose(1, 2, 0) * 40 % 256).astype("u1")).save(buffer, kind)
    return buffer.getvalue()


def as_npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, a=X)
    return buffer.getvalue()


def as_hdf5() -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["a"] = X
    return buffer.getvalue()


PIPED = {
    "npz": as_npz(),
    "h5": as_hdf5(),
    **{kind: as_image(kind) for kind in ("png", "tiff", "jpeg", "bmp", "webp")},
    "a file that gzip has compressed": gzip.compress(as_npy()),
}


@pytest.mark.parametrize("what", PIPED)
def test_what_comes_through_a_pipe_and_is_no_npy_is_done_by_the_hint_in_place_of_lrn(
    what: str, call: Run, tmp_path: Path
) -> None:
    (tmp_path / "made").write_bytes(PIPED[what])
    for verb in ("info", "apply"):
        ended = call(verb, "-", *["-o", "y.npy"] * (verb == "apply"), stdin=PIPED[what])
        ended.assert_refused(f"standard input: the stream is no .npy array but {what};")
    follow(f"cat made | {hint_of(ended)}", tmp_path)
    assert np.load(tmp_path / "out.npy").dtype == np.float32


def test_a_pickle_is_shown_by_the_hint(call: Run, tmp_path: Path) -> None:
    (tmp_path / "x.pkl").write_bytes(pickle.dumps({"a": 1}))
    assert follow(hint_of(call("apply", "x.pkl", "-o", "y.npy")), tmp_path) == "{'a': 1}\n"


# (what is in the archive, what it is called)
ARCHIVES: list[tuple[dict[str, bytes], str]] = [
    ({"metadata.json": b"{}", "model.weights.h5": b""}, "a Keras model"),
    ({"m/data.pkl": b"\x80\x02.", "m/data/0": b"1234", "m/version": b"3\n"}, "a PyTorch file"),
    ({"[Content_Types].xml": b"", "word/document.xml": b""}, "an archive of [Content_Types].xml, word/document.xml"),
    ({str(number): b"" for number in range(6)}, "an archive of 0, 1, 2, 3 and 2 more"),
    ({}, "an empty archive"),
]


@pytest.mark.parametrize(("files", "what"), ARCHIVES)
def test_an_archive_without_arrays_is_called_what_it_is(
    files: dict[str, bytes], what: str, call: Run, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    for word in ("x.zip::weights", "x.zip"):
        ended = call("apply", word, "-o", "y.npy")
        ended.assert_refused(f"x.zip: holds no .npy array; it is {what}")
    if "zipfile" in hint_of(ended):
        follow(hint_of(ended), tmp_path)
    listed = call("info", "x.zip")
    if what == "a PyTorch file":  # and so a model, in which no layer can be read
        assert (listed.code, "is a PyTorch archive that is pickled" in listed.err) == (1, True)
    else:
        assert (listed.code, listed.err) == (0, f"lrn: x.zip: holds no .npy array; it is {what}\n")


@pytest.mark.skipif(shutil.which("unzip") is None, reason="the hint is for unzip, which is not here")
def test_the_weights_of_a_keras_model_are_unpacked_by_the_hint(call: Run, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "weights", "w") as file:
        file["layers/conv/vars/0"] = X
    with zipfile.ZipFile(tmp_path / "x.keras", "w") as archive:
        archive.writestr("config.json", "{}")
        archive.write(tmp_path / "weights", "model.weights.h5")
    follow(hint_of(call("apply", "x.keras", "-o", "y.npy")), tmp_path)
    assert call("apply", "model.weights.h5", "-o", "y.npy", "-c", "caffe").code == 0


def test_a_file_of_groups_only_has_no_dataset(call: Run, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_group("a/b")
    ended = call("apply", "x.h5", "-o", "y.npy")
    ended.assert_refused("x.h5: holds no dataset")
    follow(hint_of(ended), tmp_path)
