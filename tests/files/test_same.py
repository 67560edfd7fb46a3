"""The comparison itself: it says nothing of files that are alike, and names whatever is not."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests.files.dump import dump_differences, installed
from tests.files.pairs import PAIRS, Write, assigned
from tests.files.plain_files import of_every_type, with_committed_types, with_fill_values, with_links, with_storage
from tests.files.same import attribute_facts, differences


def written(path: Path, write: Write, **settings: Any) -> Path:
    with h5py.File(path, "w", **settings) as file:
        file["x"] = np.arange(3)
        write(file)
    return path


@pytest.mark.parametrize(("old", "new", "fragment"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS])
def test_a_difference_is_told(old: Write, new: Write, fragment: str, tmp_path: Path) -> None:
    found = []
    for libver in ("earliest", "latest"):  # neither generation knows all that the other does
        first, again = (written(tmp_path / name, old, libver=libver) for name in ("old.h5", "again.h5"))
        assert differences(first, again) == []
        found += differences(first, written(tmp_path / "new.h5", new, libver=libver))
    assert any(line.startswith(fragment) for line in found), found


def with_user_block(path: Path, size: int, content: bytes) -> Path:
    written(path, lambda file: None, userblock_size=size)
    with path.open("r+b") as raw:
        raw.write(content)
    return path


def test_a_user_block_is_compared_by_size_and_content(tmp_path: Path) -> None:
    old = with_user_block(tmp_path / "old.h5", 512, b"abc")
    for size, content in ((512, b"abd"), (1024, b"abc"), (0, b"")):
        new = with_user_block(tmp_path / "new.h5", size, content)
        assert [line.partition(": b")[0] for line in differences(old, new)] == [": user block"]


def test_a_file_of_another_generation_is_another(tmp_path: Path) -> None:
    old, new = (written(tmp_path / name, lambda file: None, libver=name) for name in ("earliest", "latest"))
    assert ": superblock: '0 or 1' -> '2 or 3'" in differences(old, new)


def test_a_file_with_another_order_of_its_root_is_another(tmp_path: Path) -> None:
    old = written(tmp_path / "old.h5", lambda file: None)
    new = written(tmp_path / "new.h5", lambda file: None, track_order=True)
    assert any(line.startswith("/: link creation order") for line in differences(old, new))


@pytest.mark.parametrize("libver", ["earliest", "latest"])
@pytest.mark.parametrize("write", [of_every_type, with_fill_values, with_committed_types, with_links, with_storage])
def test_the_same_file_written_again_does_not_differ(write: Callable[..., None], libver: str, tmp_path: Path) -> None:
    for name in ("old.h5", "new.h5"):
        write(tmp_path / name, libver=libver)
    assert differences(tmp_path / "old.h5", tmp_path / "new.h5") == []


def test_the_tensor_may_differ_in_numbers_dtype_and_provenance_but_in_nothing_else(tmp_path: Path) -> None:
    old = written(tmp_path / "old.h5", lambda file: file["x"].attrs.create("unit", "K"))
    new = tmp_path / "new.h5"
    with h5py.File(new, "w") as file:
        file["x"] = np.ones(3, "f4")
        file["x"].attrs["unit"], file["x"].attrs["lrn_version"] = "K", "1"
    assert differences(old, new, but=["/x"]) == []
    assert len(differences(old, new)) == 3
    with h5py.File(new, "r+") as file:
        file["x"].attrs["unit"] = "L"
    assert [line[:18] for line in differences(old, new, but=["/x"])] == ["/x: attribute unit"]
    assert attribute_facts(old, "/x") != attribute_facts(new, "/x")


def test_what_is_asked_to_be_gone_must_be_gone(tmp_path: Path) -> None:
    old = written(tmp_path / "old.h5", lambda file: file["x"].attrs.create("scale_factor", 2.0))
    new = written(tmp_path / "new.h5", lambda file: None)
    gone: dict[str, Any] = {"but": ["/x"], "attributes_gone": ["scale_factor"]}
    assert differences(old, new, **gone) == []
    assert differences(old, old, **gone) == ["/x: attribute scale_factor: only in the new"]


def test_what_is_added_is_passed_over_with_all_that_is_in_it(tmp_path: Path) -> None:
    old = written(tmp_path / "old.h5", lambda file: None)
    new = written(tmp_path / "new.h5", assigned("g/new", np.arange(3)))
    assert differences(old, new, added=["/g"]) == []
    assert len(differences(old, new)) > 3


@pytest.mark.skipif(not installed(), reason="h5dump is not installed: apt-get install hdf5-tools")
def test_h5dump_sees_a_difference_and_no_more_than_that(tmp_path: Path) -> None:
    def write(file: h5py.File) -> None:
        file["other"], file["x"].attrs["a"] = struct.unpack("2i", bytes(8)), "b"

    old = written(tmp_path / "old.h5", write)
    new = written(tmp_path / "new.h5", write)
    assert dump_differences(old, new) == []
    with h5py.File(new, "r+") as file:
        file["x"][...], file["x"].attrs["lrn_version"] = 7, "1"
    assert dump_differences(old, new, but=["/x"]) == []
    assert dump_differences(old, new) != []
    with h5py.File(new, "r+") as file:
        file["x"].attrs["a"] = "c"
    assert dump_differences(old, new, but=["/x"]) == ['-         (0): "b"', '+         (0): "c"']
    new.write_bytes(b"no HDF5")
    assert dump_differences(old, new) == ["h5dump cannot read the new file"]
