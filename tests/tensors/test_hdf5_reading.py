"""HDF5: what a file is said to contain, and reading it."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest

from lrn_cli.errors import LrnError
from lrn_cli.tensors.tensor import Reading, TensorInfo
from tests.tensors.hdf5_files import F4, FORMAT, open_dataset, read_all, refusal


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "feats.h5"


def test_the_registry_lists_formats_without_importing_h5py() -> None:
    code = "import sys; from lrn_cli.tensors import registry; registry.formats(); assert 'h5py' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("user_block", [0, 512, 1024, 2048])
def test_a_file_is_recognised_behind_its_user_block(file: Path, user_block: int) -> None:
    with h5py.File(file, "w", userblock_size=user_block) as made:
        made["x"] = np.ones(3, "f4")
    assert FORMAT.matches(file.read_bytes()[:4096])
    assert not FORMAT.matches(b"\x93NUMPY" + bytes(4090))
    assert read_all(file, "/x").tolist() == [1, 1, 1]


def test_each_dataset_is_listed_once_with_its_shape_chunks_and_filters(file: Path) -> None:
    with h5py.File(file, "w") as made:
        made.create_dataset("a/x", (4, 6), "<f4", chunks=(2, 3), compression="gzip", compression_opts=4, shuffle=True)
        made.create_dataset("a/y", (4,), ">i2", chunks=(2,), compression="lzf", fletcher32=True)
        made["b"] = np.float64(1)
        made["c"] = made["a/x"]
        made["name"] = "text"
    assert FORMAT.describe(file, Reading()) == [
        TensorInfo((4, 6), np.dtype("<f4"), "/a/x", chunks=(2, 3), filters=("shuffle", "gzip 4")),
        TensorInfo((4,), np.dtype(">i2"), "/a/y", chunks=(2,), filters=("lzf", "fletcher32")),
        TensorInfo((), np.dtype("f8"), "/b"),
        TensorInfo((), np.dtype("O"), "/name"),
    ]


def test_a_dimension_scale_is_auxiliary(file: Path) -> None:
    with h5py.File(file, "w") as made:
        made["time"] = np.arange(3.0)
        made["time"].make_scale()
        made["x"] = np.zeros(3)
    assert [(info.member, info.auxiliary) for info in FORMAT.describe(file, Reading())] == [
        ("/time", True),
        ("/x", False),
    ]


def test_groups_that_contain_each_other_are_walked_once(file: Path) -> None:
    with h5py.File(file, "w") as made:
        group = made.create_group("a/b")
        group["up"] = made["a"]
        group["root"] = made["/"]
        group["x"] = np.zeros(2, "f4")
    assert [info.member for info in FORMAT.describe(file, Reading())] == ["/a/b/x"]


def test_groups_nested_five_thousand_deep_are_walked(file: Path) -> None:
    with h5py.File(file, "w") as made:
        group = made
        for _ in range(5000):
            group = group.create_group("g")
        group["x"] = np.zeros(2, "f4")
    assert [len(info.member) for info in FORMAT.describe(file, Reading())] == [10_002]


def test_a_dataset_without_a_dataspace_is_not_listed_and_not_opened(file: Path) -> None:
    with h5py.File(file, "w") as made:
        made["nothing"] = h5py.Empty("f4")
    assert FORMAT.describe(file, Reading()) == []
    with pytest.raises(LrnError) as raised:
        open_dataset(file, "/nothing")
    assert "has no shape" in refusal(raised.value)


@pytest.mark.parametrize(
    ("stored", "dtype"),
    [
        (np.array([[1, 2], [3, 4]], ">f4"), ">f4"),
        (np.array([[1, 2], [3, 4]], "<i8"), "<i8"),
        (np.array([[True, False]]), "bool"),
        (np.array([1, 2], h5py.enum_dtype({"A": 1, "B": 2}, "<i2")), "<i2"),
        (np.array(2.5, "f2"), "f2"),
        (np.zeros((0, 3), "f4"), "f4"),
    ],
)
def test_numbers_come_in_the_dtype_and_byte_order_of_the_file(file: Path, stored: np.ndarray, dtype: str) -> None:
    with h5py.File(file, "w") as made:
        made["x"] = stored
    out = read_all(file, "x")
    assert out.dtype == np.dtype(dtype)
    assert out.dtype.metadata is None
    assert out.tolist() == stored.tolist()


def test_blocks_are_read_from_several_threads(file: Path) -> None:
    numbers = np.arange(64 * 50, dtype="f4").reshape(64, 50)
    with h5py.File(file, "w") as made:
        made.create_dataset("x", data=numbers, chunks=(3, 7), compression="gzip")

    out = np.empty_like(numbers)
    with open_dataset(file, "/x") as source, ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda row: source.read((slice(row, row + 1), slice(0, 50)), out[row : row + 1]), range(64)))
    assert np.array_equal(out, numbers)


def test_a_file_opened_twice_can_still_be_read_after_one_is_closed(file: Path) -> None:
    with h5py.File(file, "w") as made:
        made["x"] = np.arange(3, dtype="f4")
    first, second = open_dataset(file, "/x"), open_dataset(file, "/x")
    first.close()
    first.close()
    out = np.empty(3, "f4")
    second.read((slice(0, 3),), out)
    second.close()
    assert out.tolist() == [0, 1, 2]


def test_a_member_is_found_through_soft_links_and_odd_spelling(file: Path) -> None:
    with h5py.File(file, "w") as made:
        made["a/x"] = np.arange(3, dtype="f4")
        made["a/same"] = h5py.SoftLink("x")
        made["far"] = h5py.SoftLink("/a/same")
        made["folder"] = h5py.SoftLink("a")
    for spelling in ("a/x", "/a//x/", "/./a/x", "far", "/folder/same"):
        with open_dataset(file, spelling) as source:
            assert source.info.member == "/a/x"


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("/feats/conv", "feats.h5::/feats/conv1?"),
        ("/conv1", "feats.h5::/feats/conv1?"),
        ("/feats", "feats.h5::/feats/conv1?"),
        ("/zzzzz", "lrn info"),
        ("/feats/conv1/deeper", "is no group"),
    ],
)
def test_a_missing_member_names_the_nearest_dataset(file: Path, asked: str, hint: str) -> None:
    with h5py.File(file, "w") as made:
        made["feats/conv1"] = np.zeros(2)
        made["other"] = np.zeros(2)
    with pytest.raises(LrnError) as raised:
        open_dataset(file, asked)
    assert asked in refusal(raised.value)
    assert hint in refusal(raised.value)


def test_a_declared_size_of_400_gb_allocates_nothing(file: Path) -> None:
    with h5py.File(file, "w") as made:
        made.create_dataset("x", (100_000, 1_000_000), F4, chunks=(1000, 1000), compression="gzip")
        made.create_dataset("y", (100_000, 1_000_000), F4)
    assert file.stat().st_size < 4000
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "import numpy as np; from pathlib import Path; from lrn_cli.tensors.tensor import Reading\n"
        "from lrn_cli.tensors.registry import sniff\n"
        "form = sniff(path := Path(sys.argv[1])); out = np.ones((2, 3), 'f4')\n"
        "for info in form.describe(path, Reading()):\n"
        "    with form.open(path, info, Reading()) as source:\n"
        "        source.read((slice(0, 2), slice(0, 3)), out)\n"
        "        print(info.nbytes, out.sum())\n"
    )
    done = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True, check=False)
    assert done.stdout == "400000000000 0.0\n" * 2, done.stderr
