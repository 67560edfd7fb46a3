"""HDF5: the dataset that is written, in a new file and in one that is there."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest
from h5py import h5d, h5p, h5s, h5t

from lrn_cli.errors import LrnError
from lrn_cli.tensors.tensor import Sink, Writing
from tests.tensors.hdf5_files import F4, FORMAT, InMemory, Journey, leftovers, open_dataset, refusal

NUMBERS = np.arange(2 * 3 * 4, dtype="f4").reshape(2, 3, 4)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.h5"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file that is there already."""
    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as made:
        made["group/x"] = np.array([1, 2, 3], "f4")
        made["group"].attrs["kept"] = "yes"
        made["norm"] = np.zeros(1000)
        made["norm"].attrs["stale"] = 1
    return path


def _creation(writing: Writing) -> Callable[[], Sink]:
    create = FORMAT.create
    assert create is not None
    return lambda: create(writing)


@pytest.mark.parametrize(
    ("member", "expected"), [("", "/feats"), ("norm", "/norm"), ("/a/b/norm", "/a/b/norm"), ("a//b/", "/a/b")]
)
def test_a_tensor_from_elsewhere_becomes_a_contiguous_dataset(out: Path, member: str, expected: str) -> None:
    Journey().carry(InMemory(NUMBERS, path=Path("in/feats.npy")), out, member)
    with h5py.File(out) as made:
        assert made[expected][:].tolist() == NUMBERS.tolist()
        assert (made[expected].chunks, made[expected].compression, made[expected].maxshape) == (None, None, (2, 3, 4))
    assert leftovers(out.parent) == []


def test_a_tensor_without_a_name_is_called_data(out: Path) -> None:
    Journey().carry(InMemory(NUMBERS), out)
    with h5py.File(out) as made:
        assert list(made) == ["data"]


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (3, 0), (1,)])
def test_single_numbers_and_empty_tensors_are_written(out: Path, shape: tuple[int, ...]) -> None:
    Journey().carry(InMemory(np.ones(shape, "f4")), out)
    with h5py.File(out) as made:
        assert made["data"].shape == shape
        assert np.array_equal(made["data"][()], np.ones(shape))


def test_a_tensor_in_fortran_order_is_written_as_a_person_would_index_it(out: Path) -> None:
    Journey().carry(InMemory(NUMBERS, fortran_order=True), out)
    with h5py.File(out) as made:
        assert made["data"].shape == (4, 3, 2)
        assert made["data"][:].tolist() == NUMBERS.T.tolist()


def test_blocks_are_written_from_several_threads(out: Path) -> None:
    numbers = np.arange(6400, dtype="f4").reshape(64, 100)
    with _creation(Writing(out, "", numbers.shape, F4, InMemory(numbers)))() as sink, ThreadPoolExecutor(4) as threads:
        list(
            threads.map(lambda row: sink.write((slice(row, row + 1), slice(0, 100)), numbers[row : row + 1]), range(64))
        )
    with h5py.File(out) as made:
        assert np.array_equal(made["data"][:], numbers)


