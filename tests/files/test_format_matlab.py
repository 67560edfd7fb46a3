"""MATLAB files of versions 4 and 5: read as SciPy reads them, and held to what every format is held to."""

from __future__ import annotations

import tracemalloc
import zlib
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrn_cli import normalize
from lrn_cli.dtypes import Array
from lrn_cli.errors import LrnError
from lrn_cli.tensors.listing import list_file
from lrn_cli.tensors.selection import open_tensor
from lrn_cli.tensors.tensor import Reading
from tests.advice import follow, hint_of
from tests.conftest import Run
from tests.files import matlab_5_files as by_hand
from tests.tensors.formats.battery import Battery, Example, random

pytestmark = pytest.mark.skipif(find_spec("scipy") is None, reason="SciPy is not installed; the extra mat has it")

SHAPE = (4, 3, 5)
WHOLE = np.arange(12.0).reshape(3, 4)


def example(name: str, values: Array, data: bytes) -> Example:
    return Example(name, "mat", ".mat", np.asfortranarray(values), lambda path: path.write_bytes(data), member="feats")


def version_5(kind: str, order: str = "<", *, compress: bool = False) -> Example:
    values = random(SHAPE, kind)
    element = by_hand.variable("feats", values, order=order)
    other = by_hand.variable("other", random((2, 2), "f8"), order=order)
    pieces = [by_hand.packed(piece, order) if compress else piece for piece in (other, element)]
    typed = values if compress and order == "<" else values.astype(order + values.dtype.str[1:])
    return example(f"{kind} {order} {compress}", typed, by_hand.file_5(*pieces, order=order))


class TestMatlab(Battery):
    """Every type in both byte orders, compressed and not, stored in fewer bytes; version 4."""

    EXAMPLES = (
        *(version_5(kind) for kind in by_hand.CLASSES),
        version_5("f4", ">"),
        version_5("f8", compress=True),
        version_5("i2", ">", compress=True),
        example("in fewer bytes", WHOLE, by_hand.file_5(by_hand.variable("feats", WHOLE, stored="u1"))),
        example(
            "logical",
            WHOLE > 5,
            by_hand.file_5(by_hand.variable("feats", (WHOLE > 5).astype("u1"), flags=by_hand.LOGICAL)),
        ),
        example("version 4", WHOLE, by_hand.file_4(("first", WHOLE.astype("f4")), ("feats", WHOLE))),
        example("version 4, big-endian", WHOLE.astype(">i2"), by_hand.file_4(("feats", WHOLE.astype("i2")), order=">")),
    )


@pytest.mark.parametrize("example", TestMatlab.EXAMPLES, ids=lambda item: item.name)
def test_scipy_reads_the_same_from_the_same_file(example: Example) -> None:
    from scipy.io import loadmat

    path = BytesIO()
    example.make(_Into(path))  # type: ignore[arg-type] # all that is done with it is to write bytes
    found = loadmat(path)["feats"]
    np.testing.assert_array_equal(found, example.values)


class _Into:
    def __init__(self, stream: BytesIO) -> None:
        self._stream = stream

    def write_bytes(self, data: bytes) -> None:
        self._stream.write(data)
        self._stream.seek(0)


def samples() -> dict[str, Any]:
    cells = np.empty((1, 2), object)
    cells[0, 0], cells[0, 1] = WHOLE, "text"
    return {
        "feats": random((2, 6, 4, 5)),
        "a_name_of_more_than_31_letters_": random((3, 4), "i4"),
        "struct": {"a": WHOLE, "b": 1},
        "cells": cells,
        "complex": WHOLE + 1j,
        "text": "text",
        "n": 5.0,
        "none": np.zeros((0, 3)),
    }


