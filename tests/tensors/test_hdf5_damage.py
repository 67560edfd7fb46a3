"""HDF5: files that are damaged, cut off, locked or in need of a filter are refused in one line of people's words."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from h5py import h5d, h5p, h5s, h5t, h5z

from lrn_cli.errors import LrnError
from lrn_cli.tensors.tensor import Reading
from tests.tensors.hdf5_files import FORMAT, open_dataset, read_all, refusal

_H5PY_WORDS = re.compile(r"synchronously|sblock|eof|inflate|B-tree|addr|errno")

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "feats.h5"
    numbers = np.random.default_rng(0).standard_normal((64, 64)).astype("f4")
    with h5py.File(path, "w") as made:
        made.create_dataset("x", data=numbers, chunks=(16, 64), compression="gzip")
    return path


def _refused(error: pytest.ExceptionInfo[LrnError]) -> str:
    text: str = refusal(error.value)
    assert not _H5PY_WORDS.search(text), text
    return text


def test_a_file_that_ends_early_says_how_much_of_it_is_there(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:5000])
    with pytest.raises(LrnError) as raised:
        FORMAT.describe(file, Reading())
    assert f"ends early: 5000 of its {len(whole)} bytes are there" in _refused(raised)


def test_a_file_with_nothing_behind_its_signature_is_damaged(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:8] + bytes(4000))
    with pytest.raises(LrnError) as raised:
        FORMAT.describe(file, Reading())
    assert "is damaged" in _refused(raised)


def test_a_file_that_is_no_hdf5_is_said_to_be_none(file: Path) -> None:
    file.write_bytes(b"no HDF5" * 1000)
    with pytest.raises(LrnError) as raised:
        open_dataset(file, "/x")
    assert "is not an HDF5 file" in _refused(raised)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(LrnError) as raised:
        open_dataset(tmp_path / "nothing.h5", "/x")
    assert "No such file" in _refused(raised)


def test_a_damaged_chunk_names_its_block(file: Path) -> None:
    with h5py.File(file) as made:
        place = made["x"].id.get_chunk_info(2)
    content = bytearray(file.read_bytes())
    content[place.byte_offset : place.byte_offset + place.size] = bytes(place.size)
    file.write_bytes(content)
    with open_dataset(file, "/x") as source:
        out = np.empty((16, 64), "f4")
        source.read((slice(0, 16), slice(0, 64)), out)
        with pytest.raises(LrnError) as raised:
            source.read((slice(32, 48), slice(0, 64)), out)
    assert "feats.h5::/x[32:48, 0:64]: the file ends early or a chunk is damaged" in _refused(raised)


def damage_every_third_byte(file: Path) -> None:
    content, said = file.read_bytes(), []
    for position in range(8, 2048, 3):
        file.write_bytes(content[:position] + bytes([content[position] ^ 0xFF]) + content[position + 1 :])
        try:
            FORMAT.describe(file, Reading())
            with open_dataset(file, "/x") as source:
                source.read((slice(0, 4), slice(0, 4)), np.empty((4, 4), source.info.dtype))
        except LrnError as error:
            said.append(refusal(error))
    assert [line for line in said if _H5PY_WORDS.search(line)] == []


def test_whatever_byte_of_the_structure_is_damaged_the_answer_is_a_refusal(file: Path) -> None:
    code = "import sys; from pathlib import Path; from tests.tensors import test_hdf5_damage as here; "
    code += "here.damage_every_third_byte(Path(sys.argv[1]))"  # a process of its own: HDF5 may crash
    done = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True, check=False, cwd=_ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_that_another_program_writes_is_said_to_be_open_there(tmp_path: Path) -> None:
    path = tmp_path / "busy.h5"
    code = "import sys; from pathlib import Path; from tests.tensors.hdf5_files import *\n"
    code += "try: FORMAT.describe(Path(sys.argv[1]), Reading())\nexcept LrnError as error: print(refusal(error))"
    with h5py.File(path, "w"):
        done = subprocess.run(
            [sys.executable, "-c", code, path], capture_output=True, text=True, check=False, cwd=_ROOT
        )
    assert f"{path}: another program has it open" in done.stdout
    assert not _H5PY_WORDS.search(done.stdout)


def test_a_damaged_dataset_does_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "two.h5"
    with h5py.File(path, "w") as made:
        made["a"] = np.zeros(2, "f4")
        made["b"] = np.ones(2, "f4")
        address = h5py.h5o.get_info(made["a"].id).addr
    content = bytearray(path.read_bytes())
    content[address : address + 8] = b"\xff" * 8
    path.write_bytes(content)
    described = {info.member: info.filters for info in FORMAT.describe(path, Reading())}
    assert described == {"/a": ("damaged",), "/b": ()}
    assert read_all(path, "/b").tolist() == [1, 1]
    with pytest.raises(LrnError) as raised:
        open_dataset(path, "/a")
    assert "damaged" in _refused(raised)


def test_an_unknown_filter_is_named_with_the_package_that_may_bring_it(tmp_path: Path) -> None:
    path = tmp_path / "snappy.h5"
    storage = h5p.create(h5p.DATASET_CREATE)
    storage.set_chunk((2,))
    storage.set_filter(32003, h5z.FLAG_OPTIONAL, (1, 2))
    with h5py.File(path, "w") as made:
        h5d.create(made.id, b"x", h5t.IEEE_F32LE, h5s.create_simple((4,)), storage)
    (info,) = FORMAT.describe(path, Reading())
    assert info.filters == ("filter 32003 (snappy)",)
    with pytest.raises(LrnError) as raised:
        open_dataset(path, "/x")
    assert "snappy.h5::/x: is stored with filter 32003 (snappy)" in _refused(raised)
    assert raised.value.hint == "pip install hdf5plugin"