def test_chunks_filters_limits_and_fill_value_are_kept(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "in.h5"
    with h5py.File(source, "w") as made:
        kept = {"chunks": (1, 2, 2), "compression": "gzip", "compression_opts": 7, "shuffle": True, "fletcher32": True}
        made.create_dataset("a/x", data=NUMBERS, maxshape=(None, 3, 9), fillvalue=-1, **kept)
        made.create_dataset("lzf", data=NUMBERS, compression="lzf")
    Journey().carry_dataset(source, "/a/x", out, times=3)
    with h5py.File(out, "r+") as made:
        x = made["a/x"]
        assert x[:].tolist() == (NUMBERS * 3).tolist()
        assert {name: getattr(x, name) for name in kept} == kept
        assert x.maxshape == (None, 3, 9)
        x.resize((3, 3, 4))
        assert (x[2] == -1).all()
    Journey().carry_dataset(source, "/lzf", out, force=True)
    with h5py.File(out) as made:
        assert made["lzf"].compression == "lzf"


def test_filters_that_would_not_keep_the_numbers_are_left_out_with_a_notice(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "in.h5"
    with h5py.File(source, "w") as made:
        made.create_dataset("x", data=NUMBERS.astype("i2"), chunks=(1, 3, 4), scaleoffset=0, shuffle=True)
        made.create_dataset("y", data=NUMBERS.astype("i2"), chunks=(1, 3, 4), compression="szip")
    journey = Journey()
    journey.carry_dataset(source, "/x", out, dtype=F4, times=0.1)
    journey.carry_dataset(source, "/y", out, dtype=F4, times=0.1, force=True)
    assert [notice.split(",")[0] for notice in journey.notices] == [
        "written without scaleoffset",
        "written without szip",
    ]
    with h5py.File(out) as made:
        assert made["y"].chunks == (1, 3, 4)
        assert np.array_equal(made["y"][:], np.asarray(NUMBERS.astype("i2") * 0.1, "f4"))
        assert made["x"].shuffle


def test_an_enumeration_of_booleans_with_a_fill_value_becomes_floats(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "in.h5"
    with h5py.File(source, "w") as made:
        made.create_dataset("x", data=np.array([True, False, True]), chunks=(2,), fillvalue=True)
    Journey().carry_dataset(source, "/x", out, dtype=F4, times=0.5)
    with h5py.File(out) as made:
        assert made["x"].dtype == F4
        assert made["x"][:].tolist() == [0.5, 0, 0.5]
        assert made["x"].fillvalue == 1


def test_a_small_compact_dataset_may_outgrow_its_header(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "in.h5"
    storage = h5p.create(h5p.DATASET_CREATE)
    storage.set_layout(h5d.COMPACT)
    with h5py.File(source, "w") as made:
        h5d.create(made.id, b"x", h5t.STD_U8LE, h5s.create_simple((60_000,)), storage)
    Journey().carry_dataset(source, "/x", out, dtype=F4)
    with h5py.File(out) as made:
        assert made["x"].shape == (60_000,)


def test_big_endian_numbers_stay_big_endian(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "in.h5"
    with h5py.File(source, "w") as made:
        made["x"] = NUMBERS.astype(">f4")
    Journey().carry_dataset(source, "/x", out, times=2)
    with h5py.File(out) as made:
        assert made["x"].dtype == np.dtype(">f4")
        assert made["x"][:].tolist() == (NUMBERS * 2).tolist()


def test_provenance_replaces_what_an_earlier_run_has_left(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "in.h5"
    with h5py.File(source, "w") as made:
        made["x"] = NUMBERS
        made["x"].attrs["lrn_convention"] = 17
    Journey().carry_dataset(source, "/x", out, provenance={"lrn_convention": "caffe", "lrn_parameters": '{"α": 1}'})
    with h5py.File(out) as made:
        assert dict(made["x"].attrs) == {"lrn_convention": "caffe", "lrn_parameters": '{"α": 1}'}
        info = h5py.check_string_dtype(made["x"].attrs.get_id("lrn_parameters").dtype)
        assert (info.encoding, info.length) == ("utf-8", None)


def test_a_file_that_is_there_is_not_replaced_without_force(old: Path) -> None:
    before = old.read_bytes()
    with pytest.raises(LrnError) as raised:
        Journey().carry(InMemory(NUMBERS), old)
    assert "--force" in refusal(raised.value)
    assert old.read_bytes() == before
    Journey().carry(InMemory(NUMBERS), old, force=True)
    with h5py.File(old) as made:
        assert list(made) == ["data"]


@pytest.mark.parametrize("member", ["/norm1", "/group/norm1", "/new/deep/norm1"])
def test_a_named_dataset_joins_a_file_that_is_there(old: Path, member: str) -> None:
    Journey().carry(InMemory(NUMBERS), old, member)
    with h5py.File(old) as made:
        assert made[member][:].tolist() == NUMBERS.tolist()
        assert made["group/x"][:].tolist() == [1, 2, 3]
        assert made["group"].attrs["kept"] == "yes"
    assert leftovers(old.parent) == []


def test_a_dataset_that_is_there_is_replaced_only_with_force_and_leaves_nothing(old: Path) -> None:
    before = old.read_bytes()
    with pytest.raises(LrnError) as raised:
        Journey().carry(InMemory(NUMBERS), old, "/norm")
    assert "old.h5::/norm: is there already" in refusal(raised.value)
    assert old.read_bytes() == before
    Journey().carry(InMemory(np.ones(1000)), old, "/norm", force=True)
    with h5py.File(old) as made:
        assert made["norm"][:].tolist() == [1] * 1000
        assert dict(made["norm"].attrs) == {}
        assert made["group/x"][:].tolist() == [1, 2, 3]
    assert old.stat().st_size < len(before) + 4096  # its space was used again


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ("/group", "is a group"),
        ("/norm/deeper", "/norm: is no group"),
        ("/", "is the root group"),
        ("/link", "is a link"),
    ],
)
@pytest.mark.parametrize("force", [False, True])
def test_what_is_in_the_way_is_never_replaced(old: Path, member: str, message: str, force: bool) -> None:
    with h5py.File(old, "r+") as made:
        made["link"] = h5py.SoftLink("/norm")
    before = old.read_bytes()
    writing = Writing(old, member, NUMBERS.shape, F4, InMemory(NUMBERS), force=force)
    assert FORMAT.check is not None
    check: Callable[[Writing], None] = FORMAT.check
    for attempt in (lambda: check(writing), _creation(writing)):
        with pytest.raises(LrnError, match=message):
            attempt()
    assert old.read_bytes() == before
    assert leftovers(old.parent) == []


def test_a_scale_of_other_datasets_is_not_replaced_and_one_of_none_is(old: Path) -> None:
    with h5py.File(old, "r+") as made:
        for name in ("time", "unused"):
            made[name] = np.arange(made["norm"].shape[0], dtype="f4")
            made[name].make_scale()
        made["norm"].dims[0].attach_scale(made["time"])
    before = old.read_bytes()
    with pytest.raises(LrnError) as raised:
        Journey().carry_dataset(old, "/time", old, "/time", force=True)
    assert "is a dimension scale of other datasets" in refusal(raised.value)
    assert old.read_bytes() == before
    Journey().carry_dataset(old, "/unused", old, "/unused", force=True)
    Journey().carry_dataset(old, "/time", old, force=True, times=2)
    with h5py.File(old) as made:
        assert made["norm"].dims[0][0][:].tolist() == [2 * at for at in range(len(made["time"]))]


def test_a_file_that_is_no_hdf5_gets_no_dataset(tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    path.write_bytes(b"\x93NUMPY")
    with pytest.raises(LrnError) as raised:
        Journey().carry(InMemory(NUMBERS), path, "/norm", force=True)
    assert "is not an HDF5 file" in refusal(raised.value)
    assert path.read_bytes() == b"\x93NUMPY"


def test_the_input_may_be_the_output(old: Path) -> None:
    Journey().carry_dataset(old, "/group/x", old, "/group/x", force=True, times=2)
    Journey().carry_dataset(old, "/group/x", old, "/group/y", times=2)
    with h5py.File(old) as made:
        assert made["group/x"][:].tolist() == [2, 4, 6]
        assert made["group/y"][:].tolist() == [4, 8, 12]
        assert made["norm"].attrs["stale"] == 1
    Journey().carry_dataset(old, "/group/x", old, force=True, times=2)
    with h5py.File(old) as made:
        assert made["group/x"][:].tolist() == [4, 8, 12]
        assert made["norm"].shape == (1000,)


@pytest.mark.parametrize("member", ["", "/norm2"])
def test_an_abort_leaves_the_old_file_as_it_was_and_nothing_else(old: Path, member: str) -> None:
    before = old.read_bytes()
    writing = Writing(old, member, NUMBERS.shape, F4, InMemory(NUMBERS), force=True)
    sink = _creation(writing)()
    sink.write((slice(0, 1), slice(0, 3), slice(0, 4)), NUMBERS[:1])
    with pytest.raises(KeyboardInterrupt), sink:
        raise KeyboardInterrupt
    assert old.read_bytes() == before
    assert leftovers(old.parent) == []


def test_a_full_disk_is_an_error_of_one_line_and_not_a_crash(old: Path) -> None:
    before = old.read_bytes()
    code = (
        "import resource, sys; from pathlib import Path; import numpy as np\n"
        "from tests.tensors.hdf5_files import Journey, InMemory, LrnError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "journey, path = Journey(), Path(sys.argv[1])\n"
        "for member, length in (('/big', 1 << 20), ('/chunked', 1 << 19)):\n"
        "    try: journey.carry(InMemory(np.ones(length, 'f4')), path, member)\n"
        "    except LrnError as error: print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, old], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.splitlines() == [
        f"{old}::/big: cannot be written: File too large",
        f"{old}::/chunked: cannot be written: File too large",
    ]
    assert (done.returncode, done.stderr) == (0, "")
    assert old.read_bytes() == before
    assert leftovers(old.parent) == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1 << 20


def test_a_dataset_opened_for_reading_is_not_disturbed_by_the_output_over_its_file(old: Path) -> None:
    with open_dataset(old, "/group/x") as source:
        Journey().carry(source, old, "/norm", force=True)
        again = np.empty(3, "f4")
        source.read((slice(0, 3),), again)
    assert again.tolist() == [1, 2, 3]