@pytest.mark.parametrize("settings", [{}, {"do_compression": True}, {"format": "4"}], ids=str)
def test_what_scipy_writes_is_listed_as_scipy_lists_it_and_read_as_scipy_reads_it(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    from scipy.io import loadmat, savemat, whosmat
    from scipy.sparse import csc_matrix

    path, given = tmp_path / "x.mat", {**samples(), "sparse": csc_matrix(WHOLE)}
    if settings.get("format") == "4":
        given = {name: given[name] for name in ("complex", "text", "n", "none", "sparse")} | {"feats": WHOLE}
    savemat(path, given, **settings)
    listed, theirs = list_file(str(path), Reading()).tensors, whosmat(path, chars_as_strings=False)
    assert [(info.member, info.shape) for info in listed] == [(name, shape) for name, shape, _ in theirs]
    for info in listed:
        word, expected = f"{path}::{info.member}", loadmat(path)[info.member]
        if isinstance(expected, np.ndarray) and expected.dtype.kind in "biuf":
            with open_tensor(word, Reading()) as source:
                stored = np.empty(source.storage_shape, source.info.dtype)
                source.read(tuple(slice(0, length) for length in stored.shape), stored)
            np.testing.assert_array_equal(stored.T, expected)
        else:
            with pytest.raises(LrnError, match="lrn takes booleans, integers and real floating-point numbers"):
                open_tensor(word, Reading())


def test_axes_are_as_matlab_shows_them_and_outputs_called_mat_are_hdf5(call: Run, tmp_path: Path) -> None:
    from scipy.io import savemat

    x = random((2, 6, 4, 5))
    savemat(tmp_path / "x.mat", {"feats": x, "n": 5.0})
    assert call("apply", "x.mat", "-o", "y.npy", "-c", "caffe").code == 0  # a single number is no tensor
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), normalize(x, "caffe"))
    ended = call("apply", "x.mat", "-o", "y.mat", "-c", "caffe")
    assert "lrn: warning: y.mat: not kept of x.mat: its other variables" in ended.err
    assert list_file(str(tmp_path / "y.mat"), Reading()).format == "h5"
    assert call("compare", "y.mat", "y.npy").code == 0
    assert call("identify", "x.mat", "y.mat").code == 0


# (what is refused, what it is called, what its hint makes)
REFUSED = [
    ("complex", "complex numbers", np.abs(WHOLE + 1j)),
    ("cells", "a cell array", None),
    ("struct", "a struct", None),
    ("sparse", "a sparse matrix", WHOLE),
]


@pytest.mark.parametrize(("name", "what", "made"), REFUSED)
def test_what_is_no_array_of_numbers_is_called_what_it_is(
    name: str, what: str, made: Array | None, call: Run, tmp_path: Path
) -> None:
    from scipy.io import savemat
    from scipy.sparse import csc_matrix

    savemat(tmp_path / "x.mat", {**samples(), "sparse": csc_matrix(WHOLE)})
    ended = call("apply", f"x.mat::{name}", "-o", "y.npy", "-c", "caffe")
    ended.assert_refused(f"x.mat::{name}: dtype ", f" is {what};")
    said = follow(hint_of(ended), tmp_path)
    if made is None:
        assert "array" in said
    else:
        np.testing.assert_array_equal(np.load(tmp_path / f"x.{name}.npy"), made)


def test_what_unpacks_to_more_than_its_shape_takes_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = by_hand.matrix("feats", (2, 2), by_hand.CLASSES["f8"], by_hand.part(9, bytes(64 << 20)))
    (tmp_path / "x.mat").write_bytes(by_hand.file_5(by_hand.packed(bomb)))
    with open_tensor(f"{tmp_path / 'x.mat'}::feats", Reading()) as source:
        tracemalloc.start()
        with pytest.raises(LrnError, match="unpacks to more than the 32 bytes of its shape"):
            source.read((slice(0, 2), slice(0, 2)), np.empty((2, 2)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 8 << 20


def test_a_compressed_variable_whose_checksum_is_wrong_is_refused(tmp_path: Path) -> None:
    packed = bytearray(by_hand.packed(by_hand.variable("feats", random(SHAPE))))
    assert zlib.decompress(packed[8:])
    packed[-1] ^= 1
    (tmp_path / "x.mat").write_bytes(by_hand.file_5(bytes(packed)))
    with (
        pytest.raises(LrnError, match="is cut short or damaged"),
        open_tensor(str(tmp_path / "x.mat"), Reading()) as source,
    ):
        source.read(tuple(slice(0, length) for length in SHAPE[::-1]), np.empty(SHAPE[::-1], "f4"))


def test_no_more_is_read_than_is_allowed(call: Run, tmp_path: Path) -> None:
    (tmp_path / "x.mat").write_bytes(by_hand.of_many_kinds(compress=True))
    call("apply", "x.mat::feats", "-o", "y.npy", "--max-bytes", "479").assert_refused("480 bytes, the limit is 479")
    assert call("apply", "x.mat::feats", "-o", "y.npy", "--max-bytes", "480", "-c", "caffe").code == 0
