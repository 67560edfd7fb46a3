"""HDF5: what HDF5 itself copies badly arrives as it was, or nothing is written."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from h5py import h5a, h5d, h5s, h5t

from lrn_cli.errors import LrnError
from lrn_cli.tensors.hdf5 import calls
from tests.tensors.hdf5_files import F4, Journey, leftovers, refusal

NUMBERS = np.arange(12, dtype="f4").reshape(3, 4)
TEXT = h5py.string_dtype()

Writer = Callable[[h5py.File], None]


def made(path: Path, write: Writer, **settings: object) -> Path:
    """A file with a tensor `x` and what `write` adds."""
    with h5py.File(path, "w", **settings) as file:
        file["x"] = NUMBERS
        write(file)
    return path


def text_type(size: int, padding: int) -> h5t.TypeID:
    kind = h5t.C_S1.copy()
    kind.set_size(size)
    kind.set_strpad(padding)
    return kind


def with_text_fill(file: h5py.File) -> None:
    file.create_dataset("names", data=["abc", "de"], dtype=TEXT, fillvalue="none")
    file.create_dataset("grown", (6, 5), TEXT, chunks=(2, 2), maxshape=(None, None), fillvalue="none")
    file["grown"][3, 4] = "there"


@pytest.mark.parametrize("only", [False, True])
def test_texts_with_a_fill_value_can_be_read(tmp_path: Path, only: bool) -> None:
    def write(file: h5py.File) -> None:
        with_text_fill(file)
        file["c"] = np.array(["w", "x", "y", "z"], TEXT)
        scale = file.create_dataset("channel", data=["w", "x", "y", "z"], dtype=TEXT, fillvalue="none")
        scale.make_scale("channel")
        file["x"].dims[1].attach_scale(scale)

    Journey().carry_dataset(made(tmp_path / "in.h5", write), "/x", tmp_path / "out.h5", only=only)
    with h5py.File(tmp_path / "out.h5") as file:
        assert file["x"].dims[1][0].asstr()[:].tolist() == ["w", "x", "y", "z"]
        assert file["channel"].fillvalue == b"none"
        if not only:
            assert file["names"].asstr()[:].tolist() == ["abc", "de"]
            assert file["grown"].fillvalue == b"none"
            assert file["grown"].asstr()[2:4, 4].tolist() == ["none", "there"]
            assert file["grown"].id.get_num_chunks() == 1


@pytest.mark.parametrize("padding", [h5t.STR_NULLTERM, h5t.STR_NULLPAD, h5t.STR_SPACEPAD])
def test_a_text_that_fills_its_size_keeps_its_last_letter_and_its_padding(tmp_path: Path, padding: int) -> None:
    kind = text_type(4, padding)

    def write(file: h5py.File) -> None:
        for item in (file, file["x"], file.create_group("group"), file.create_dataset("y", data=1)):
            attribute = h5a.create(item.id, b"unit", kind, h5s.create_simple((2,)))
            attribute.write(np.array([b"2.1a", b"K   "], "S4"), mtype=kind)

    Journey().carry_dataset(made(tmp_path / "in.h5", write), "/x", tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5") as file:
        for name in ("/", "x", "group", "y"):
            attribute = file[name].attrs.get_id("unit")
            value = np.zeros(2, "S4")
            attribute.read(value, mtype=kind)
            assert attribute.get_type().equal(kind)
            assert value.tobytes() == b"2.1aK   "


def test_committed_types_stay_objects_that_datasets_and_attributes_share(tmp_path: Path) -> None:
    pair = np.dtype([("x", "f8"), ("n", "i4")])
    values = np.array([(1.5, 2), (2.5, 3), (3.5, 4)], pair)

    def write(file: h5py.File) -> None:
        file["types/pair"] = pair
        file["types/pair"].attrs["about"] = "a pair"
        kind = file["types/pair"].id
        storage = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        storage.set_chunk((2,))
        storage.set_deflate(4)
        for name, settings in ((b"before", None), (b"packed", storage)):
            h5d.create(file.id, name, kind, h5s.create_simple((3,)), settings).write(h5s.ALL, h5s.ALL, values)
        h5a.create(file["x"].id, b"point", kind, h5s.create(h5s.SCALAR)).write(np.array(values[0]))

    Journey().carry_dataset(made(tmp_path / "in.h5", write), "/x", tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5") as file:
        where = h5py.h5o.get_info(file["types/pair"].id).addr
        assert file["types/pair"].attrs["about"] == "a pair"
        for holder in (file["before"].id, file["packed"].id, file["x"].attrs.get_id("point")):
            assert holder.get_type().committed()
            assert h5py.h5o.get_info(holder.get_type()).addr == where
        assert file["packed"][:].tolist() == file["before"][:].tolist() == values.tolist()
        assert file["packed"].compression == "gzip"


def test_empty_spaces_names_and_comments_are_kept(tmp_path: Path) -> None:
    def write(file: h5py.File) -> None:
        kind = h5t.py_create(TEXT, logical=True)
        h5d.create(file.id, b"null", kind, h5s.create(h5s.NULL))
        h5d.create(file.id, b"scalar", kind, h5s.create(h5s.SCALAR))
        file["scalar"][()] = "one"
        h5a.create(file["x"].id, b"null", kind, h5s.create(h5s.NULL))
        ascii_name = h5py.h5p.create(h5py.h5p.LINK_CREATE)
        ascii_name.set_char_encoding(h5t.CSET_ASCII)
        file.id.links.create_soft(b"old", b"/x", ascii_name)
        file["größe"] = h5py.SoftLink("/x")
        h5py.h5o.set_comment(file.create_group("group").id, b"said of the group")

    Journey().carry_dataset(made(tmp_path / "in.h5", write, userblock_size=512), "/x", tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5") as file:
        assert file["null"].shape is None
        assert file["scalar"].asstr()[()] == "one"
        assert file["x"].attrs.get_id("null").get_space().get_simple_extent_type() == h5s.NULL
        assert file.id.links.get_info(b"old").cset == h5t.CSET_ASCII
        assert file.id.links.get_info("größe".encode()).cset == h5t.CSET_UTF8
        assert file.userblock_size == 512
    assert b"said of the group" in (tmp_path / "out.h5").read_bytes()


@pytest.mark.parametrize("size", [512, 4096, 1 << 21])
def test_the_user_block_is_copied(tmp_path: Path, size: int) -> None:
    path = made(tmp_path / "in.h5", lambda _: None, userblock_size=size)
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(size, b"\7"))
    Journey().carry_dataset(path, "/x", tmp_path / "out.h5", times=2)
    with h5py.File(tmp_path / "out.h5") as file:
        assert file["x"][:].tolist() == (NUMBERS * 2).tolist()
    assert (tmp_path / "out.h5").read_bytes()[:size] == path.read_bytes()[:size]


def test_what_does_not_arrive_is_refused_and_the_old_output_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path / "in.h5", lambda file: file.attrs.update(title="features"))
    (tmp_path / "out.h5").write_bytes(b"old")
    monkeypatch.setattr(calls, "write", lambda *_: None)
    with pytest.raises(LrnError) as raised:
        Journey().carry_dataset(path, "/x", tmp_path / "out.h5", force=True)
    assert "out.h5: the attribute title of / would not be what it is in" in refusal(raised.value)
    assert (tmp_path / "out.h5").read_bytes() == b"old"
    assert leftovers(tmp_path) == []


def test_sequences_that_share_one_place_in_the_file_do_not_fill_the_disk(tmp_path: Path) -> None:
    def write(file: h5py.File) -> None:
        long = file.create_dataset("long", 6000, h5py.vlen_dtype(np.uint8))
        long[0] = np.full(100_000, 7, np.uint8)
        long[1] = np.full(10, 8, np.uint8)

    path = made(tmp_path / "in.h5", write)
    with h5py.File(path) as file:
        start = file["long"].id.get_offset()
    data = bytearray(path.read_bytes())
    first = data[start : start + 16]  # a length, and where in the file the sequence is
    data[start : start + 16 * 6000] = first * 6000
    path.write_bytes(data)
    with pytest.raises(LrnError) as raised:
        Journey().carry_dataset(path, "/x", tmp_path / "out.h5", dtype=F4)
    assert "its texts and sequences take far more room than its file" in refusal(raised.value)
    Journey().carry_dataset(path, "/x", tmp_path / "out.h5", dtype=F4, only=True)


def test_texts_in_compressed_chunks_beyond_all_measure_are_not_unpacked(tmp_path: Path) -> None:
    count = 1 << 25

    def write(file: h5py.File) -> None:
        file.create_dataset("names", count, TEXT, chunks=(count,), compression="gzip")
        file["names"].id.write_direct_chunk((0,), zlib.compress(bytes(16 * count), 1))

    path = made(tmp_path / "in.h5", write)
    with pytest.raises(LrnError) as raised:
        Journey().carry_dataset(path, "/x", tmp_path / "out.h5", dtype=F4)
    assert "compressed in chunks of 536,870,912 bytes" in refusal(raised.value)
    Journey().carry_dataset(path, "/x", tmp_path / "out.h5", dtype=F4, only=True)


def test_sequences_of_an_attribute_that_share_one_place_do_not_fill_the_memory(tmp_path: Path) -> None:
    def write(file: h5py.File) -> None:
        values = np.empty(3000, object)
        values[:] = [np.full(3, number % 7, np.uint8) for number in range(3000)]
        values[0] = np.full(3_000_000, 7, np.uint8)
        file["x"].attrs.create("a", values, dtype=h5py.vlen_dtype(np.uint8))

    path = made(tmp_path / "in.h5", write)
    data = bytearray(path.read_bytes())
    long = (3_000_000).to_bytes(4, "little")
    start = data.index(long + data[data.index(long) + 4 : data.index(long) + 8])
    for at in range(start, start + 16 * 3000, 16):
        data[at : at + 16] = data[start : start + 16]
    path.write_bytes(data)
    with pytest.raises(LrnError) as raised:
        Journey().carry_dataset(path, "/x", tmp_path / "out.h5")
    assert "/x: the attribute a cannot be read within 268,435,456 bytes" in refusal(raised.value)


def test_groups_that_are_nested_very_deep_are_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "in.h5", lambda file: file.create_group("/".join("g" * 1200)))
    with pytest.raises(LrnError) as raised:
        Journey().carry_dataset(path, "/x", tmp_path / "out.h5")
    assert "groups are nested 1,000 deep and deeper | --only" in refusal(raised.value)
